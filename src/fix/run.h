/*
 * A run: all of its changes are made, or none. Each step is on disk before the next one begins:
 *
 *   1 the journal   2 copies of what is replaced   3 directories, and new files beside the old ones
 *   4 everything takes its place   5 a look whether it helped   6 the journal joins the others
 *
 * Until 6, whoever finds the journal takes the run back; also after a crash or a power cut.
 */
#pragma once

#include "fix/journal.h"
#include "fix/store.h"

struct run {
	struct host *host;
	const struct store *store;
	const struct journal *journal;

	/* Step 5: did it help? The run is taken back if not. May be NULL. */
	bool (*helped)(void *context);
	void *context;

	/* What went wrong, for people: a path and a sentence. */
	const char *path, *why;
	/* The paths that could not be put back, though they had to be. */
	struct strv left;
};

/*
 * Makes the changes. On failure everything is as before, unless run->left names paths: then the
 * journal is kept. -ECANCELED: it did not help. -ESTALE: something changed since it was looked at.
 */
int run_apply(struct run *run) __attribute__((nonnull, warn_unused_result));

/* Takes back a run that was cut off, as far as it had come. May itself be cut off, and repeated. */
int run_undo(struct run *run) __attribute__((nonnull, warn_unused_result));

/* A name for a new run: the time, to the microsecond, so that names sort by it. In the arena. */
const char *run_name(struct arena *arena, const struct timespec *now)
	__attribute__((nonnull, returns_nonnull));
