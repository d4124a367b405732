/*
 * The part of an image's tree that lies in two halves, an /etc over the vendor's copy, is walked
 * through the door to the host, which knows how to put them together: slow, but it is small.
 */
#include "host/files/crawl.h"
#include "host/host.h"
#include "host/xattrs.h"

#include <errno.h>

/* Directories that wait, and the questions that are asked in each. */
struct door_place {
	struct door_place *next;
	const char *path;
	uint64_t scope;
};

struct door {
	struct crawl *crawl;
	struct crawl_worker worker;
	struct door_place *places;
};

static void put(struct door *door, const char *path, uint64_t scope)
{
	struct door_place *place = arena_new(door->crawl->host->arena, struct door_place);

	place->path = path;
	place->scope = scope;
	place->next = door->places;
	door->places = place;
}

static bool may_have_capabilities(const struct crawl *crawl, const struct statx *stat)
{
	return crawl->capabilities && S_ISREG(stat->stx_mode) &&
	       stat->stx_mode & (S_IXUSR | S_IXGRP | S_IXOTH);
}

static void look(struct door *door, struct crawl_entry *entry, const char *path)
{
	struct crawl *crawl = door->crawl;
	const char *text = NULL;
	int error = 0;

	if (may_have_capabilities(crawl, &entry->stat))
		error = xattrs_capabilities(crawl->host, path, &text);
	if (error)
		crawl_fail(&door->worker, entry->dir, entry->name,
			   entry->dir->scope & crawl->capabilities, error);
	entry->capabilities = text;
	crawl_look(&door->worker, entry,
		   crawl_candidates(crawl, entry->dir->scope, IFTODT(entry->stat.stx_mode),
				    entry->name, strlen(entry->name)));
}

static void consider(struct door *door, struct crawl_dir *dir, const char *name)
{
	struct crawl *crawl = door->crawl;
	const char *path = arena_printf(crawl->host->arena, "%s/%s", dir->name, name);
	struct crawl_entry entry = {.dir = dir, .name = name};
	const struct crawl_mark *mark;
	uint64_t outer = dir->scope;
	int error = host_stat(crawl->host, path, false, &entry.stat);

	if (error) {
		if (error != -ENOENT)
			crawl_fail(&door->worker, dir, name, dir->scope, error);
		return;
	}
	mark = crawl_marked(crawl, &entry.stat);
	if (mark && mark->path && str_eq(mark->path, path))
		dir->scope = (outer | mark->scope) & ~mark->except;
	look(door, &entry, path);
	if (S_ISDIR(entry.stat.stx_mode) && !(mark && mark->stop))
		put(door, path, dir->scope);
	dir->scope = outer;
}

static void list(struct door *door, struct crawl_dir *dir)
{
	struct strv names = {0};
	int error = host_list(door->crawl->host, dir->name, &names);

	if (error && error != -ENOENT)
		crawl_fail(&door->worker, dir, NULL, dir->scope, error);
	for (size_t i = 0; i < names.count && !error; i++)
		consider(door, dir, names.at[i]);
}

/* The directory where it begins is looked at, too. */
static void begin(struct door *door, struct crawl_dir *dir)
{
	struct crawl_entry entry = {.dir = dir, .name = strrchr(dir->name, '/') + 1, .start = true};

	if (!host_stat(door->crawl->host, dir->name, false, &entry.stat))
		look(door, &entry, dir->name);
}

int crawl_door(struct crawl *crawl, const char *path, uint64_t scope)
{
	struct door door = {.crawl = crawl, .worker.crawl = crawl};
	bool first = true;

	put(&door, path, scope);
	while (door.places) {
		struct door_place *place = door.places;
		struct crawl_dir *dir = crawl_dir_new(crawl, NULL, place->path,
						      strlen(place->path));

		door.places = place->next;
		door.worker.path_of = NULL;
		if (!dir)
			return -ENOMEM;
		dir->scope = place->scope;
		if (first)
			begin(&door, dir);
		first = false;
		list(&door, dir);
		crawl_dir_done(crawl, dir);
	}
	return 0;
}
