#include "host/units/presets.h"

#include "host/units/units_name.h"

#include <errno.h>
#include <fnmatch.h>

static const char *const dirs[] = {
	"/etc/systemd/system-preset",
	"/run/systemd/system-preset",
	"/usr/local/lib/systemd/system-preset",
	"/usr/lib/systemd/system-preset",
	"/lib/systemd/system-preset", /* where / and /usr are not merged */
	NULL,
};

static void push(struct preset_rules *rules, struct arena *arena, const struct preset_rule *rule)
{
	if (rules->count == rules->space) {
		size_t space = rules->space ? rules->space * 2 : 16;

		rules->at = arena_grow(arena, rules->at, rules->count * sizeof(*rules->at),
				       space * sizeof(*rules->at));
		rules->space = space;
	}
	rules->at[rules->count++] = *rule;
}

/* What stands behind the word that a line begins with, or NULL if it begins otherwise. */
static char *behind(char *line, const char *word)
{
	char *rest = line + strlen(word);

	if (!str_starts(line, word) || !*rest || !strchr(STR_BLANKS, *rest))
		return NULL;
	return rest + strspn(rest, STR_BLANKS);
}

static bool parse_enable(struct preset_rule *rule, struct arena *arena, const char *words)
{
	struct strv list = {0};

	strv_split(&list, arena, words, STR_BLANKS);
	rule->pattern = list.at[0];
	for (size_t i = 1; i < list.count; i++)
		strv_push(&rule->instances, arena, list.at[i]);
	return list.count == 1 || unit_kind(rule->pattern) == UNIT_TEMPLATE;
}

static bool parse_rule(struct preset_rule *rule, struct arena *arena, char *line)
{
	char *words = behind(line, "enable");

	if (words)
		return parse_enable(rule, arena, words);
	words = behind(line, "disable");
	rule->preset = words ? PRESET_DISABLE : PRESET_IGNORE;
	if (!words)
		words = behind(line, "ignore");
	rule->pattern = words;
	return words;
}

void presets_parse(struct preset_rules *rules, struct arena *arena, const char *file,
		   const char *text)
{
	char *rest = arena_strdup(arena, text), *line;

	for (unsigned number = 1; (line = str_next_line(&rest)); number++) {
		struct preset_rule rule = {.file = file, .line = number};

		line = str_trim(line);
		if (*line && *line != '#' && *line != ';' && parse_rule(&rule, arena, line))
			push(rules, arena, &rule);
	}
}

static bool speaks_of(const struct preset_rule *rule, struct arena *arena, const char *unit)
{
	const char *template = rule->instances.count ? unit_template(arena, unit) : NULL;

	if (template && str_eq(template, rule->pattern) && unit_kind(unit) == UNIT_INSTANCE)
		return strv_has(&rule->instances, unit_instance(arena, unit));
	return !fnmatch(rule->pattern, unit, FNM_NOESCAPE);
}

const struct preset_rule *presets_find(const struct preset_rules *rules, struct arena *arena,
				       const char *unit)
{
	for (size_t i = 0; i < rules->count; i++)
		if (speaks_of(&rules->at[i], arena, unit))
			return &rules->at[i];
	return NULL;
}

static int read_rules(struct host *host, const char *path, struct preset_rules *rules)
{
	cleanup(text) struct host_text text = {0};
	struct statx stat;
	int error = host_stat(host, path, true, &stat);

	/* A link to /dev/null, or to nothing, takes away the file of that name in /usr. */
	if (error == -ENOENT || (!error && S_ISCHR(stat.stx_mode)))
		return 0;
	if (!error)
		error = host_read(host, path, 0, &text);
	if (!error)
		presets_parse(rules, host->arena, path, text.data);
	return error;
}

static const void *load(struct host *host)
{
	struct presets *presets = arena_new(host->arena, struct presets);
	struct strv paths = {0};

	presets->path = dirs[0];
	presets->error = host_dropins(host, dirs, ".preset", &paths);
	for (size_t i = 0; !presets->error && i < paths.count; i++) {
		presets->path = paths.at[i];
		presets->error = read_rules(host, paths.at[i], &presets->rules);
	}
	return presets;
}

const struct presets *presets_get(struct host *host)
{
	return host_view(host, load);
}
