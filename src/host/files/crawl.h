/*
 * Private to host/files/: one walk of a tree for many questions, by several threads. Each directory
 * is opened relative to the one it lies in, its name taken as it is and no link followed, so that
 * nothing leads out of the tree; what is in it is looked at the same way, and nothing but
 * directories is ever opened. What is kept is bounded: names that wait to be looked into, and what
 * was found; descriptors are open for the directories on the way to one that waits.
 */
#pragma once

#include "host/files/crawl_dirs.h"
#include "host/files/found.h"
#include "host/files/predicate.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/stat.h>

struct host;

/* How many questions one walk can answer: the bits of a mask. */
#define CRAWL_MOST 64

/* What one question came to. */
struct crawl_answer {
	struct found_list found;
	size_t failures;   /* how many places could not be looked at */
	char *failed_path; /* the first of them by its path */
	int error;         /* what was wrong there */
	bool fleeting;     /* it begins on a file system in memory */
};

/* A directory that means something. It is known by its device and inode. */
struct crawl_mark {
	struct crawl_mark *next; /* with the same hash */
	uint64_t inode;
	uint32_t major, minor;
	const char *path; /* what follows counts here, and not where it is mounted once more */
	uint64_t scope;   /* questions that begin there */
	uint64_t except;  /* questions that end there */
	bool stop;        /* it is not looked into, wherever it shows up */
	const char *why;  /* what it belongs to, to be told; or NULL */
};

#define CRAWL_BUCKETS 256u

/* What is mounted in the tree, sorted by its number; see crawl_mounts.c. */
struct crawl_mount {
	uint64_t id;
	bool stop, fleeting;
	const char *path, *why; /* as the host sees it; why it is left out, or NULL */
};

/* The ids that have an account, sorted. */
struct crawl_ids {
	uint32_t *at;
	size_t count;
};

struct crawl {
	struct host *host;
	struct predicate questions[CRAWL_MOST];
	size_t count;
	struct crawl_answer answers[CRAWL_MOST];

	/* Which questions may hold, by what a directory tells of its names. */
	uint64_t by_type[16], by_first[256], by_last[256];
	uint64_t by_trait;     /* those that ask for a trait */
	uint64_t capabilities; /* those that ask for that one */
	unsigned traits;       /* all that are asked for */
	bool lacks_getxattrat; /* the kernel has no such call */
	int lacks_proc;        /* and this process no /proc/self/fd: a negative errno */
	struct crawl_ids users, groups;
	struct crawl_mark *marks[CRAWL_BUCKETS];
	bool marked;
	struct crawl_mount *mounts;
	size_t mount_count;

	pthread_mutex_t lock; /* of what follows, and of the answers */
	pthread_cond_t work;
	struct crawl_stack shared;
	struct found_list left; /* places that were left out: "PATH (WHY)" */
	unsigned workers;
	atomic_uint idle;   /* workers that wait for directories */
	atomic_size_t held; /* bytes of directories that wait */
};

/* One thread's part. */
struct crawl_worker {
	struct crawl *crawl;
	pthread_t thread;
	struct crawl_stack stack;
	char *buffer;                    /* for a piece of a directory's listing */
	const struct crawl_dir *path_of; /* whose path stands in `path`; NULL: nobody's */
	size_t path_length;
	char path[FOUND_LONGEST + 1];
};

/* What is looked at: a name in a directory, or the directory itself where a walk begins. */
struct crawl_entry {
	const struct crawl_dir *dir;
	const char *name;
	bool start, fleeting;
	bool capabilities; /* it is known to have some: nobody has to look */
	struct statx stat;
};

/* Makes the tables for the questions: once, before anything else. */
void crawl_prepare(struct crawl *crawl);

/* Marks the directory that a path leads to, if there is one; in addition to what it is already. */
void crawl_mark(struct crawl *crawl, const char *path, const struct crawl_mark *mark);
const struct crawl_mark *crawl_marked(const struct crawl *crawl, const struct statx *stat);

/* Reads what is mounted in the tree of a running host. */
void crawl_read_mounts(struct crawl *crawl);
const struct crawl_mount *crawl_mount(const struct crawl *crawl, uint64_t id);
/* What is mounted at a path, on top of all others; or NULL. */
const struct crawl_mount *crawl_mount_at(const struct crawl *crawl, const char *path);

/* Marks what is a container's, unless it holds the host's own system, whatever a setting says. */
void crawl_mark_container(struct crawl *crawl, const char *path, const char *why);

/* Begins a walk: `fd` is given away. */
int crawl_start(struct crawl *crawl, int fd, const char *path, uint64_t scope);

/* The same, at once, for what only the door to the host can put together. */
int crawl_door(struct crawl *crawl, const char *path, uint64_t scope);

/* Walks until nothing is left. With an error nothing was looked at. */
int crawl_run(struct crawl *crawl);

/* The questions that may hold for something of this type and name. */
uint64_t crawl_candidates(const struct crawl *crawl, uint64_t scope, unsigned type,
			  const char *name, size_t length);

/* Answers the questions of a mask for one entry. */
void crawl_look(struct crawl_worker *worker, const struct crawl_entry *entry, uint64_t candidates);

/* crawl_xattr.c: does a file have capabilities? 1, 0 or a negative errno. */
void crawl_prepare_xattrs(struct crawl *crawl);
int crawl_capabilities(const struct crawl *crawl, const struct crawl_entry *entry);

/* Tells every question of a scope that something could not be looked at. */
void crawl_fail(struct crawl_worker *worker, const struct crawl_dir *dir, const char *name,
		uint64_t scope, int error);
/* Notes that questions begin in memory. */
void crawl_begin_fleeting(struct crawl *crawl, uint64_t scope);

/* Keeps a place that was left out, unless there is no reason to tell. */
void crawl_leave_out(struct crawl_worker *worker, const struct crawl_dir *dir, const char *name,
		     const char *why);

/* The path of a name in a directory, or of the directory for NULL; cut where it gets too long. */
const char *crawl_path(struct crawl_worker *worker, const struct crawl_dir *dir, const char *name);
