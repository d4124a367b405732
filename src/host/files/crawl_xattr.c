/* Does a file have capabilities? By one system call, relative to its directory. */
#include "host/files/crawl.h"
#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/xattr.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

/* getxattrat(2), which Linux has since 6.13, and Debian 12's headers do not know. */
#ifndef SYS_getxattrat
#define SYS_getxattrat 464
#endif

struct getxattrat_arguments {
	uint64_t value;
	uint32_t size, flags;
};

static long get_attribute(const struct crawl_entry *entry, void *value, uint32_t size)
{
	struct getxattrat_arguments arguments = {.value = (uintptr_t)value, .size = size};

	return syscall(SYS_getxattrat, entry->dir->fd, entry->name, AT_SYMLINK_NOFOLLOW,
		       XATTR_NAME_CAPS, &arguments, sizeof(arguments));
}

/* On older kernels a path through /proc leads into the directory; no link is followed behind it. */
static long get_attribute_by_path(const struct crawl *crawl, const struct crawl_entry *entry,
				  void *value, uint32_t size)
{
	char path[sizeof("/proc/self/fd/") + 16 + NAME_MAX];

	if (crawl->lacks_proc) {
		errno = -crawl->lacks_proc;
		return -1;
	}
	snprintf(path, sizeof(path), "/proc/self/fd/%d/%s", entry->dir->fd, entry->name);
	return lgetxattr(path, XATTR_NAME_CAPS, value, size);
}

int crawl_capabilities(const struct crawl *crawl, const struct crawl_entry *entry)
{
	char value[64];
	long size = -1;

	if (!crawl->lacks_getxattrat)
		size = get_attribute(entry, value, sizeof(value));
	else
		size = get_attribute_by_path(crawl, entry, value, sizeof(value));
	if (size >= 0 || errno == ERANGE)
		return 1;
	return errno == ENODATA || errno == EOPNOTSUPP || errno == ENOENT ? 0 : -errno;
}

/* An old kernel knows no such call, and an old filter of system calls refuses it. */
static bool lacks_getxattrat(void)
{
	const struct crawl_dir here = {.fd = -1};
	const struct crawl_entry nothing = {.dir = &here, .name = "x"};

	return get_attribute(&nothing, NULL, 0) && errno != EBADF;
}

void crawl_prepare_xattrs(struct crawl *crawl)
{
	char link[32];

	crawl->lacks_getxattrat = lacks_getxattrat();
	crawl->lacks_proc = host_name_fd(crawl->host, crawl->host->root, link);
}
