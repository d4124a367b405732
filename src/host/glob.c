/* Patterns and drop-in directories. */
#include "host/host.h"

#include "host/resolve.h"

#include <errno.h>
#include <fnmatch.h>

static bool is_pattern(const char *name)
{
	return name[strcspn(name, "*?[")] != '\0';
}

/* Absence is no match; so is a component that turns out to be no directory. */
static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

/* A hostile tree must not make one pattern into an endless list. */
static int keep(struct host *host, struct strv *paths, const char *dir, const char *name)
{
	const char *path = arena_printf(host->arena, "%s/%s", dir, name);

	strv_push(paths, host->arena, path);
	return host_charge(host, paths->count, path);
}

static int match_names(struct host *host, const char *dir, const char *pattern,
		       struct strv *matches)
{
	struct strv names = {0};
	int error = host_list(host, *dir ? dir : "/", &names);

	if (error)
		return is_absent(error) ? 0 : error;
	for (size_t i = 0; i < names.count; i++) {
		if (fnmatch(pattern, names.at[i], FNM_PERIOD | FNM_NOESCAPE))
			continue;
		error = keep(host, matches, dir, names.at[i]);
		if (error)
			return error;
	}
	return 0;
}

/* One step of a pattern: what its next component matches below one path. */
static int step(struct host *host, const char *path, const char *name, bool last,
		struct strv *matches)
{
	const char *plain;

	if (is_pattern(name))
		return match_names(host, path, name, matches);
	plain = arena_printf(host->arena, "%s/%s", path, name);
	/* The last component may be a dangling link: it is there all the same. */
	if (last && is_absent(host_stat(host, plain, false, &(struct statx){0})))
		return 0;
	return keep(host, matches, path, name);
}

/* A slash at the end asks for directories, and stays there. */
static int keep_directories(struct host *host, const struct strv *paths, struct strv *ret_paths)
{
	struct strv directories = {0};

	for (size_t i = 0; i < paths->count; i++) {
		const char *path = arena_printf(host->arena, "%s/", paths->at[i]);
		int error;

		if (is_absent(host_stat(host, path, true, &(struct statx){0})))
			continue;
		error = keep(host, &directories, paths->at[i], "");
		if (error)
			return error;
	}
	*ret_paths = directories;
	return 0;
}

int host_glob(struct host *host, const char *pattern, struct strv *ret_paths)
{
	struct strv names = {0}, paths = {0};
	int error = 0;

	strv_split(&names, host->arena, pattern, "/");
	strv_push(&paths, host->arena, "");
	for (size_t i = 0; i < names.count; i++) {
		struct strv next = {0};

		for (size_t k = 0; k < paths.count && !error; k++)
			error = step(host, paths.at[k], names.at[i], i + 1 == names.count, &next);
		if (error)
			return error;
		paths = next;
	}
	if (str_ends(pattern, "/"))
		error = keep_directories(host, &paths, &paths);
	if (error)
		return error;
	strv_sort(&paths);
	*ret_paths = paths;
	return 0;
}

struct dropin {
	const char *name, *path;
	size_t rank; /* of its directory: a lower one wins */
};

static int compare(const void *a, const void *b)
{
	const struct dropin *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

struct dropins {
	struct dropin *at;
	size_t count;
};

static int collect(struct host *host, const char *dir, size_t rank, const char *suffix,
		   struct dropins *dropins)
{
	struct strv names = {0};
	int error = host_list(host, dir, &names);

	if (error)
		return is_absent(error) ? 0 : error;
	dropins->at = arena_grow(host->arena, dropins->at, dropins->count * sizeof(*dropins->at),
				 (dropins->count + names.count) * sizeof(*dropins->at));
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.at[i];

		if (!str_ends(name, suffix) || *name == '.')
			continue;
		dropins->at[dropins->count++] = (struct dropin){
			.name = name,
			.path = arena_printf(host->arena, "%s/%s", dir, name),
			.rank = rank,
		};
	}
	return 0;
}

int host_dropins(struct host *host, const char *const *dirs, const char *suffix,
		 struct strv *ret_paths)
{
	struct dropins dropins = {0};
	struct strv paths = {0};

	for (size_t rank = 0; dirs[rank]; rank++) {
		int error = collect(host, dirs[rank], rank, suffix, &dropins);

		if (error)
			return error;
	}
	if (dropins.count)
		qsort(dropins.at, dropins.count, sizeof(*dropins.at), compare);
	for (size_t i = 0; i < dropins.count; i++)
		if (!i || !str_eq(dropins.at[i].name, dropins.at[i - 1].name))
			strv_push(&paths, host->arena, dropins.at[i].path);
	*ret_paths = paths;
	return 0;
}

static bool is_masked(struct host *host, const char *path, int error)
{
	char *target;

	if (error == -ENOENT)
		return true;
	return error == -EOPNOTSUPP && !host_readlink(host, path, &target) &&
	       str_eq(target, "/dev/null");
}

int host_read_dropin(struct host *host, const char *path, struct host_text *ret_text)
{
	int error = host_read(host, path, 0, ret_text);

	if (!error || !is_masked(host, path, error))
		return error;
	*ret_text = (struct host_text){.data = calloc(1, 1)};
	return ret_text->data ? 0 : -ENOMEM;
}
