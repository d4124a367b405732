#include "cli/show_plan.h"

#include "base/arena.h"
#include "base/diff.h"
#include "base/json.h"
#include "base/utf8.h"
#include "base/wrap.h"
#include "host/host.h"

#include <stdio.h>

#define INDENT 8
#define WIDTH 80

static const char *safe(struct arena *arena, const char *text)
{
	return utf8_printable(arena, text);
}

const char *show_state(struct arena *arena, const struct state *state)
{
	switch (state->thing) {
	case THING_ABSENT:
		return "nothing";
	case THING_LINK:
		return arena_printf(arena, "a link to %s", safe(arena, state->target));
	default:
		return arena_printf(arena, "a %s, %04o %u:%u", thing_name(state->thing),
				    state->mode, state->uid, state->gid);
	}
}

static const char *label(enum hold hold)
{
	static const char *const labels[] = {"FIX", "BY HAND", "CANNOT", "GUARDED", "RISKY"};

	return labels[hold];
}

static void show_rule(struct arena *arena, const struct planned *planned)
{
	const struct rule *rule = planned->result->rule;

	printf("%-7s %-8s %s\n", label(planned->hold), severity_name(rule->severity), rule->id);
	wrap_print(stdout, rule->title, INDENT, WIDTH);
	if (planned->why)
		wrap_print(stdout, safe(arena, planned->why), INDENT, WIDTH);
	for (size_t i = 0; i < planned->wish_count; i++)
		printf("%*s%s: %s\n", INDENT, "", planned->intent->name,
		       safe(arena, planned->wishes[i].check->text));
	if (planned->hold == HOLD_NONE && rule->remediation->risk != RISK_NONE)
		printf("%*srisk: %s\n", INDENT, "", risk_name(rule->remediation->risk));
}

/* Line by line: what a file holds must not write on the terminal. */
static void show_diff(struct arena *arena, const struct change *change)
{
	char *text = arena_strdup(arena, diff_unified(arena, change->old_data, change->data)),
	     *line;

	printf("--- %s\n+++ %s\n",
	       change->before.thing == THING_ABSENT ? "/dev/null" : safe(arena, change->path),
	       safe(arena, change->path));
	while ((line = str_next_line(&text)))
		puts(safe(arena, line));
}

static void show_change(struct arena *arena, const struct change *change, bool diffs)
{
	printf("%s\n", safe(arena, change->path));
	printf("%*s%s -> %s\n", INDENT, "", show_state(arena, &change->before),
	       show_state(arena, &change->after));
	if (diffs && change->old_data && change->data)
		show_diff(arena, change);
}

static void show_held(struct arena *arena, const struct plan *plan, bool done)
{
	for (size_t i = 0; i < plan->count; i++)
		if ((plan->at[i].hold == HOLD_NONE) == done)
			show_rule(arena, &plan->at[i]);
}

void show_plan(struct arena *arena, const struct plan *plan, bool diffs)
{
	const struct profile *profile = &plan->audit.policy->profile;

	printf("%s, %s; profile %s, level %u\n\n", safe(arena, plan->audit.host->name),
	       plan->audit.host->live ? "running" : "image", profile->os.id,
	       plan->audit.policy->level);
	show_held(arena, plan, false);
	show_held(arena, plan, true);
	if (plan->changes.count)
		putchar('\n');
	for (size_t i = 0; i < plan->changes.count; i++)
		show_change(arena, &plan->changes.at[i], diffs);
	printf("\n%zu of %zu rules that fail can be put right, in %zu changes; risk: %s%s\n",
	       plan->fixes, plan->count, plan->changes.count, risk_name(plan->risk),
	       plan->audit.host->live && plan->reboot ? "; some hold only after a reboot" : "");
}

static void json_rule(struct json *json, const struct planned *planned)
{
	const struct rule *rule = planned->result->rule;
	const struct remediation *remediation = rule->remediation;

	json_open(json, NULL, '{');
	json_string(json, "rule", rule->id);
	json_string(json, "severity", severity_name(rule->severity));
	json_string(json, "plan", hold_name(planned->hold));
	json_string(json, "reason", planned->why);
	json_string(json, "intent", planned->intent ? planned->intent->name : NULL);
	json_string(json, "risk", remediation ? risk_name(remediation->risk) : NULL);
	json_bool(json, "reboot", remediation && remediation->reboot);
	json_open(json, "checks", '[');
	for (size_t i = 0; i < planned->wish_count; i++)
		json_string(json, NULL, planned->wishes[i].check->text);
	json_close(json, ']');
	json_close(json, '}');
}

static void json_state(struct json *json, const char *key, struct arena *arena,
		       const struct state *state)
{
	json_open(json, key, '{');
	json_string(json, "is", thing_name(state->thing));
	if (state->thing == THING_FILE || state->thing == THING_DIR)
		json_string(json, "mode", arena_printf(arena, "%04o", state->mode));
	if (state->thing != THING_ABSENT) {
		json_number(json, "uid", state->uid);
		json_number(json, "gid", state->gid);
	}
	if (state->thing == THING_LINK)
		json_string(json, "target", state->target);
	json_close(json, '}');
}

static void json_change(struct json *json, struct arena *arena, const struct change *change)
{
	bool shown = change->old_data && change->data;

	json_open(json, NULL, '{');
	json_string(json, "path", change->path);
	json_string(json, "rules", change->why);
	json_state(json, "before", arena, &change->before);
	json_state(json, "after", arena, &change->after);
	json_string(json, "diff",
		    shown ? diff_unified(arena, change->old_data, change->data) : NULL);
	json_close(json, '}');
}

void show_plan_json(const struct plan *plan, struct arena *arena)
{
	struct json json = {.out = stdout};

	json_open(&json, NULL, '{');
	json_string(&json, "schema", "hostaudit-plan-1");
	json_string(&json, "root", plan->audit.host->name);
	json_string(&json, "profile", plan->audit.policy->profile.os.id);
	json_string(&json, "risk", risk_name(plan->risk));
	json_bool(&json, "reboot", plan->reboot);
	json_open(&json, "rules", '[');
	for (size_t i = 0; i < plan->count; i++)
		json_rule(&json, &plan->at[i]);
	json_close(&json, ']');
	json_open(&json, "changes", '[');
	for (size_t i = 0; i < plan->changes.count; i++)
		json_change(&json, arena, &plan->changes.at[i]);
	json_close(&json, ']');
	json_close(&json, '}');
}
