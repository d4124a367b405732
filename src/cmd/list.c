/* hostaudit list: the rules that the profile selects, the profiles, the probes, the reports. */
#include "base/arena.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/target.h"
#include "probes/probe.h"
#include "reports/report.h"

enum { FORMAT_TEXT, FORMAT_JSON };

static const char *const formats[] = {"text", "json", NULL};
static int format;
static bool all;

static const struct option_row rows[] = {
	{"format", 'f', OPTION_CHOICE, "FORMAT", &format, formats, "text or json"},
	{"all", 'a', OPTION_FLAG, NULL, &all, NULL,
	 "rules: also those that the profile does not select"},
	{0},
};

static const struct option_row *const tables[] = {rows, target_rows, NULL};

static void json_strings(struct json *json, const char *key, const struct strv *strings)
{
	json_open(json, key, '[');
	for (size_t i = 0; i < strings->count; i++)
		json_string(json, NULL, strings->at[i]);
	json_close(json, ']');
}

static void rule_json(struct json *json, const struct rule *rule)
{
	json_open(json, NULL, '{');
	json_string(json, "rule", rule->id);
	json_string(json, "benchmark", rule->benchmark);
	json_number(json, "level", rule->level);
	json_string(json, "severity", severity_name(rule->severity));
	json_string(json, "title", rule->title);
	json_strings(json, "refs", &rule->refs);
	json_string(json, "not_applicable", rule->not_applicable);
	json_string(json, "tailored", rule->tailored);
	json_close(json, '}');
}

static void rule_text(struct arena *arena, const struct rule *rule)
{
	printf("%-32s %u %-8s %s%s\n", rule->id, rule->level, severity_name(rule->severity),
	       utf8_printable(arena, rule->title), rule->not_applicable ? " (not applicable)" : "");
}

static enum exit_code list_rules(struct arena *arena)
{
	struct json json = {.out = stdout};
	struct target target;
	enum exit_code code = (enum exit_code)target_open(arena, &target);
	const struct policy *policy = &target.policy;
	size_t count;

	if (code)
		return code;
	count = all ? policy->all_rule_count : policy->rule_count;
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	for (size_t i = 0; i < count; i++) {
		const struct rule *rule = all ? policy->all_rules[i] : policy->rules[i];

		if (format == FORMAT_JSON)
			rule_json(&json, rule);
		else
			rule_text(arena, rule);
	}
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	target_close(&target);
	return EXIT_HOLDS;
}

static void profile_json(struct json *json, const struct profile *profile)
{
	json_open(json, NULL, '{');
	json_string(json, "profile", profile->os.id);
	json_string(json, "title", profile->os.title);
	json_strings(json, "inherits", &profile->inherits);
	json_strings(json, "benchmarks", &profile->benchmarks);
	json_strings(json, "traits", &profile->os.traits);
	json_strings(json, "roles", &profile->os.roles);
	json_number(json, "level", profile->level);
	json_close(json, '}');
}

static enum exit_code list_profiles(struct arena *arena)
{
	struct json json = {.out = stdout};
	struct problems problems = {.arena = arena};
	struct profile *profiles = NULL;
	size_t count = 0;

	if (policy_profiles(&target_options.selection, &problems, &profiles, &count)) {
		complain_problems(&problems);
		return EXIT_USAGE;
	}
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	for (size_t i = 0; i < count; i++)
		if (format == FORMAT_JSON)
			profile_json(&json, &profiles[i]);
		else
			printf("%-24s %s\n", profiles[i].os.id,
			       utf8_printable(arena, profiles[i].os.title));
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	return EXIT_HOLDS;
}

static void fields_json(struct json *json, const struct field *fields)
{
	static const char *const types[] = {
		[VALUE_SCALAR] = "scalar", [VALUE_STRING] = "string", [VALUE_BOOL] = "bool",
		[VALUE_LIST] = "list",     [VALUE_MODE] = "mode",
	};

	json_open(json, "fields", '[');
	for (; fields->name; fields++) {
		json_open(json, NULL, '{');
		json_string(json, "field", fields->name);
		json_string(json, "type", types[fields->type]);
		json_bool(json, "running", fields->aspects & ASPECT_RUNNING);
		json_bool(json, "configured", fields->aspects & ASPECT_CONFIGURED);
		json_string(json, "summary", fields->summary);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void probe_json(struct json *json, const struct probe *probe)
{
	json_open(json, NULL, '{');
	json_string(json, "probe", probe->name);
	json_string(json, "subject", probe->subject);
	json_string(json, "summary", probe->summary);
	json_string(json, "example", probe->example);
	json_bool(json, "presence", probe->presence);
	fields_json(json, probe->fields);
	json_close(json, '}');
}

static void probe_text(const struct probe *probe)
{
	printf("%s %s: %s\n", probe->name, probe->subject, probe->summary);
	for (const struct field *field = probe->fields; field->name; field++)
		printf("  %-14s %s\n", field->name, field->summary);
	if (probe->presence)
		printf("  %-14s %s\n", "present", "or absent: is it there?");
	printf("  example: %s\n", probe->example);
}

static enum exit_code list_probes(struct arena *arena)
{
	struct json json = {.out = stdout};

	(void)arena;
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	for (const struct probe *const *probe = probes; *probe; probe++)
		if (format == FORMAT_JSON)
			probe_json(&json, *probe);
		else
			probe_text(*probe);
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	return EXIT_HOLDS;
}

static enum exit_code list_reports(struct arena *arena)
{
	struct json json = {.out = stdout};

	(void)arena;
	if (format == FORMAT_JSON)
		json_open(&json, NULL, '[');
	for (const struct report *const *report = reports; *report; report++) {
		if (format != FORMAT_JSON) {
			printf("%-10s %s\n", (*report)->name, (*report)->summary);
			continue;
		}
		json_open(&json, NULL, '{');
		json_string(&json, "report", (*report)->name);
		json_string(&json, "summary", (*report)->summary);
		json_close(&json, '}');
	}
	if (format == FORMAT_JSON)
		json_close(&json, ']');
	return EXIT_HOLDS;
}

static const struct list {
	const char *name;
	enum exit_code (*print)(struct arena *arena);
} lists[] = {
	{"rules", list_rules},
	{"profiles", list_profiles},
	{"probes", list_probes},
	{"reports", list_reports},
};

static enum exit_code print(struct arena *arena, const struct strv *words)
{
	for (size_t i = 0; words->count == 1 && i < sizeof(lists) / sizeof(lists[0]); i++)
		if (str_eq(lists[i].name, words->at[0]))
			return lists[i].print(arena);
	complain("'list' takes one of rules, profiles, probes, reports");
	return EXIT_USAGE;
}

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct strv words = {0};
	enum exit_code code = EXIT_USAGE;

	if (!command_line(&arena, argc, argv, tables, &words))
		code = print(&arena, &words);
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit list rules --profile flatcar",
	"hostaudit list probes",
	"hostaudit list profiles --format json",
	NULL,
};

const struct command command_list = {
	.name = "list",
	.arguments = "rules|profiles|probes|reports",
	.summary = "list the rules of the profile, the profiles, probes or reports",
	.options = tables,
	.examples = examples,
	.run = run,
};
