#include "policy/load.h"

#include "base/nearest.h"

#include <stdlib.h>

static int compare_rule(const void *id, const void *rule)
{
	return strcmp(id, (*(struct rule *const *)rule)->id);
}

static struct rule *find_rule(struct rule **rules, size_t count, const char *id)
{
	struct rule **found = count ? bsearch(id, rules, count, sizeof(*rules), compare_rule)
				    : NULL;

	return found ? *found : NULL;
}

struct rule *load_rule(const struct load *load, const char *id)
{
	return find_rule(load->rules, load->rule_count, id);
}

struct rule *policy_find_rule(const struct policy *policy, const char *id)
{
	return find_rule(policy->all_rules, policy->all_rule_count, id);
}

struct benchmark *load_benchmark(const struct load *load, const char *name)
{
	for (size_t i = 0; i < load->benchmark_count; i++)
		if (str_eq(load->benchmarks[i].name, name))
			return &load->benchmarks[i];
	return NULL;
}

struct profile_file *load_profile(const struct load *load, const char *name)
{
	for (size_t i = 0; i < load->profile_count; i++)
		if (str_eq(load->profiles[i].name, name))
			return &load->profiles[i];
	return NULL;
}

static struct strv all_names(const struct load *load, const char *what)
{
	struct strv names = {0};

	if (str_eq(what, "rule"))
		for (size_t i = 0; i < load->rule_count; i++)
			strv_push(&names, load->arena, load->rules[i]->id);
	else if (str_eq(what, "benchmark"))
		for (size_t i = 0; i < load->benchmark_count; i++)
			strv_push(&names, load->arena, load->benchmarks[i].name);
	else
		for (size_t i = 0; i < load->profile_count; i++)
			strv_push(&names, load->arena, load->profiles[i].name);
	return names;
}

void load_miss(const struct load *load, struct origin origin, const char *what, const char *name)
{
	struct strv names = all_names(load, what);
	const char *nearest = nearest_word(name, &names);

	if (nearest)
		problem_add(load->problems, origin, "there is no %s '%s'; did you mean '%s'?", what,
			    name, nearest);
	else
		problem_add(load->problems, origin, "there is no %s '%s'", what, name);
}

const char *policy_places(struct arena *arena, const struct selection *selection)
{
	struct strv dirs;

	policy_dirs(arena, selection, &dirs);
	return strv_join(&dirs, arena, ", ");
}

void load_files(struct load *load)
{
	benchmarks_read(load);
	profiles_read(load);
	site_read(load);
	waivers_read(load);
	remediations_read(load);
}
