/* What plan, fix, rollback and history have in common: where runs are remembered, and the host. */
#pragma once

#include "cli/options.h"
#include "cli/target.h"
#include "fix/journal.h"
#include "fix/store.h"

/* --state-dir, as the user gave it; NULL: the standard place. */
extern const char *state_dir;
extern const struct option_row state_rows[];

/*
 * The directory for the runs of a root: /var/lib/hostaudit for the running host; for an image one
 * of its own below that, since an image should not carry the memory of its making.
 */
const char *state_dir_for(struct arena *arena, const char *root, bool live)
	__attribute__((nonnull, returns_nonnull));

/*
 * Opens it. On failure that has been printed; the return value is 0, or the exit code to end with.
 * -ENOENT is no failure for one who only looks: then `ret_store->dir` is -1.
 */
int state_open(struct arena *arena, bool change, struct store *ret_store)
	__attribute__((nonnull, warn_unused_result));

/*
 * Reads the journal of a run, or of the one that was cut off where `run` is NULL. Returns 0, or a
 * negative errno; all but -ENOENT have been printed.
 */
int state_journal(struct arena *arena, const struct store *store, const char *run,
		  struct journal *ret_journal)
	__attribute__((nonnull(1, 2, 4), warn_unused_result));
