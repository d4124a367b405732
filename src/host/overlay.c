/*
 * An /etc that a boot lays over the vendor's copy with overlayfs, as it lies on disk: two halves
 * that are put together here by the rules of the kernel's Documentation/filesystems/overlayfs.rst.
 * What these rules leave open without a mount is an error, never a guess.
 */
#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

/* The number of the first user namespace: PROC_USER_INIT_INO of the kernel. */
#define FIRST_USER_NAMESPACE "user:[4026531837]"

bool is_whiteout(const struct statx *stat)
{
	return S_ISCHR(stat->stx_mode) && !stat->stx_rdev_major && !stat->stx_rdev_minor;
}

static bool is_dir(int fd)
{
	struct statx stat;

	return fd >= 0 && !stat_fd(fd, &stat) && S_ISDIR(stat.stx_mode);
}

/* Others than root of the first namespace are told that there are no trusted.* attributes. */
static bool sees_trusted(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
	char name[64];
	ssize_t length;

	if (syscall(SYS_capget, &header, data))
		return false;
	if (!(data[0].effective & 1u << CAP_SYS_ADMIN))
		return false;
	length = readlink("/proc/self/ns/user", name, sizeof(name) - 1);
	name[length < 0 ? 0 : length] = '\0';
	return str_eq(name, FIRST_USER_NAMESPACE);
}

/* The first byte of a mark of overlayfs: 0 without one, or a negative errno. */
static int read_mark(const char *path, const char *name)
{
	char value[PATH_MAX];
	ssize_t size = getxattr(path, name, value, sizeof(value));

	if (size < 0)
		return errno == ENODATA || errno == EOPNOTSUPP ? 0 : -errno;
	return size ? (unsigned char)value[0] : ' ';
}

/* Adds the lower half to a directory of the upper tree, where there is one and it shows through. */
static int merge(const struct node *dir, const char *name, int opaque, struct node *node)
{
	int lower;

	if (opaque == 'y')
		return 0;
	if (opaque) /* 'x' and whatever is yet to come */
		return -EXDEV;
	lower = dir->lower >= 0 ? open_at(dir->lower, name) : -ENOENT;
	if (lower < 0)
		return lower == -ENOENT ? 0 : lower;
	if (is_dir(lower))
		node->lower = lower;
	else
		close(lower);
	return 0;
}

/* What stands in the upper tree: does the lower one show through, or does it hold the data? */
static int look_below(struct host *host, const struct node *dir, const char *name,
		      const struct statx *stat, struct node *node)
{
	char path[32];
	int error = host_name_fd(host, node->fd, path), mark;

	if (error)
		return error;
	if (S_ISREG(stat->stx_mode)) {
		mark = read_mark(path, "trusted.overlay.metacopy");
		return mark > 0 ? -EXDEV : mark;
	}
	if (!S_ISDIR(stat->stx_mode))
		return 0;
	mark = read_mark(path, "trusted.overlay.redirect");
	if (mark)
		return mark > 0 ? -EXDEV : mark;
	mark = read_mark(path, "trusted.overlay.opaque");
	if (mark < 0)
		return mark;
	/* What a user unpacked has lost its marks; what belongs to root may have some. */
	node->unsure = dir->unsure || (!stat->stx_uid && !sees_trusted());
	node->upper = true;
	return merge(dir, name, mark, node);
}

/* Returns 1 for a name that is marked as deleted. */
static int step_upper(struct host *host, const struct node *dir, const char *name,
		      struct node *ret_node)
{
	cleanup(node) struct node node = {.fd = open_at(dir->fd, name), .lower = -1};
	struct statx stat;
	int error;

	if (node.fd < 0)
		return node.fd;
	error = stat_fd(node.fd, &stat);
	if (!error)
		error = is_whiteout(&stat) ? 1 : look_below(host, dir, name, &stat, &node);
	if (error)
		return error;
	*ret_node = take_node(&node);
	return 0;
}

static int step_lower(const struct node *dir, const char *name, struct node *ret_node)
{
	cleanup(node) struct node node = {.fd = open_at(dir->lower, name), .lower = -1};
	struct statx stat;
	int error;

	if (node.fd < 0)
		return node.fd;
	error = stat_fd(node.fd, &stat);
	if (!error && is_whiteout(&stat))
		error = -ENOENT;
	if (error)
		return error;
	*ret_node = take_node(&node);
	return 0;
}

int overlay_step(struct host *host, const struct node *dir, const char *name, struct node *ret_node)
{
	int error = step_upper(host, dir, name, ret_node);

	if (error > 0)
		return -ENOENT;
	if (error != -ENOENT)
		return error;
	if (dir->unsure)
		return -EACCES;
	return dir->lower >= 0 ? step_lower(dir, name, ret_node) : -ENOENT;
}

int overlay_top(struct host *host, struct node *ret_node)
{
	cleanup(node) struct node node = {.fd = open_at(host->root, "etc"), .lower = -1};
	int lower;

	if (node.fd < 0 && node.fd != -ENOENT)
		return node.fd;
	/* A link or a file in place of /etc hides the copy. */
	if (node.fd < 0 || is_dir(node.fd)) {
		if (host->lower < 0)
			return host->lower;
		lower = fcntl(host->lower, F_DUPFD_CLOEXEC, 3);
		if (lower < 0)
			return -errno;
		if (node.fd < 0)
			node.fd = lower;
		else
			node = (struct node){.fd = node.fd, .lower = lower, .upper = true};
	}
	*ret_node = take_node(&node);
	return 0;
}
