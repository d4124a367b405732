#include "fix/plan.h"

#include "audit/audit.h"
#include "audit/look.h"
#include "base/arena.h"
#include "probes/probe.h"

#include <errno.h>
#include <stdlib.h>

static const char *const holds[] = {"fix", "by hand", "cannot", "guarded", "too risky"};

const char *hold_name(enum hold hold)
{
	return holds[hold];
}

/* An image that is built twice is the same twice: the convention of reproducible builds. */
static time_t now(void)
{
	const char *epoch = getenv("SOURCE_DATE_EPOCH");
	long long seconds;

	if (epoch && !str_to_number(epoch, &seconds) && seconds >= 0)
		return (time_t)seconds;
	return time(NULL);
}

struct planning {
	struct host *host;
	const struct policy *policy;
	const struct plan_options *options;
	struct look look;
	struct draft draft;
};

/* Only rules that still apply may have lines in our files. */
static bool counts(const void *context, const char *id)
{
	const struct rule *rule = policy_find_rule(context, id);

	return rule && !rule->not_applicable;
}

static bool hold_back(struct planned *planned, enum hold hold, const char *why)
{
	planned->hold = hold;
	planned->why = why;
	return false;
}

/* Does the host need it otherwise? */
static const char *find_guard(struct planning *planning, const struct remediation *remediation)
{
	for (size_t i = 0; i < remediation->unless_count; i++) {
		const struct check *check = &remediation->unless[i].check;
		const struct fact *facts = look_at_check(&planning->look, check, ASPECT_BOTH);
		struct verdict verdict = verdict_of_when(planning->host->arena, &check->expect,
							 facts);

		if (verdict.outcome == OUTCOME_PASS)
			return check->text;
	}
	return NULL;
}

static bool may_be_done(struct planning *planning, struct planned *planned)
{
	const struct rule *rule = planned->result->rule;
	const struct remediation *remediation = rule->remediation;
	struct arena *arena = planning->host->arena;
	const char *guard;

	if (!remediation || !remediation->intent) {
		const char *hand = rule_by_hand(rule);

		return hold_back(planned, HOLD_BY_HAND, hand ? hand : "nobody has written how yet");
	}
	planned->intent = intent_find(remediation->intent);
	if (remediation->risk > planning->options->most_risk)
		return hold_back(planned, HOLD_RISK,
				 arena_printf(arena, "its risk is '%s'; --max-risk=%s allows it",
					      risk_name(remediation->risk),
					      risk_name(remediation->risk)));
	guard = find_guard(planning, remediation);
	if (guard && !strv_has(&planning->options->named, rule->id))
		return hold_back(planned, HOLD_GUARD,
				 arena_printf(arena, "%s; --only=%s does it anyway", guard,
					      rule->id));
	return true;
}

static struct wish wish_of(struct planning *planning, const struct planned *planned,
			   const struct part_result *part)
{
	return (struct wish){
		.host = planning->host,
		.rule = planned->result->rule->id,
		.check = &part->part->check,
		.facts = look_at_check(&planning->look, &part->part->check, ASPECT_CONFIGURED),
	};
}

static void add_wish(struct planning *planning, struct planned *planned, struct wish wish)
{
	size_t size = sizeof(wish);

	planned->wishes = arena_grow(planning->host->arena, planned->wishes,
				     planned->wish_count * size, (planned->wish_count + 1) * size);
	planned->wishes[planned->wish_count++] = wish;
}

/* One of the alternatives: the first that can be had. */
static int lower_any(struct planning *planning, struct planned *planned)
{
	const struct result *result = planned->result;
	const char *why = NULL; /* of the first one, which is the one that is meant */
	int error = 0;

	for (size_t i = 0; i < result->part_count; i++) {
		const struct part_result *part = &result->parts[i];
		struct wish wish;

		if (part->part->part != PART_ANY ||
		    !str_eq(part->part->check.probe->name, planned->intent->probe))
			continue;
		wish = wish_of(planning, planned, part);
		error = planned->intent->lower(&wish, &planning->draft);
		if (error) {
			why = why ? why : planning->draft.why;
			continue;
		}
		add_wish(planning, planned, wish);
		return 0;
	}
	planning->draft.why = why;
	return error;
}

/* All that do not hold. */
static int lower_checks(struct planning *planning, struct planned *planned)
{
	const struct result *result = planned->result;

	for (size_t i = 0; i < result->part_count; i++) {
		const struct part_result *part = &result->parts[i];
		struct wish wish;
		int error;

		if (part->part->part != PART_CHECK || part->verdict.outcome == OUTCOME_PASS)
			continue;
		if (!str_eq(part->part->check.probe->name, planned->intent->probe))
			return intent_refuse(&planning->draft, "'%s' is nothing for %s",
					     part->part->check.text, planned->intent->name);
		wish = wish_of(planning, planned, part);
		error = planned->intent->lower(&wish, &planning->draft);
		if (error)
			return error;
		add_wish(planning, planned, wish);
	}
	return 0;
}

static bool lower(struct planning *planning, struct planned *planned)
{
	int error;

	planning->draft.why = NULL;
	error = lower_checks(planning, planned);
	if (!error && !planned->wish_count)
		error = lower_any(planning, planned);
	if (!error && planned->wish_count)
		return true;
	draft_drop(&planning->draft, planned->result->rule->id);
	planned->wish_count = 0;
	return hold_back(planned, HOLD_CANNOT,
			 planning->draft.why ? planning->draft.why
					     : "none of its checks can be put right here");
}

static void plan_rule(struct planning *planning, struct planned *planned, struct plan *plan)
{
	const struct remediation *remediation = planned->result->rule->remediation;

	if (!may_be_done(planning, planned) || !lower(planning, planned))
		return;
	plan->fixes++;
	plan->reboot |= remediation->reboot;
	if (remediation->risk > plan->risk)
		plan->risk = remediation->risk;
}

int plan_make(struct host *host, const struct policy *policy, const struct plan_options *options,
	      struct plan *ret_plan, const char **ret_path, const char **ret_why)
{
	struct planning planning = {
		.host = host,
		.policy = policy,
		.options = options,
		.look = {.host = host},
		.draft = {.host = host,
			  .arena = host->arena,
			  .counts = counts,
			  .context = policy,
			  .now = now()},
	};
	struct plan plan = {0};
	int error;

	audit_run_configured(host, policy, &plan.audit);
	plan.at = arena_alloc(host->arena, plan.audit.result_count * sizeof(*plan.at) + 1);
	for (size_t i = 0; i < plan.audit.result_count; i++) {
		if (plan.audit.results[i].outcome != OUTCOME_FAIL)
			continue;
		plan.at[plan.count].result = &plan.audit.results[i];
		plan_rule(&planning, &plan.at[plan.count++], &plan);
	}
	error = draft_finish(&planning.draft, &plan.changes, ret_path);
	look_release(&planning.look);
	if (error)
		*ret_why = planning.draft.why;
	else
		*ret_plan = plan;
	return error;
}

/* Was it to be put right, or did it hold before? */
static bool has_to_hold(const struct plan *plan, size_t index)
{
	const struct result *before = &plan->audit.results[index];

	if (before->outcome == OUTCOME_PASS)
		return true;
	for (size_t i = 0; i < plan->count; i++)
		if (plan->at[i].result == before)
			return plan->at[i].hold == HOLD_NONE;
	return false;
}

bool plan_helped(struct host *host, const struct policy *policy, const struct plan *plan,
		 struct strv *ret_broken)
{
	struct audit after;
	struct strv broken = {0};

	host_set_os(host, host->os);
	audit_run_configured(host, policy, &after);
	for (size_t i = 0; i < after.result_count; i++) {
		const struct result *result = &after.results[i];

		if (has_to_hold(plan, i) && result->outcome != OUTCOME_PASS &&
		    result->outcome != OUTCOME_NOT_APPLICABLE)
			strv_push(&broken, host->arena,
				  arena_printf(host->arena, "%s: %s", result->rule->id,
					       result->reason ? result->reason : "?"));
	}
	*ret_broken = broken;
	return !broken.count;
}
