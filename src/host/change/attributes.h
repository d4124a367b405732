/* Private to host/change/: the extended attributes of an open file, as bytes. */
#pragma once

#include <stdbool.h>

struct arena;
struct xattr;

/* Those that a copy has to have as well, sorted by name. What overlayfs keeps there is its own. */
int xattrs_read(struct arena *arena, int fd, struct xattr **ret_xattrs)
	__attribute__((nonnull, warn_unused_result));

/* Makes them those of the file, and takes away the others that it has. */
int xattrs_write(int fd, const struct xattr *xattrs) __attribute__((warn_unused_result));

bool xattrs_same(const struct xattr *a, const struct xattr *b);
