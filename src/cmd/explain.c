/* hostaudit explain: what a rule asks for on this host and why, and how it is put right. */
#include "base/arena.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "base/wrap.h"
#include "cli/command.h"
#include "cli/target.h"

#define WIDTH 80
#define INDENT 2

static const struct option_row *const tables[] = {target_rows, NULL};

static void paragraph(struct arena *arena, const char *heading, const char *text)
{
	if (!text || !*text)
		return;
	printf("\n%s\n", heading);
	wrap_print(stdout, utf8_printable(arena, text), INDENT, WIDTH);
}

/* The sentences of one kind, as they are after tailoring, with the variables put in. */
static void sentences(struct arena *arena, const struct rule *rule, enum part part,
		      const char *heading)
{
	for (size_t i = 0; i < rule->part_count; i++) {
		if (rule->parts[i].part != part)
			continue;
		if (heading)
			printf("\n%s\n", heading);
		heading = NULL;
		wrap_print(stdout, utf8_printable(arena, rule->parts[i].check.text), INDENT, WIDTH);
	}
}

static bool is_manual(const struct rule *rule)
{
	for (size_t i = 0; i < rule->part_count; i++)
		if (rule->parts[i].part != PART_WHEN)
			return false;
	return true;
}

static bool is_selected(const struct policy *policy, const struct rule *rule)
{
	for (size_t i = 0; i < policy->rule_count; i++)
		if (policy->rules[i] == rule)
			return true;
	return false;
}

static const char *why_not_selected(struct arena *arena, const struct policy *policy,
				    const struct rule *rule)
{
	if (is_selected(policy, rule))
		return NULL;
	if (!strv_has(&policy->profile.benchmarks, rule->benchmark))
		return arena_printf(arena, "The profile %s does not have the benchmark %s.",
				    policy->profile.os.id, rule->benchmark);
	return arena_printf(arena, "It is of level %u, and rules up to level %u are judged.",
			    rule->level, policy->level);
}

static void waivers(struct arena *arena, const struct policy *policy, const struct rule *rule)
{
	for (size_t i = 0; i < policy->waiver_count; i++) {
		const struct waiver *waiver = &policy->waivers[i];

		if (!str_eq(waiver->rule, rule->id))
			continue;
		paragraph(arena, "Waiver",
			  arena_printf(arena, "%s, until %s, by %s: %s%s%s%s%s%s%s", waiver->name,
				       waiver->expires, waiver->owner, waiver->reason,
				       waiver->subject ? "; only for " : "",
				       waiver->subject ? waiver->subject : "",
				       waiver->value ? "; only while it is " : "",
				       waiver->value ? waiver->value : "",
				       waiver->role ? "; only with the role " : "",
				       waiver->role ? waiver->role : ""));
	}
}

/* Where nothing in /etc outlives a boot, what is done by hand has to be said elsewhere. */
static const char *where_it_lasts(struct arena *arena, const struct policy *policy)
{
	const struct strv *persists = &policy->profile.os.persists;
	const char *renderer = policy->profile.renderer;

	if (!persists->count || strv_has(persists, "/etc") || strv_has(persists, "/"))
		return NULL;
	return arena_printf(arena,
			    "Here a boot forgets what was changed by hand%s%s: say it in the "
			    "system's own configuration%s%s%s.",
			    str_eq(persists->at[0], "none") ? "" : ", but for what lies below ",
			    str_eq(persists->at[0], "none") ? "" : strv_join(persists, arena, " "),
			    renderer ? " (" : "", renderer ? renderer : "", renderer ? ")" : "");
}

static void explain(struct arena *arena, const struct policy *policy, const struct rule *rule)
{
	const char *aspect = rule->aspects == ASPECT_BOTH      ? "now and at the next boot"
			     : rule->aspects == ASPECT_RUNNING ? "now"
							       : "at the next boot";

	wrap_print(stdout,
		   utf8_printable(arena, arena_printf(arena, "%s: %s", rule->id, rule->title)), 0,
		   WIDTH);
	printf("%*sbenchmark %s, level %u, severity %s (%s)\n", INDENT, "", rule->benchmark,
	       rule->level, severity_name(rule->severity), origin_short(arena, rule->origin));
	printf("%*sprofile %s (%s)\n", INDENT, "", policy->profile.os.id,
	       utf8_printable(arena, policy->profile.chosen));
	paragraph(arena, "Why", rule->why);
	paragraph(arena, "It is not judged", why_not_selected(arena, policy, rule));
	paragraph(arena, "It cannot apply here", rule->not_applicable);
	sentences(arena, rule, PART_WHEN, "It applies where");
	sentences(arena, rule, PART_CHECK, arena_printf(arena, "What has to hold, %s", aspect));
	sentences(arena, rule, PART_ANY,
		  arena_printf(arena, "Of these one has to hold, %s", aspect));
	if (is_manual(rule))
		paragraph(arena, "How it is checked", "By people: no program can tell.");
	paragraph(arena, "Tailored", rule->tailored);
	paragraph(arena, "First has to hold", strv_join(&rule->needs, arena, ", "));
	paragraph(arena, "By hand", rule_by_hand(rule));
	paragraph(arena, "Where it lasts", where_it_lasts(arena, policy));
	paragraph(arena, "References", strv_join(&rule->refs, arena, " "));
	waivers(arena, policy, rule);
}

static enum exit_code explain_all(struct arena *arena, const struct policy *policy,
				  const struct strv *ids)
{
	enum exit_code code = EXIT_HOLDS;
	struct strv known = {0};

	for (size_t i = 0; i < policy->all_rule_count; i++)
		strv_push(&known, arena, policy->all_rules[i]->id);
	for (size_t i = 0; i < ids->count; i++) {
		const struct rule *rule = policy_find_rule(policy, ids->at[i]);
		const char *nearest = rule ? NULL : nearest_word(ids->at[i], &known);

		if (rule) {
			fputs(i ? "\n\n" : "", stdout);
			explain(arena, policy, rule);
			continue;
		}
		code = EXIT_USAGE;
		if (nearest)
			complain("there is no rule '%s'; did you mean '%s'?", ids->at[i], nearest);
		else
			complain("there is no rule '%s'; 'hostaudit list rules' shows them",
				 ids->at[i]);
	}
	return code;
}

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct strv ids = {0};
	struct target target;
	enum exit_code code = EXIT_USAGE;

	if (!command_line(&arena, argc, argv, tables, &ids)) {
		if (!ids.count)
			complain("which rule? 'hostaudit list rules' shows them");
		else if (!(code = (enum exit_code)target_open(&arena, &target))) {
			code = explain_all(&arena, &target.policy, &ids);
			target_close(&target);
		}
	}
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit explain kernel-kptr-restrict",
	"hostaudit explain --profile flatcar --policy-dir . kernel-kptr-restrict",
	NULL,
};

const struct command command_explain = {
	.name = "explain",
	.arguments = "RULE...",
	.summary = "tell what a rule asks for and why, and how to put it right",
	.options = tables,
	.examples = examples,
	.run = run,
};
