#include "host/change/spot.h"

#include "host/os.h"
#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK)

static int open_dir(int at, const char *name)
{
	int fd = TEMP_FAILURE_RETRY(openat(at, name, DIRECTORY));

	if (fd >= 0)
		return fd;
	/* What the kernel says of a link here: that it is no directory. */
	if (errno == ENOTDIR) {
		char target[2];

		return TEMP_FAILURE_RETRY(readlinkat(at, name, target, sizeof(target))) >= 0
			       ? -ELOOP
			       : -ENOTDIR;
	}
	return -errno;
}

/* Nobody but root, and in an image its maker, may put other things into it. */
static int check_dir(int fd)
{
	struct stat stat;

	if (TEMP_FAILURE_RETRY(fstat(fd, &stat)))
		return -errno;
	if (stat.st_uid && stat.st_uid != geteuid())
		return -EACCES;
	return stat.st_mode & 022 ? -EACCES : 0;
}

/* Where the halves of a seamed tree are written. */
static int open_first(struct host *host, int root, const char *name)
{
	bool whole = host->os->lower_mode == LOWER_IF_MISSING && host->lower >= 0;

	if (whole && str_eq(name, "etc"))
		return open_dir(host->lower, ".");
	if (host->var >= 0 && str_eq(name, "var"))
		return open_dir(host->var, ".");
	return open_dir(root, name);
}

static int enter(struct host *host, int *dir, const char *name, bool first)
{
	int next, error;

	if (!*name || str_eq(name, ".") || str_eq(name, ".."))
		return -EINVAL;
	next = first ? open_first(host, *dir, name) : open_dir(*dir, name);
	if (next < 0)
		return next;
	close(*dir);
	*dir = next;
	error = check_dir(next);
	return error;
}

int spot_open(struct host *host, const char *path, struct spot *ret_spot)
{
	cleanup(fd) int dir = open_dir(host->root, ".");
	const char *at = path + 1, *slash;
	struct spot spot;
	bool first = true;
	int error;

	if (*path != '/' || strlen(path) >= PATH_MAX)
		return -EINVAL;
	if (dir < 0)
		return dir;
	for (; (slash = strchr(at, '/')); at = slash + 1, first = false) {
		if (slash - at > NAME_MAX)
			return -ENAMETOOLONG;
		memcpy(spot.name, at, (size_t)(slash - at));
		spot.name[slash - at] = '\0';
		error = enter(host, &dir, spot.name, first);
		if (error)
			return error;
	}
	if (!*at || str_eq(at, ".") || str_eq(at, ".."))
		return -EINVAL;
	if (strlen(at) > NAME_MAX)
		return -ENAMETOOLONG;
	error = first ? check_dir(dir) : 0;
	if (error)
		return error;
	memcpy(spot.name, at, strlen(at) + 1);
	spot.dir = take_fd(&dir);
	*ret_spot = spot;
	return 0;
}

void spot_close(struct spot *spot)
{
	cleanup_fd(&spot->dir);
	spot->dir = -1;
}

int spot_stat(const struct spot *spot, struct statx *ret_stat)
{
	const unsigned flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT;
	struct statx stat;

	if (TEMP_FAILURE_RETRY(statx(spot->dir, spot->name, (int)flags, STATX_BASIC_STATS, &stat)))
		return -errno;
	if (stat.stx_attributes & STATX_ATTR_MOUNT_ROOT)
		return -EBUSY;
	if (stat.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND))
		return -EPERM;
	*ret_stat = stat;
	return 0;
}

int spot_sync(const struct spot *spot)
{
	return TEMP_FAILURE_RETRY(fsync(spot->dir)) ? -errno : 0;
}
