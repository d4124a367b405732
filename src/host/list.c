/* The names in a directory: of both halves where it has two, and with a bound. */
#include "host/host.h"

#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>

/* A hostile tree must not fill the memory: neither with one directory nor with many. */
#define MOST_NAMES ((size_t)32768)
#define MOST_BYTES ((size_t)24 * 1024 * 1024)

/* What it costs to keep one name, about. */
static size_t price(const char *name)
{
	return strlen(name) + 4 * sizeof(void *);
}

static int keep(struct host *host, struct strv *names, const char *name)
{
	host->listed += price(name);
	if (names->count >= MOST_NAMES || host->listed > MOST_BYTES)
		return -E2BIG;
	strv_push(names, host->arena, arena_strdup(host->arena, name));
	return 0;
}

/* Is this what overlayfs leaves of a deleted file? Some file systems do not tell types in a listing. */
static int is_deleted(int fd, const struct dirent *entry)
{
	struct statx stat;

	if (entry->d_type != DT_CHR && entry->d_type != DT_UNKNOWN)
		return 0;
	if (statx(fd, entry->d_name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stat))
		return -errno;
	return is_whiteout(&stat);
}

/* Reads all names; `deleted` takes those that only hide a lower name. */
static int read_names(struct host *host, int fd, const char *path, struct strv *names,
		      struct strv *deleted)
{
	int opened = host_reopen(host, fd, path, O_RDONLY | O_DIRECTORY), gone = 0, error = 0;
	cleanup(dir) DIR *dir = opened < 0 ? NULL : fdopendir(opened);
	struct dirent *entry;

	if (!dir) {
		error = opened < 0 ? opened : -errno;
		cleanup_fd(&opened);
		return error;
	}
	while (!error && (errno = 0, entry = readdir(dir))) {
		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		if (deleted)
			gone = is_deleted(opened, entry);
		error = gone < 0 ? gone : keep(host, gone ? deleted : names, entry->d_name);
	}
	return error ? error : -errno;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In a sorted list. */
static bool has(const struct strv *sorted, const char *name)
{
	return sorted->count &&
	       bsearch(&name, sorted->at, sorted->count, sizeof(*sorted->at), compare);
}

/* Adds what shows through from the lower half of an overlaid directory. */
static int merge_names(struct host *host, const struct node *node, const char *path,
		       struct strv *names)
{
	struct strv below = {0}, upper = {0}, deleted = {0};
	int error = read_names(host, node->fd, path, &upper, &deleted);

	if (!error)
		error = read_names(host, node->lower, path, &below, &(struct strv){0});
	if (error)
		return error;
	strv_sort(&upper);
	strv_sort(&deleted);
	*names = upper;
	for (size_t i = 0; i < below.count; i++) {
		if (has(&deleted, below.at[i]) || has(&upper, below.at[i]))
			continue;
		if (node->unsure)
			return -EACCES;
		strv_push(names, host->arena, below.at[i]);
	}
	return 0;
}

static bool is_root(const struct host *host, const struct node *node)
{
	struct statx a, b;

	return !stat_fd(host->root, &a) && !stat_fd(node->fd, &b) && a.stx_ino == b.stx_ino &&
	       a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor;
}

/* What only the seams of the tree put into its root. */
static void add_seams(struct host *host, struct strv *names)
{
	if (host->lower >= 0 && !strv_has(names, "etc"))
		strv_push(names, host->arena, "etc");
	if (host->var >= 0 && !strv_has(names, "var"))
		strv_push(names, host->arena, "var");
}

int host_list(struct host *host, const char *path, struct strv *ret_names)
{
	cleanup(node) struct node node = NODE_NONE;
	struct strv names = {0};
	int error;

	error = host_resolve(host, path, true, &node);
	if (error)
		return error;
	if (node.lower >= 0)
		error = merge_names(host, &node, path, &names);
	else
		error = read_names(host, node.fd, path, &names, NULL);
	if (error)
		return error;
	if ((host->lower >= 0 || host->var >= 0) && is_root(host, &node))
		add_seams(host, &names);
	strv_sort(&names);
	*ret_names = names;
	return 0;
}
