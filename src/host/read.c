/* Opening and reading, on top of resolve.h. */
#include "host/host.h"

#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

int host_open(struct host *host, const char *path, int flags)
{
	cleanup(node) struct node node = NODE_NONE;
	struct statx stat;
	int error;

	error = host_resolve(host, path, !(flags & O_NOFOLLOW), &node);
	if (error)
		return error;
	if ((flags & O_PATH) && !(flags & O_DIRECTORY))
		return take_fd(&node.fd);
	error = stat_fd(node.fd, &stat);
	if (error)
		return error;
	if (flags & O_DIRECTORY && !S_ISDIR(stat.stx_mode))
		return -ENOTDIR;
	if (flags & O_PATH)
		return take_fd(&node.fd);
	if (flags & O_DIRECTORY)
		return host_reopen(host, node.fd, path, O_RDONLY | O_DIRECTORY);
	if (S_ISDIR(stat.stx_mode))
		return -EISDIR;
	if (S_ISLNK(stat.stx_mode))
		return -ELOOP;
	return S_ISREG(stat.stx_mode) ? host_reopen(host, node.fd, path, O_RDONLY) : -EOPNOTSUPP;
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

/* What to begin with: the size of the file, and a byte more that shows its end at once. */
static size_t first_space(int fd, size_t limit, size_t *ret_size)
{
	struct statx stat;

	/* Files of procfs and sysfs say 0 or a page. */
	if (stat_fd(fd, &stat) || !S_ISREG(stat.stx_mode) || !stat.stx_size)
		return *ret_size = 0, 4096;
	*ret_size = stat.stx_size < limit ? (size_t)stat.stx_size : limit;
	return *ret_size + 2;
}

/* Reads to the end, which has to come within `limit` bytes. */
static int read_all(int fd, size_t limit, struct host_text *ret_text)
{
	size_t size = 0, expected, space = first_space(fd, limit, &expected);
	cleanup(free) char *data = malloc(space);

	while (data) {
		ssize_t got = read_some(fd, data + size, space - 1 - size);

		if (got < 0)
			return (int)got;
		size += (size_t)got;
		if (size > limit)
			return -EFBIG;
		/* Less than there was room for is the end, where the size had been told. */
		if (!got || (size == expected && size + 1 < space))
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
static int read_text(int fd, size_t limit, struct host_text *ret_text)
{
	struct host_text text;
	int error = read_all(fd, limit ? limit : HOST_READ_LIMIT, &text);

	if (error)
		return error;
	if (memchr(text.data, '\0', text.size)) {
		host_text_free(&text);
		return -EILSEQ;
	}
	*ret_text = text;
	return 0;
}

int host_read_bytes(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	cleanup(fd) int fd = host_open(host, path, 0);

	return fd < 0 ? fd : read_all(fd, limit ? limit : HOST_READ_LIMIT, ret_text);
}

int host_read(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	cleanup(fd) int fd = host_open(host, path, 0);

	return fd < 0 ? fd : read_text(fd, limit, ret_text);
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

int host_proc_open(struct host *host, const char *path, int flags)
{
	cleanup(fd) int fd = -1;
	int error;

	if (!host->live)
		return -ENODEV;
	if (host->proc == -ENODEV)
		host->proc = open_procfs(host);
	if (host->proc < 0)
		return host->proc;
	/* openat2 is strict: with O_PATH, there is nothing that could block. */
	flags |= flags & O_PATH ? O_CLOEXEC : O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	fd = open_below(host->proc, path, flags);
	error = fd < 0 ? fd : check_procfs(fd);
	return error ? error : take_fd(&fd);
}

int host_proc_read(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
{
	cleanup(fd) int fd = host_proc_open(host, path, O_RDONLY);

	return fd < 0 ? fd : read_text(fd, limit, ret_text);
}

int host_proc_read_bytes(struct host *host, const char *path, size_t limit,
			 struct host_text *ret_text)
{
	cleanup(fd) int fd = host_proc_open(host, path, O_RDONLY);

	return fd < 0 ? fd : read_all(fd, limit ? limit : HOST_READ_LIMIT, ret_text);
}
