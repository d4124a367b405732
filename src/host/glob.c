/* Patterns and drop-in directories. */
#include "host/host.h"

#include <errno.h>
#include <fnmatch.h>

/* A hostile tree must not make one pattern into an endless list. */
#define MOST_MATCHES 100000

static bool is_pattern(const char *name)
{
	return name[strcspn(name, "*?[")] != '\0';
}

/* Absence is no match; so is a component that turns out to be no directory. */
static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

static int match_names(struct host *host, const char *dir, const char *pattern,
		       struct strv *matches)
{
	struct strv names = {0};
	int error = host_list(host, *dir ? dir : "/", &names);

	if (error)
		return is_absent(error) ? 0 : error;
	for (size_t i = 0; i < names.count; i++) {
		if (fnmatch(pattern, names.at[i], FNM_PERIOD))
			continue;
		if (matches->count >= MOST_MATCHES)
			return -E2BIG;
		strv_push(matches, host->arena,
			  arena_printf(host->arena, "%s/%s", dir, names.at[i]));
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
	if (!last || !is_absent(host_stat(host, plain, false, &(struct statx){0})))
		strv_push(matches, host->arena, plain);
	return 0;
}

int host_glob(struct host *host, const char *pattern, struct strv *ret_paths)
{
	struct strv names = {0}, paths = {0};

	strv_split(&names, host->arena, pattern, "/");
	strv_push(&paths, host->arena, "");
	for (size_t i = 0; i < names.count; i++) {
		struct strv next = {0};

		for (size_t k = 0; k < paths.count; k++) {
			int error = step(host, paths.at[k], names.at[i], i + 1 == names.count,
					 &next);

			if (error)
				return error;
		}
		paths = next;
	}
	strv_sort(&paths);
	*ret_paths = paths;
	return 0;
}

struct dropin {
	const char *name, *path;
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct dropin *)a)->name, ((const struct dropin *)b)->name);
}

static bool is_taken(const struct dropin *dropins, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(dropins[i].name, name))
			return true;
	return false;
}

int host_dropins(struct host *host, const char *const *dirs, const char *suffix,
		 struct strv *ret_paths)
{
	struct dropin *dropins = NULL;
	struct strv paths = {0};
	size_t count = 0;

	for (; *dirs; dirs++) {
		struct strv names = {0};
		int error = host_list(host, *dirs, &names);
		size_t higher = count;

		if (error && !is_absent(error))
			return error;
		dropins = arena_grow(host->arena, dropins, count * sizeof(*dropins),
				     (count + names.count) * sizeof(*dropins));
		for (size_t i = 0; i < names.count; i++) {
			if (!str_ends(names.at[i], suffix) ||
			    is_taken(dropins, higher, names.at[i]))
				continue;
			dropins[count++] = (struct dropin){
				names.at[i],
				arena_printf(host->arena, "%s/%s", *dirs, names.at[i]),
			};
		}
	}
	if (count)
		qsort(dropins, count, sizeof(*dropins), compare);
	for (size_t i = 0; i < count; i++)
		strv_push(&paths, host->arena, dropins[i].path);
	*ret_paths = paths;
	return 0;
}
