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
