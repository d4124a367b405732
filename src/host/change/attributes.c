#include "host/change/attributes.h"

#include "host/change/state.h"

#include <errno.h>
#include <sys/xattr.h>

/* The kernel's own bounds. */
#define MOST_NAMES ((size_t)64 * 1024)
#define MOST_VALUE ((size_t)64 * 1024)

static bool is_own(const char *name)
{
	return str_starts(name, "trusted.overlay.") || str_starts(name, "user.overlay.");
}

static ssize_t list_names(int fd, char *names)
{
	ssize_t size = TEMP_FAILURE_RETRY(flistxattr(fd, names, MOST_NAMES));

	if (size < 0)
		return errno == EOPNOTSUPP ? 0 : -errno;
	return size;
}

static int read_one(struct arena *arena, int fd, const char *name, char *space,
		    struct xattr **ret_xattr)
{
	ssize_t size = TEMP_FAILURE_RETRY(fgetxattr(fd, name, space, MOST_VALUE));
	struct xattr *xattr;

	if (size < 0)
		return -errno;
	xattr = arena_new(arena, struct xattr);
	xattr->name = arena_strdup(arena, name);
	xattr->data = memcpy(arena_alloc(arena, (size_t)size + 1), space, (size_t)size);
	xattr->size = (size_t)size;
	*ret_xattr = xattr;
	return 0;
}

static void insert(struct xattr **list, struct xattr *xattr)
{
	while (*list && strcmp((*list)->name, xattr->name) < 0)
		list = &(*list)->next;
	xattr->next = *list;
	*list = xattr;
}

int xattrs_read(struct arena *arena, int fd, struct xattr **ret_xattrs)
{
	cleanup(free) char *names = malloc(MOST_NAMES), *space = malloc(MOST_VALUE);
	struct xattr *list = NULL, *one = NULL;
	ssize_t size;
	int error;

	if (!names || !space)
		return -ENOMEM;
	size = list_names(fd, names);
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
		if (is_own(names + at))
			continue;
		error = read_one(arena, fd, names + at, space, &one);
		if (error)
			return error;
		insert(&list, one);
	}
	if (size < 0)
		return (int)size;
	*ret_xattrs = list;
	return 0;
}

bool xattrs_same(const struct xattr *a, const struct xattr *b)
{
	for (; a && b; a = a->next, b = b->next)
		if (!str_eq(a->name, b->name) || a->size != b->size ||
		    memcmp(a->data, b->data, a->size))
			return false;
	return a == b;
}

static const struct xattr *find(const struct xattr *list, const char *name)
{
	while (list && !str_eq(list->name, name))
		list = list->next;
	return list;
}

/* A label that the file has already need not be set: only few may. */
static bool has(int fd, const struct xattr *xattr, char *space)
{
	ssize_t size = TEMP_FAILURE_RETRY(fgetxattr(fd, xattr->name, space, MOST_VALUE));

	return size == (ssize_t)xattr->size && !memcmp(space, xattr->data, xattr->size);
}

int xattrs_write(int fd, const struct xattr *xattrs)
{
	cleanup(free) char *names = malloc(MOST_NAMES + MOST_VALUE);
	char *space;
	ssize_t size;

	if (!names)
		return -ENOMEM;
	space = names + MOST_NAMES;
	size = list_names(fd, names);
	if (size < 0)
		return (int)size;
	for (ssize_t at = 0; at < size; at += (ssize_t)strlen(names + at) + 1) {
		/* A new file's label is the kernel's choice. */
		bool keep = is_own(names + at) || str_eq(names + at, "security.selinux");

		if (!keep && !find(xattrs, names + at) &&
		    TEMP_FAILURE_RETRY(fremovexattr(fd, names + at)))
			return -errno;
	}
	for (const struct xattr *at = xattrs; at; at = at->next)
		if (!has(fd, at, space) &&
		    TEMP_FAILURE_RETRY(fsetxattr(fd, at->name, at->data, at->size, 0)))
			return -errno;
	return 0;
}
