#include "policy/policy.h"

#include "base/arena.h"
#include "host/host.h"

int policy_load(struct host *host, const struct selection *selection, struct problems *problems,
		struct policy *ret_policy)
{
	(void)selection;
	(void)problems;
	*ret_policy = (struct policy){0};
	host_set_os(host, &ret_policy->profile.os);
	return 0;
}

void policy_release(struct policy *policy)
{
	(void)policy;
}

struct rule *policy_find_rule(const struct policy *policy, const char *id)
{
	(void)policy;
	(void)id;
	return NULL;
}
