/*
 * The walk that resolves a path component by component. Each directory stays open while something
 * below it is looked up, so that nobody can swap it meanwhile, and `..` only ever goes back to a
 * directory that the walk came through. It also knows the seams of a tree: an /etc with a vendor's
 * copy below it, and a /var that lies beside its deployment.
 *
 * It answers as openat2 does, but for its bounds: no more than MOST_DEPTH directories, and links
 * that make more than LONGEST bytes of a path, are -ENAMETOOLONG.
 */
#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

#define MOST_LINKS 40 /* as the kernel's MAXSYMLINKS */
#define MOST_DEPTH 256
#define LONGEST ((size_t)4 * PATH_MAX)

struct place {
	struct node node;
	size_t end; /* of its name in `path` */
};

struct walk {
	struct host *host;
	struct place at[MOST_DEPTH]; /* the directories from the root to here */
	unsigned depth;              /* how many of them lie below the root */
	unsigned links;              /* followed so far */
	char name[NAME_MAX + 1];     /* the component that is being looked up */
	char *rest;                  /* what is still to be resolved, at the end of `space` */
	char space[LONGEST];
	char path[LONGEST]; /* the names from the root to here, each behind a slash */
};

static int step(struct walk *walk, struct node *ret_node)
{
	const struct node *dir = &walk->at[walk->depth].node;
	struct host *host = walk->host;
	int fd;

	if (!walk->depth && str_eq(walk->name, "etc") && host->lower != -1)
		return overlay_top(host, ret_node);
	if (dir->upper)
		return overlay_step(host, dir, walk->name, ret_node);
	if (!walk->depth && str_eq(walk->name, "var") && host->var >= 0)
		fd = open_at(host->var, ".");
	else
		fd = open_at(dir->fd, walk->name);
	if (fd < 0)
		return fd;
	*ret_node = (struct node){.fd = fd, .lower = -1};
	return 0;
}

static void go_up(struct walk *walk, unsigned depth)
{
	while (walk->depth > depth)
		node_close(&walk->at[walk->depth--].node);
}

static int go_down(struct walk *walk, struct node *node)
{
	size_t end = walk->at[walk->depth].end, length = strlen(walk->name);

	if (walk->depth + 1 == MOST_DEPTH || end + 1 + length >= sizeof(walk->path))
		return -ENAMETOOLONG;
	walk->path[end] = '/';
	memcpy(walk->path + end + 1, walk->name, length);
	walk->at[++walk->depth] = (struct place){.node = take_node(node), .end = end + 1 + length};
	return 0;
}

/*
 * In procfs there are links that lead elsewhere than they say (exe, cwd, fd/3, ns/mnt); openat2
 * refuses them. Those that are what they say have a target within procfs.
 */
static bool is_magic(int fd, const char *target)
{
	struct statfs fs;

	if (*target != '/' && !strchr(target, ':'))
		return false;
	return fstatfs(fd, &fs) || fs.f_type == PROC_SUPER_MAGIC;
}

/* Puts the target of a link in front of what is still to be resolved. */
static int follow_link(struct walk *walk, int fd)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(fd, "", target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	if (!length)
		return -ENOENT;
	if (++walk->links > MOST_LINKS || is_magic(fd, target))
		return -ELOOP;
	if (length > walk->rest - walk->space)
		return -ENAMETOOLONG;
	walk->rest -= length;
	memcpy(walk->rest, target, (size_t)length);
	if (target[0] == '/')
		go_up(walk, 0);
	return 0;
}

/* Cuts the next component off. Returns 1, or 0 when there is none left, or a negative errno. */
static int next_name(struct walk *walk)
{
	const char *start = walk->rest + strspn(walk->rest, "/");
	size_t length = strcspn(start, "/");

	if (length > NAME_MAX)
		return -ENAMETOOLONG;
	memcpy(walk->name, start, length);
	walk->name[length] = '\0';
	walk->rest += (start - walk->rest) + (ptrdiff_t)length;
	return length > 0;
}

/* Goes into a node, which is taken. A link is followed, unless it comes last and should not be. */
static int enter(struct walk *walk, struct node *node, bool follow)
{
	struct statx stat;
	int error = stat_fd(node->fd, &stat);

	if (error)
		return error;
	/* A slash behind the last component asks for the directory that a link leads to. */
	if (S_ISLNK(stat.stx_mode) && (follow || *walk->rest))
		return follow_link(walk, node->fd);
	if (*walk->rest && !S_ISDIR(stat.stx_mode))
		return -ENOTDIR;
	return go_down(walk, node);
}

/* "." and "..": like the kernel only from a directory that may be searched. */
static int stay_or_go_up(struct walk *walk)
{
	int fd = open_at(walk->at[walk->depth].node.fd, ".");

	if (fd < 0)
		return fd;
	close(fd);
	if (str_eq(walk->name, "..") && walk->depth)
		go_up(walk, walk->depth - 1);
	return 0;
}

static int walk_all(struct walk *walk, bool follow)
{
	int more;

	while ((more = next_name(walk)) > 0) {
		cleanup(node) struct node node = NODE_NONE;
		int error;

		if (str_eq(walk->name, ".") || str_eq(walk->name, "..")) {
			error = stay_or_go_up(walk);
		} else {
			error = step(walk, &node);
			if (!error)
				error = enter(walk, &node, follow);
		}
		if (error)
			return error;
	}
	return more;
}

static int walk_start(struct walk *walk, struct host *host, const char *path)
{
	size_t length = strlen(path);

	if (length >= PATH_MAX)
		return -ENAMETOOLONG;
	if (!length)
		return -ENOENT;
	walk->host = host;
	walk->depth = walk->links = 0;
	walk->rest = walk->space + sizeof(walk->space) - length - 1;
	memcpy(walk->rest, path, length + 1);
	walk->at[0] = (struct place){
		.node = {.fd = fcntl(host->root, F_DUPFD_CLOEXEC, 3), .lower = -1}};
	return walk->at[0].node.fd < 0 ? -errno : 0;
}

static void walk_end(struct walk *walk)
{
	go_up(walk, 0);
	node_close(&walk->at[0].node);
}

int host_walk(struct host *host, const char *path, bool follow, struct node *ret_node)
{
	struct walk walk;
	int error = walk_start(&walk, host, path);

	if (error)
		return error;
	error = walk_all(&walk, follow);
	if (!error)
		*ret_node = take_node(&walk.at[walk.depth].node);
	walk_end(&walk);
	return error;
}

int host_canonical(struct host *host, const char *path, char **ret_path)
{
	struct walk walk;
	size_t end;
	int error;

	if (host_is_plain(host, path)) {
		*ret_path = arena_strdup(host->arena, path);
		return 0;
	}
	error = walk_start(&walk, host, path);
	if (error)
		return error;
	error = walk_all(&walk, true);
	end = walk.at[walk.depth].end;
	if (!error)
		*ret_path = end ? arena_strndup(host->arena, walk.path, end)
				: arena_strdup(host->arena, "/");
	if (error == -ENOENT)
		*ret_path = arena_printf(host->arena, "%.*s/%s%s", (int)end, walk.path, walk.name,
					 walk.rest);
	walk_end(&walk);
	return error == -ENOENT ? 0 : error;
}
