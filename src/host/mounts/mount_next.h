/*
 * What the next boot will mount where: worked out from mount units, /etc/fstab, the kernel's
 * arguments, what systemd mounts by itself, and what the os-profile knows, in their order.
 */
#pragma once

#include "host/host.h"

struct mount_next {
	enum {
		MOUNT_NONE, /* nothing will be mounted exactly there */
		MOUNT_MADE,
		MOUNT_UNKNOWN, /* `why` says the reason */
	} state;
	const char *type;    /* "auto" where mount(8) finds out */
	const char *source;  /* NULL where nobody says */
	struct strv options; /* as the kernel will show them */
	const char *origin;  /* what decides: "/etc/fstab:3", a unit's file */
	const char *why;
};

/* `path` is without symbolic links. */
struct mount_next mount_next(struct host *host, const char *path) __attribute__((nonnull));
