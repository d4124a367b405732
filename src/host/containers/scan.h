/* Private to containers/: what is found out of the host before its processes are looked at. */
#pragma once

#include "host/containers/exposure.h"
#include "host/containers/task.h"

/* What is compared with, and where the result goes. */
struct scan {
	struct host *host;
	struct namespaces own;               /* the host's */
	struct exposure_host exposure;       /* likewise */
	uint64_t everything;                 /* the capabilities of the host's first process */
	const char *root_device, *root_path; /* what is mounted at its / */
	bool foreign_ids;                    /* user IDs are not told as the host has them */
	bool permissive;                     /* SELinux only warns */
	const char *permissive_source;
	struct containers *containers;
};

/* Fills in what belongs to the host. Returns why nothing could be told, or NULL. */
const char *scan_prepare(struct scan *scan) __attribute__((nonnull));
