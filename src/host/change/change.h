/* What a run changes: paths, and what stands there before and after. */
#pragma once

#include "host/change/state.h"

#include <stdbool.h>

struct change {
	const char *path;
	struct state before, after;
	const char *data; /* what the file will hold; only with a new content, not in a journal */
	size_t size;
	const char *old_data; /* what it holds now; NULL where neither may be shown */
	const char *why;      /* the rules that want it, with blanks between them */
};

struct changes {
	struct change *at;
	size_t count, space;
};

/* Does a file or a link take a new place, by being renamed there? Else attributes change. */
static inline bool change_replaces(const struct change *change)
{
	enum thing after = change->after.thing;

	return (after == THING_FILE || after == THING_LINK) &&
	       !state_same_content(&change->before, &change->after);
}

/* Does the change take away what only a copy can bring back? */
static inline bool change_needs_copy(const struct change *change)
{
	return change->before.thing == THING_FILE &&
	       !state_same_content(&change->before, &change->after);
}

/* A new one at the end, all zero. */
struct change *changes_add(struct changes *changes, struct arena *arena)
	__attribute__((nonnull, returns_nonnull));
