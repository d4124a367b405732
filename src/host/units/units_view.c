#include "host/units/units_view.h"

#include "host/units/units_name.h"

#include <dirent.h>
#include <errno.h>

#define N_BUCKETS 1024

struct name_map {
	struct name_node {
		struct name_node *next;
		const char *name;
		void *thing;
	} * buckets[N_BUCKETS];
};

static size_t bucket(const char *name)
{
	size_t hash = 5381;

	while (*name)
		hash = hash * 33 + (unsigned char)*name++;
	return hash % N_BUCKETS;
}

void *name_map_get(const struct name_map *map, const char *name)
{
	struct name_node *node = map ? map->buckets[bucket(name)] : NULL;

	while (node && !str_eq(node->name, name))
		node = node->next;
	return node ? node->thing : NULL;
}

void name_map_put(struct name_map **map, struct arena *arena, const char *name, void *thing)
{
	struct name_node *node = arena_new(arena, struct name_node);

	if (!*map)
		*map = arena_new(arena, struct name_map);
	node->name = name;
	node->thing = thing;
	node->next = (*map)->buckets[bucket(name)];
	(*map)->buckets[bucket(name)] = node;
}

static int compare_entry(const void *name, const void *entry)
{
	return strcmp(name, ((const struct host_entry *)entry)->name);
}

const struct host_entry *unit_entry(const struct host_entries *entries, const char *name)
{
	if (!entries->count)
		return NULL;
	return bsearch(name, entries->at, entries->count, sizeof(*entries->at), compare_entry);
}

const char *unit_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

int unit_is_null(struct host *host, const char *path)
{
	struct statx stat;
	char *end;
	int error;

	if (str_eq(path, "/dev/null"))
		return 1;
	error = host_stat(host, path, true, &stat);
	/* An image may have no /dev/null yet. */
	if (error == -ENOENT && !host_canonical(host, path, &end) && str_eq(end, "/dev/null"))
		return 1;
	if (error)
		return error;
	return S_ISCHR(stat.stx_mode) || S_ISBLK(stat.stx_mode) ||
	       (S_ISREG(stat.stx_mode) && !stat.stx_size);
}

/* Directories come up again and again. */
static const char *real_dir(struct units *units, const char *path)
{
	char *real;

	for (size_t i = 0; i < units->n_dirs; i++)
		if (units->dirs[i].real && str_eq(units->dirs[i].path, path))
			return units->dirs[i].real;
	real = name_map_get(units->places, path);
	if (real)
		return real;
	if (host_canonical(units->host, path, &real))
		return NULL;
	name_map_put(&units->places, units->arena, path, real);
	return real;
}

const char *unit_link_target(struct units *units, const char *dir, const char *target)
{
	char *path = *target == '/' ? arena_strdup(units->arena, target)
				    : arena_printf(units->arena, "%s/%s", dir, target);
	size_t length = strlen(path);
	const char *real;
	char *slash;

	while (length > 1 && path[length - 1] == '/')
		path[--length] = '\0';
	slash = strrchr(path, '/');
	if (!slash[1] || str_eq(slash, "/.") || str_eq(slash, "/.."))
		return real_dir(units, path);
	*slash = '\0';
	real = real_dir(units, *path ? path : "/");
	if (real && str_eq(real, "/"))
		real = "";
	return real ? arena_printf(units->arena, "%s/%s", real, slash + 1) : NULL;
}

static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return !strncmp(path, dir, length) && path[length] == '/';
}

int unit_path_dir(const struct units *units, const char *path)
{
	for (size_t i = 0; i < units->n_dirs; i++) {
		const struct unit_dir *dir = &units->dirs[i];

		if (is_below(path, dir->path) || (dir->real && is_below(path, dir->real)))
			return (int)i;
	}
	return -1;
}

/* systemd's load path for the system manager, highest first. */
static const struct {
	const char *path;
	unsigned flags;
} load_path[] = {
	{"/etc/systemd/system.control", 0},
	{"/run/systemd/system.control", DIR_RUN | DIR_LOST},
	{"/run/systemd/transient", DIR_RUN | DIR_TRANSIENT | DIR_LOST},
	{"/run/systemd/generator.early", DIR_RUN | DIR_GENERATOR},
	{"/etc/systemd/system", DIR_CONFIG},
	{"/etc/systemd/system.attached", 0},
	{"/run/systemd/system", DIR_RUN | DIR_LOST},
	{"/run/systemd/system.attached", DIR_RUN | DIR_LOST},
	{"/run/systemd/generator", DIR_RUN | DIR_GENERATOR},
	{"/usr/local/lib/systemd/system", 0},
	{"/lib/systemd/system", 0}, /* before the merge of / and /usr; else it is the next one */
	{"/usr/lib/systemd/system", 0},
	{"/run/systemd/generator.late", DIR_RUN | DIR_GENERATOR},
};
_Static_assert(sizeof(load_path) / sizeof(*load_path) == MOST_UNIT_DIRS, "all of them fit");

static void note_error(struct units *units, int error, const char *place)
{
	if (error && error != -ENOENT && error != -ENOTDIR && !units->error) {
		units->error = error;
		units->place = place;
	}
}

static void add_dir(struct units *units, const char *path, unsigned flags)
{
	struct unit_dir *dir = &units->dirs[units->n_dirs];
	int error = host_entries(units->host, path, &dir->entries);

	note_error(units, error, path);
	dir->path = path;
	dir->flags = flags;
	dir->real = error ? NULL : real_dir(units, path);
	units->n_dirs++;
}

/* /lib/systemd/system, where it is the very directory in /usr. */
static void drop_merged(struct units *units)
{
	for (size_t i = 0; i + 1 < units->n_dirs; i++) {
		struct unit_dir *dir = &units->dirs[i];

		if (!str_eq(dir->path, "/lib/systemd/system") || !dir->real || !dir[1].real ||
		    !str_eq(dir->real, dir[1].real))
			continue;
		units->n_dirs--;
		memmove(dir, dir + 1, (units->n_dirs - i) * sizeof(*dir));
	}
}

static bool is_belonging(const struct host_entry *entry, bool pulls)
{
	static const char *const suffixes[] = {".d", ".wants", ".requires", ".upholds"};
	const char *suffix = strrchr(entry->name, '.');

	if (!suffix || (entry->type != DT_DIR && entry->type != DT_LNK))
		return false;
	for (size_t i = pulls; i < sizeof(suffixes) / sizeof(*suffixes); i++)
		if (str_eq(suffix, suffixes[i]))
			return true;
	return false;
}

/* They are sorted as the listing is. */
static void find_belongings(struct units *units, struct unit_dir *dir)
{
	size_t count = 0;

	for (size_t i = 0; i < dir->entries.count; i++)
		count += is_belonging(&dir->entries.at[i], false);
	dir->belongings.at = arena_alloc(units->arena, (count + 1) * sizeof(struct host_entry));
	for (size_t i = 0; i < dir->entries.count; i++)
		if (is_belonging(&dir->entries.at[i], false))
			dir->belongings.at[dir->belongings.count++] = dir->entries.at[i];
}

static void add_pulls(struct units *units, size_t dir, const struct host_entry *entry)
{
	struct unit_pulls pulls = {.dir = dir, .link = entry->type == DT_LNK};
	int error;

	if (!is_belonging(entry, true))
		return;
	pulls.path = arena_printf(units->arena, "%s/%s", units->dirs[dir].path, entry->name);
	error = host_entries(units->host, pulls.path, &pulls.entries);
	if (error) {
		/* A link in a circle leads nowhere for the manager, too. */
		note_error(units, pulls.link && error == -ELOOP ? 0 : error, pulls.path);
		return;
	}
	units->pulls[units->n_pulls++] = pulls;
}

static int compare_pulls(const void *a, const void *b)
{
	return strcmp(((const struct unit_pulls *)a)->path, ((const struct unit_pulls *)b)->path);
}

static void find_pulls(struct units *units)
{
	size_t most = 0;

	for (size_t i = 0; i < units->n_dirs; i++) {
		find_belongings(units, &units->dirs[i]);
		most += units->dirs[i].belongings.count;
	}
	units->pulls = arena_alloc(units->arena, (most + 1) * sizeof(*units->pulls));
	for (size_t i = 0; i < units->n_dirs; i++)
		for (size_t k = 0; k < units->dirs[i].belongings.count; k++)
			add_pulls(units, i, &units->dirs[i].belongings.at[k]);
	if (units->n_pulls)
		qsort(units->pulls, units->n_pulls, sizeof(*units->pulls), compare_pulls);
}

const struct unit_pulls *unit_pulls_at(const struct units *units, const char *path)
{
	struct unit_pulls wanted = {.path = path};

	return units->n_pulls ? bsearch(&wanted, units->pulls, units->n_pulls, sizeof(wanted),
					compare_pulls)
			      : NULL;
}

static const void *load(struct host *host)
{
	struct units *units = arena_new(host->arena, struct units);

	units->host = host;
	units->arena = host->arena;
	for (size_t i = 0; i < MOST_UNIT_DIRS; i++)
		add_dir(units, load_path[i].path, load_path[i].flags);
	drop_merged(units);
	find_pulls(units);
	return units;
}

struct units *units_view(struct host *host)
{
	/* A view is const to others; to the files of this family it is a cache as well. */
	return (struct units *)host_view(host, load);
}
