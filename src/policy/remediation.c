/* remediations/NAME.ini: how a rule that fails is put right. */
#include "policy/key.h"

#include <stdlib.h>

static const struct key keys[] = {
	{"summary", read_text, offsetof(struct remediation, summary), KEY_REQUIRED},
	{"by-hand", read_text, offsetof(struct remediation, by_hand), KEY_REQUIRED},
	{0},
};

static int compare_name(const void *name, const void *remediation)
{
	return strcmp(name, ((const struct remediation *)remediation)->name);
}

static int compare(const void *a, const void *b)
{
	const struct remediation *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

/* Of remediations with the same name the one of the highest directory counts. */
static void keep_highest(struct load *load, struct remediation *all, size_t count)
{
	load->remediations = all;
	for (size_t i = 0; i < count; i++) {
		const struct remediation *last = i ? &all[load->remediation_count - 1] : NULL;

		if (!last || !str_eq(all[i].name, last->name))
			all[load->remediation_count++] = all[i];
		else if (all[i].rank == last->rank)
			problem_add(load->problems, all[i].origin,
				    "%s:%u has a remediation '%s' already", last->origin.file,
				    last->origin.line, last->name);
	}
}

/* A rule's `fix` has to be one of them. Without any, nobody wants to put anything right. */
static void find_fixes(struct load *load)
{
	struct strv names = {0};

	for (size_t i = 0; i < load->remediation_count; i++)
		strv_push(&names, load->arena, load->remediations[i].name);
	for (size_t i = 0; i < load->rule_count && load->remediation_count; i++) {
		struct rule *rule = load->rules[i];

		if (!rule->fix)
			continue;
		rule->remediation = bsearch(rule->fix, load->remediations, load->remediation_count,
					    sizeof(*load->remediations), compare_name);
		if (!rule->remediation)
			complain_word(load, rule->origin, "remediation", rule->fix, &names);
	}
}

void remediations_read(struct load *load)
{
	struct source_files files;
	struct remediation *all;
	size_t count = 0;

	sources_read(&load->sources, KIND_REMEDIATIONS, &files);
	for (size_t i = 0; i < files.count; i++)
		for (const struct ini_section *at = files.at[i].sections; at; at = at->next)
			count++;
	all = arena_alloc(load->arena, count * sizeof(*all));
	count = 0;
	for (size_t i = 0; i < files.count; i++)
		for (const struct ini_section *at = files.at[i].sections; at; at = at->next) {
			struct remediation one = {.name = at->name,
						  .rank = files.at[i].rank,
						  .origin = at->origin};

			keys_read(load, at, keys, &one);
			if (!at->refused)
				all[count++] = one;
		}
	if (count)
		qsort(all, count, sizeof(*all), compare);
	keep_highest(load, all, count);
	find_fixes(load);
}
