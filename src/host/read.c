/* Opening and reading, on top of resolve.h. */
#include "host/host.h"

#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* Opens a regular file for reading, and nothing else. */
static int open_regular(struct host *host, const struct node *node, const char *path,
			const struct statx *stat)
{
	if (S_ISDIR(stat->stx_mode))
		return -EISDIR;
	if (S_ISLNK(stat->stx_mode))
		return -ELOOP;
	return S_ISREG(stat->stx_mode) ? host_reopen(host, node->fd, path, O_RDONLY) : -EOPNOTSUPP;
}

/* What is open has the metadata of `ret_stat`; with O_PATH alone nobody asks for them. */
static int open_with_stat(struct host *host, const char *path, int flags, struct statx *ret_stat)
{
	cleanup(node) struct node node = NODE_NONE;
	int error = host_resolve(host, path, !(flags & O_NOFOLLOW), &node);

	if (error)
		return error;
	if ((flags & O_PATH) && !(flags & O_DIRECTORY))
		return take_fd(&node.fd);
	error = stat_fd(node.fd, ret_stat);
	if (error)
		return error;
	if (!(flags & O_DIRECTORY))
		return open_regular(host, &node, path, ret_stat);
	if (!S_ISDIR(ret_stat->stx_mode))
		return -ENOTDIR;
	if (flags & O_PATH)
		return take_fd(&node.fd);
	return host_reopen(host, node.fd, path, O_RDONLY | O_DIRECTORY);
}

int host_open(struct host *host, const char *path, int flags)
{
	struct statx stat;

	return open_with_stat(host, path, flags, &stat);
}

int host_stat(struct host *host, const char *path, bool follow, struct statx *ret_stat)
{
	cleanup(node) struct node node = NODE_NONE;
	int error = host_resolve(host, path, follow, &node);

	return error ? error : stat_fd(node.fd, ret_stat);
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

void host_text_free(struct host_text *text)
{
	free(text->data);
	text->data = NULL;
}

/* One read, into a buffer with room for the NUL. Returns as read(2). */
static ssize_t read_some(int fd, char *data, size_t size)
{
	ssize_t got;

	do
		got = read(fd, data, size);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -errno : got;
}

/* A file that is open for reading, and what is known of it. */
struct source {
	int fd;
	size_t expected; /* its size, or 0: those of procfs and sysfs say nothing of the kind */
	size_t limit;
};

/* Reads to the end, which has to come within the limit. */
static int read_all(const struct source *source, struct host_text *ret_text)
{
	/* A byte more than expected shows the end at once. */
	size_t size = 0, space = source->expected ? source->expected + 2 : 4096;
	cleanup(free) char *data = malloc(space);

	while (data) {
		ssize_t got = read_some(source->fd, data + size, space - 1 - size);

		if (got < 0)
			return (int)got;
		size += (size_t)got;
		if (size > source->limit)
			return -EFBIG;
		/* Less than there was room for is the end, where the size had been told. */
		if (!got || (size == source->expected && size + 1 < space))
			break;
		if (size + 1 == space) {
			char *grown = realloc(data, space *= 2);

			if (!grown)
				return -ENOMEM;
			data = grown;
		}
	}
	if (!data)
		return -ENOMEM;
	data[size] = '\0';
	*ret_text = (struct host_text){.data = data, .size = size};
	data = NULL;
	return 0;
}

/* Reads text, in which a NUL has no place. */
static int read_text(const struct source *source, struct host_text *ret_text)
{
	struct host_text text;
	int error = read_all(source, &text);

	if (error)
		return error;
	if (memchr(text.data, '\0', text.size)) {
		host_text_free(&text);
		return -EILSEQ;
	}
	*ret_text = text;
	return 0;
}

static int open_source(struct host *host, const char *path, size_t limit, struct source *ret_source)
{
	struct statx stat = {0};
	int fd = open_with_stat(host, path, 0, &stat);

	if (fd < 0)
		return fd;
	limit = limit ? limit : HOST_READ_LIMIT;
	*ret_source = (struct source){
		.fd = fd,
		.expected = stat.stx_size < limit ? (size_t)stat.stx_size : limit,
		.limit = limit,
	};
	return 0;
}

int host_read_bytes(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	struct source source;
	int error = open_source(host, path, limit, &source);

	if (error)
		return error;
	error = read_all(&source, ret_text);
	close(source.fd);
	return error;
}

int host_read(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	struct source source;
	int error = open_source(host, path, limit, &source);

	if (error)
		return error;
	error = read_text(&source, ret_text);
	close(source.fd);
	return error;
}

/* Somebody may have mounted something over a part of /proc. */
static int check_procfs(int fd)
{
	struct statfs fs;

	if (fstatfs(fd, &fs))
		return -errno;
	return fs.f_type == PROC_SUPER_MAGIC ? 0 : -ENOTSUP;
}

static int open_procfs(struct host *host)
{
	cleanup(fd) int fd = host_open(host, "/proc", O_PATH | O_DIRECTORY);
	int error = fd < 0 ? fd : check_procfs(fd);

	return error ? error : take_fd(&fd);
}

static int open_below(int dir, const char *path, int flags)
{
	struct open_how how = {
		.flags = (unsigned)flags,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
	};
	long fd = syscall(SYS_openat2, dir, path, &how, sizeof(how));

	if (fd < 0 && (errno == ENOSYS || errno == EPERM) && *path != '/')
		fd = openat(dir, path, flags);
	return fd < 0 ? -errno : (int)fd;
}

static int open_proc_at(int dir, const char *path, int flags)
{
	cleanup(fd) int fd = -1;
	int error;

	/* openat2 is strict: with O_PATH, there is nothing that could block. */
	flags |= flags & O_PATH ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	fd = open_below(dir, path, flags);
	error = fd < 0 ? fd : check_procfs(fd);
	return error ? error : take_fd(&fd);
}

int host_proc_open(struct host *host, const char *path, int flags)
{
	if (!host->live)
		return -ENODEV;
	if (host->proc == -ENODEV)
		host->proc = open_procfs(host);
	if (host->proc < 0)
		return host->proc;
	return open_proc_at(host->proc, path, flags);
}

int host_proc_read_at(int dir, const char *path, size_t limit, struct host_text *ret_text)
{
	cleanup(fd) int fd = open_proc_at(dir, path, O_RDONLY);
	const struct source source = {.fd = fd, .limit = limit ? limit : HOST_READ_LIMIT};

	return fd < 0 ? fd : read_text(&source, ret_text);
}

int host_proc_read(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	cleanup(fd) int fd = host_proc_open(host, path, O_RDONLY);
	const struct source source = {.fd = fd, .limit = limit ? limit : HOST_READ_LIMIT};

	return fd < 0 ? fd : read_text(&source, ret_text);
}

int host_proc_read_bytes(struct host *host, const char *path, size_t limit,
			 struct host_text *ret_text)
{
	cleanup(fd) int fd = host_proc_open(host, path, O_RDONLY);
	const struct source source = {.fd = fd, .limit = limit ? limit : HOST_READ_LIMIT};

	return fd < 0 ? fd : read_all(&source, ret_text);
}
