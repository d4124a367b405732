/* Where something was written, and the list of all mistakes that were found there. */
#pragma once

#include <stddef.h>

struct arena;

struct origin {
	const char *file;
	unsigned line; /* from 1; 0 means the file as a whole */
};

/* One mistake in a data file. */
struct problem {
	struct problem *next;
	struct origin origin;
	const char *message; /* without file, line or full stop */
};

/* All of them, in the order in which they were found. All zero is none. */
struct problems {
	struct arena *arena;
	struct problem *head, *tail;
	size_t count;
};

void problem_add(struct problems *problems, struct origin origin, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Sorts them by file and line, and takes away what was found twice. */
void problems_sort(struct problems *problems) __attribute__((nonnull));

/* "os-profiles/flatcar.ini:12": the same wherever the policy directory lies. */
const char *origin_short(struct arena *arena, struct origin origin)
	__attribute__((nonnull, returns_nonnull));
