/*
 * The walk that resolves a path component by component. Each directory stays open while something
 * below it is looked up, so that nobody can swap it meanwhile, and `..` only ever goes back to a
 * directory that the walk came through. It also knows the seams of a tree: an /etc with a vendor's
 * copy below it, and a /var that lies beside its deployment.
 */
#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define MOST_LINKS 40
#define MOST_DEPTH 256

struct walk {
	struct host *host;
	struct node at[MOST_DEPTH]; /* the directories from the root to here */
	unsigned depth;             /* how many of them lie below the root */
	unsigned links;             /* followed so far */
	char rest[PATH_MAX];        /* what is still to be resolved */
};

bool is_whiteout(const struct statx *stat)
{
	return S_ISCHR(stat->stx_mode) && !stat->stx_rdev_major && !stat->stx_rdev_minor;
}

bool is_opaque(int fd)
{
	static const char *const names[] = {"trusted.overlay.opaque", "user.overlay.opaque"};
	char path[32], value[2];

	/* getxattr does not take an O_PATH descriptor, but goes through this link to it. */
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	for (size_t i = 0; i < 2; i++)
		if (getxattr(path, names[i], value, sizeof(value)) == 1 && value[0] == 'y')
			return true;
	return false;
}

static int open_at(int dir, const char *name)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? -errno : fd;
}

static int stat_fd(int fd, struct statx *ret_stat)
{
	return statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, ret_stat) ? -errno : 0;
}

static bool is_dir(int fd)
{
	struct statx stat;

	return fd >= 0 && !stat_fd(fd, &stat) && S_ISDIR(stat.stx_mode);
}

/* Adds the lower half to a directory of the upper tree, where there is one and it shows through. */
static int merge(struct node *node, int lower_dir, const char *name)
{
	struct statx stat;
	int error = stat_fd(node->fd, &stat), lower;

	if (error)
		return error;
	if (is_whiteout(&stat))
		return -ENOENT;
	if (!S_ISDIR(stat.stx_mode) || is_opaque(node->fd))
		return 0;
	lower = open_at(lower_dir, name);
	if (lower < 0)
		return lower == -ENOENT ? 0 : lower;
	if (is_dir(lower))
		node->lower = lower;
	else
		close(lower);
	return 0;
}

/* Looks a name up in a directory with two halves. */
static int step_overlaid(const struct node *dir, const char *name, struct node *ret_node)
{
	struct node node = NODE_NONE;
	int error;

	node.fd = dir->fd >= 0 ? open_at(dir->fd, name) : -ENOENT;
	if (node.fd == -ENOENT) {
		node.fd = open_at(dir->lower, name);
		if (node.fd < 0)
			return node.fd;
		*ret_node = node;
		return 0;
	}
	if (node.fd < 0)
		return node.fd;
	error = merge(&node, dir->lower, name);
	if (error) {
		node_close(&node);
		return error;
	}
	*ret_node = node;
	return 0;
}

/* /etc, where a vendor's copy lies below it. */
static int step_etc(struct host *host, struct node *ret_node)
{
	struct node node = {.fd = open_at(host->root, "etc"), .lower = -1};
	int lower = fcntl(host->lower, F_DUPFD_CLOEXEC, 3);

	if (lower < 0) {
		int error = -errno;

		node_close(&node);
		return error;
	}
	if (node.fd < 0 && node.fd != -ENOENT) {
		close(lower);
		return node.fd;
	}
	/*
	 * An upper half of two halves stays whole; a link or a file in place of /etc hides the
	 * copy.
	 */
	if (node.fd < 0 || is_dir(node.fd))
		node.lower = lower;
	else
		close(lower);
	if (node.fd < 0) {
		node.fd = node.lower;
		node.lower = -1;
	}
	*ret_node = node;
	return 0;
}

static int step(struct walk *walk, const char *name, struct node *ret_node)
{
	const struct node *dir = &walk->at[walk->depth];
	int fd;

	if (!walk->depth && str_eq(name, "etc") && walk->host->lower >= 0)
		return step_etc(walk->host, ret_node);
	if (dir->lower >= 0)
		return step_overlaid(dir, name, ret_node);
	if (!walk->depth && str_eq(name, "var") && walk->host->var >= 0)
		fd = fcntl(walk->host->var, F_DUPFD_CLOEXEC, 3);
	else
		fd = open_at(dir->fd, name);
	if (fd < 0)
		return fd == -1 ? -errno : fd;
	*ret_node = (struct node){.fd = fd, .lower = -1};
	return 0;
}

static void go_up(struct walk *walk, unsigned depth)
{
	while (walk->depth > depth)
		node_close(&walk->at[walk->depth--]);
}

/* Puts the target of a link in front of what is still to be resolved. */
static int follow_link(struct walk *walk, int fd)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(fd, "", target, sizeof(target));
	size_t rest = strlen(walk->rest);

	if (length < 0)
		return -errno;
	if (!length)
		return -ENOENT;
	if (++walk->links > MOST_LINKS)
		return -ELOOP;
	if ((size_t)length + 1 + rest + 1 > sizeof(walk->rest))
		return -ENAMETOOLONG;
	memmove(walk->rest + length + 1, walk->rest, rest + 1);
	memcpy(walk->rest, target, (size_t)length);
	walk->rest[length] = '/';
	if (target[0] == '/')
		go_up(walk, 0);
	return 0;
}

/* Cuts the next component off. Returns NULL when there is none left. */
static const char *next_name(struct walk *walk, char name[NAME_MAX + 1], int *ret_error)
{
	size_t blanks = strspn(walk->rest, "/"), length = strcspn(walk->rest + blanks, "/");

	*ret_error = length > NAME_MAX ? -ENAMETOOLONG : 0;
	if (!length || *ret_error)
		return NULL;
	memcpy(name, walk->rest + blanks, length);
	name[length] = '\0';
	memmove(walk->rest, walk->rest + blanks + length, strlen(walk->rest + blanks + length) + 1);
	return name;
}

/* Goes into a node. A link is followed, unless it is the last component and should not be. */
static int enter(struct walk *walk, struct node *node, bool follow)
{
	bool last = !walk->rest[strspn(walk->rest, "/")];
	struct statx stat;
	int error = stat_fd(node->fd, &stat);

	if (!error && S_ISLNK(stat.stx_mode) && (follow || !last || *walk->rest)) {
		error = follow_link(walk, node->fd);
		node_close(node);
		return error;
	}
	if (!error && *walk->rest && !S_ISDIR(stat.stx_mode))
		error = -ENOTDIR;
	if (!error && walk->depth + 1 == MOST_DEPTH)
		error = -ENAMETOOLONG;
	if (error) {
		node_close(node);
		return error;
	}
	walk->at[++walk->depth] = *node;
	return 0;
}

static int walk_all(struct walk *walk, bool follow)
{
	char name[NAME_MAX + 1];
	int error;

	while (next_name(walk, name, &error)) {
		struct node node = NODE_NONE;

		if (str_eq(name, "."))
			continue;
		if (str_eq(name, "..")) {
			go_up(walk, walk->depth ? walk->depth - 1 : 0);
			continue;
		}
		error = step(walk, name, &node);
		if (!error)
			error = enter(walk, &node, follow);
		if (error)
			return error;
	}
	return error;
}

int host_walk(struct host *host, const char *path, bool follow, struct node *ret_node)
{
	struct walk walk;
	size_t length = strlen(path);
	int error;

	if (length >= sizeof(walk.rest))
		return -ENAMETOOLONG;
	walk.host = host;
	walk.depth = walk.links = 0;
	memcpy(walk.rest, path, length + 1);
	walk.at[0] = (struct node){.fd = fcntl(host->root, F_DUPFD_CLOEXEC, 3), .lower = -1};
	if (walk.at[0].fd < 0)
		return -errno;
	error = walk_all(&walk, follow);
	if (!error) {
		*ret_node = walk.at[walk.depth];
		walk.at[walk.depth] = NODE_NONE;
	}
	go_up(&walk, 0);
	node_close(&walk.at[0]);
	return error;
}
