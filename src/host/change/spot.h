/*
 * The writing half of the door: names at which a tree may be changed. A spot is a name in an open
 * directory to which no symbolic link leads and in which nobody but the owner of the tree can put
 * other things meanwhile. Paths are absolute as the host sees them, as elsewhere.
 */
#pragma once

#include "host/host.h"

#include <limits.h>

struct spot {
	int dir; /* open for reading: everything goes through it */
	char name[NAME_MAX + 1];
};

#define SPOT_NONE ((struct spot){.dir = -1})

/*
 * Opens the directory of a path. -ENOENT: it is not there (in the half of an overlaid /etc that
 * lies on disk); -ELOOP: a link leads there; -EACCES: others can write to a directory on the way,
 * or it belongs to somebody else.
 */
int spot_open(struct host *host, const char *path, struct spot *ret_spot)
	__attribute__((nonnull, warn_unused_result));

void spot_close(struct spot *spot);

static inline void cleanup_spot(struct spot *spot)
{
	spot_close(spot);
}

/*
 * What stands at the spot, nothing followed. -EBUSY for what something is mounted on, -EPERM for
 * what is immutable.
 */
int spot_stat(const struct spot *spot, struct statx *ret_stat)
	__attribute__((nonnull, warn_unused_result));

/* Makes the directory's list of names durable. */
int spot_sync(const struct spot *spot) __attribute__((nonnull, warn_unused_result));
