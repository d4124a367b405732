#include "policy/rule.h"

#include <errno.h>

static const char *const risks[N_RISKS] = {
	[RISK_NONE] = "none",   [RISK_RESTART] = "service", [RISK_NETWORK] = "network",
	[RISK_LOGIN] = "login", [RISK_BOOT] = "boot",
};

const char *risk_name(enum risk risk)
{
	return risks[risk];
}

static const char *const severities[N_SEVERITIES] = {
	[SEVERITY_LOW] = "low",
	[SEVERITY_MEDIUM] = "medium",
	[SEVERITY_HIGH] = "high",
	[SEVERITY_CRITICAL] = "critical",
};

const char *severity_name(enum severity severity)
{
	return severities[severity];
}

int severity_parse(const char *word, enum severity *ret_severity)
{
	for (int i = 0; i < N_SEVERITIES; i++)
		if (str_eq(severities[i], word)) {
			*ret_severity = (enum severity)i;
			return 0;
		}
	return -EINVAL;
}

const char *rule_by_hand(const struct rule *rule)
{
	if (rule->by_hand)
		return rule->by_hand;
	return rule->remediation ? rule->remediation->by_hand : NULL;
}
