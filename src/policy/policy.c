#include "policy/policy.h"

#include "base/digest.h"
#include "policy/load.h"

#include <errno.h>

static struct profile_file *choose(struct load *load, struct host *host,
				   const struct selection *selection, const char **ret_chosen,
				   const char **ret_note)
{
	struct profile_file *file;

	if (selection->optional && !selection->profile && !profile_fits(load, host))
		return NULL;
	if (!load->profile_count) {
		problem_add(load->problems, (struct origin){"policy", 0},
			    "there is no os-profile in any of %s",
			    policy_places(load->arena, selection));
		return NULL;
	}
	if (!selection->profile)
		return profile_detect(load, host, ret_chosen, ret_note);
	*ret_chosen = "--profile";
	file = load_profile(load, selection->profile);
	if (!file)
		load_miss(load, (struct origin){"--profile", 0}, "os-profile", selection->profile);
	return file;
}

/* Everything that decides what is audited, in the order in which the later one wins. */
static void put_together(struct load *load, struct profile_file *file,
			 const struct selection *selection, struct policy *policy)
{
	struct ini_section *sections;

	profile_build(load, file, &sections, &policy->profile);
	sections_merge(load->arena, &sections, load->site);
	site_apply(load, &selection->roles, &policy->profile);
	tailor(load, sections);
	for (size_t i = 0; i < selection->set.count; i++)
		set_variable(load, selection->set.at[i]);
	for (size_t i = 0; i < load->rule_count; i++)
		rule_compile(load, load->rules[i]);
	policy->all_rules = load->rules;
	policy->all_rule_count = load->rule_count;
	policy->waivers = load->waivers;
	policy->waiver_count = load->waiver_count;
	policy->remediations = load->remediations;
	policy->remediation_count = load->remediation_count;
	select_rules(load, selection, policy);
}

/* The door keeps it for the run, wherever the policy itself is moved to. */
static void tell_host(struct host *host, const struct os *os)
{
	struct os *copy = arena_new(host->arena, struct os);

	*copy = *os;
	host_set_os(host, copy);
}

/* Parts of a system are audited too: there an absent file may only not have been brought along. */
static const char *note_incomplete(struct host *host)
{
	static const char *const inits[] = {"/usr/lib/systemd/systemd", "/lib/systemd/systemd",
					    "/sbin/init", "/init"};

	for (size_t i = 0; i < sizeof(inits) / sizeof(*inits); i++)
		if (host->live || host_exists(host, inits[i]))
			return NULL;
	return "no init program is here: this is a part of an image, and what it lacks counts as "
	       "missing";
}

int policy_load(struct host *host, const struct selection *selection, struct problems *problems,
		struct policy *ret_policy)
{
	struct load load = {.arena = problems->arena, .problems = problems};
	cleanup(sources) struct sources *sources = &load.sources;
	struct policy policy = {0};
	struct profile_file *file;
	const char *chosen = NULL, *note = NULL;

	sources_init(sources, load.arena, problems);
	sources_add_policy(sources, selection);
	load_files(&load);
	file = choose(&load, host, selection, &chosen, &note);
	if (file)
		put_together(&load, file, selection, &policy);
	policy.profile.chosen = chosen;
	policy.profile.note = note ? note : note_incomplete(host);
	digest_end(sources->digest, policy.profile.digest);
	if (problems->count) {
		problems_sort(problems);
		policy_release(&policy);
		return -EINVAL;
	}
	tell_host(host, &policy.profile.os);
	*ret_policy = policy;
	return 0;
}

void policy_release(struct policy *policy)
{
	for (size_t i = 0; i < policy->all_rule_count; i++)
		for (size_t k = 0; k < policy->all_rules[i]->part_count; k++)
			check_release(&policy->all_rules[i]->parts[k].check);
	for (size_t i = 0; i < policy->remediation_count; i++)
		for (size_t k = 0; k < policy->remediations[i].unless_count; k++)
			check_release(&policy->remediations[i].unless[k].check);
}

int policy_profiles(const struct selection *selection, struct problems *problems,
		    struct profile **ret_profiles, size_t *ret_count)
{
	struct load load = {.arena = problems->arena, .problems = problems};
	cleanup(sources) struct sources *sources = &load.sources;
	struct ini_section *sections;
	struct profile *profiles;

	sources_init(sources, load.arena, problems);
	sources_add_policy(sources, selection);
	load_files(&load);
	profiles = arena_alloc(load.arena, load.profile_count * sizeof(*profiles));
	for (size_t i = 0; i < load.profile_count; i++)
		profile_build(&load, &load.profiles[i], &sections, &profiles[i]);
	problems_sort(problems);
	if (problems->count)
		return -EINVAL;
	*ret_profiles = profiles;
	*ret_count = load.profile_count;
	return 0;
}
