#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/openat2.h>
#include <sys/syscall.h>
#include <sys/vfs.h>

/* openat2 answers EAGAIN when somebody renames directories meanwhile, anywhere on the machine. */
#define MOST_RETRIES 32

void node_close(struct node *node)
{
	cleanup_fd(&node->fd);
	cleanup_fd(&node->lower);
	*node = NODE_NONE;
}

int open_at(int dir, const char *name)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

int stat_fd(int fd, struct statx *ret_stat)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, ret_stat) ? -errno : 0;
}

static int openat2_in_root(int root, const char *path, int flags, unsigned resolve)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | resolve,
	};

	for (int i = 0; i < MOST_RETRIES; i++) {
		long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

/*
 * ENOSYS: a kernel before 5.6. EPERM for the root itself: a seccomp filter that has never heard of
 * openat2. EPERM for another path is what its file system says.
 */
static bool is_refused(struct host *host, int error)
{
	if (error == -EPERM)
		error = openat2_in_root(host->root, ".", O_PATH, 0);
	if (error >= 0)
		close(error);
	return error == -ENOSYS || error == -EPERM;
}

static bool has_seams(const struct host *host)
{
	return host->lower != -1 || host->var >= 0;
}

int host_resolve(struct host *host, const char *path, bool follow, struct node *ret_node)
{
	int fd;

	if (host->walks || has_seams(host))
		return host_walk(host, path, follow, ret_node);
	fd = openat2_in_root(host->root, path, O_PATH | (follow ? 0 : O_NOFOLLOW), 0);
	if (fd >= 0) {
		*ret_node = (struct node){.fd = fd, .lower = -1};
		return 0;
	}
	host->walks = is_refused(host, fd);
	if (host->walks || fd == -EAGAIN)
		return host_walk(host, path, follow, ret_node);
	return fd;
}

/* Without links on the way, and written as it would be anyway. What is missing is no link. */
bool host_is_plain(struct host *host, const char *path)
{
	int fd;

	if (*path != '/' || str_ends(path, "/") || strstr(path, "//") || strstr(path, "/."))
		return false;
	if (host->walks || has_seams(host))
		return false;
	fd = openat2_in_root(host->root, path, O_PATH, RESOLVE_NO_SYMLINKS);
	if (fd >= 0)
		close(fd);
	return fd >= 0 || fd == -ENOENT;
}

/* Is there a /proc/self/fd, and is it the kernel's? */
static bool has_self(void)
{
	cleanup(fd) int fd = open("/proc/self/fd", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct statfs fs;

	return fd >= 0 && !fstatfs(fd, &fs) && fs.f_type == PROC_SUPER_MAGIC;
}

int host_name_fd(struct host *host, int fd, char ret_name[32])
{
	if (!host->self)
		host->self = has_self() ? 1 : -ENOSYS;
	if (host->self < 0)
		return host->self;
	snprintf(ret_name, 32, "/proc/self/fd/%d", fd);
	return 0;
}

static bool same_file(int a, int b)
{
	struct statx x, y;

	return !stat_fd(a, &x) && !stat_fd(b, &y) && x.stx_ino == y.stx_ino &&
	       x.stx_dev_major == y.stx_dev_major && x.stx_dev_minor == y.stx_dev_minor;
}

/*
 * Without /proc. Nobody waits for a FIFO that was put there meanwhile, and what is read is the
 * same.
 */
static int open_again(struct host *host, int fd, const char *path, int flags)
{
	int opened;

	if (host->walks || has_seams(host))
		return -ENOSYS;
	opened = openat2_in_root(host->root, path, flags, 0);
	if (opened < 0 || same_file(fd, opened))
		return opened;
	close(opened);
	return -ESTALE;
}

int host_reopen(struct host *host, int fd, const char *path, int flags)
{
	char name[32];
	int opened;

	flags |= O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
	if (!host_name_fd(host, fd, name))
		opened = open(name, flags);
	else if (flags & O_DIRECTORY)
		opened = openat(fd, ".", flags);
	else
		return open_again(host, fd, path, flags);
	return opened < 0 ? -errno : opened;
}
