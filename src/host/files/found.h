/*
 * What a search found: all counted, the first ones by their path kept. Which ones these are does
 * not depend on the order in which they were found, though several threads find them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* What is kept of one search at most. */
#define FOUND_MOST ((size_t)1000)
#define FOUND_MOST_BYTES ((size_t)512 * 1024)

/* What a path is cut to; one that is longer no system call takes. */
#define FOUND_LONGEST ((size_t)4095)

struct found {
	const char *path; /* as the host sees it */
	unsigned mode, uid, gid;
	bool fleeting; /* it lies in memory: the next boot has it no more */
};

struct found_list {
	struct found *at; /* a heap, the last path first; found_finish() sorts it */
	size_t count, space, bytes;
	char *ceiling;            /* the first path that was left out; NULL: none was */
	size_t lasting, fleeting; /* how many there are, kept or not */
};

/* Takes what was found; the path is copied. Returns 0 or -ENOMEM. */
int found_add(struct found_list *list, const struct found *found) __attribute__((nonnull));

/* Sorts the list by path, moves it into the arena, and gives back the rest. */
void found_finish(struct found_list *list, struct arena *arena) __attribute__((nonnull));
