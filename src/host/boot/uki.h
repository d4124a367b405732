/*
 * Sections of a PE file, as far as a unified kernel image (UKI) needs them: the command line that
 * is built in stands in `.cmdline`. Pure; the file may be hostile.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* How much of a file's beginning has to be at hand. */
#define UKI_HEAD ((size_t)4096)

struct uki_section {
	uint32_t offset, size; /* in the file, in bytes */
};

/*
 * Finds a section. `head` is the first UKI_HEAD bytes of the file, or all of a shorter one.
 * Returns 0, -ENOENT without such a section, -EBADMSG when it is no PE file.
 */
int uki_find(const unsigned char *head, size_t size, const char *name,
	     struct uki_section *ret_section) __attribute__((nonnull, warn_unused_result));
