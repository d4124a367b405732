#include "audit/audit.h"

#include "audit/look.h"
#include "audit/waive.h"
#include "base/arena.h"
#include "host/host.h"
#include "host/osrelease.h"

/* Where judging a rule stands; rules that others need are judged before them. */
struct state {
	struct host *host;
	const struct policy *policy;
	struct look look;
	unsigned aspects; /* that are asked for at all */
	char today[sizeof("YYYY-MM-DD")];
	struct result **judged; /* in the order of policy->all_rules; NULL: not yet */
	bool *announced;        /* in the same order */
};

static const struct result *judge(struct state *state, const struct rule *rule);

static const struct result *judge_needed(struct state *state, const char *id)
{
	const struct rule *rule = policy_find_rule(state->policy, id);

	return judge(state, rule);
}

/* A rule whose ground is missing is blocked: one cause, one failure. */
static bool is_blocked(struct state *state, struct result *result)
{
	const struct strv *needs = &result->rule->needs;

	for (size_t i = 0; i < needs->count; i++) {
		const struct result *needed = judge_needed(state, needs->at[i]);

		switch (needed->outcome) {
		case OUTCOME_PASS:
		case OUTCOME_NOT_APPLICABLE:
		case OUTCOME_MANUAL:
			continue;
		default:
			break;
		}
		result->outcome = OUTCOME_BLOCKED;
		result->reason = arena_printf(state->host->arena, "needs %s, which is %s first",
					      needs->at[i],
					      needed->outcome == OUTCOME_FAIL ? "to be put right"
									      : "not settled");
		return true;
	}
	return false;
}

/* Is this the sentence that says that the rule does not apply? */
static bool is_kept_out(const struct part_result *part)
{
	return part->part->part == PART_WHEN && part->verdict.outcome == OUTCOME_FAIL;
}

/* Judges the sentences in order; when one says that the rule does not apply, the rest is left. */
static void judge_parts(struct state *state, struct result *result)
{
	const struct rule *rule = result->rule;
	struct arena *arena = state->host->arena;
	struct part_result *parts = arena_alloc(arena, rule->part_count * sizeof(*parts) + 1);
	struct part_verdict *verdicts = arena_alloc(arena,
						    rule->part_count * sizeof(*verdicts) + 1);
	struct verdict verdict;
	size_t count = 0;

	for (size_t i = 0; i < rule->part_count; i++) {
		const struct rule_part *part = &rule->parts[i];
		bool when = part->part == PART_WHEN;
		unsigned aspects = when ? ASPECT_BOTH : rule->aspects & state->aspects;

		parts[count].part = part;
		parts[count].facts = look_at_check(&state->look, &part->check, aspects);
		parts[count].verdict = when ? verdict_of_when(arena, &part->check.expect,
							      parts[count].facts)
					    : verdict_of_check(arena, &part->check.expect,
							       parts[count].facts, aspects);
		verdicts[count] = (struct part_verdict){part->part, parts[count].verdict};
		count++;
		if (when && parts[count - 1].verdict.outcome != OUTCOME_PASS)
			break;
	}
	verdict = verdict_of_rule(arena, verdicts, count);
	if (count && is_kept_out(&parts[count - 1]))
		verdict.reason = arena_printf(arena, "applies where %s; %s",
					      parts[count - 1].part->check.text, verdict.reason);
	result->parts = parts;
	result->part_count = count;
	result->outcome = verdict.outcome;
	result->reason = verdict.reason;
	result->decided = verdict.decided;
}

static size_t index_of(const struct policy *policy, const struct rule *rule)
{
	size_t low = 0, high = policy->all_rule_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(policy->all_rules[middle]->id, rule->id) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Tells probes what a rule, and those that it needs, are going to ask. */
static void announce(struct state *state, const struct rule *rule)
{
	bool *announced = &state->announced[index_of(state->policy, rule)];

	if (*announced || rule->not_applicable)
		return;
	*announced = true;
	for (size_t i = 0; i < rule->part_count; i++)
		look_announce(&state->look, &rule->parts[i].check);
	for (size_t i = 0; i < rule->needs.count; i++)
		announce(state, policy_find_rule(state->policy, rule->needs.at[i]));
}

static const struct result *judge(struct state *state, const struct rule *rule)
{
	size_t index = index_of(state->policy, rule);
	struct result *result = state->judged[index];

	if (result)
		return result;
	result = arena_new(state->host->arena, struct result);
	state->judged[index] = result;
	result->rule = rule;
	result->outcome = OUTCOME_UNKNOWN;
	result->reason = "it needs itself";
	if (rule->not_applicable) {
		result->outcome = OUTCOME_NOT_APPLICABLE;
		result->reason = rule->not_applicable;
		return result;
	}
	if (is_blocked(state, result))
		return result;
	judge_parts(state, result);
	waive(state->host->arena, state->policy, state->today, result);
	return result;
}

/* What the host calls itself: the kernel knows of a running one, an image has a file. */
static const char *host_name(struct host *host)
{
	cleanup(text) struct host_text text = {0};
	char *at, *line;
	int error;

	error = host->live ? host_proc_read(host, "sys/kernel/hostname", 4096, &text)
			   : host_read(host, "/etc/hostname", 4096, &text);
	if (error)
		return "";
	for (at = text.data; (line = str_next_line(&at));) {
		line = str_trim(line);
		if (*line && *line != '#')
			return arena_strdup(host->arena, line);
	}
	return "";
}

static long long milliseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

static void today(char *ret_date, size_t size)
{
	time_t now = time(NULL);
	struct tm day;

	strftime(ret_date, size, "%Y-%m-%d", gmtime_r(&now, &day));
}

static void run(struct host *host, const struct policy *policy, unsigned aspects,
		struct audit *ret_audit)
{
	struct arena *arena = host->arena;
	struct state state = {.host = host,
			      .policy = policy,
			      .look = {.host = host},
			      .aspects = aspects};
	struct audit audit = {.host = host, .policy = policy};
	struct result *results;
	struct timespec start;

	clock_gettime(CLOCK_REALTIME, &audit.started);
	clock_gettime(CLOCK_MONOTONIC, &start);
	today(state.today, sizeof(state.today));
	state.judged = arena_alloc(arena, policy->all_rule_count * sizeof(*state.judged) + 1);
	state.announced = arena_alloc(arena, policy->all_rule_count + 1);
	for (size_t i = 0; i < policy->rule_count; i++)
		announce(&state, policy->rules[i]);
	results = arena_alloc(arena, policy->rule_count * sizeof(*results) + 1);
	for (size_t i = 0; i < policy->rule_count; i++) {
		results[i] = *judge(&state, policy->rules[i]);
		audit.count[results[i].outcome]++;
	}
	audit.results = results;
	audit.result_count = policy->rule_count;
	audit.host_name = host_name(host);
	audit.os = (struct os_release){
		.id = osrelease_get(host, "ID"),
		.version_id = osrelease_get(host, "VERSION_ID"),
		.variant_id = osrelease_get(host, "VARIANT_ID"),
		.pretty_name = osrelease_get(host, "PRETTY_NAME"),
	};
	look_release(&state.look);
	audit.duration_ms = milliseconds_since(&start);
	*ret_audit = audit;
}

void audit_run(struct host *host, const struct policy *policy, struct audit *ret_audit)
{
	run(host, policy, ASPECT_BOTH, ret_audit);
}

void audit_run_configured(struct host *host, const struct policy *policy, struct audit *ret_audit)
{
	run(host, policy, ASPECT_CONFIGURED, ret_audit);
}
