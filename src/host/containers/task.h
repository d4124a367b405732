/* Private to containers/: one process, and how its namespaces stand to the host's. */
#pragma once

#include "guard/peer.h"
#include "host/containers/containers.h"
#include "host/containers/name.h"
#include "host/containers/status.h"

enum namespace {
	NS_MNT,
	NS_CGROUP,
	NS_IPC,
	NS_NET,
	NS_PID,
	NS_USER,
	NS_UTS,
	N_NAMESPACES,
};

/* What the links of a process say: "net:[4026531840]". */
struct namespaces {
	struct peer_link of[N_NAMESPACES];
};

/* `dir` is the open directory of a process in /proc. Not `all`: that of mounts alone. */
void namespaces_read(int dir, bool all, struct namespaces *ret_namespaces) __attribute__((nonnull));

/* The host's own namespaces. Returns why they cannot be told, or NULL. */
const char *namespaces_of_host(struct host *host, struct namespaces *ret_namespaces)
	__attribute__((nonnull));

/* Is it the same: 1 or 0; -1 when one of them is not known. */
int namespace_same(const struct namespaces *a, const struct namespaces *b, enum namespace which)
	__attribute__((nonnull));

/* The numbers of all processes, in order; more than it takes to be a host's are -E2BIG. */
int task_list(struct host *host, int **ret_pids, size_t *ret_count) __attribute__((nonnull));
