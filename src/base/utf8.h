/* UTF-8, as far as a report has to know it: is what a host's file says fit to be shown? */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* The bytes of the valid character that a string begins with, or 0 if there is none. */
size_t utf8_length(const char *string) __attribute__((nonnull));

/*
 * A copy that is safe on a terminal: control characters, the ones that turn the direction of
 * writing, and bytes that are no UTF-8 are written as \xNN. Returns the string itself where there
 * is nothing to change.
 */
const char *utf8_printable(struct arena *arena, const char *string) __attribute__((nonnull));
