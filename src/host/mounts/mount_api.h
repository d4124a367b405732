/* The file systems that systemd mounts by itself, before it reads any file. */
#pragma once

#include <stdbool.h>

struct mount_api {
	const char *path, *type, *options;
};

/* The one at a path, or NULL. Neither units nor fstab mount there; but fstab's options count. */
const struct mount_api *mount_api(const char *path) __attribute__((nonnull));
