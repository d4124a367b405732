/* What an audit found, rule by rule: the one stream that feeds every report. */
#pragma once

#include "guard/guard.h"
#include "judge/verdict.h"
#include "policy/policy.h"

#include <stdbool.h>
#include <time.h>

struct host;

struct part_result {
	const struct rule_part *part;
	struct verdict verdict;
	const struct fact *facts;
};

struct result {
	const struct rule *rule;
	enum outcome outcome;
	const char *reason;          /* one sentence without a full stop; NULL only with a pass */
	const struct fact *decided;  /* the fact that decided, or NULL */
	const struct waiver *waiver; /* that counted, or that expired or no longer fits; or NULL */
	const struct part_result *parts;
	size_t part_count;
};

/* What os-release says of the host; strings are "" where it says nothing. */
struct os_release {
	const char *id, *version_id, *variant_id, *pretty_name;
};

struct audit {
	const struct host *host;
	const char *host_name; /* what the host calls itself; "" when it does not say */
	struct os_release os;
	const struct policy *policy;
	struct guard_state guard; /* how the process was confined that looked */
	struct timespec started;  /* by the real-time clock */
	long long duration_ms;    /* set when all is done */
	const struct result *results;
	size_t result_count;
	unsigned count[N_OUTCOMES];
};
