/* A run that takes another one back. */
#pragma once

#include "fix/journal.h"
#include "fix/store.h"

/* A path that is not as the run left it. */
struct departure {
	struct departure *next;
	const char *path;
	struct state now;
	const char *why; /* it cannot be looked at: a sentence; NULL: it differs */
};

/*
 * The changes that bring back what was before the run, from the copies that were kept. Paths where
 * somebody changed something since are in `ret_departures`: taken back only by force, and then as
 * they are now. Returns 0, or a negative errno with the path that is in the way.
 */
int inverse_make(struct host *host, const struct store *store, const struct journal *journal,
		 struct changes *ret_changes, struct departure **ret_departures,
		 const char **ret_path) __attribute__((nonnull, warn_unused_result));
