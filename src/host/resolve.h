/* Private to host/: how a path becomes a descriptor without ever leaving the root. */
#pragma once

#include "host/host.h"

/* A place in the tree. A directory of an overlaid /etc has two halves; all else has lower == -1. */
struct node {
	int fd;    /* O_PATH; -1 when only the lower half exists */
	int lower; /* O_PATH of the same directory in the vendor's /etc, or -1 */
};

#define NODE_NONE ((struct node){-1, -1})

void node_close(struct node *node);
static inline void cleanup_node(struct node *node)
{
	node_close(node);
}

/*
 * Finds a path. `follow` says whether a symbolic link as its last component is followed. What comes
 * back is O_PATH: nothing has been opened that would notice it.
 */
int host_resolve(struct host *host, const char *path, bool follow, struct node *ret_node)
	__attribute__((nonnull, warn_unused_result));

/*
 * The walk, component by component, that serves where openat2 is refused, and for overlaid trees.
 */
int host_walk(struct host *host, const char *path, bool follow, struct node *ret_node)
	__attribute__((nonnull, warn_unused_result));

/* Is this a name that overlayfs leaves where a file of the lower tree was deleted? */
bool is_whiteout(const struct statx *stat) __attribute__((nonnull));

/* Does this directory of the upper tree hide all of the lower one? */
bool is_opaque(int fd);
