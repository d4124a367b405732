/* Opening, reading and listing, on top of resolve.h. */
#include "host/host.h"

#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>

/* Turns an O_PATH descriptor into one that can be read, without another look at the path. */
static int reopen(int fd, int flags)
{
	char path[32];
	int opened;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	opened = open(path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return opened < 0 ? -errno : opened;
}

static int stat_node(const struct node *node, struct statx *ret_stat)
{
	const unsigned mask = STATX_BASIC_STATS;

	return statx(node->fd, "", AT_EMPTY_PATH, mask, ret_stat) ? -errno : 0;
}

int host_open(struct host *host, const char *path, int flags)
{
	cleanup(node) struct node node = NODE_NONE;
	struct statx stat;
	int error;

	error = host_resolve(host, path, !(flags & O_NOFOLLOW), &node);
	if (error)
		return error;
	if (flags & O_PATH)
		return take_fd(&node.fd);
	error = stat_node(&node, &stat);
	if (error)
		return error;
	if (flags & O_DIRECTORY)
		return S_ISDIR(stat.stx_mode) ? reopen(node.fd, O_RDONLY | O_DIRECTORY) : -ENOTDIR;
	if (S_ISDIR(stat.stx_mode))
		return -EISDIR;
	if (S_ISLNK(stat.stx_mode))
		return -ELOOP;
	return S_ISREG(stat.stx_mode) ? reopen(node.fd, O_RDONLY) : -EOPNOTSUPP;
}

int host_stat(struct host *host, const char *path, bool follow, struct statx *ret_stat)
{
	cleanup(node) struct node node = NODE_NONE;
	int error = host_resolve(host, path, follow, &node);

	return error ? error : stat_node(&node, ret_stat);
}

bool host_exists(struct host *host, const char *path)
{
	cleanup(node) struct node node = NODE_NONE;
	int error = host_resolve(host, path, true, &node);

	return error != -ENOENT && error != -ENOTDIR;
}

int host_readlink(struct host *host, const char *path, char **ret_target)
{
	cleanup(node) struct node node = NODE_NONE;
	char target[PATH_MAX];
	ssize_t length;
	int error;

	error = host_resolve(host, path, false, &node);
	if (error)
		return error;
	length = readlinkat(node.fd, "", target, sizeof(target));
	if (length < 0)
		return errno == ENOENT ? -EINVAL : -errno; /* ENOENT: it is no link */
	if ((size_t)length == sizeof(target))
		return -ENAMETOOLONG;
	*ret_target = arena_strndup(host->arena, target, (size_t)length);
	return 0;
}

/* Reads all names of one directory; `whiteouts` takes those that only hide a lower name. */
static int read_names(struct arena *arena, int fd, struct strv *names, struct strv *whiteouts)
{
	int opened = reopen(fd, O_RDONLY | O_DIRECTORY);
	cleanup(dir) DIR *dir = opened < 0 ? NULL : fdopendir(opened);
	struct dirent *entry;

	if (!dir)
		return opened < 0 ? opened : -errno;
	while ((errno = 0, entry = readdir(dir))) {
		const char *name = entry->d_name;
		struct statx stat;

		if (str_eq(name, ".") || str_eq(name, ".."))
			continue;
		name = arena_strdup(arena, name);
		if (whiteouts && entry->d_type == DT_CHR &&
		    !statx(fd, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stat) &&
		    is_whiteout(&stat))
			strv_push(whiteouts, arena, name);
		else
			strv_push(names, arena, name);
	}
	return -errno;
}

/* Adds what shows through from the lower half of an overlaid directory. */
static int merge_names(struct arena *arena, int lower, const struct strv *whiteouts,
		       struct strv *names)
{
	struct strv below = {0};
	int error = read_names(arena, lower, &below, NULL);

	if (error)
		return error;
	for (size_t i = 0, upper = names->count; i < below.count; i++) {
		struct strv above = {.at = names->at, .count = upper};

		if (!strv_has(&above, below.at[i]) && !strv_has(whiteouts, below.at[i]))
			strv_push(names, arena, below.at[i]);
	}
	return 0;
}

int host_list(struct host *host, const char *path, struct strv *ret_names)
{
	cleanup(node) struct node node = NODE_NONE;
	struct strv names = {0}, whiteouts = {0};
	int error;

	error = host_resolve(host, path, true, &node);
	if (error)
		return error;
	error = read_names(host->arena, node.fd, &names, node.lower >= 0 ? &whiteouts : NULL);
	if (!error && node.lower >= 0)
		error = merge_names(host->arena, node.lower, &whiteouts, &names);
	if (error)
		return error;
	strv_sort(&names);
	*ret_names = names;
	return 0;
}

void host_text_free(struct host_text *text)
{
	free(text->data);
	text->data = NULL;
}

/* Reads to the end, which has to come within `limit` bytes. */
static int read_all(int fd, size_t limit, struct host_text *ret_text)
{
	struct statx stat;
	size_t space = 4096, size = 0;
	cleanup(free) char *data = NULL;

	/* Files of procfs and sysfs say 0. One byte more than the size shows the end at once. */
	if (!statx(fd, "", AT_EMPTY_PATH, STATX_SIZE, &stat) && stat.stx_size)
		space = stat.stx_size < limit ? (size_t)stat.stx_size + 2 : limit + 2;
	for (;;) {
		ssize_t got;
		char *grown = size + 1 < space && data ? data : realloc(data, space);

		if (!grown)
			return -ENOMEM;
		data = grown;
		got = read(fd, data + size, space - 1 - size);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		size += (size_t)got;
		if (size > limit)
			return -EFBIG;
		if (!got)
			break;
		if (size + 1 == space)
			space *= 2;
	}
	data[size] = '\0';
	ret_text->data = data;
	ret_text->size = size;
	data = NULL;
	return 0;
}

static int refuse_nul(struct host_text *text)
{
	if (!memchr(text->data, '\0', text->size))
		return 0;
	host_text_free(text);
	return -EILSEQ;
}

int host_read_bytes(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	cleanup(fd) int fd = host_open(host, path, 0);

	return fd < 0 ? fd : read_all(fd, limit ? limit : HOST_READ_LIMIT, ret_text);
}

int host_read(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	int error = host_read_bytes(host, path, limit, ret_text);

	return error ? error : refuse_nul(ret_text);
}

int host_proc_read(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	cleanup(fd) int fd = host_proc_open(host, path, O_RDONLY);
	int error;

	if (fd < 0)
		return fd;
	error = read_all(fd, limit ? limit : HOST_READ_LIMIT, ret_text);
	return error ? error : refuse_nul(ret_text);
}
