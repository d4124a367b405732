#include "host/firewall/fw_eval.h"

#include "base/str.h"

#include <stdlib.h>

/* Rule sets can be made so that following them takes for ever, or all memory. */
#define MOST_STEPS ((size_t)3000000)
#define MOST_REGIONS ((size_t)4096)
#define DEEPEST 64

struct regions {
	struct fw_region *at;
	size_t count, space;
};

/* Two that differ in one property alone are one. */
static bool merge(struct arena *arena, struct fw_region *into, const struct fw_region *region)
{
	int differs = -1;

	if (into->source != region->source || into->mark != region->mark ||
	    into->mark_lost != region->mark_lost || into->doubtful != region->doubtful ||
	    into->by_runtime != region->by_runtime)
		return false;
	for (int dim = 0; dim < N_FW_DIMS; dim++) {
		if (fw_set_equal(into->at[dim], region->at[dim]))
			continue;
		if (differs >= 0)
			return false;
		differs = dim;
	}
	if (differs >= 0)
		into->at[differs] = fw_set_or(arena, into->at[differs], region->at[differs]);
	return true;
}

static void push(struct fw_course *course, struct regions *regions, const struct fw_region *region)
{
	size_t first = regions->count > 16 ? regions->count - 16 : 0;

	for (size_t i = first; i < regions->count; i++)
		if (merge(course->arena, &regions->at[i], region))
			return;
	if (regions->count >= MOST_REGIONS) {
		course->gave_up = true;
		return;
	}
	if (regions->count == regions->space) {
		size_t space = regions->space ? regions->space * 2 : 4;

		regions->at = arena_grow(course->arena, regions->at,
					 regions->count * sizeof(*regions->at),
					 space * sizeof(*regions->at));
		regions->space = space;
	}
	regions->at[regions->count++] = *region;
}

static void record(struct fw_course *course, enum fw_action verdict, const struct fw_region *region,
		   const char *source)
{
	struct fw_outcome *outcome = arena_new(course->arena, struct fw_outcome);

	outcome->verdict = verdict;
	outcome->region = *region;
	outcome->region.source = source;
	outcome->next = course->outcomes;
	course->outcomes = outcome;
}

static void doubt(struct fw_region *region, const char *source, const char *what,
		  struct arena *arena)
{
	region->doubtful = true;
	if (!region->what)
		region->what = arena_printf(arena, "%s: %s", source, what);
}

/* Can any packet of a region be like this? Only by the matches on sets. */
static bool may_match(const struct fw_rule *rule, const struct fw_region *region)
{
	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct fw_match *match = &rule->matches[i];

		if (match->kind == FW_NEVER)
			return false;
		if (match->kind == FW_IN && !fw_set_meets(region->at[match->dim], match->set))
			return false;
	}
	return true;
}

enum answer { NO, YES, BOTH, DOUBT };

/* The reverse path of loopback addresses leads nowhere but to the loopback interface. */
static enum answer ask_rpfilter(struct arena *arena, const struct fw_region *region, bool negated)
{
	struct fw_set lo = fw_set_interface(arena, "lo", 0);
	const struct fw_range local[] = {{1, 1}, {0x7f000000, 0x7fffffff}};
	bool six = region->at[FW_FAMILY].count && region->at[FW_FAMILY].at[0].low == 6;
	struct fw_set loopback = fw_set_make(arena, six ? &local[0] : &local[1], 1);

	if (fw_set_within(region->at[FW_IIF], lo))
		return negated ? YES : NO;
	if (fw_set_within(region->at[FW_SADDR], loopback) && !fw_set_meets(region->at[FW_IIF], lo))
		return negated ? NO : YES;
	return DOUBT;
}

static enum answer ask(const struct fw_course *course, const struct fw_match *match,
		       const struct fw_region *region)
{
	enum answer answer;

	switch (match->kind) {
	case FW_MARK_IS:
		if (region->mark_lost)
			return DOUBT;
		return ((region->mark & match->mask) == match->value) != match->negated ? YES : NO;
	case FW_RPFILTER:
		answer = ask_rpfilter(course->arena, region, match->negated);
		return answer == DOUBT && course->plain ? (match->negated ? YES : NO) : answer;
	case FW_SELECTIVE:
		return !course->plain ? DOUBT : match->negated ? YES : NO;
	case FW_SOMETIMES:
		return BOTH;
	default:
		return DOUBT;
	}
}

/* Splits a region: the part that the rule matches stays in it, the rest is pushed. */
static bool split(struct fw_course *course, const struct fw_rule *rule, struct fw_region *region,
		  struct regions *rest)
{
	struct fw_region other;

	for (size_t i = 0; i < rule->n_matches; i++) {
		const struct fw_match *match = &rule->matches[i];
		struct fw_set *set = &region->at[match->dim];
		enum answer answer;

		if (match->kind == FW_IN) {
			if (fw_set_within(*set, match->set))
				continue;
			other = *region;
			other.at[match->dim] = fw_set_minus(course->arena, *set, match->set);
			push(course, rest, &other);
			*set = fw_set_and(course->arena, *set, match->set);
			continue;
		}
		answer = ask(course, match, region);
		if (answer == YES)
			continue;
		if (answer == DOUBT)
			doubt(region, rule->source, match->what ? match->what : "a mark",
			      course->arena);
		push(course, rest, region);
		if (answer == NO)
			return false;
	}
	return true;
}

/* Where regions go from a rule: to the next one, or back to the chain that led here. */
struct exits {
	struct regions *rest, *out;
	unsigned depth;
};

static void walk(struct fw_course *course, const struct fw_chain *chain, struct regions *regions,
		 struct regions *out, unsigned depth);

static void lead(struct fw_course *course, const struct fw_rule *rule,
		 const struct fw_region *region, struct regions *out, unsigned depth)
{
	struct regions single = {0};

	push(course, &single, region);
	walk(course, rule->chain, &single, out, depth + 1);
}

static void affect(struct fw_course *course, const struct fw_rule *rule, struct fw_region *region)
{
	switch (rule->effect) {
	case FW_SETS_MARK:
		region->mark = (region->mark & ~rule->mask) ^ rule->value;
		/* All of it is set: then nothing of what it was is left. */
		region->mark_lost &= rule->mask != UINT32_MAX;
		return;
	case FW_LOSES_MARK:
		region->mark_lost = true;
		return;
	case FW_UNTRACKS:
		region->at[FW_STATE] = fw_set_range(course->arena, FW_UNTRACKED * 4,
						    FW_UNTRACKED * 4);
		return;
	default:
		return;
	}
}

static void act(struct fw_course *course, const struct fw_chain *chain, const struct fw_rule *rule,
		struct fw_region *region, struct regions *rest)
{
	switch (rule->action) {
	case FW_ACCEPT:
		region->by_runtime |= chain->is_runtime;
		record(course, FW_ACCEPT, region, rule->source);
		return;
	case FW_DROP:
	case FW_REJECT:
		record(course, rule->action, region, rule->source);
		return;
	case FW_UNCERTAIN:
		doubt(region, rule->source, rule->target, course->arena);
		record(course, FW_ACCEPT, region, rule->source);
		record(course, FW_DROP, region, rule->source);
		break;
	default:
		break;
	}
	push(course, rest, region);
}

static void step(struct fw_course *course, const struct fw_chain *chain, const struct fw_rule *rule,
		 struct fw_region *region, const struct exits *exits)
{
	if (!may_match(rule, region)) {
		push(course, exits->rest, region);
		return;
	}
	if (!split(course, rule, region, exits->rest))
		return;
	affect(course, rule, region);
	if (rule->action == FW_JUMP)
		lead(course, rule, region, exits->rest, exits->depth);
	else if (rule->action == FW_GOTO)
		lead(course, rule, region, exits->out, exits->depth);
	else if (rule->action == FW_RETURN)
		push(course, exits->out, region);
	else
		act(course, chain, rule, region, exits->rest);
}

/* Sends regions through a chain; those that come out at its end, or return, go to `out`. */
static void walk(struct fw_course *course, const struct fw_chain *chain, struct regions *regions,
		 struct regions *out, unsigned depth)
{
	if (depth > DEEPEST)
		course->gave_up = true;
	for (size_t i = 0; i < chain->n_rules && regions->count && !course->gave_up; i++) {
		const struct fw_rule *rule = &chain->rules[i];
		struct regions rest = {0};

		for (size_t k = 0; k < regions->count && !course->gave_up; k++) {
			if (++course->steps > MOST_STEPS)
				course->gave_up = true;
			step(course, chain, rule, &regions->at[k],
			     &(struct exits){&rest, out, depth});
		}
		*regions = rest;
	}
	for (size_t i = 0; i < regions->count; i++)
		push(course, out, &regions->at[i]);
}

/* Through one base chain: what it lets through is all that is left. */
static void pass(struct fw_course *course, const struct fw_chain *chain, struct regions *regions)
{
	enum fw_dim dim = chain->hook == FW_EGRESS ? FW_OIF : FW_IIF;
	struct fw_outcome *before = course->outcomes, *outcome, **at;
	struct regions inside = {0}, out = {0}, passed = {0};

	for (size_t i = 0; i < regions->count; i++) {
		struct fw_region in = regions->at[i], beside = in;

		if (chain->devices.count) {
			in.at[dim] = fw_set_and(course->arena, in.at[dim], chain->devices);
			beside.at[dim] = fw_set_minus(course->arena, beside.at[dim],
						      chain->devices);
			if (beside.at[dim].count)
				push(course, &passed, &beside);
		}
		if (in.at[dim].count)
			push(course, &inside, &in);
	}
	walk(course, chain, &inside, &out, 0);
	for (size_t i = 0; i < out.count; i++)
		record(course, chain->policy, &out.at[i], chain->source);
	for (at = &course->outcomes; *at != before;) {
		outcome = *at;
		if (outcome->verdict != FW_ACCEPT) {
			at = &outcome->next;
			continue;
		}
		push(course, &passed, &outcome->region);
		*at = outcome->next;
	}
	*regions = passed;
}

static int in_order(const void *a, const void *b)
{
	const struct fw_chain *left = *(const struct fw_chain *const *)a;
	const struct fw_chain *right = *(const struct fw_chain *const *)b;

	if (left->priority != right->priority)
		return left->priority < right->priority ? -1 : 1;
	/* Of those with the same priority the kernel puts the newest first. */
	return left->number > right->number ? -1 : left->number < right->number;
}

bool fw_counts(const struct fw_chain *chain, enum fw_hook hook, unsigned families)
{
	return chain->hook == hook && !chain->is_nat && !chain->table->dormant &&
	       (chain->table->families & families);
}

static void follow_hook(const struct fw_model *model, enum fw_hook hook, struct regions *regions,
			struct fw_course *course)
{
	const struct fw_chain **chains = arena_alloc(course->arena,
						     (model->n_chains + 1) * sizeof(*chains));
	size_t count = 0;

	for (size_t i = 0; i < model->n_chains; i++)
		if (fw_counts(model->chains[i], hook, course->families))
			chains[count++] = model->chains[i];
	qsort(chains, count, sizeof(*chains), in_order);
	for (size_t i = 0; i < count; i++)
		pass(course, chains[i], regions);
}

void fw_follow(const struct fw_model *model, const enum fw_hook *hooks,
	       const struct fw_region *packets, struct fw_course *course)
{
	struct regions regions = {0};

	push(course, &regions, packets);
	for (; *hooks != FW_NO_HOOK; hooks++)
		follow_hook(model, *hooks, &regions, course);
	for (size_t i = 0; i < regions.count; i++)
		record(course, FW_ACCEPT, &regions.at[i], regions.at[i].source);
}
