/* What holds a container back in the use of memory, processes and time: its control group. */
#pragma once

#include "host/containers/name.h"
#include "host/mounts/mounts.h"

enum limit { LIMIT_MEMORY, LIMIT_PIDS, LIMIT_CPU, N_LIMITS };

struct limit_answer {
	const char *value;  /* the limit; "none"; NULL: it cannot be told */
	const char *source; /* the file that says so, or the group that has none */
	const char *why;
};

/*
 * The limit of the group, or else of a group above it that is the same thing: its pod, its service.
 * `paths` are those of one of its processes.
 */
void limit_find(struct host *host, const struct mount_table *mounts,
		const struct cgroup_paths *paths, enum limit limit, struct limit_answer *ret_answer)
	__attribute__((nonnull));

/* Is this text of a control file a limit? -1: it is nothing that the kernel writes. Pure. */
int limit_parse(enum limit limit, bool unified, const char *text) __attribute__((nonnull));
