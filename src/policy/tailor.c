/* What a profile or a site makes of the rules. */
#include "policy/key.h"

#include <fnmatch.h>

static void set_value(struct load *load, const struct ini_entry *entry)
{
	struct variable *variable = variable_find(&load->variables, entry->key);

	if (variable)
		variable->value = ini_text(load->arena, entry);
	else
		variable_miss(&load->variables, load->problems, entry->origin, entry->key);
	if (variable && strstr(variable->value, "${"))
		problem_add(load->problems, entry->origin, "a variable in the value of a variable");
}

void set_variable(struct load *load, const char *assignment)
{
	const struct origin origin = {"--set", 0};
	size_t length = strcspn(assignment, "=");
	const char *name = arena_strndup(load->arena, assignment, length);
	struct variable *variable = variable_find(&load->variables, name);

	if (!assignment[length])
		problem_add(load->problems, origin, "'%s' is not NAME=VALUE", assignment);
	else if (!variable)
		variable_miss(&load->variables, load->problems, origin, name);
	else if (strpbrk(assignment, "\n\r") || strstr(assignment, "${"))
		problem_add(load->problems, origin, "'%s' has a line's end or a variable in it",
			    name);
	else
		variable->value = assignment + length + 1;
}

/* An instruction of [tailor]: its first word, and what stands behind. */
struct instruction {
	struct load *load;
	struct rule *rule;
	struct origin origin;
	const char *rest;
	bool first_check; /* the check sentences of the rule itself are still there */
};

static void note(const struct instruction *at, const char *what)
{
	struct arena *arena = at->load->arena;
	const char *where = origin_short(arena, at->origin);
	const char *before = at->rule->tailored;

	at->rule->tailored = arena_printf(arena, "%s%s%s (%s)", before ? before : "",
					  before ? "; " : "", what, where);
}

/* Cuts the next word off the rest. */
static char *next_word(struct instruction *at)
{
	size_t length = strcspn(at->rest, STR_BLANKS);
	char *word = arena_strndup(at->load->arena, at->rest, length);

	at->rest += length + strspn(at->rest + length, STR_BLANKS);
	return word;
}

static const char *because(const struct instruction *at)
{
	return *at->rest ? arena_printf(at->load->arena, ": %s", at->rest) : "";
}

static void turn_off(struct instruction *at)
{
	if (!*at->rest)
		problem_add(at->load->problems, at->origin,
			    "a rule is turned off with a reason: off REASON");
	at->rule->not_applicable = arena_printf(at->load->arena, "turned off: %s", at->rest);
	note(at, "off");
}

static void set_severity(struct instruction *at)
{
	const char *before = severity_name(at->rule->severity), *word = next_word(at);

	if (severity_parse(word, &at->rule->severity))
		problem_add(at->load->problems, at->origin,
			    "'%s' is none of low, medium, high, critical", word);
	note(at, arena_printf(at->load->arena, "severity %s instead of %s%s", word, before,
			      because(at)));
}

static void set_level(struct instruction *at)
{
	const char *word = next_word(at);

	if (!str_eq(word, "1") && !str_eq(word, "2"))
		problem_add(at->load->problems, at->origin, "a level is 1 or 2, not '%s'", word);
	note(at, arena_printf(at->load->arena, "level %s instead of %u%s", word, at->rule->level,
			      because(at)));
	at->rule->level = *word == '1' ? 1 : 2;
}

/* The first sentence takes the place of all that have to hold; where the rule applies stays. */
static void set_check(struct instruction *at)
{
	struct rule *rule = at->rule;
	struct rule_part *parts;
	size_t count = 0;

	if (!*at->rest) {
		problem_add(at->load->problems, at->origin,
			    "the sentence behind 'check' is missing");
		return;
	}
	variables_check(&at->load->variables, at->load->problems, at->origin, at->rest);
	parts = arena_alloc(at->load->arena, (rule->part_count + 1) * sizeof(*parts));
	for (size_t i = 0; i < rule->part_count; i++)
		if (!at->first_check || rule->parts[i].part == PART_WHEN)
			parts[count++] = rule->parts[i];
	parts[count++] = (struct rule_part){
		.part = PART_CHECK,
		.check.text = at->rest,
		.origin = at->origin,
	};
	rule->parts = parts;
	rule->part_count = count;
	at->first_check = false;
	note(at, "another check");
}

static const struct verb {
	const char *word;
	void (*apply)(struct instruction *at);
} verbs[] = {
	{"off", turn_off},
	{"severity", set_severity},
	{"level", set_level},
	{"check", set_check},
};

#define N_VERBS (sizeof(verbs) / sizeof(verbs[0]))

static void follow(struct instruction *at)
{
	const char *word = next_word(at);
	struct strv words = {0};

	for (size_t i = 0; i < N_VERBS; i++) {
		if (str_eq(verbs[i].word, word)) {
			verbs[i].apply(at);
			return;
		}
		strv_push(&words, at->load->arena, verbs[i].word);
	}
	complain_word(at->load, at->origin, "instruction", word, &words);
}

static void tailor_rule(struct load *load, const struct ini_entry *entry)
{
	struct instruction at = {
		.load = load,
		.rule = load_rule(load, entry->key),
		.first_check = true,
	};

	if (!entry->lines)
		problem_add(load->problems, entry->origin, "'%s' has no value", entry->key);
	if (!at.rule) {
		load_miss(load, entry->origin, "rule", entry->key);
		return;
	}
	for (const struct ini_line *line = entry->lines; line; line = line->next) {
		at.origin = line->origin;
		at.rest = line->text;
		follow(&at);
	}
}

static void exclude(struct load *load, const struct ini_entry *entry)
{
	const char *why = ini_text(load->arena, entry);
	bool found = false;

	if (!*why)
		problem_add(load->problems, entry->origin, "the sentence that says why is missing");
	if (!strpbrk(entry->key, "*?[")) {
		struct rule *rule = load_rule(load, entry->key);

		if (rule)
			rule->not_applicable = why;
		else
			load_miss(load, entry->origin, "rule", entry->key);
		return;
	}
	for (size_t i = 0; i < load->rule_count; i++)
		if (!fnmatch(entry->key, load->rules[i]->id, 0)) {
			load->rules[i]->not_applicable = why;
			found = true;
		}
	if (!found)
		problem_add(load->problems, entry->origin, "no rule is called like '%s'",
			    entry->key);
}

static void each(struct load *load, struct ini_section *sections, const char *name,
		 void (*apply)(struct load *, const struct ini_entry *))
{
	const struct ini_section *section = ini_section(sections, name);

	for (const struct ini_entry *entry = section ? section->entries : NULL; entry;
	     entry = entry->next)
		apply(load, entry);
}

void tailor(struct load *load, struct ini_section *sections)
{
	each(load, sections, "variables", set_value);
	each(load, sections, "not-applicable", exclude);
	each(load, sections, "tailor", tailor_rule);
}
