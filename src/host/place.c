#include "host/place.h"

#include "host/host.h"

/* A power of two, so that a hash becomes an index by a mask. */
#define N_BUCKETS 256u

struct bucket {
	struct bucket *next;
	struct place place;
};

struct places {
	struct bucket *buckets[N_BUCKETS];
};

static const void *load(struct host *host)
{
	return arena_new(host->arena, struct places);
}

/* FNV-1a */
static unsigned hash(const char *path)
{
	unsigned hash = 2166136261u;

	for (; *path; path++)
		hash = (hash ^ (unsigned char)*path) * 16777619u;
	return hash & (N_BUCKETS - 1);
}

static void look(struct host *host, struct place *place)
{
	char *found;

	place->error = host_canonical(host, place->path, &found);
	if (place->error)
		return;
	place->found = found;
	place->error = host_stat(host, place->path, true, &place->stat);
}

const struct place *place_get(struct host *host, const char *path)
{
	/* A view may remember what was asked: it is the run's, and nobody else sees it. */
	struct places *places = (struct places *)host_view(host, load);
	struct bucket **bucket = &places->buckets[hash(path)], *new;

	for (struct bucket *at = *bucket; at; at = at->next)
		if (str_eq(at->place.path, path))
			return &at->place;
	new = arena_new(host->arena, struct bucket);
	new->place.path = arena_strdup(host->arena, path);
	look(host, &new->place);
	new->next = *bucket;
	*bucket = new;
	return &new->place;
}

static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return !strncmp(path, dir, length) && (!path[length] || path[length] == '/');
}

bool place_is_volatile(const char *path)
{
	static const char *const dirs[] = {"/run", "/tmp", "/dev", "/proc", "/sys"};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (is_below(path, dirs[i]))
			return true;
	return false;
}

bool place_lost_owners(struct host *host)
{
	struct statx stat;

	return !host->live && (host_stat(host, "/", true, &stat) || stat.stx_uid);
}
