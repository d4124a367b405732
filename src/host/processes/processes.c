#include "host/processes/processes.h"

#include "host/processes/cgroups.h"
#include "host/units/units_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>

/* What a host runs at most, and what its longest command line may be. */
#define MOST_PROCESSES 262144
#define LONGEST_COMMAND ((size_t)2 * 1024 * 1024)

int process_parse(struct arena *arena, const char *stat, struct process *ret_process)
{
	const char *open = strchr(stat, '('), *close = strrchr(stat, ')');
	struct process process = {.pid = (int)strtol(stat, NULL, 10)};

	/* The name may hold whatever a process likes, parentheses too. Behind it: " S 1 ". */
	if (!open || !close || close < open || process.pid < 1 || close[1] != ' ' || !close[2] ||
	    close[3] != ' ')
		return -EBADMSG;
	process.name = arena_strndup(arena, open + 1, (size_t)(close - open - 1));
	process.gone = close[2] == 'Z' || close[2] == 'X';
	process.parent = (int)strtol(close + 4, NULL, 10);
	*ret_process = process;
	return 0;
}

static void push(struct arena *arena, struct processes *all, struct process process)
{
	if (all->count == all->space) {
		size_t space = all->space ? all->space * 2 : 256;

		all->at = arena_grow(arena, all->at, all->count * sizeof(process),
				     space * sizeof(process));
		all->space = space;
	}
	all->at[all->count++] = process;
}

static int read_process(struct host *host, const char *pid, struct processes *all)
{
	cleanup(text) struct host_text text = {0};
	struct process process;
	int error = host_proc_read(host, arena_printf(host->arena, "%s/stat", pid), 0, &text);

	if (!error)
		error = process_parse(host->arena, text.data, &process);
	/* It has ended meanwhile. */
	if (error == -ENOENT || error == -ESRCH)
		return 0;
	if (!error)
		push(host->arena, all, process);
	return error;
}

static int compare(const void *a, const void *b)
{
	const struct process *one = a, *other = b;

	return (one->pid > other->pid) - (one->pid < other->pid);
}

static int read_all(struct host *host, struct processes *all)
{
	int fd = host_proc_open(host, ".", O_RDONLY | O_DIRECTORY);
	cleanup(dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;
	int error = 0;

	if (!dir)
		return fd < 0 ? fd : -ENOMEM;
	while (!error && (errno = 0, entry = readdir(dir))) {
		if (*entry->d_name < '0' || *entry->d_name > '9')
			continue;
		error = all->count == MOST_PROCESSES ? -E2BIG
						     : read_process(host, entry->d_name, all);
	}
	if (all->count)
		qsort(all->at, all->count, sizeof(*all->at), compare);
	return error ? error : -errno;
}

static const void *load(struct host *host)
{
	struct processes *all = arena_new(host->arena, struct processes);
	int error = read_all(host, all);

	if (error == -EPERM || error == -EACCES || (!error && (!all->count || all->at[0].pid != 1)))
		all->why = "/proc hides processes of others here (hidepid=)";
	else if (error)
		all->why = arena_printf(host->arena, "cannot read /proc: %s", host_error(error));
	return all;
}

const struct processes *processes_get(struct host *host)
{
	return host_view(host, load);
}

int process_arguments(struct host *host, int pid, struct strv *ret_words)
{
	cleanup(text) struct host_text text = {0};
	struct strv words = {0};
	int error = host_proc_read_bytes(host, arena_printf(host->arena, "%d/cmdline", pid),
					 LONGEST_COMMAND, &text);

	if (error)
		return error;
	for (size_t at = 0; at < text.size; at += strlen(text.data + at) + 1)
		strv_push(&words, host->arena, arena_strdup(host->arena, text.data + at));
	*ret_words = words;
	return 0;
}

const char *process_cgroup_parse(struct arena *arena, char *text)
{
	const char *named = NULL, *second = NULL;
	char *line;

	while ((line = str_next_line(&text))) {
		const char *controllers = strchr(line, ':');
		const char *path = controllers ? strchr(controllers + 1, ':') : NULL;

		if (path && str_starts(controllers, ":name=systemd:"))
			named = path + 1;
		else if (path && str_starts(line, "0::"))
			second = path + 1;
	}
	/* Where both are used, the first one is systemd's. */
	if (!named || (str_eq(named, "/") && second))
		named = second;
	return named ? arena_strdup(arena, named) : NULL;
}

int process_cgroup(struct host *host, int pid, const char **ret_path)
{
	cleanup(text) struct host_text text = {0};
	int error = host_proc_read(host, arena_printf(host->arena, "%d/cgroup", pid), 0, &text);
	const char *path;

	if (error)
		return error;
	path = process_cgroup_parse(host->arena, text.data);
	if (!path)
		return -ENODATA;
	*ret_path = path;
	return 0;
}

bool process_is_unit(const char *word)
{
	return unit_type(word) && unit_kind(word) != UNIT_INVALID;
}

/* Is the name that of a process, or of its command? */
static bool is_called(struct host *host, const struct process *process, const char *pattern)
{
	struct strv words = {0};
	const char *slash;
	size_t length;

	if (!fnmatch(pattern, process->name, 0))
		return true;
	if (process_arguments(host, process->pid, &words) || !words.count)
		return false;
	slash = strrchr(words.at[0], '/');
	if (!fnmatch(pattern, slash ? slash + 1 : words.at[0], 0))
		return true;
	/* Some write their state over their command line: "sshd: /usr/sbin/sshd -D". */
	length = strcspn(words.at[0], ": ");
	return words.at[0][length] == ':' &&
	       !fnmatch(pattern, arena_strndup(host->arena, words.at[0], length), 0);
}

static bool is_of_unit(struct host *host, int pid, const char *unit)
{
	const char *path, *of;

	if (process_cgroup(host, pid, &path))
		return false;
	of = cgroup_unit(host->arena, path);
	return of && str_eq(of, unit);
}

void processes_find(struct host *host, const char *word, struct processes *ret_found)
{
	const struct processes *all = processes_get(host);
	bool unit = process_is_unit(word);
	struct processes found = {.why = all->why};

	for (size_t i = 0; i < all->count; i++) {
		const struct process *process = &all->at[i];

		if (!process->gone && (unit ? is_of_unit(host, process->pid, word) &&
						       !is_of_unit(host, process->parent, word)
					    : is_called(host, process, word)))
			push(host->arena, &found, *process);
	}
	*ret_found = found;
}
