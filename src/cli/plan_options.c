#include "cli/plan_options.h"

#include "cli/target.h"

#include <errno.h>

static const char *const severities[] = {"low", "medium", "high", "critical", NULL};
static const char *const risks[] = {"none", "service", "network", "login", "boot", NULL};

static long long level;
static int severity;
static int most_risk = RISK_RESTART;

const struct option_row plan_rows[] = {
	{"level", 'l', OPTION_NUMBER, "LEVEL", &level, NULL,
	 "put rules up to this level right (1 or 2); default: as the profile says"},
	{"severity", 0, OPTION_CHOICE, "SEVERITY", &severity, severities,
	 "only rules of at least this severity"},
	{"only", 0, OPTION_LIST, "GLOB", &target_options.selection.only, NULL,
	 "only rules whose names match; the name of a rule also lifts its guards"},
	{"skip", 0, OPTION_LIST, "GLOB", &target_options.selection.skip, NULL,
	 "leave out rules whose names match; may be given again"},
	{"max-risk", 0, OPTION_CHOICE, "RISK", &most_risk, risks,
	 "risk no more than none, service (the default), network, login or boot"},
	{0},
};

int plan_options_take(const struct strv *operands, struct plan_options *ret_options)
{
	if (operands->count) {
		complain("'%s' is too much; a root tree goes with --root, rules with --only",
			 operands->at[0]);
		return -EINVAL;
	}
	if (level < 0 || level > 2) {
		complain("--level takes 1 or 2");
		return -EINVAL;
	}
	target_options.selection.level = (unsigned)level;
	target_options.selection.severity = severity;
	*ret_options = (struct plan_options){
		.most_risk = (enum risk)most_risk,
		.named = target_options.selection.only,
	};
	return 0;
}
