#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Under a sanitizer each allocation is its own block, so that overruns inside a block are seen. */
#if defined(__SANITIZE_ADDRESS__)
#define BLOCK_SIZE 1
#else
#define BLOCK_SIZE (64 * 1024)
#endif

#define ALIGNMENT _Alignof(max_align_t)

struct arena_block {
	struct arena_block *next;
	size_t used, size;
	_Alignas(max_align_t) char data[];
};

static _Noreturn void out_of_memory(void)
{
	static const char message[] = "hostaudit: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);

	(void)ignored;
	_exit(3);
}

static struct arena_block *block_new(struct arena *arena, size_t size)
{
	struct arena_block *block;

	if (size < BLOCK_SIZE)
		size = BLOCK_SIZE;
	if (size > SIZE_MAX / 2 || !(block = malloc(sizeof(*block) + size)))
		out_of_memory();
	block->next = arena->block;
	block->used = 0;
	block->size = size;
	arena->block = block;
	return block;
}

/* How much of the block an object takes, so that the next one is aligned as well. */
static size_t round_up(size_t size)
{
	size_t rounded;

	if (__builtin_add_overflow(size, ALIGNMENT - 1, &rounded))
		out_of_memory();
	return rounded & ~(ALIGNMENT - 1);
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_block *block = arena->block;
	size_t rounded = round_up(size);
	void *memory;

	if (!block || block->size - block->used < rounded)
		block = block_new(arena, rounded);
	memory = block->data + block->used;
	block->used += rounded;
	return memset(memory, 0, size);
}

void *arena_grow(struct arena *arena, const void *old, size_t old_size, size_t new_size)
{
	void *grown = arena_alloc(arena, new_size);

	if (old_size)
		memcpy(grown, old, old_size);
	return grown;
}

char *arena_strndup(struct arena *arena, const char *string, size_t length)
{
	char *copy = arena_alloc(arena, length + 1);

	memcpy(copy, string, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *string)
{
	return arena_strndup(arena, string, strlen(string));
}

/* Most strings fit into what is left of the block, and are formatted only once. */
char *arena_vprintf(struct arena *arena, const char *format, va_list args)
{
	struct arena_block *block = arena->block;
	size_t space = block ? block->size - block->used : 0;
	char *string = block ? block->data + block->used : NULL;
	va_list again;
	int length;

	va_copy(again, args);
	length = vsnprintf(string, space, format, again);
	va_end(again);
	if (length < 0)
		out_of_memory();
	if (block && round_up((size_t)length + 1) <= space) {
		block->used += round_up((size_t)length + 1);
		return string;
	}
	string = arena_alloc(arena, (size_t)length + 1);
	vsnprintf(string, (size_t)length + 1, format, args);
	return string;
}

char *arena_printf(struct arena *arena, const char *format, ...)
{
	va_list args;
	char *string;

	va_start(args, format);
	string = arena_vprintf(arena, format, args);
	va_end(args);
	return string;
}

void arena_free(struct arena *arena)
{
	struct arena_block *block = arena->block;

	while (block) {
		struct arena_block *next = block->next;

		free(block);
		block = next;
	}
	arena->block = NULL;
}
