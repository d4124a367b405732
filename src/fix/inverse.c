#include "fix/inverse.h"

#include "base/arena.h"
#include "base/digest.h"

#include <errno.h>

static int look(struct host *host, const char *path, struct state *ret_state)
{
	cleanup(spot) struct spot spot = SPOT_NONE;
	int error = spot_open(host, path, &spot);

	if (error == -ENOENT) {
		*ret_state = (struct state){0};
		return 0;
	}
	return error ? error : state_read(host->arena, &spot, ret_state, NULL);
}

static void depart(struct host *host, const char *path, const struct state *now, int error,
		   struct departure **list)
{
	struct departure *departure = arena_new(host->arena, struct departure);

	departure->path = path;
	departure->now = *now;
	departure->why = error ? host_error(error) : NULL;
	while (*list)
		list = &(*list)->next;
	*list = departure;
}

/* What the file held, if the copy is still what it was. */
static int fetch(struct host *host, const struct store *store, const struct journal *journal,
		 size_t index, struct change *change)
{
	const struct change *done = &journal->changes.at[index];
	cleanup(text) struct host_text text = {0};
	char *data, digest[65];
	int error;

	if (!change_needs_copy(done))
		return 0;
	error = store_kept(store, journal->run, index, &text);
	if (error)
		return error;
	digest_bytes(text.data, text.size, digest);
	if (!str_eq(digest, done->before.digest))
		return -EBADMSG;
	data = arena_alloc(host->arena, text.size + 1);
	memcpy(data, text.data, text.size);
	change->data = data;
	change->size = text.size;
	return 0;
}

/* A directory that holds other things by now stays; that is no departure. */
static bool is_full(struct host *host, const char *path, const struct changes *made)
{
	struct host_entries entries;

	if (host_entries(host, path, &entries))
		return false;
	for (size_t i = 0; i < entries.count; i++) {
		const char *below = arena_printf(host->arena, "%s/%s", path, entries.at[i].name);
		bool removed = false;

		for (size_t k = 0; k < made->count && !removed; k++)
			removed = str_eq(made->at[k].path, below) &&
				  made->at[k].after.thing == THING_ABSENT;
		if (!removed)
			return true;
	}
	return false;
}

int inverse_make(struct host *host, const struct store *store, const struct journal *journal,
		 struct changes *ret_changes, struct departure **ret_departures,
		 const char **ret_path)
{
	struct departure *departures = NULL;
	struct changes changes = {0};

	for (size_t i = journal->changes.count; i-- > 0;) {
		const struct change *done = &journal->changes.at[i];
		struct change change = {.path = done->path,
					.after = done->before,
					.why = done->why};
		int error;

		*ret_path = done->path;
		error = look(host, done->path, &change.before);
		if (error || !state_alike(&change.before, &done->after))
			depart(host, done->path, &change.before, error, &departures);
		if (error || state_same(&change.before, &change.after))
			continue;
		if (done->after.thing == THING_DIR && change.after.thing == THING_ABSENT &&
		    is_full(host, done->path, &changes))
			continue;
		error = fetch(host, store, journal, i, &change);
		if (error)
			return error;
		*changes_add(&changes, host->arena) = change;
	}
	*ret_changes = changes;
	*ret_departures = departures;
	return 0;
}
