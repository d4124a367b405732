#include "host/files/found.h"

#include "base/arena.h"
#include "host/files/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static size_t size_of(const struct found *found)
{
	return sizeof(*found) + strlen(found->path) + 1;
}

static bool is_behind(const struct found_list *list, size_t a, size_t b)
{
	return strcmp(list->at[a].path, list->at[b].path) > 0;
}

static void swap(struct found_list *list, size_t a, size_t b)
{
	struct found taken = list->at[a];

	list->at[a] = list->at[b];
	list->at[b] = taken;
}

static void sift_up(struct found_list *list, size_t at)
{
	while (at && is_behind(list, at, (at - 1) / 2)) {
		swap(list, at, (at - 1) / 2);
		at = (at - 1) / 2;
	}
}

static void sift_down(struct found_list *list, size_t at)
{
	for (;;) {
		size_t child = 2 * at + 1;

		if (child >= list->count)
			return;
		if (child + 1 < list->count && is_behind(list, child + 1, child))
			child++;
		if (!is_behind(list, child, at))
			return;
		swap(list, child, at);
		at = child;
	}
}

/* Takes the last path off. From there on nothing is kept any more. */
static void drop_last(struct found_list *list)
{
	struct found *last = &list->at[0];

	list->bytes -= size_of(last);
	free(list->ceiling);
	list->ceiling = (char *)last->path;
	*last = list->at[--list->count];
	sift_down(list, 0);
}

static int make_space(struct found_list *list)
{
	size_t space = list->space ? list->space * 2 : 16;
	struct found *grown;

	if (list->count < list->space)
		return 0;
	grown = memory_grow(list->at, space * sizeof(*grown));
	if (!grown)
		return -ENOMEM;
	list->at = grown;
	list->space = space;
	return 0;
}

int found_add(struct found_list *list, const struct found *found)
{
	struct found copy = *found;
	char *path;

	if (found->fleeting)
		list->fleeting++;
	else
		list->lasting++;
	if (list->ceiling && strcmp(found->path, list->ceiling) >= 0)
		return 0;
	path = memory_copy(found->path);
	if (!path || make_space(list)) {
		free(path);
		return -ENOMEM;
	}
	copy.path = path;
	list->at[list->count++] = copy;
	list->bytes += size_of(&copy);
	sift_up(list, list->count - 1);
	while (list->count > FOUND_MOST || list->bytes > FOUND_MOST_BYTES)
		drop_last(list);
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->path, ((const struct found *)b)->path);
}

void found_finish(struct found_list *list, struct arena *arena)
{
	struct found *kept = arena_alloc(arena, list->count * sizeof(*kept) + 1);

	for (size_t i = 0; i < list->count; i++) {
		kept[i] = list->at[i];
		kept[i].path = arena_strdup(arena, list->at[i].path);
		free((char *)list->at[i].path);
	}
	free(list->at);
	free(list->ceiling);
	list->ceiling = NULL;
	list->at = kept;
	if (list->count)
		qsort(kept, list->count, sizeof(*kept), compare);
}
