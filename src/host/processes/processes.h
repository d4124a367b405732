/*
 * The processes of a running host, from its /proc. Nothing here needs the right to trace them: a
 * process that confined itself has none over others.
 */
#pragma once

#include "host/host.h"

#include <stdint.h>

struct process {
	int pid, parent;
	const char *name; /* as the kernel has it, 15 bytes at most */
	bool gone;        /* it has ended, and nobody has asked how */
};

/* All of them, by number. */
struct processes {
	struct process *at;
	size_t count, space;
	const char *why; /* why they cannot be told; NULL: these are all */
};

const struct processes *processes_get(struct host *host) __attribute__((nonnull, returns_nonnull));

/* Takes a line of /proc/PID/stat apart. Pure. Returns 0 or -EBADMSG. */
int process_parse(struct arena *arena, const char *stat, struct process *ret_process)
	__attribute__((nonnull, warn_unused_result));

/* The words of a command line; none for a thread of the kernel. Returns 0 or a negative errno. */
int process_arguments(struct host *host, int pid, struct strv *ret_words)
	__attribute__((nonnull, warn_unused_result));

/* The control group that systemd, or whoever plays its part, has put a process into. */
int process_cgroup(struct host *host, int pid, const char **ret_path)
	__attribute__((nonnull, warn_unused_result));

/* The same of the text of /proc/PID/cgroup, or NULL. Pure. */
const char *process_cgroup_parse(struct arena *arena, char *text) __attribute__((nonnull));

/*
 * The processes that a word means: those of a unit that were not started by another one of the unit
 * ("docker.service"), or those of a name: the kernel's, or the last part of the first word of the
 * command line; `*` and `?` make it a pattern.
 */
void processes_find(struct host *host, const char *word, struct processes *ret_found)
	__attribute__((nonnull));

/* Is it the name of a unit, and not of a process? Pure. */
bool process_is_unit(const char *word) __attribute__((nonnull));
