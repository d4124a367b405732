/* Private to host/: how a path becomes a descriptor without ever leaving the root. */
#pragma once

#include "host/host.h"

/* A place in the tree. A directory of an overlaid /etc has two halves; all else has lower == -1. */
struct node {
	int fd;      /* O_PATH; -1 for none */
	int lower;   /* O_PATH of the same directory in the vendor's /etc, or -1 */
	bool upper;  /* `fd` lies in the /etc of an overlay, where names may carry its marks */
	bool unsure; /* only root could see whether it carries one */
};

#define NODE_NONE ((struct node){.fd = -1, .lower = -1})

void node_close(struct node *node);
static inline void cleanup_node(struct node *node)
{
	node_close(node);
}

/* Hands out a node that would be closed otherwise. */
static inline struct node take_node(struct node *node)
{
	struct node taken = *node;

	*node = NODE_NONE;
	return taken;
}

/*
 * Finds a path. `follow` says whether a symbolic link as its last component is followed. What comes
 * back is O_PATH: nothing has been opened that would notice it.
 */
int host_resolve(struct host *host, const char *path, bool follow, struct node *ret_node)
	__attribute__((nonnull, warn_unused_result));

/* Is this what host_canonical() makes of it? False where that takes a walk to tell. */
bool host_is_plain(struct host *host, const char *path) __attribute__((nonnull));

/* The walk, component by component, that serves where openat2 is refused, and for seamed trees. */
int host_walk(struct host *host, const char *path, bool follow, struct node *ret_node)
	__attribute__((nonnull, warn_unused_result));

/* Opens without following and without touching: a descriptor or a negative errno. */
int open_at(int dir, const char *name) __attribute__((nonnull, warn_unused_result));

/* The metadata of what a descriptor stands for. */
int stat_fd(int fd, struct statx *ret_stat) __attribute__((nonnull, warn_unused_result));

/*
 * Opens once more what an O_PATH descriptor stands for, this time to be read. `path` is where it
 * was found: where this process has no /proc it is opened again, and has to be the same file.
 */
int host_reopen(struct host *host, int fd, const char *path, int flags)
	__attribute__((nonnull, warn_unused_result));

/* Writes how the descriptor can be named in a system call that takes no O_PATH one. */
int host_name_fd(struct host *host, int fd, char ret_name[32])
	__attribute__((nonnull, warn_unused_result));

/*
 * Counts a name that is kept in a list of `count`. -E2BIG when a list, or all of them, get too
 * long.
 */
int host_charge(struct host *host, size_t count, const char *name)
	__attribute__((nonnull, warn_unused_result));

/* Is this a name that overlayfs leaves where a file of the lower tree was deleted? */
bool is_whiteout(const struct statx *stat) __attribute__((nonnull));

/* /etc itself, where a vendor's copy lies below it. */
int overlay_top(struct host *host, struct node *ret_node)
	__attribute__((nonnull, warn_unused_result));

/* Looks a name up in a directory with two halves. */
int overlay_step(struct host *host, const struct node *dir, const char *name, struct node *ret_node)
	__attribute__((nonnull, warn_unused_result));

/*
 * Reads below the open directory of a process in procfs. It stays the one of that process: once
 * that has ended, nothing is read, whoever has its number then.
 */
int host_proc_read_at(int dir, const char *path, size_t limit, struct host_text *ret_text)
	__attribute__((nonnull, warn_unused_result));
