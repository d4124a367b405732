#include "host/containers/limits.h"

#include <errno.h>

/* "No limit" of the first version is the largest number of whole pages. */
#define NO_MEMORY_LIMIT (1LL << 60)

static const struct {
	const char *unified, *legacy; /* the files */
	const char *controller;
} files[N_LIMITS] = {
	[LIMIT_MEMORY] = {"memory.max", "memory.limit_in_bytes", "memory"},
	[LIMIT_PIDS] = {"pids.max", "pids.max", "pids"},
	[LIMIT_CPU] = {"cpu.max", "cpu.cfs_quota_us", "cpu"},
};

int limit_parse(enum limit limit, bool unified, const char *text)
{
	bool max = str_starts(text, "max") && (!text[3] || strchr(STR_BLANKS, text[3]));
	char *end;
	long long number = strtoll(text, &end, 10);

	if (max)
		return unified || limit == LIMIT_PIDS ? 0 : -1;
	if (end == text || (*end && !strchr(STR_BLANKS, *end)))
		return -1;
	if (limit == LIMIT_CPU)
		return number > 0;
	if (limit == LIMIT_MEMORY && number >= NO_MEMORY_LIMIT)
		return 0;
	return number >= 0 ? 1 : -1;
}

/* Where the hierarchy is mounted that has the controller, and where in it the process is. */
struct place {
	const char *mount, *path;
	bool unified;
};

/* Is it the hierarchy in which the process is by this path? */
static bool is_hierarchy(const struct mount *mount, const struct place *place, enum limit limit)
{
	if (place->unified)
		return str_eq(mount->type, "cgroup2");
	return str_eq(mount->type, "cgroup") && strv_has(&mount->options, files[limit].controller);
}

/* 1, 0 without any, or -1: it is shown only in part, as in a namespace of control groups. */
static int find_place(const struct mount_table *mounts, const struct cgroup_paths *paths,
		      enum limit limit, struct place *ret_place)
{
	const char *const legacy[N_LIMITS] = {paths->memory, paths->pids, paths->cpu};
	int found = 0;

	ret_place->unified = !legacy[limit];
	ret_place->path = legacy[limit] ? legacy[limit] : paths->unified;
	for (size_t i = 0; i < mounts->count && ret_place->path; i++) {
		if (!is_hierarchy(&mounts->at[i], ret_place, limit))
			continue;
		ret_place->mount = mounts->at[i].target;
		if (str_eq(mounts->at[i].root, "/"))
			return 1;
		found = -1;
	}
	return found;
}

/* Is what stands above still the same thing, and not one that holds many? */
static bool goes_on(const char *name)
{
	if (str_ends(name, ".service") || str_ends(name, ".scope"))
		return true;
	if (str_starts(name, "libpod_pod_") || str_starts(name, "machine-libpod_pod_"))
		return true;
	return str_starts(name, "pod") || (str_starts(name, "kubepods") && strstr(name, "-pod"));
}

/* Cuts the last name off, in place. False at the top, or where many things live. */
static bool go_up(char *path, const char *own)
{
	char *slash = strrchr(path, '/');
	const char *above;

	if (!slash || slash == path)
		return false;
	*slash = '\0';
	above = strrchr(path, '/');
	return strlen(path) >= strlen(own) || goes_on(above ? above + 1 : path);
}

static int read_level(struct host *host, const struct place *place, enum limit limit,
		      const char *path, struct limit_answer *ret_answer)
{
	const char *file = place->unified ? files[limit].unified : files[limit].legacy;
	cleanup(text) struct host_text text = {0};
	int error, held;

	ret_answer->source = arena_printf(host->arena, "%s%s/%s", place->mount, path, file);
	error = host_read(host, ret_answer->source, 0, &text);
	/* A controller need not reach down to here. */
	if (error == -ENOENT)
		return 0;
	held = error ? -1 : limit_parse(limit, place->unified, str_trim(text.data));
	if (held < 0)
		ret_answer->why = arena_printf(host->arena, "cannot read %s: %s",
					       ret_answer->source,
					       error ? host_error(error) : "odd text");
	else if (held)
		ret_answer->value = arena_strdup(host->arena, str_trim(text.data));
	return held;
}

/* The container's own group in this hierarchy, which may be called otherwise than in the others. */
static const char *own_group(struct arena *arena, const char *path)
{
	struct container_name name;

	return container_name_parse(arena, path, &name) ? name.cgroup : path;
}

void limit_find(struct host *host, const struct mount_table *mounts,
		const struct cgroup_paths *paths, enum limit limit, struct limit_answer *ret_answer)
{
	struct limit_answer answer = {0};
	struct place place;
	const char *own;
	char *path;
	int held = 0, found = find_place(mounts, paths, limit, &place);

	*ret_answer = (struct limit_answer){.value = "none", .source = "no such controller"};
	if (!found && !mounts->error)
		return;
	*ret_answer = (struct limit_answer){.source = mounts->path};
	ret_answer->why = "its control group cannot be seen from here";
	if (found <= 0 || strstr(place.path, "/.."))
		return;
	path = arena_strdup(host->arena, place.path);
	own = own_group(host->arena, place.path);
	ret_answer->source = arena_printf(host->arena, "%s%s", place.mount, own);
	if (!host_exists(host, arena_printf(host->arena, "%s%s", place.mount, path)))
		return;
	ret_answer->value = "none";
	do
		held = read_level(host, &place, limit, path, &answer);
	while (!held && go_up(path, own));
	if (held)
		*ret_answer = answer;
}
