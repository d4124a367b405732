#include "fix/run.h"

#include "base/arena.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

#define RETRY(call) TEMP_FAILURE_RETRY(call)

const char *run_name(struct arena *arena, const struct timespec *now)
{
	char date[sizeof("YYYYMMDD-HHMMSS")];
	struct tm tm;

	strftime(date, sizeof(date), "%Y%m%d-%H%M%S", gmtime_r(&now->tv_sec, &tm));
	return arena_printf(arena, "%s-%06ld", date, now->tv_nsec / 1000);
}

static int fail(struct run *run, const struct change *change, int error)
{
	if (error && !run->why) {
		run->path = change ? change->path : NULL;
		run->why = host_error(error);
	}
	return error;
}

static size_t number_of(const struct run *run, const struct change *change)
{
	return (size_t)(change - run->journal->changes.at);
}

/* The new file waits beside the old one, under a name that nothing reads. */
static void name_new(const struct run *run, const struct change *change, struct spot *spot)
{
	snprintf(spot->name, sizeof(spot->name), ".hostaudit-%s-%zu", run->journal->run,
		 number_of(run, change));
}

/* Step 2, and the last look: is everything still as the plan says? */
static int keep(struct run *run, const struct change *change)
{
	cleanup(spot) struct spot spot = SPOT_NONE;
	cleanup(text) struct host_text text = {0};
	struct state state;
	int error = spot_open(run->host, change->path, &spot);

	/* The directory may be one that this run is going to make. */
	if (error == -ENOENT && change->before.thing == THING_ABSENT)
		return 0;
	if (!error)
		error = state_read(run->host->arena, &spot, &state, &text);
	if (!error && !state_same(&state, &change->before))
		error = -ESTALE;
	if (!error && change_needs_copy(change))
		error = store_keep(run->store, run->journal->run, number_of(run, change), &text);
	return error;
}

static int make_dir(const struct change *change, const struct spot *spot)
{
	int error;

	if (RETRY(mkdirat(spot->dir, spot->name, 0700)))
		return -errno;
	error = state_set_attributes(spot, &change->after);
	return error ? error : spot_sync(spot);
}

/* Step 3. */
static int prepare(struct run *run, const struct change *change)
{
	cleanup(spot) struct spot spot = SPOT_NONE;
	bool makes = change->before.thing == THING_ABSENT && change->after.thing == THING_DIR;
	int error;

	if (!makes && !change_replaces(change))
		return 0;
	error = spot_open(run->host, change->path, &spot);
	if (error)
		return error;
	if (makes)
		return make_dir(change, &spot);
	name_new(run, change, &spot);
	return state_make(&spot, &change->after, change->data, change->size);
}

/* Step 4. */
static int place(struct run *run, const struct change *change)
{
	cleanup(spot) struct spot spot = SPOT_NONE, new = SPOT_NONE;
	int error = spot_open(run->host, change->path, &spot);

	if (error)
		return error;
	if (change_replaces(change)) {
		name_new(run, change, &new);
		return RETRY(renameat(spot.dir, new.name, spot.dir, spot.name)) ? -errno : 0;
	}
	if (change->after.thing == THING_ABSENT)
		return RETRY(unlinkat(spot.dir, spot.name,
				      change->before.thing == THING_DIR ? AT_REMOVEDIR : 0))
			       ? -errno
			       : 0;
	if (change->before.thing == THING_ABSENT) /* a directory: it is there already */
		return 0;
	return state_set_attributes(&spot, &change->after);
}

static size_t directory_length(const char *path)
{
	return (size_t)(strrchr(path, '/') - path);
}

static bool same_directory(const struct change *a, const struct change *b)
{
	size_t length = directory_length(a->path);

	return length == directory_length(b->path) && !strncmp(a->path, b->path, length);
}

/* Each directory once, where changes of one stand together. */
static int sync_all(struct run *run)
{
	const struct changes *changes = &run->journal->changes;

	for (size_t i = 0; i < changes->count; i++) {
		cleanup(spot) struct spot spot = SPOT_NONE;
		int error;

		if (i && same_directory(&changes->at[i - 1], &changes->at[i]))
			continue;
		error = spot_open(run->host, changes->at[i].path, &spot);
		/* It was taken away together with what was in it. */
		if (error == -ENOENT)
			continue;
		if (!error)
			error = spot_sync(&spot);
		if (error)
			return fail(run, &changes->at[i], error);
	}
	return 0;
}

static int each(struct run *run, int (*step)(struct run *run, const struct change *change))
{
	const struct changes *changes = &run->journal->changes;

	for (size_t i = 0; i < changes->count; i++) {
		int error = step(run, &changes->at[i]);

		if (error)
			return fail(run, &changes->at[i], error);
	}
	return 0;
}

static int make_all(struct run *run)
{
	int error = each(run, keep);

	if (!error)
		error = fail(run, NULL, store_keep_end(run->store, run->journal->run));
	if (!error)
		error = each(run, prepare);
	if (!error)
		error = each(run, place);
	if (!error)
		error = sync_all(run);
	if (!error && run->helped && !run->helped(run->context))
		error = -ECANCELED;
	return error;
}

int run_apply(struct run *run)
{
	const char *text = journal_format(run->host->arena, run->journal);
	int error = *text ? store_begin(run->store, run->journal->run, text) : -ENOMEM, undone;

	if (!error)
		error = make_all(run);
	else
		error = fail(run, NULL, error);
	if (!error)
		error = fail(run, NULL, store_commit(run->store, run->journal->run));
	if (!error)
		return 0;
	undone = run_undo(run);
	return undone ? undone : error;
}

static void leave(struct run *run, const struct change *change)
{
	strv_push(&run->left, run->host->arena, change->path);
}

static int put_back(struct run *run, const struct change *change, struct spot *spot)
{
	cleanup(text) struct host_text text = {0};
	struct spot new = *spot;
	int error = 0;

	name_new(run, change, &new);
	if (change->before.thing == THING_FILE)
		error = store_kept(run->store, run->journal->run, number_of(run, change), &text);
	if (!error)
		error = state_make(&new, &change->before, text.data, text.size);
	if (!error && RETRY(renameat(new.dir, new.name, spot->dir, spot->name)))
		error = -errno;
	return error;
}

static int take_away(const struct state *now, const struct spot *spot)
{
	int flags = now->thing == THING_DIR ? AT_REMOVEDIR : 0;

	return RETRY(unlinkat(spot->dir, spot->name, flags)) && errno != ENOENT ? -errno : 0;
}

static int revert(struct run *run, const struct change *change, struct spot *spot)
{
	struct state now;
	int error = state_read(run->host->arena, spot, &now, NULL);

	if (error)
		return error;
	if (state_same(&now, &change->before))
		return 0;
	/* Attributes, one or all of which were set; and a directory that was just made. */
	if (state_same_content(&now, &change->before) && now.thing != THING_LINK)
		return state_set_attributes(spot, &change->before);
	if (!state_same_content(&now, &change->after))
		return -ESTALE;
	if (change->before.thing == THING_ABSENT)
		return take_away(&now, spot);
	if (change->before.thing == THING_DIR)
		return make_dir(&(struct change){.after = change->before}, spot);
	return put_back(run, change, spot);
}

static int undo_one(struct run *run, const struct change *change)
{
	cleanup(spot) struct spot spot = SPOT_NONE;
	struct spot new;
	int error = spot_open(run->host, change->path, &spot);

	/* A directory that was yet to be made. */
	if (error == -ENOENT && change->before.thing == THING_ABSENT)
		return 0;
	if (error)
		return error;
	new.dir = spot.dir;
	name_new(run, change, &new);
	if (RETRY(unlinkat(new.dir, new.name, 0)) && errno != ENOENT)
		return -errno;
	error = revert(run, change, &spot);
	return error ? error : spot_sync(&spot);
}

int run_undo(struct run *run)
{
	const struct changes *changes = &run->journal->changes;
	int error, first = 0;

	for (size_t i = changes->count; i-- > 0;) {
		error = undo_one(run, &changes->at[i]);
		if (!error)
			continue;
		leave(run, &changes->at[i]);
		first = first ? first : fail(run, &changes->at[i], error);
	}
	if (!first)
		first = fail(run, NULL, store_forget(run->store, run->journal->run));
	return first;
}
