/* What the path of a control group tells of a container: whose it is, what it is called. Pure. */
#pragma once

#include "base/str.h"

#include <stdbool.h>

/* The hierarchies in which a process is; NULL where it is in none of that kind. */
struct cgroup_paths {
	const char *unified;             /* of the second version */
	const char *systemd;             /* of the first: the one without a controller */
	const char *memory, *pids, *cpu; /* of it, by controller */
	const char *main;                /* the one that says most; never NULL after a success */
};

/* Takes the text of /proc/PID/cgroup apart, in place. False when no line of it makes sense. */
bool cgroup_paths_parse(struct arena *arena, char *text, struct cgroup_paths *ret_paths)
	__attribute__((nonnull, warn_unused_result));

struct container_name {
	const char *runtime; /* docker, podman, crio, cri-containerd, kubernetes, lxc, nspawn, … */
	const char *id;      /* 64 digits, or the name of a machine */
	const char *pod;     /* the pod's UID, "" for none */
	const char *unit;    /* the innermost service or scope of systemd, "" for none */
	const char *cgroup;  /* the path up to the container's own group */
	const char *object;  /* RUNTIME:ID, the ID cut; or RUNTIME:UNIT, which outlives a restart */
};

/* Is it the path of a container's group, or of one below it? */
bool container_name_parse(struct arena *arena, const char *path, struct container_name *ret_name)
	__attribute__((nonnull, warn_unused_result));

/* A name for what is in no runtime's group, but has to be a container all the same. */
void container_name_other(struct arena *arena, const char *path, struct container_name *ret_name)
	__attribute__((nonnull));
