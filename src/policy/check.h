/*
 * The check sentence: PROBE SUBJECT EXPECTATION, as in `mount /tmp has nodev`. Words are separated
 * by blanks; one with blanks in it stands in double quotes, with \" and \\ inside.
 */
#pragma once

#include "judge/expect.h"

struct arena;
struct probe;

struct check {
	const char *text; /* the sentence as it was written, blanks folded */
	const struct probe *probe;
	const char *subject;
	struct expect expect;
};

/*
 * Parses a sentence. Returns 0, or -EINVAL with a message that belongs to the arena (no file and
 * line in it). Give a parsed check back with check_release().
 */
int check_parse(struct arena *arena, const char *sentence, struct check *ret_check,
		const char **ret_error) __attribute__((nonnull, warn_unused_result));

void check_release(struct check *check) __attribute__((nonnull));
