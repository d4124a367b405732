/* Private to guard/: the parts of the confinement. Each returns 0 or a negative errno. */
#pragma once

#include "guard/guard.h"

/* Only `readable` can be read, only `writable` written, no TCP. `*ret_abi` is what is enforced. */
int guard_landlock(struct arena *arena, const struct guard_request *request, int *ret_abi);

/* System calls that change a host are refused. */
int guard_seccomp(const struct guard_request *request);

/* Capabilities are dropped to those that looking needs and that the process has. */
int guard_capabilities(struct arena *arena, const struct guard_request *request,
		       const char **ret_kept);

/* The same for the thread of guard/peer.h, for which they are stricter. */
int guard_capabilities_peer(void);
int guard_seccomp_peer(void);
/* Opens the sockets of guard_inet_socket(), once and for all. */
void guard_inet(const struct guard_request *request);
