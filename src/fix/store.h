/*
 * Where runs are remembered: /var/lib/hostaudit, or where --state-dir says. Private to its owner,
 * and never in an image.
 *
 *   lock               held while something is changed
 *   journal            of the run under way; whoever finds it and the lock free takes it back
 *   runs/RUN/journal   of a run that was finished
 *   runs/RUN/N         what the file of its Nth change held before
 */
#pragma once

#include "base/str.h"
#include "host/host.h"

struct store {
	int dir, runs, lock;
};

/*
 * Opens it, to look (`change` false) or to change something: then it is made where it is missing,
 * and locked until it is closed. -EBUSY: somebody else has the lock; -EACCES: others can write
 * there.
 */
int store_open(const char *path, bool change, struct store *ret_store)
	__attribute__((nonnull, warn_unused_result));

void store_close(struct store *store);

static inline void cleanup_store(struct store *store)
{
	store_close(store);
}

/* Writes the journal of the run under way: all of it is on disk when this returns 0. */
int store_begin(const struct store *store, const char *run, const char *text)
	__attribute__((nonnull, warn_unused_result));

/* Keeps what a file holds, for its change number `number` of that run. Call store_keep_end(). */
int store_keep(const struct store *store, const char *run, size_t number,
	       const struct host_text *text) __attribute__((nonnull, warn_unused_result));
int store_keep_end(const struct store *store, const char *run)
	__attribute__((nonnull, warn_unused_result));

int store_kept(const struct store *store, const char *run, size_t number,
	       struct host_text *ret_text) __attribute__((nonnull, warn_unused_result));

/* The run under way is finished: its journal moves to the others. */
int store_commit(const struct store *store, const char *run)
	__attribute__((nonnull, warn_unused_result));

/* The run under way was taken back: nothing is left of it. */
int store_forget(const struct store *store, const char *run)
	__attribute__((nonnull, warn_unused_result));

/* The journal of a run; of the one under way where `run` is NULL. -ENOENT: there is none. */
int store_journal(const struct store *store, const char *run, struct host_text *ret_text)
	__attribute__((nonnull(1, 3), warn_unused_result));

/* The finished runs, the oldest first. */
int store_runs(const struct store *store, struct arena *arena, struct strv *ret_runs)
	__attribute__((nonnull, warn_unused_result));
