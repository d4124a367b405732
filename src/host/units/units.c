#include "host/units/units.h"

#include "host/units/presets.h"
#include "host/units/units_name.h"
#include "host/units/units_view.h"

#include <errno.h>

/* Image directories and files that are laid over /usr at boot. */
static const char *const extension_dirs[] = {
	"/etc/extensions", "/run/extensions", "/var/lib/extensions", "/usr/lib/extensions", NULL,
};

static bool is_file(struct host *host, const char *path)
{
	struct statx stat;

	return !host_stat(host, path, true, &stat) && S_ISREG(stat.stx_mode);
}

/* May an extension bring the unit? An image file cannot be looked into; then its name has to do. */
static const char *find_extension(struct units *units, const char *name)
{
	const char *prefix = unit_prefix(units->arena, name);
	struct strv names = {0};

	for (const char *const *dir = extension_dirs; *dir; dir++) {
		if (host_list(units->host, *dir, &names))
			continue;
		for (size_t i = 0; i < names.count; i++) {
			const char *path = arena_printf(units->arena, "%s/%s", *dir, names.at[i]);
			const char *file = arena_printf(units->arena,
							"%s/usr/lib/systemd/system/%s", path, name);

			if (host_exists(units->host, file) ||
			    (str_starts(names.at[i], prefix) && is_file(units->host, path)))
				return path;
		}
	}
	return NULL;
}

/* A unit without a file: is that certain? */
static void judge_absent(struct units *units, struct unit *unit)
{
	struct host *host = units->host;
	const char *prefix = unit_prefix(units->arena, unit->name), *path;

	unit->source = "no such unit";
	if (host->live)
		return;
	path = arena_printf(units->arena, "/etc/init.d/%s", prefix);
	if (str_eq(unit_type(unit->name), "service") && host_exists(host, path)) {
		unit->unsure = arena_printf(units->arena, "a generator makes a unit of %s at boot",
					    path);
		return;
	}
	path = find_extension(units, unit->name);
	if (path)
		unit->unsure = arena_printf(units->arena, "it may come from the extension %s",
					    path);
	else if (strv_has(&host->os->traits, "sysext-units") &&
		 (path = unit_wanted_by(units, unit->name)))
		unit->unsure = arena_printf(units->arena,
					    "%s wants it, and an extension image may bring it",
					    path);
}

static void judge_start(struct units *units, struct unit *unit, const struct unit_load *load)
{
	const char *started, *never;

	/* A link to nothing, or a file that the manager gives up: it will not be started. */
	unit->source = load->path;
	if (load->error == -ENOENT || load->error == -EBADMSG)
		return;
	if (load->error) {
		unit->unsure = arena_printf(units->arena, "cannot read %s: %s",
					    load->error_path ? load->error_path : load->path,
					    host_error(load->error));
		return;
	}
	if (load->masked)
		return;
	started = unit_started_by(units, unit->name, &unit->unsure);
	if (!started)
		return;
	never = unit_never(units, load);
	unit->starts = !never;
	unit->source = never ? never : started;
}

/* Presets have nothing to say of units that nobody can enable. */
static void judge_preset(struct units *units, struct unit *unit)
{
	static const char *const fixed[] = {"static", "alias", "generated", "transient", NULL};
	static const char *const words[] = {
		[PRESET_ENABLE] = "enabled",
		[PRESET_DISABLE] = "disabled",
		[PRESET_IGNORE] = "ignored",
	};
	const struct presets *presets = presets_get(units->host);
	const struct preset_rule *rule;

	unit->preset = "ignored";
	unit->preset_source = unit->state;
	for (size_t i = 0; fixed[i]; i++)
		if (str_eq(unit->state, fixed[i]))
			return;
	if (presets->error) {
		unit->preset = NULL;
		unit->preset_source = presets->path;
		return;
	}
	rule = presets_find(&presets->rules, units->arena, unit->name);
	unit->preset = words[rule ? rule->preset : PRESET_ENABLE];
	unit->preset_source = rule ? arena_printf(units->arena, "%s:%u", rule->file, rule->line)
				   : "no preset speaks of it";
}

/*
 * The first boot enables by presets; whether it also disables by them depends on how systemd was
 * built. Only links in /etc are taken away then.
 */
static void judge_first(struct units *units, struct unit *unit)
{
	if (unit->starts && unit_first(units)->comes && unit->preset &&
	    str_eq(unit->preset, "disabled") && str_starts(unit->source, "/etc/systemd/system/"))
		unit->unsure = arena_printf(units->arena, "the first boot may take away %s, by %s",
					    unit->source, unit->preset_source);
}

static const char *full_name(struct units *units, const char *name)
{
	name = arena_strdup(units->arena, name);
	return unit_full_name(units->arena, name);
}

const char *units_refuse(const char *name)
{
	struct arena arena = {0};
	bool valid = unit_kind(unit_full_name(&arena, name)) != UNIT_INVALID;

	arena_free(&arena);
	return valid ? NULL : "units are called like sshd.service";
}

static void fill(struct units *units, struct unit *unit)
{
	const struct unit_load *load;

	unit->source = unit->state_source = unit->name;
	unit->error = unit_kind(unit->name) == UNIT_INVALID ? -EINVAL : units->error;
	if (unit->error) {
		unit->why = unit->error == -EINVAL && !units->error
				    ? "not the name of a unit"
				    : arena_printf(units->arena, "cannot read %s: %s", units->place,
						   host_error(units->error));
		return;
	}
	unit->state = unit_state(units, unit->name, &unit->state_source, &unit->why);
	if (!unit->state) {
		unit->error = -EIO;
		return;
	}
	judge_preset(units, unit);
	load = unit_load(units, unit->name);
	unit->path = load->path;
	unit->exists = load->path || !str_eq(unit->state, "not-found");
	unit->masked = load->masked;
	if (load->path)
		judge_start(units, unit, load);
	else
		judge_absent(units, unit);
	judge_first(units, unit);
}

const struct unit *units_get(struct host *host, const char *name)
{
	struct units *units = units_view(host);
	struct unit *unit = name_map_get(units->units, name);

	if (unit)
		return unit;
	unit = arena_new(units->arena, struct unit);
	unit->name = full_name(units, name);
	name_map_put(&units->units, units->arena, arena_strdup(units->arena, name), unit);
	fill(units, unit);
	return unit;
}

int unit_option(struct host *host, const char *unit, const char *section, const char *key,
		struct strv *ret_values, const char **ret_source)
{
	struct units *units = units_view(host);
	const struct unit_load *load = unit_load(units, full_name(units, unit));
	const struct unit_line *last = NULL;

	if (units->error || load->error)
		return units->error ? units->error : load->error;
	if (!load->path)
		return -ENOENT;
	if (load->masked)
		return -ERFKILL;
	unit_lines_values(&load->lines, units->arena, section, key, ret_values, &last);
	*ret_source = last ? unit_line_source(units->arena, last) : NULL;
	return 0;
}

int unit_assignments(struct host *host, const char *unit, struct unit_lines *ret_lines)
{
	struct units *units = units_view(host);
	const struct unit_load *load = unit_load(units, full_name(units, unit));

	if (units->error || load->error)
		return units->error ? units->error : load->error;
	if (!load->path)
		return -ENOENT;
	if (load->masked)
		return -ERFKILL;
	*ret_lines = load->lines;
	return 0;
}

int unit_dropin_option(struct host *host, const char *unit, const char *section, const char *key,
		       struct strv *ret_values, const char **ret_source)
{
	struct units *units = units_view(host);
	const struct unit_line *last = NULL;
	struct unit_lines lines = {0};
	int error = units->error;

	if (!error)
		error = unit_load_dropins(units, full_name(units, unit), &lines);
	if (error)
		return error;
	unit_lines_values(&lines, units->arena, section, key, ret_values, &last);
	*ret_source = last ? unit_line_source(units->arena, last) : NULL;
	return 0;
}

int units_list(struct host *host, const char *type, struct strv *ret_names)
{
	struct units *units = units_view(host);
	struct strv names = {0}, once = {0};

	if (units->error)
		return units->error;
	for (size_t i = 0; i < units->n_dirs; i++) {
		const struct host_entries *entries = &units->dirs[i].entries;

		for (size_t k = 0; k < entries->count; k++) {
			const char *name = entries->at[k].name;

			if (unit_kind(name) != UNIT_INVALID &&
			    (!type || str_eq(unit_type(name), type)))
				strv_push(&names, units->arena, name);
		}
	}
	strv_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		if (!i || !str_eq(names.at[i], names.at[i - 1]))
			strv_push(&once, units->arena, names.at[i]);
	*ret_names = once;
	return 0;
}

int units_started(struct host *host, const char *type, struct strv *ret_names, const char **ret_why)
{
	struct units *units = units_view(host);

	if (units->error)
		return units->error;
	*ret_names = unit_all_started(units, type, ret_why);
	return 0;
}

const char *units_path_name(struct host *host, const char *path, const char *type)
{
	return unit_of_path(host->arena, path, type);
}
