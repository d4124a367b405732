#include "host/processes/process_status.h"

#include "host/xattrs.h"

#include <errno.h>

/* "Uid:\t0\t1000\t0\t0": the number in that place. */
static uint64_t number_at(const char *text, unsigned place, int base)
{
	char *end = (char *)text;
	uint64_t number = 0;

	for (unsigned i = 0; i <= place; i++)
		number = strtoull(end, &end, base);
	return number;
}

int process_status_parse(char *text, struct process_status *ret_status)
{
	enum { UID, GID, EFFECTIVE, BOUNDING, PRIVILEGES, SECCOMP, N_LINES };
	static const struct {
		const char *name;
		unsigned place;
		int base;
	} lines[N_LINES] = {
		[UID] = {"Uid:", 1, 10},
		[GID] = {"Gid:", 1, 10},
		[EFFECTIVE] = {"CapEff:", 0, 16},
		[BOUNDING] = {"CapBnd:", 0, 16},
		[PRIVILEGES] = {"NoNewPrivs:", 0, 10},
		[SECCOMP] = {"Seccomp:", 0, 10},
	};
	uint64_t values[N_LINES] = {0};
	unsigned seen = 0;
	char *line;

	while ((line = str_next_line(&text)))
		for (unsigned i = 0; i < N_LINES; i++) {
			if (!str_starts(line, lines[i].name))
				continue;
			values[i] = number_at(line + strlen(lines[i].name), lines[i].place,
					      lines[i].base);
			seen |= 1U << i;
		}
	/* A kernel without seccomp has no line of it. */
	if ((seen | 1U << SECCOMP) != (1U << N_LINES) - 1)
		return -EBADMSG;
	*ret_status = (struct process_status){
		.user = (unsigned)values[UID],
		.group = (unsigned)values[GID],
		.effective = values[EFFECTIVE],
		.bounding = values[BOUNDING],
		.no_new_privileges = values[PRIVILEGES] != 0,
		.seccomp = seen & 1U << SECCOMP ? (int)values[SECCOMP] : -1,
	};
	return 0;
}

/* What /proc says of a process that has just ended. */
static int gone(int error)
{
	return error == -ENOENT ? -ESRCH : error;
}

int process_status(struct host *host, int pid, struct process_status *ret_status)
{
	cleanup(text) struct host_text text = {0};
	int error = host_proc_read(host, arena_printf(host->arena, "%d/status", pid), 0, &text);

	return error ? gone(error) : process_status_parse(text.data, ret_status);
}

int process_label(struct host *host, int pid, const char **ret_label)
{
	cleanup(text) struct host_text text = {0};
	/* SELinux ends it with a NUL, AppArmor with a newline. */
	int error = host_proc_read_bytes(host, arena_printf(host->arena, "%d/attr/current", pid), 0,
					 &text);

	if (error)
		return gone(error);
	text.data[strcspn(text.data, "\n")] = '\0';
	*ret_label = arena_strdup(host->arena, text.data);
	return 0;
}

const char *process_capabilities(struct arena *arena, uint64_t set)
{
	struct strv names = {0};

	for (unsigned i = 0; i < 64; i++)
		if (set & UINT64_C(1) << i)
			strv_push(&names, arena, capability_name(arena, i));
	return names.count ? strv_join(&names, arena, " ") : "none";
}
