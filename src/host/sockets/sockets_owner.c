/*
 * Who has a socket. What a process has open is hidden from one that confined itself (Landlock lets
 * nobody look into processes outside), so that mostly the control group has to tell in which the
 * socket was made.
 */
#include "host/processes/cgroups.h"
#include "host/processes/processes.h"
#include "host/sockets/sockets.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

/* Names of processes in a reason, at most. */
#define MOST_NAMES 8

struct search {
	struct host *host;
	struct listeners *listeners; /* sorted by inode meanwhile */
	bool hidden;                 /* of some process nobody may see what it has open */
};

static int compare(const void *a, const void *b)
{
	const struct listener *one = a, *other = b;

	return (one->inode > other->inode) - (one->inode < other->inode);
}

/* Of several processes that have it the first counts, but not the one that hands sockets out. */
static void note(struct search *search, const struct process *process, unsigned inode)
{
	struct listeners *all = search->listeners;
	const struct listener asked = {.inode = inode};
	struct listener *found = bsearch(&asked, all->at, all->count, sizeof(*all->at), compare);
	const char *path;

	if (!found || !inode || (found->process && found->process_why))
		return;
	found->process = process->name;
	/* A reason beside a name says that it is final, while the search goes on. */
	found->process_why = process->pid == 1 ? NULL : "found";
	if (!found->unit && !process_cgroup(search->host, process->pid, &path))
		found->unit = cgroup_unit(search->host->arena, path);
}

static void search_process(struct search *search, const struct process *process)
{
	const char *path = arena_printf(search->host->arena, "%d/fd", process->pid);
	int fd = host_proc_open(search->host, path, O_RDONLY | O_DIRECTORY);
	cleanup(dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (fd == -EACCES || fd == -EPERM)
		search->hidden = true;
	while (dir && (entry = readdir(dir))) {
		char target[64];
		ssize_t length;

		if (*entry->d_name == '.')
			continue;
		length = readlinkat(dirfd(dir), entry->d_name, target, sizeof(target) - 1);
		if (length < 0 && (errno == EACCES || errno == EPERM)) {
			search->hidden = true;
			return;
		}
		target[length < 0 ? 0 : length] = '\0';
		if (str_starts(target, "socket:["))
			note(search, process,
			     (unsigned)strtoul(target + strlen("socket:["), NULL, 10));
	}
}

/* Our own number in the host's /proc, or 0. */
static int own_pid(struct host *host)
{
	cleanup(text) struct host_text text = {0};
	struct process self;

	if (host_proc_read(host, "self/stat", 0, &text) ||
	    process_parse(host->arena, text.data, &self))
		return 0;
	return self.pid;
}

static bool is_in(struct host *host, const struct process *process, const char *group)
{
	size_t length = strlen(group);
	const char *of;

	return !process->gone && !process_cgroup(host, process->pid, &of) &&
	       str_starts(of, group) && (!of[length] || of[length] == '/');
}

/* The processes in a control group and below: one name, or several and no knowing which. */
static void guess_process(struct host *host, const char *path, struct listener *listener)
{
	const struct processes *all = processes_get(host);
	int self = own_pid(host);
	struct strv names = {0};

	for (size_t i = 0; i < all->count && names.count < MOST_NAMES; i++)
		if (all->at[i].pid != self && is_in(host, &all->at[i], path) &&
		    !strv_has(&names, all->at[i].name))
			strv_push(&names, host->arena, all->at[i].name);
	if (names.count == 1)
		listener->process = names.at[0];
	else if (names.count)
		listener->process_why = arena_printf(host->arena, "one of %s, but not told which",
						     strv_join(&names, host->arena, ", "));
	else
		listener->process_why = "no process is left in the control group that made it";
}

static void explain(struct search *search, struct listener *listener)
{
	const char *why = search->hidden
				  ? "what processes have open is hidden here: from a process that "
				    "confined itself (--sandbox), or without CAP_SYS_PTRACE"
				  : "no process that can be seen has it open";

	if (!listener->process && !listener->process_why)
		listener->process_why = why;
	/* A process without a unit is an answer; no process at all is none. */
	if (!listener->unit && !listener->unit_why && !listener->process)
		listener->unit_why = why;
}

/* The root of all groups says nothing: nobody may have put anybody anywhere. */
static const char *group_of(struct host *host, const struct listener *listener)
{
	const char *why;

	return listener->cgroup > 1 ? cgroup_path(host, listener->cgroup, &why) : NULL;
}

void listeners_find_owners(struct host *host, struct listeners *listeners)
{
	const struct processes *processes = processes_get(host);
	struct search search = {.host = host, .listeners = listeners};

	if (!listeners->count)
		return;
	qsort(listeners->at, listeners->count, sizeof(*listeners->at), compare);
	for (size_t i = 0; i < processes->count; i++)
		search_process(&search, &processes->at[i]);
	for (size_t i = 0; i < listeners->count; i++) {
		struct listener *listener = &listeners->at[i];
		const char *path = group_of(host, listener);

		listener->process_why = NULL;
		if (path)
			listener->unit = cgroup_unit(host->arena, path);
		if (path && !listener->process)
			guess_process(host, path, listener);
		if (!path || !listener->process)
			explain(&search, listener);
	}
}
