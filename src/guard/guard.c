#include "guard/guard.h"

#include "guard/parts.h"
#include "guard/peer.h"

#include <errno.h>
#include <sys/prctl.h>

int guard_confine(struct arena *arena, const struct guard_request *request, enum guard_mode mode,
		  struct guard_state *ret_state, const char **ret_missing)
{
	struct guard_state state = {.capabilities = "all that it was given"};
	bool require = mode == GUARD_REQUIRE;
	int error;

	*ret_state = state;
	if (mode == GUARD_OFF)
		return 0;
	*ret_missing = "no new privileges";
	state.no_new_privileges = !prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	if (require && !state.no_new_privileges)
		return -errno;
#ifndef __SANITIZE_ADDRESS__ /* its search for leaks cannot stop a thread that is not confined */
	/* Without it, less can be told: no part of the confinement. */
	if (!request->image && state.no_new_privileges)
		(void)!peer_start();
#endif
	*ret_missing = "Landlock";
	error = guard_landlock(arena, request, &state.landlock);
	if (require && error)
		return error;
	*ret_missing = "dropping capabilities";
	error = guard_capabilities(arena, request, &state.capabilities);
	if (require && error)
		return error;
	guard_inet(request);
	/* Last: what comes before needs calls that are refused then. */
	*ret_missing = "seccomp";
	error = guard_seccomp(request);
	if (require && error)
		return error;
	state.seccomp = !error;
	*ret_state = state;
	return 0;
}
