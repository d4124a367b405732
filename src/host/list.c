/* The names in a directory: of both halves where it has two, and with a bound. */
#include "host/host.h"

#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>

/* A hostile tree must not fill the memory: neither with one directory nor with many. */
#define MOST_NAMES ((size_t)32768)
#define MOST_BYTES ((size_t)24 * 1024 * 1024)

int host_charge(struct host *host, size_t count, const char *name)
{
	host->listed += strlen(name) + 4 * sizeof(void *);
	return count > MOST_NAMES || host->listed > MOST_BYTES ? -E2BIG : 0;
}

static int push(struct host *host, struct host_entries *entries, const struct host_entry *entry)
{
	if (entries->count == entries->space) {
		size_t space = entries->space ? entries->space * 2 : 16;

		entries->at = arena_grow(host->arena, entries->at,
					 entries->count * sizeof(*entries->at),
					 space * sizeof(*entries->at));
		entries->space = space;
	}
	entries->at[entries->count++] = *entry;
	return host_charge(host, entries->count, entry->name);
}

/*
 * Is this what overlayfs leaves of a deleted file? Some file systems do not tell types in a
 * listing.
 */
static int is_deleted(int fd, const struct dirent *entry)
{
	struct statx stat;

	if (entry->d_type != DT_CHR && entry->d_type != DT_UNKNOWN)
		return 0;
	if (statx(fd, entry->d_name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stat))
		return -errno;
	return is_whiteout(&stat);
}

/* Fills in what the listing itself has not told. */
static int complete(struct host *host, int fd, bool links, struct host_entry *entry)
{
	char target[PATH_MAX];
	struct statx stat;
	ssize_t length;

	if (links && entry->type == DT_UNKNOWN) {
		if (statx(fd, entry->name, AT_SYMLINK_NOFOLLOW, STATX_TYPE, &stat))
			return -errno;
		entry->type = IFTODT(stat.stx_mode);
	}
	if (!links || entry->type != DT_LNK)
		return 0;
	length = readlinkat(fd, entry->name, target, sizeof(target));
	if (length < 0)
		return -errno;
	entry->target = arena_strndup(host->arena, target, (size_t)length);
	host->listed += (size_t)length;
	return 0;
}

static int keep(struct host *host, int fd, bool links, const struct dirent *from,
		struct host_entries *entries)
{
	struct host_entry entry = {.type = from->d_type};
	int error;

	entry.name = arena_strdup(host->arena, from->d_name);
	error = complete(host, fd, links, &entry);
	return error ? error : push(host, entries, &entry);
}

struct lister {
	struct host *host;
	const char *path;
	bool links; /* types and targets are wanted, not only names */
};

/* Reads all names; `deleted` takes those that only hide a lower name. */
static int read_entries(const struct lister *lister, int fd, struct host_entries *entries,
			struct host_entries *deleted)
{
	int opened = host_reopen(lister->host, fd, lister->path, O_RDONLY | O_DIRECTORY);
	cleanup(dir) DIR *dir = opened < 0 ? NULL : fdopendir(opened);
	struct dirent *entry;
	int gone = 0, error = 0;

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
		error = gone < 0 ? gone
				 : keep(lister->host, opened, lister->links, entry,
					gone ? deleted : entries);
	}
	return error ? error : -errno;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct host_entry *)a)->name, ((const struct host_entry *)b)->name);
}

static void sort(struct host_entries *entries)
{
	if (entries->count)
		qsort(entries->at, entries->count, sizeof(*entries->at), compare);
}

/* In a sorted list. */
static bool has(const struct host_entries *sorted, const struct host_entry *entry)
{
	return sorted->count &&
	       bsearch(entry, sorted->at, sorted->count, sizeof(*sorted->at), compare);
}

/* Adds what shows through from the lower half of an overlaid directory. */
static int merge(const struct lister *lister, const struct node *node, struct host_entries *entries)
{
	struct host_entries below = {0}, upper = {0}, deleted = {0};
	int error = read_entries(lister, node->fd, &upper, &deleted);

	if (!error && node->unsure)
		error = -EACCES;
	if (!error && node->lower >= 0)
		error = read_entries(lister, node->lower, &below, &(struct host_entries){0});
	sort(&upper);
	sort(&deleted);
	for (size_t i = 0; !error && i < upper.count; i++)
		error = push(lister->host, entries, &upper.at[i]);
	for (size_t i = 0; !error && i < below.count; i++) {
		if (has(&deleted, &below.at[i]) || has(&upper, &below.at[i]))
			continue;
		error = push(lister->host, entries, &below.at[i]);
	}
	return error;
}

static bool is_root(const struct host *host, const struct node *node)
{
	struct statx a, b;

	return !stat_fd(host->root, &a) && !stat_fd(node->fd, &b) && a.stx_ino == b.stx_ino &&
	       a.stx_dev_major == b.stx_dev_major && a.stx_dev_minor == b.stx_dev_minor;
}

/* What only the seams of the tree put into its root. */
static int add_seams(struct host *host, struct host_entries *entries)
{
	const struct host_entry etc = {.name = "etc", .type = DT_DIR};
	const struct host_entry var = {.name = "var", .type = DT_DIR};
	int error = 0;

	sort(entries);
	if (host->lower >= 0 && !has(entries, &etc))
		error = push(host, entries, &etc);
	sort(entries);
	if (!error && host->var >= 0 && !has(entries, &var))
		error = push(host, entries, &var);
	return error;
}

static int list(const struct lister *lister, struct host_entries *ret_entries)
{
	cleanup(node) struct node node = NODE_NONE;
	struct host *host = lister->host;
	struct host_entries entries = {0};
	int error;

	error = host_resolve(host, lister->path, true, &node);
	if (error)
		return error;
	if (node.upper)
		error = merge(lister, &node, &entries);
	else
		error = read_entries(lister, node.fd, &entries, NULL);
	if (!error && (host->lower >= 0 || host->var >= 0) && is_root(host, &node))
		error = add_seams(host, &entries);
	if (error)
		return error;
	sort(&entries);
	*ret_entries = entries;
	return 0;
}

int host_entries(struct host *host, const char *path, struct host_entries *ret_entries)
{
	const struct lister lister = {.host = host, .path = path, .links = true};

	return list(&lister, ret_entries);
}

int host_list(struct host *host, const char *path, struct strv *ret_names)
{
	const struct lister lister = {.host = host, .path = path};
	struct host_entries entries;
	struct strv names = {0};
	int error = list(&lister, &entries);

	if (error)
		return error;
	for (size_t i = 0; i < entries.count; i++)
		strv_push(&names, host->arena, entries.at[i].name);
	*ret_names = names;
	return 0;
}
