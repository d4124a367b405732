#include "judge/verdict.h"

#include "base/arena.h"
#include "judge/expect.h"

const char *outcome_name(enum outcome outcome)
{
	static const char *const names[N_OUTCOMES] = {
		[OUTCOME_PASS] = "pass",
		[OUTCOME_FAIL] = "fail",
		[OUTCOME_NOT_APPLICABLE] = "not_applicable",
		[OUTCOME_WAIVED] = "waived",
		[OUTCOME_MANUAL] = "manual",
		[OUTCOME_BLOCKED] = "blocked",
		[OUTCOME_UNKNOWN] = "unknown",
	};

	return names[outcome];
}

/* What one aspect's facts say: the first that breaks the expectation, or could not be tested. */
struct aspect_verdict {
	bool seen; /* there was a fact */
	const struct fact *holds, *breaks, *unsure;
	const char *why; /* of `unsure` */
};

static struct aspect_verdict look_at(const struct expect *expect, const struct fact *facts,
				     enum aspect aspect)
{
	struct aspect_verdict verdict = {0};

	for (const struct fact *fact = facts; fact; fact = fact->next) {
		const char *why = NULL;

		if (!(fact->aspect & aspect))
			continue;
		verdict.seen = true;
		switch (expect_test(expect, fact, &why)) {
		case HELD_YES:
			verdict.holds = verdict.holds ? verdict.holds : fact;
			break;
		case HELD_NO:
			verdict.breaks = verdict.breaks ? verdict.breaks : fact;
			break;
		case HELD_UNSURE:
			verdict.why = verdict.unsure ? verdict.why : why;
			verdict.unsure = verdict.unsure ? verdict.unsure : fact;
			break;
		}
	}
	return verdict;
}

/* What a fact says in words. Of a yes-or-no field its name says more than "yes". */
static const char *describe_fact(struct arena *arena, const struct expect *expect,
				 const struct fact *fact)
{
	const char *source = fact->source ? fact->source : "";
	const char *in = fact->source ? ", " : "";

	if (fact->state == FACT_ABSENT)
		return arena_printf(arena, "%s is absent%s%s", fact->object, in, source);
	if (expect->field && expect->field->type == VALUE_BOOL)
		return arena_printf(arena, "%s is %s%s%s%s", fact->object,
				    str_eq(fact->value, "yes") ? "" : "not ", expect->field->name,
				    in, source);
	if (str_eq(fact->value, fact->object))
		return arena_printf(arena, "%s is there%s%s", fact->object, in, source);
	return arena_printf(arena, "%s is %s%s%s", fact->object,
			    *fact->value ? fact->value : "empty", in, source);
}

static struct verdict fails(struct arena *arena, const struct expect *expect,
			    const struct aspect_verdict *running,
			    const struct aspect_verdict *configured)
{
	const struct fact *fact = running->breaks ? running->breaks : configured->breaks;
	const char *found = describe_fact(arena, expect, fact);
	const char *wanted = expect_describe(arena, expect);
	struct verdict verdict = {.outcome = OUTCOME_FAIL, .decided = fact};

	if (running->breaks && configured->holds && !configured->breaks && !configured->unsure)
		verdict.reason = arena_printf(arena,
					      "will be right after a reboot; now %s, expected %s",
					      found, wanted);
	else if (!running->breaks && running->holds && !running->unsure)
		verdict.reason =
			arena_printf(arena, "right now, but lost at the next boot: %s, expected %s",
				     found, wanted);
	else
		verdict.reason = arena_printf(arena, "%s, expected %s", found, wanted);
	return verdict;
}

static struct verdict unsure(struct arena *arena, const struct aspect_verdict *aspect)
{
	const struct fact *fact = aspect->unsure;

	return (struct verdict){
		.outcome = OUTCOME_UNKNOWN,
		.decided = fact,
		.reason = arena_printf(arena, "%s (%s): %s", fact->object,
				       aspect_name(fact->aspect), aspect->why),
	};
}

struct verdict verdict_of_check(struct arena *arena, const struct expect *expect,
				const struct fact *facts, unsigned aspects)
{
	struct aspect_verdict running = {0}, configured = {0};

	if (aspects & ASPECT_RUNNING)
		running = look_at(expect, facts, ASPECT_RUNNING);
	if (aspects & ASPECT_CONFIGURED)
		configured = look_at(expect, facts, ASPECT_CONFIGURED);
	if (running.breaks || configured.breaks)
		return fails(arena, expect, &running, &configured);
	if (running.unsure || configured.unsure)
		return unsure(arena, running.unsure ? &running : &configured);
	if (!running.seen && !configured.seen)
		return (struct verdict){
			.outcome = OUTCOME_NOT_APPLICABLE,
			.reason = "only a running host can tell",
		};
	return (struct verdict){
		.outcome = OUTCOME_PASS,
		.decided = configured.holds ? configured.holds : running.holds,
	};
}

/* Applicability is asked more kindly: what applies in one aspect applies, and is then judged. */
struct verdict verdict_of_when(struct arena *arena, const struct expect *expect,
			       const struct fact *facts)
{
	static const enum outcome order[] = {OUTCOME_PASS, OUTCOME_UNKNOWN};
	const struct verdict each[] = {
		verdict_of_check(arena, expect, facts, ASPECT_RUNNING),
		verdict_of_check(arena, expect, facts, ASPECT_CONFIGURED),
	};
	struct verdict both;

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t k = 0; k < sizeof(each) / sizeof(each[0]); k++)
			if (each[k].outcome == order[i])
				return each[k];
	both = verdict_of_check(arena, expect, facts, ASPECT_BOTH);
	if (both.outcome == OUTCOME_FAIL)
		both.reason = describe_fact(arena, expect, both.decided);
	return both;
}

/* The first verdict of a part with this outcome, or NULL. */
static const struct verdict *first(const struct part_verdict *parts, size_t count, enum part part,
				   enum outcome outcome)
{
	for (size_t i = 0; i < count; i++)
		if (parts[i].part == part && parts[i].verdict.outcome == outcome)
			return &parts[i].verdict;
	return NULL;
}

static size_t count_parts(const struct part_verdict *parts, size_t count, enum part part)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += parts[i].part == part;
	return found;
}

static struct verdict not_applicable(const struct verdict *when)
{
	return (struct verdict){
		.outcome = OUTCOME_NOT_APPLICABLE,
		.reason = when->reason,
		.decided = when->decided,
	};
}

/* Of alternatives one has to hold; the first one is what the rule is about, and speaks for all. */
static struct verdict any_of(struct arena *arena, const struct part_verdict *parts, size_t count)
{
	static const enum outcome order[] = {OUTCOME_PASS, OUTCOME_UNKNOWN, OUTCOME_FAIL,
					     OUTCOME_NOT_APPLICABLE};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		const struct verdict *verdict = first(parts, count, PART_ANY, order[i]);
		size_t ways = count_parts(parts, count, PART_ANY);
		struct verdict any;

		if (!verdict)
			continue;
		any = *verdict;
		if (any.outcome == OUTCOME_FAIL && ways > 1)
			any.reason = arena_printf(arena, "none of %zu ways to keep it is kept; %s",
						  ways, verdict->reason);
		return any;
	}
	return (struct verdict){.outcome = OUTCOME_PASS};
}

struct verdict verdict_of_rule(struct arena *arena, const struct part_verdict *parts, size_t count)
{
	static const enum outcome worst[] = {OUTCOME_FAIL, OUTCOME_UNKNOWN, OUTCOME_PASS,
					     OUTCOME_NOT_APPLICABLE};
	const struct verdict *verdict;
	struct verdict any;

	if ((verdict = first(parts, count, PART_WHEN, OUTCOME_FAIL)) ||
	    (verdict = first(parts, count, PART_WHEN, OUTCOME_NOT_APPLICABLE)))
		return not_applicable(verdict);
	if ((verdict = first(parts, count, PART_WHEN, OUTCOME_UNKNOWN)))
		return *verdict;
	any = any_of(arena, parts, count);
	for (size_t i = 0; i < sizeof(worst) / sizeof(worst[0]); i++) {
		if (count_parts(parts, count, PART_ANY) && any.outcome == worst[i])
			return any;
		if ((verdict = first(parts, count, PART_CHECK, worst[i])))
			return *verdict;
	}
	return (struct verdict){.outcome = OUTCOME_MANUAL,
				.reason = "nothing can be checked by itself"};
}

const char *part_name(enum part part)
{
	static const char *const names[] = {
		[PART_WHEN] = "when",
		[PART_CHECK] = "check",
		[PART_ANY] = "any",
	};

	return names[part];
}
