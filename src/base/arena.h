/*
 * Memory that lives as long as the run. Nothing is freed one by one; running out of it ends the
 * program here, in one place, with the exit code for "could not be determined".
 */
#pragma once

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

/* All zero is an empty arena. */
struct arena {
	struct arena_block *block; /* the newest block, from which allocations come */
};

/* Zeroed memory for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size)
	__attribute__((malloc, returns_nonnull, nonnull));

/* A grown copy of an array; the old one stays as it was. Never NULL. */
void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size)
	__attribute__((returns_nonnull));

/* Copies of strings. Never NULL. */
char *arena_strdup(struct arena *arena, const char *string)
	__attribute__((returns_nonnull, nonnull));
char *arena_strndup(struct arena *arena, const char *string, size_t length)
	__attribute__((returns_nonnull, nonnull));

/* A formatted string. Never NULL. */
char *arena_printf(struct arena *arena, const char *format, ...)
	__attribute__((format(printf, 2, 3), returns_nonnull));
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
	__attribute__((format(printf, 2, 0), returns_nonnull));

/* Gives back everything. The arena is empty then, and may be used again. */
void arena_free(struct arena *arena) __attribute__((nonnull));

/* A zeroed object of a type. */
#define arena_new(arena, type) ((type *)arena_alloc((arena), sizeof(type)))
