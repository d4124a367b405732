/* The difference between two texts, as `diff -u` prints it. Pure. */
#pragma once

struct arena;

/*
 * The hunks, each line with a newline, without the two lines of names; "" where they are the same.
 * Texts of more than some thousand lines are shown as if nothing of the one were in the other.
 */
const char *diff_unified(struct arena *arena, const char *before, const char *after)
	__attribute__((nonnull, returns_nonnull));
