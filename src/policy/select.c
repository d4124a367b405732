/* Which of the profile's rules were asked for? */
#include "policy/load.h"

#include <fnmatch.h>

static bool matches(const struct strv *globs, const char *id)
{
	for (size_t i = 0; i < globs->count; i++)
		if (!fnmatch(globs->at[i], id, 0))
			return true;
	return false;
}

/* A misspelt glob must not look like a short audit. */
static void check_globs(struct load *load, const struct strv *globs, const char *option)
{
	for (size_t i = 0; i < globs->count; i++) {
		const struct strv one = {.at = globs->at + i, .count = 1};
		bool found = false;

		for (size_t k = 0; k < load->rule_count && !found; k++)
			found = matches(&one, load->rules[k]->id);
		if (!found && strpbrk(globs->at[i], "*?["))
			problem_add(load->problems, (struct origin){option, 0},
				    "no rule is called like '%s'", globs->at[i]);
		else if (!found)
			load_miss(load, (struct origin){option, 0}, "rule", globs->at[i]);
	}
}

static bool is_wanted(const struct rule *rule, const struct selection *selection, unsigned level)
{
	if (rule->level > level || (int)rule->severity < selection->severity)
		return false;
	if (selection->only.count && !matches(&selection->only, rule->id))
		return false;
	return !matches(&selection->skip, rule->id);
}

void select_rules(struct load *load, const struct selection *selection, struct policy *ret_policy)
{
	const struct strv *names = &ret_policy->profile.benchmarks;

	check_globs(load, &selection->only, "--only");
	check_globs(load, &selection->skip, "--skip");
	ret_policy->level = selection->level ? selection->level : ret_policy->profile.level;
	ret_policy->rules = arena_alloc(load->arena, load->rule_count * sizeof(struct rule *));
	for (size_t i = 0; i < names->count; i++) {
		const struct benchmark *benchmark = load_benchmark(load, names->at[i]);
		const struct strv before = {.at = names->at, .count = i};

		if (!benchmark || strv_has(&before, names->at[i]))
			continue;
		for (size_t k = 0; k < benchmark->count; k++) {
			struct rule *rule = benchmark->rules[k];

			if (rule && is_wanted(rule, selection, ret_policy->level))
				ret_policy->rules[ret_policy->rule_count++] = rule;
		}
	}
}
