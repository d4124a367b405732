/* remediations/NAME.ini: how a rule that fails is put right. */
#include "policy/key.h"

#include <stdlib.h>

static void read_do(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *word = ini_text(load->arena, entry);
	struct strv names = {0};

	for (const char *const *name = intent_names; *name; name++)
		strv_push(&names, load->arena, *name);
	if (!strv_has(&names, word))
		complain_word(load, entry->origin, "intent", word, &names);
	*(const char **)target = word;
}

static void read_risk(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *word = ini_text(load->arena, entry);
	struct strv names = {0};

	for (int i = 0; i < N_RISKS; i++) {
		strv_push(&names, load->arena, risk_name((enum risk)i));
		if (str_eq(word, names.at[i])) {
			*(enum risk *)target = (enum risk)i;
			return;
		}
	}
	complain_word(load, entry->origin, "risk", word, &names);
}

static void read_reboot(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *word = ini_text(load->arena, entry);

	*(bool *)target = str_eq(word, "yes");
	if (!str_eq(word, "yes") && !str_eq(word, "no"))
		problem_add(load->problems, entry->origin, "it is yes or no, not '%s'", word);
}

/* Sentences, as in a rule. They are parsed here: variables make no sense in them. */
static void read_unless(struct load *load, const struct ini_entry *entry, void *target)
{
	struct remediation *remediation = target;
	const size_t size = sizeof(*remediation->unless);

	for (const struct ini_line *line = entry->lines; line; line = line->next) {
		struct rule_part part = {.part = PART_WHEN, .origin = line->origin};
		const char *message;

		if (check_parse(load->arena, line->text, &part.check, &message)) {
			problem_add(load->problems, line->origin, "%s", message);
			continue;
		}
		remediation->unless = arena_grow(load->arena, remediation->unless,
						 remediation->unless_count * size,
						 (remediation->unless_count + 1) * size);
		remediation->unless[remediation->unless_count++] = part;
	}
}

static const struct key keys[] = {
	{"summary", read_text, offsetof(struct remediation, summary), KEY_REQUIRED},
	{"by-hand", read_text, offsetof(struct remediation, by_hand), KEY_REQUIRED},
	{"do", read_do, offsetof(struct remediation, intent), 0},
	{"risk", read_risk, offsetof(struct remediation, risk), 0},
	{"reboot", read_reboot, offsetof(struct remediation, reboot), 0},
	{"unless", read_unless, 0, 0},
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
