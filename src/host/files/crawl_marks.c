/* Directories that mean something: where a question begins or ends, and what is a container's. */
#include "host/files/crawl.h"
#include "host/host.h"

#include <fcntl.h>

static unsigned hash(uint64_t inode)
{
	return (unsigned)(inode ^ inode >> 8 ^ inode >> 16) & (CRAWL_BUCKETS - 1);
}

const struct crawl_mark *crawl_marked(const struct crawl *crawl, const struct statx *stat)
{
	const struct crawl_mark *mark = crawl->marks[hash(stat->stx_ino)];

	while (mark && !(mark->inode == stat->stx_ino && mark->major == stat->stx_dev_major &&
			 mark->minor == stat->stx_dev_minor))
		mark = mark->next;
	return mark;
}

static struct crawl_mark *add(struct crawl *crawl, const struct statx *stat)
{
	struct crawl_mark *mark = arena_new(crawl->host->arena, struct crawl_mark);
	struct crawl_mark **bucket = &crawl->marks[hash(stat->stx_ino)];

	mark->inode = stat->stx_ino;
	mark->major = stat->stx_dev_major;
	mark->minor = stat->stx_dev_minor;
	mark->next = *bucket;
	*bucket = mark;
	crawl->marked = true;
	return mark;
}

void crawl_mark(struct crawl *crawl, const char *path, const struct crawl_mark *mark)
{
	struct crawl_mark *place;
	struct statx stat;

	if (host_stat(crawl->host, path, true, &stat) || !S_ISDIR(stat.stx_mode))
		return;
	place = (struct crawl_mark *)crawl_marked(crawl, &stat);
	if (!place)
		place = add(crawl, &stat);
	if (mark->scope || mark->except)
		place->path = arena_strdup(crawl->host->arena, path);
	place->scope |= mark->scope;
	place->except |= mark->except;
	place->stop |= mark->stop;
	place->why = place->why ? place->why : mark->why;
}

static bool is_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return !strncmp(path, dir, length) && path[length] == '/';
}

/* May this hold the host's own system? */
static bool is_system(const char *path)
{
	static const char *const whole[] = {"/bin",   "/boot", "/etc",  "/lib",
					    "/lib64", "/sbin", "/root", "/usr"};
	static const char *const outer[] = {"/dev", "/home",    "/media",  "/mnt",
					    "/opt", "/run",     "/srv",    "/tmp",
					    "/var", "/var/lib", "/var/tmp"};

	if (str_eq(path, "/"))
		return true;
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (str_eq(path, whole[i]) || is_below(path, whole[i]))
			return true;
	for (size_t i = 0; i < sizeof(outer) / sizeof(outer[0]); i++)
		if (str_eq(path, outer[i]))
			return true;
	return false;
}

void crawl_mark_container(struct crawl *crawl, const char *path, const char *why)
{
	const struct crawl_mark mark = {.stop = true, .why = why};
	char *place;

	if (host_canonical(crawl->host, path, &place) || is_system(place))
		return;
	crawl_mark(crawl, place, &mark);
}
