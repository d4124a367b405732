/*
 * The containers of a running host, as the kernel sees them: processes that are in the control
 * group of a runtime's container, or in another mount namespace with another root. Whichever
 * runtime has made them; none is asked.
 */
#pragma once

#include "host/host.h"

#include <stdint.h>

/* What can be wrong with one. "yes" is the bad word for all but the last, which tells. */
enum trait {
	TRAIT_HOST_CGROUP,
	TRAIT_HOST_IPC,
	TRAIT_HOST_NETWORK,
	TRAIT_HOST_PATH,
	TRAIT_HOST_PID,
	TRAIT_HOST_USER,
	TRAIT_HOST_UTS,
	TRAIT_LSM_UNCONFINED,
	TRAIT_NEW_PRIVILEGES,
	TRAIT_PRIVILEGED,
	TRAIT_ROOT,
	TRAIT_RUNTIME_SOCKET,
	TRAIT_SECCOMP_UNCONFINED,
	TRAIT_UNLIMITED_CPU,
	TRAIT_UNLIMITED_MEMORY,
	TRAIT_UNLIMITED_PIDS,
	TRAIT_WRITABLE_ROOT,
	TRAIT_SANDBOX, /* it only holds the namespaces of a pod */
	N_TRAITS,
};

struct trait_answer {
	int yes;            /* 1 or 0; -1: it cannot be told */
	const char *source; /* what decides */
	const char *why;    /* only where it cannot be told */
};

/* How much of the host a container is trusted with, from all of it to as little as can be. */
enum posture { POSTURE_HOST, POSTURE_OPEN, POSTURE_DEFAULT, POSTURE_TIGHT, POSTURE_UNKNOWN };

struct container {
	const char *object; /* what it is called: "docker:0b7c1d2e3f40" */
	const char *runtime, *id, *pod, *unit;
	const char *command; /* the name of its first process */
	const char *source;  /* that process: "/proc/123" */
	unsigned processes;
	uint64_t capabilities; /* that any of its processes has, or could get by an exec */
	const char *label;     /* of its first process, by a security module; "" for none */
	struct strv paths;     /* of the host, that are mounted into it */
	const char *paths_why; /* why these cannot be told, or NULL */
	bool shows_root;       /* some of them would let it change the host */
	struct trait_answer traits[N_TRAITS];
	enum posture posture;
	const char *posture_why; /* only with POSTURE_UNKNOWN */
};

struct containers {
	struct container *at; /* sorted by their first process */
	size_t count, space;
	const char *why;     /* why nothing can be told; NULL: the rest counts */
	const char *missing; /* why there may be more of them; NULL: these are all */
};

/* The view. Never NULL. */
const struct containers *containers_get(struct host *host)
	__attribute__((nonnull, returns_nonnull));
