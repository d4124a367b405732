#include "host/accounts/roster.h"

#include <stdint.h>
#include <stdlib.h>

/* A grown copy where there is no room for one more. */
static void *with_room(struct arena *arena, void *at, size_t count, size_t *space, size_t size)
{
	size_t wanted = *space ? *space * 2 : 64;
	void *grown;

	if (count < *space)
		return at;
	grown = arena_grow(arena, at, count * size, wanted * size);
	*space = wanted;
	return grown;
}

void entries_add(struct arena *arena, struct entries *entries, const struct entry *entry)
{
	struct entry *added;

	entries->at = with_room(arena, entries->at, entries->count, &entries->space,
				sizeof(*entry));
	added = &entries->at[entries->count];
	*added = *entry;
	added->order = entries->count ? entries->at[entries->count - 1].order + 1 : 0;
	entries->count++;
	added->layer = entries->layer;
}

void roster_add_member(struct roster *roster, long long group, const char *user)
{
	roster->by_group = with_room(roster->arena, roster->by_group, roster->count, &roster->space,
				     sizeof(*roster->by_group));
	roster->by_group[roster->count++] = (struct membership){.group = group, .user = user};
}

static int compare_names(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int compare_ids(const void *a, const void *b)
{
	const struct entry *x = *(struct entry *const *)a, *y = *(struct entry *const *)b;

	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return x->order < y->order ? -1 : x->order > y->order;
}

static int compare_groups(const void *a, const void *b)
{
	const struct membership *x = a, *y = b;

	if (x->group != y->group)
		return x->group < y->group ? -1 : 1;
	return strcmp(x->user, y->user);
}

static int compare_users(const void *a, const void *b)
{
	const struct membership *x = a, *y = b;
	int order = strcmp(x->user, y->user);

	if (order)
		return order;
	return x->group < y->group ? -1 : x->group > y->group;
}

static struct entry **make_index(struct arena *arena, const struct entries *entries,
				 int (*compare)(const void *, const void *))
{
	struct entry **index = arena_alloc(arena, (entries->count + 1) * sizeof(*index));

	for (size_t i = 0; i < entries->count; i++)
		index[i] = &entries->at[i];
	qsort(index, entries->count, sizeof(*index), compare);
	return index;
}

/* Of equal names those of the first layer count, and none of them is the only one. */
static void drop_hidden(struct arena *arena, struct entries *entries)
{
	struct entry **index = make_index(arena, entries, compare_names), *first = NULL;
	size_t kept = 0;

	for (size_t i = 0; i < entries->count; i++) {
		bool again = first && str_eq(first->name, index[i]->name);

		index[i]->unique_name = !again;
		if (!again)
			first = index[i];
		else if (index[i]->layer == first->layer)
			first->unique_name = false;
		else
			index[i]->name = NULL;
	}
	for (size_t i = 0; i < entries->count; i++)
		if (entries->at[i].name)
			entries->at[kept++] = entries->at[i];
	entries->count = kept;
}

void entries_sort(struct arena *arena, struct entries *entries)
{
	struct entry **ids;

	drop_hidden(arena, entries);
	entries->by_name = make_index(arena, entries, compare_names);
	entries->by_id = ids = make_index(arena, entries, compare_ids);
	for (size_t i = 0; i < entries->count; i++)
		ids[i]->unique_id = !(i && ids[i - 1]->id == ids[i]->id) &&
				    !(i + 1 < entries->count && ids[i + 1]->id == ids[i]->id);
}

void roster_sort(struct roster *roster)
{
	const size_t size = sizeof(*roster->by_group);
	size_t kept = 0;

	entries_sort(roster->arena, &roster->users);
	entries_sort(roster->arena, &roster->groups);
	for (size_t i = 0; i < roster->users.count; i++)
		roster_add_member(roster, roster->users.at[i].group, roster->users.at[i].name);
	if (!roster->count)
		return;
	qsort(roster->by_group, roster->count, size, compare_groups);
	for (size_t i = 0; i < roster->count; i++)
		if (!kept || compare_groups(&roster->by_group[kept - 1], &roster->by_group[i]))
			roster->by_group[kept++] = roster->by_group[i];
	roster->count = kept;
	roster->by_user = arena_grow(roster->arena, roster->by_group, kept * size, kept * size);
	qsort(roster->by_user, kept, size, compare_users);
}

const struct entry *entry_of_name(const struct entries *entries, const char *name)
{
	size_t low = 0, high = entries->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(entries->by_name[middle]->name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < entries->count && str_eq(entries->by_name[low]->name, name)
		       ? entries->by_name[low]
		       : NULL;
}

const struct entry *entry_of_id(const struct entries *entries, long long id)
{
	size_t low = 0, high = entries->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (entries->by_id[middle]->id < id)
			low = middle + 1;
		else
			high = middle;
	}
	return low < entries->count && entries->by_id[low]->id == id ? entries->by_id[low] : NULL;
}

bool roster_is_member(const struct roster *roster, const char *user, long long group)
{
	const struct membership wanted = {.group = group, .user = user};

	return roster->count &&
	       bsearch(&wanted, roster->by_group, roster->count, sizeof(wanted), compare_groups);
}

/* Where `wanted` stands, or would. */
static size_t find_first(const struct roster *roster, const struct membership *at,
			 const struct membership *wanted,
			 int (*compare)(const void *, const void *))
{
	size_t low = 0, high = roster->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&at[middle], wanted) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct membership *roster_members(const struct roster *roster, long long group,
					size_t *ret_count)
{
	const struct membership wanted = {.group = group, .user = ""};
	size_t first = find_first(roster, roster->by_group, &wanted, compare_groups), end = first;

	while (end < roster->count && roster->by_group[end].group == group)
		end++;
	*ret_count = end - first;
	return end > first ? &roster->by_group[first] : NULL;
}

const struct membership *roster_memberships(const struct roster *roster, const char *user,
					    size_t *ret_count)
{
	const struct membership wanted = {.group = INT64_MIN, .user = user};
	size_t first = find_first(roster, roster->by_user, &wanted, compare_users), end = first;

	while (end < roster->count && str_eq(roster->by_user[end].user, user))
		end++;
	*ret_count = end - first;
	return end > first ? &roster->by_user[first] : NULL;
}
