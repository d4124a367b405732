/* Private to host/files/: the directories of a walk that wait to be looked into. */
#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct crawl;
struct crawl_worker;

/* A directory on the way. It lives as long as something below it does. */
struct crawl_dir {
	struct crawl_dir *parent; /* NULL: here a walk began, and the name is a whole path */
	atomic_uint users;     /* directories in it that are not done, and itself while it is not */
	atomic_uint waiting;   /* those that still need its descriptor, and itself */
	int fd;                /* -1: it was not opened yet */
	uint32_t major, minor; /* of its device */
	uint64_t scope;        /* the questions that are asked here */
	uint64_t mount;        /* its number; 0: the kernel did not tell */
	bool fleeting;
	size_t length; /* of its name */
	char name[];
};

/* Directories that wait, the last one first. */
struct crawl_stack {
	struct crawl_dir **at;
	size_t count, space;
};

/* A directory that waits: NULL where too many do. */
struct crawl_dir *crawl_dir_new(struct crawl *crawl, struct crawl_dir *parent, const char *name,
				size_t length);

/* Somebody needs its descriptor no more; somebody is done with it. */
void crawl_dir_close(struct crawl_dir *dir);
void crawl_dir_done(struct crawl *crawl, struct crawl_dir *dir);

/* False where the memory runs out. */
bool crawl_push(struct crawl_stack *stack, struct crawl_dir *dir);

/* The next one for a worker, which waits until there is one; NULL where nothing is left. */
struct crawl_dir *crawl_next(struct crawl_worker *worker);

/* Gives some of a worker's to those that wait. */
void crawl_share(struct crawl_worker *worker);
