/* What a process may do, and what it may use: /proc/PID/status, limits and attr/current. */
#pragma once

#include "host/host.h"

#include <stdint.h>

struct process_status {
	unsigned user, group; /* the effective ones */
	uint64_t effective, bounding;
	int no_new_privileges; /* 0 or 1 */
	int seccomp;           /* 0: disabled, 1: strict, 2: filter; -1: not in this kernel */
};

/* Returns 0 or a negative errno; -ESRCH when the process has ended meanwhile. */
int process_status(struct host *host, int pid, struct process_status *ret_status)
	__attribute__((nonnull, warn_unused_result));

/* The same of the text of /proc/PID/status. -EBADMSG: a line is missing. Pure. */
int process_status_parse(char *text, struct process_status *ret_status)
	__attribute__((nonnull, warn_unused_result));

/* The label of a security module: "unconfined", "docker-default (enforce)",
 * "system_u:system_r:init_t:s0". -EINVAL where none gives labels. */
int process_label(struct host *host, int pid, const char **ret_label)
	__attribute__((nonnull, warn_unused_result));

/* The names of the capabilities of a set, blanks between them, or "none". Pure. */
const char *process_capabilities(struct arena *arena, uint64_t set)
	__attribute__((nonnull, returns_nonnull));
