/* Which parts of the host a container's table of mounts shows to it. */
#pragma once

#include "host/mounts/mounts.h"

/* What the host has, worked out once. */
struct exposure_host {
	const struct mount_table *mounts;
	struct strv sockets; /* of runtimes, that are there */
};

struct exposure {
	struct strv paths;  /* of the host, that are mounted into the container; each once */
	const char *broad;  /* one that shows a part of the host that matters; NULL for none */
	const char *socket; /* one that leads to a runtime's socket; NULL for none */
	bool root;          /* the whole root of the host, or what the kernel's memory is in */
	bool writable_root; /* the container can write to its own root */
	bool rootless;      /* the table has no mount at / */
};

/*
 * `own` is the container's control group, which its runtime mounts for it. Pure but for `host`.
 */
void exposure_find(struct arena *arena, const struct exposure_host *host,
		   const struct mount_table *mounts, const char *own, struct exposure *ret_exposure)
	__attribute__((nonnull));

/* The path of the host that a mount shows, or NULL where the host has no such mount. */
const char *exposure_path(struct arena *arena, const struct mount_table *host,
			  const struct mount *mount) __attribute__((nonnull));
