/* benchmarks/NAME.ini: one rule a section, and the variables' defaults. */
#include "policy/key.h"

#include <stdlib.h>

#define VARIABLES "variables"

static void add_part(struct load *load, const struct ini_entry *entry, struct rule *rule,
		     enum part part)
{
	const size_t size = sizeof(*rule->parts);

	for (const struct ini_line *line = entry->lines; line; line = line->next) {
		rule->parts = arena_grow(load->arena, rule->parts, rule->part_count * size,
					 (rule->part_count + 1) * size);
		rule->parts[rule->part_count++] = (struct rule_part){
			.part = part,
			.check.text = line->text,
			.origin = line->origin,
		};
		variables_check(&load->variables, load->problems, line->origin, line->text);
	}
}

static void read_check(struct load *load, const struct ini_entry *entry, void *target)
{
	add_part(load, entry, target, PART_CHECK);
}

static void read_any(struct load *load, const struct ini_entry *entry, void *target)
{
	add_part(load, entry, target, PART_ANY);
}

static void read_when(struct load *load, const struct ini_entry *entry, void *target)
{
	add_part(load, entry, target, PART_WHEN);
}

static void read_needs(struct load *load, const struct ini_entry *entry, void *target)
{
	struct strv *needs = target;
	size_t i = needs->count;

	for (const struct ini_line *line = entry->lines; line; line = line->next) {
		strv_split(needs, load->arena, line->text, STR_BLANKS);
		for (; i < needs->count; i++) {
			struct reference *reference = arena_new(load->arena, struct reference);

			reference->rule = needs->at[i];
			reference->origin = line->origin;
			reference->next = load->references;
			load->references = reference;
		}
	}
}

static void read_aspect(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *word = ini_text(load->arena, entry);
	unsigned *aspects = target;

	if (str_eq(word, "running"))
		*aspects = ASPECT_RUNNING;
	else if (str_eq(word, "configured"))
		*aspects = ASPECT_CONFIGURED;
	else
		problem_add(load->problems, entry->origin,
			    "an aspect is running or configured, not '%s'", word);
}

static const struct key rule_keys[] = {
	{"title", read_template, offsetof(struct rule, title), KEY_REQUIRED},
	{"why", read_template, offsetof(struct rule, why), KEY_REQUIRED},
	{"level", read_level, offsetof(struct rule, level), 0},
	{"severity", read_severity, offsetof(struct rule, severity), KEY_REQUIRED},
	{"check", read_check, 0, 0},
	{"any", read_any, 0, 0},
	{"when", read_when, 0, 0},
	{"needs", read_needs, offsetof(struct rule, needs), 0},
	{"aspect", read_aspect, offsetof(struct rule, aspects), 0},
	{"refs", read_words, offsetof(struct rule, refs), 0},
	{"fix", read_name, offsetof(struct rule, fix), 0},
	{"by-hand", read_template, offsetof(struct rule, by_hand), 0},
	{0},
};

static struct rule *read_rule(struct load *load, const struct ini_section *section,
			      const char *benchmark)
{
	struct rule *rule = arena_new(load->arena, struct rule);

	rule->id = section->name;
	rule->benchmark = benchmark;
	rule->title = rule->why = "";
	rule->level = 1;
	rule->aspects = ASPECT_BOTH;
	rule->origin = section->origin;
	if (!section->refused && !is_name(section->name))
		problem_add(load->problems, section->origin,
			    "a rule's id is made of a-z, 0-9 and '-', unlike '%s'", section->name);
	keys_read(load, section, rule_keys, rule);
	return rule;
}

static void read_variable(struct load *load, const struct ini_entry *entry, unsigned rank)
{
	struct variable variable = {
		.name = entry->key,
		.value = ini_text(load->arena, entry),
		.origin = entry->origin,
		.rank = rank,
	};
	struct variable *other = variable_find(&load->variables, entry->key);

	if (entry->key[strspn(entry->key, "abcdefghijklmnopqrstuvwxyz0123456789-_")])
		problem_add(load->problems, entry->origin,
			    "a variable's name is made of a-z, 0-9, '-' and '_', unlike '%s'",
			    entry->key);
	if (strstr(variable.value, "${"))
		problem_add(load->problems, entry->origin, "a variable in the value of a variable");
	if (!other)
		variable_add(&load->variables, load->arena, &variable);
	else if (other->rank == rank && !str_eq(other->origin.file, entry->origin.file))
		problem_add(load->problems, entry->origin,
			    "%s:%u defines the variable '%s' already", other->origin.file,
			    other->origin.line, entry->key);
	else if (rank < other->rank)
		*other = variable;
}

/* A rule with the rank of its file, as long as it is not known which one of an id counts. */
struct candidate {
	struct rule **slot;
	unsigned rank;
	size_t order;
};

static int compare_candidates(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = strcmp((*x->slot)->id, (*y->slot)->id);

	if (order)
		return order;
	if (x->rank != y->rank)
		return x->rank < y->rank ? -1 : 1;
	return x->order < y->order ? -1 : 1;
}

/*
 * Of rules with the same id (`same` of them, the highest first) the first one counts. It takes the
 * place of the lowest, so that a profile which selects that benchmark gets it.
 */
static void settle(struct load *load, struct candidate *candidates, size_t same)
{
	struct rule *winner = *candidates[0].slot;
	struct rule *lowest = *candidates[same - 1].slot;

	for (size_t i = 1; i < same; i++) {
		const struct rule *rule = *candidates[i].slot;
		const struct origin *before = &(*candidates[i - 1].slot)->origin;

		if (candidates[i].rank == candidates[i - 1].rank)
			problem_add(load->problems, rule->origin, "%s:%u has a rule '%s' already",
				    before->file, before->line, rule->id);
	}
	for (size_t i = 0; i < same; i++)
		*candidates[i].slot = NULL;
	*candidates[same - 1].slot = winner;
	winner->benchmark = lowest->benchmark;
	load->rules[load->rule_count++] = winner;
}

static void index_rules(struct load *load, const struct source_files *files)
{
	size_t total = 0, count = 0, same;
	struct candidate *candidates;

	for (size_t i = 0; i < load->benchmark_count; i++)
		total += load->benchmarks[i].count;
	candidates = arena_alloc(load->arena, total * sizeof(*candidates));
	load->rules = arena_alloc(load->arena, total * sizeof(*load->rules));
	for (size_t i = 0; i < load->benchmark_count; i++)
		for (size_t k = 0; k < load->benchmarks[i].count; k++, count++)
			candidates[count] = (struct candidate){&load->benchmarks[i].rules[k],
							       files->at[i].rank, count};
	qsort(candidates, count, sizeof(*candidates), compare_candidates);
	for (size_t i = 0; i < count; i += same) {
		const char *id = (*candidates[i].slot)->id;

		for (same = 1; i + same < count; same++)
			if (!str_eq((*candidates[i + same].slot)->id, id))
				break;
		settle(load, candidates + i, same);
	}
}

static void read_benchmark(struct load *load, const struct source_file *file,
			   struct benchmark *benchmark)
{
	size_t count = 0;

	for (const struct ini_section *section = file->sections; section; section = section->next)
		count++;
	benchmark->name = file->name;
	benchmark->rules = arena_alloc(load->arena, count * sizeof(*benchmark->rules));
	if (!is_name(file->name))
		problem_add(load->problems, (struct origin){file->path, 0},
			    "a file's name is made of a-z, 0-9 and '-', and ends in .ini");
	for (const struct ini_section *section = file->sections; section; section = section->next) {
		struct rule *rule;

		if (str_eq(section->name, VARIABLES))
			continue;
		rule = read_rule(load, section, file->name);
		if (!section->refused)
			benchmark->rules[benchmark->count++] = rule;
	}
}

/* Of the rules that are left, is there one that needs this one, or (`up`) that this one needs? */
static bool has_neighbour(const struct load *load, const struct rule *rule, const bool *left,
			  bool up)
{
	for (size_t i = 0; i < load->rule_count; i++) {
		const struct rule *other = load->rules[i];

		if (left[i] &&
		    (up ? strv_has(&rule->needs, other->id) : strv_has(&other->needs, rule->id)))
			return true;
	}
	return false;
}

/* Ends of the paths of needs are taken away, one by one; what is left goes in a circle. */
static void check_cycles(struct load *load)
{
	bool *left = arena_alloc(load->arena, load->rule_count * sizeof(*left));
	bool again = true;

	for (size_t i = 0; i < load->rule_count; i++)
		left[i] = load->rules[i]->needs.count > 0;
	while (again) {
		again = false;
		for (size_t i = 0; i < load->rule_count; i++) {
			const struct rule *rule = load->rules[i];

			if (!left[i] || (has_neighbour(load, rule, left, true) &&
					 has_neighbour(load, rule, left, false)))
				continue;
			left[i] = false;
			again = true;
		}
	}
	for (size_t i = 0; i < load->rule_count; i++)
		if (left[i])
			problem_add(load->problems, load->rules[i]->origin,
				    "what rule '%s' needs leads back to it: %s", load->rules[i]->id,
				    strv_join(&load->rules[i]->needs, load->arena, ", "));
}

void benchmarks_read(struct load *load)
{
	struct source_files files;

	sources_read(&load->sources, KIND_BENCHMARKS, &files);
	for (size_t i = 0; i < files.count; i++) {
		const struct ini_section *variables = ini_section(files.at[i].sections, VARIABLES);

		for (const struct ini_entry *entry = variables ? variables->entries : NULL; entry;
		     entry = entry->next)
			read_variable(load, entry, files.at[i].rank);
	}
	load->benchmark_count = files.count;
	load->benchmarks = arena_alloc(load->arena, files.count * sizeof(*load->benchmarks));
	for (size_t i = 0; i < files.count; i++)
		read_benchmark(load, &files.at[i], &load->benchmarks[i]);
	index_rules(load, &files);
	for (const struct reference *at = load->references; at; at = at->next)
		if (!load_rule(load, at->rule))
			load_miss(load, at->origin, "rule", at->rule);
	check_cycles(load);
}

/* A sentence that asks for what can never be told would be a rule that never applies. */
static void check_aspects(struct load *load, const struct rule *rule, const struct rule_part *part)
{
	const struct field *field = part->check.expect.field;

	if (part->part != PART_WHEN && field && !(field->aspects & rule->aspects))
		problem_add(load->problems, part->origin,
			    "'%s' cannot be told in the aspect that the rule is about",
			    field->name);
}

void rule_compile(struct load *load, struct rule *rule)
{
	for (size_t i = 0; i < rule->part_count; i++) {
		struct rule_part *part = &rule->parts[i];
		const char *text = variables_expand(&load->variables, load->arena,
						    part->check.text);
		const char *message;

		if (check_parse(load->arena, text, &part->check, &message))
			problem_add(load->problems, part->origin, "%s", message);
		else
			check_aspects(load, rule, part);
	}
	rule->title = variables_expand(&load->variables, load->arena, rule->title);
	rule->why = variables_expand(&load->variables, load->arena, rule->why);
	if (rule->by_hand)
		rule->by_hand = variables_expand(&load->variables, load->arena, rule->by_hand);
}
