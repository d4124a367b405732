#include "audit/waive.h"

#include "base/arena.h"
#include "base/str.h"

/* Dates of ISO 8601 sort as text. The last day still counts. */
static bool has_expired(const struct waiver *waiver, const char *today)
{
	return strcmp(today, waiver->expires) > 0;
}

static bool is_for(const struct waiver *waiver, const struct policy *policy,
		   const struct result *result)
{
	if (!str_eq(waiver->rule, result->rule->id))
		return false;
	return !waiver->role || strv_has(&policy->profile.os.roles, waiver->role);
}

/* What is absent has the value "absent" for a waiver that names one. */
static const char *observed(const struct fact *fact)
{
	return fact->state == FACT_VALUE ? fact->value : fact_state_name(fact->state);
}

static bool covers(const struct waiver *waiver, const struct fact *fact)
{
	if (waiver->subject && !str_eq(waiver->subject, fact->object))
		return false;
	return !waiver->value || str_eq(waiver->value, observed(fact));
}

struct waiving {
	struct arena *arena;
	const struct policy *policy;
	const char *today;
	const struct result *result;
	const struct waiver *used; /* the first that covered a failure */
	const struct waiver
		*stale; /* the first that would have, if it were not too late or changed */
};

/* Does a live waiver cover what this fact breaks? */
static bool is_waived(struct waiving *waiving, const struct fact *fact)
{
	const struct policy *policy = waiving->policy;

	for (size_t i = 0; i < policy->waiver_count; i++) {
		const struct waiver *waiver = &policy->waivers[i];

		if (!is_for(waiver, policy, waiving->result))
			continue;
		if (covers(waiver, fact) && !has_expired(waiver, waiving->today)) {
			waiving->used = waiving->used ? waiving->used : waiver;
			return true;
		}
		if (!waiving->stale && (!waiver->subject || str_eq(waiver->subject, fact->object)))
			waiving->stale = waiver;
	}
	return false;
}

/* The facts of a sentence without those that break it under a waiver. */
static struct fact *without_waived(struct waiving *waiving, const struct part_result *part)
{
	struct fact *kept = NULL, **tail = &kept;
	const char *why;

	for (const struct fact *fact = part->facts; fact; fact = fact->next) {
		struct fact *copy;

		if (expect_test(&part->part->check.expect, fact, &why) == HELD_NO &&
		    is_waived(waiving, fact))
			continue;
		copy = arena_new(waiving->arena, struct fact);
		*copy = *fact;
		copy->next = NULL;
		*tail = copy;
		tail = &copy->next;
	}
	return kept;
}

/* Judges the rule as if the waived facts had not been seen. A sentence without facts is content. */
static struct verdict judge_again(struct waiving *waiving)
{
	const struct result *result = waiving->result;
	struct part_verdict *parts;

	parts = arena_alloc(waiving->arena, result->part_count * sizeof(*parts));
	for (size_t i = 0; i < result->part_count; i++) {
		const struct part_result *part = &result->parts[i];

		parts[i].part = part->part->part;
		parts[i].verdict = part->verdict;
		if (part->verdict.outcome != OUTCOME_FAIL || parts[i].part == PART_WHEN)
			continue;
		parts[i].verdict = verdict_of_check(waiving->arena, &part->part->check.expect,
						    without_waived(waiving, part),
						    result->rule->aspects);
		if (parts[i].verdict.outcome == OUTCOME_NOT_APPLICABLE)
			parts[i].verdict.outcome = OUTCOME_PASS;
	}
	return verdict_of_rule(waiving->arena, parts, result->part_count);
}

static void say_stale(struct waiving *waiving, struct result *result)
{
	const struct waiver *waiver = waiving->stale;

	result->waiver = waiver;
	if (has_expired(waiver, waiving->today))
		result->reason = arena_printf(waiving->arena, "%s; waiver %s (%s) expired on %s",
					      result->reason, waiver->name, waiver->owner,
					      waiver->expires);
	else
		result->reason = arena_printf(waiving->arena,
					      "%s; waiver %s (%s) was given for the value %s",
					      result->reason, waiver->name, waiver->owner,
					      waiver->value);
}

void waive(struct arena *arena, const struct policy *policy, const char *today,
	   struct result *result)
{
	struct waiving waiving = {.arena = arena,
				  .policy = policy,
				  .today = today,
				  .result = result};
	struct verdict verdict;

	if (result->outcome != OUTCOME_FAIL)
		return;
	verdict = judge_again(&waiving);
	if (waiving.used && verdict.outcome == OUTCOME_PASS) {
		result->outcome = OUTCOME_WAIVED;
		result->waiver = waiving.used;
		result->reason = arena_printf(arena, "%s; waived until %s by %s: %s",
					      result->reason, waiving.used->expires,
					      waiving.used->owner, waiving.used->reason);
		return;
	}
	if (waiving.used) {
		result->outcome = verdict.outcome;
		result->reason = verdict.reason;
		result->decided = verdict.decided;
	}
	if (waiving.stale && result->outcome == OUTCOME_FAIL)
		say_stale(&waiving, result);
}
