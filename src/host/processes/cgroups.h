/* Control groups: their numbers, their processes, and the units that they belong to. */
#pragma once

#include "host/host.h"

#include <stdint.h>

/*
 * The path of a control group of the second version below its root ("/system.slice/x.service"), by
 * the number that the kernel tells of it. NULL, and why: it is gone, or cannot be seen.
 */
const char *cgroup_path(struct host *host, uint64_t id, const char **ret_why)
	__attribute__((nonnull, warn_unused_result));

/* The unit of such a path: the first part that is no slice; NULL where it is in none. Pure. */
const char *cgroup_unit(struct arena *arena, const char *path) __attribute__((nonnull));
