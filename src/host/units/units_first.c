/*
 * The first boot of all: an image without a machine id gets its links by presets then. What will be
 * made is worked out here, as `systemctl preset-all --preset-mode=enable-only` would do it.
 */
#include "host/units/presets.h"
#include "host/units/units_name.h"
#include "host/units/units_view.h"

#include <dirent.h>
#include <errno.h>

/* As machine-id(5) tells it; an empty file is no first boot. */
static bool is_first_boot(struct host *host, const char **ret_why)
{
	cleanup(text) struct host_text text = {0};
	int error;

	if (host->live)
		return false;
	error = host_read(host, "/etc/machine-id", 0, &text);
	if (error && error != -ENOENT)
		*ret_why = arena_printf(host->arena, "cannot read /etc/machine-id: %s",
					host_error(error));
	return error == -ENOENT || (!error && str_eq(str_trim(text.data), "uninitialized"));
}

struct first {
	struct units *units;
	const struct presets *presets;
	struct unit_first *plan;
	struct name_map *done;
	struct strv todo, sources; /* units that get enabled, and by what */
};

static void plan(struct first *first, const char *name, const char *source)
{
	if (name_map_get(first->done, name))
		return;
	name_map_put(&first->done, first->units->arena, name, first);
	strv_push(&first->todo, first->units->arena, name);
	strv_push(&first->sources, first->units->arena, source);
}

static void plan_pull(struct first *first, const char *owner, const char *name, const char *source)
{
	struct arena *arena = first->units->arena;
	struct unit_planned *planned = arena_new(arena, struct unit_planned);

	planned->name = name;
	planned->source = source;
	planned->next = name_map_get(first->plan->pulls, owner);
	/* The newest of a name is what the table finds. */
	name_map_put(&first->plan->pulls, arena, owner, planned);
}

static void words_of(struct first *first, const struct unit_install *install, const char *key,
		     struct strv *ret_words)
{
	struct strv words, filled = {0};

	unit_lines_install(&install->lines, first->units->arena, key, &words);
	for (size_t i = 0; i < words.count; i++) {
		const char *word = unit_expand(first->units->arena, words.at[i], install->as);

		if (word && unit_kind(word) != UNIT_INVALID)
			strv_push(&filled, first->units->arena, word);
	}
	*ret_words = filled;
}

static void enable(struct first *first, const char *name, const char *source)
{
	static const char *const keys[] = {"WantedBy", "RequiredBy", "UpheldBy", NULL};
	struct unit_install install;
	struct strv words;
	bool fixed;

	if (unit_install(first->units, name, &install) || install.masked || install.made)
		return;
	/* Nobody can start a template as such. */
	fixed = unit_kind(install.as) != UNIT_TEMPLATE;
	for (size_t k = 0; fixed && keys[k]; k++) {
		words_of(first, &install, keys[k], &words);
		for (size_t i = 0; i < words.count; i++)
			plan_pull(first, words.at[i], install.as, source);
	}
	words_of(first, &install, "Alias", &words);
	for (size_t i = 0; unit_may_alias(name) && i < words.count; i++)
		if (!name_map_get(first->plan->aliases, words.at[i]) &&
		    unit_may_alias_to(words.at[i], install.name))
			name_map_put(&first->plan->aliases, first->units->arena, words.at[i],
				     (void *)install.name);
	words_of(first, &install, "Also", &words);
	for (size_t i = 0; i < words.count; i++)
		plan(first, words.at[i], source);
}

static void ask_presets(struct first *first, const char *name)
{
	struct arena *arena = first->units->arena;
	const struct preset_rule *rule = presets_find(&first->presets->rules, arena, name);
	const char *source = rule ? arena_printf(arena, "%s:%u", rule->file, rule->line)
				  : "no preset (the first boot enables it)";
	struct unit_install install;

	if (rule && rule->preset != PRESET_ENABLE)
		return;
	if (unit_install(first->units, name, &install) || !str_eq(install.name, name))
		return;
	if (!rule || !rule->instances.count || unit_kind(name) != UNIT_TEMPLATE) {
		plan(first, name, source);
		return;
	}
	for (size_t i = 0; i < rule->instances.count; i++)
		plan(first, unit_with_instance(arena, name, rule->instances.at[i]), source);
}

static void ask_all(struct first *first)
{
	struct units *units = first->units;

	for (size_t i = 0; i < units->n_dirs; i++) {
		const struct host_entries *entries = &units->dirs[i].entries;

		for (size_t k = 0; k < entries->count; k++)
			if ((entries->at[k].type == DT_REG || entries->at[k].type == DT_LNK) &&
			    unit_kind(entries->at[k].name) != UNIT_INVALID)
				ask_presets(first, entries->at[k].name);
	}
}

const struct unit_first *unit_first(struct units *units)
{
	struct first first = {.units = units};

	if (units->first)
		return units->first;
	units->first = first.plan = arena_new(units->arena, struct unit_first);
	if (!is_first_boot(units->host, &first.plan->why))
		return first.plan;
	first.plan->comes = true;
	first.presets = presets_get(units->host);
	if (first.presets->error) {
		first.plan->why = arena_printf(units->arena, "cannot read %s: %s",
					       first.presets->path,
					       host_error(first.presets->error));
		return first.plan;
	}
	ask_all(&first);
	for (size_t i = 0; i < first.todo.count; i++)
		enable(&first, first.todo.at[i], first.sources.at[i]);
	return first.plan;
}
