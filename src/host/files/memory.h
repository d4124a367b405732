/*
 * Private to host/files/: memory of the threads of a walk. The run's arena is not theirs, and a
 * walk goes on without what it could not keep.
 */
#pragma once

#include <stddef.h>

/* As realloc(3) and strdup(3): NULL where the memory runs out. Free it with free(3). */
void *memory_grow(void *old, size_t size);
char *memory_copy(const char *text) __attribute__((nonnull));
