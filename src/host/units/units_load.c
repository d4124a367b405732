/* What the manager makes of a name when it boots: its file, its other names, its drop-ins. */
#include "host/units/units_name.h"
#include "host/units/units_view.h"

#include <dirent.h>
#include <errno.h>

/* As many links the manager follows from one name to the next. */
#define MOST_HOPS 8

/* Where a name leads: to a file, or by an alias to another name. */
struct step {
	const char *path, *alias;
	bool masked;
};

/* What stands in one directory is of use, unless it is a link that may not be. */
static bool take_entry(struct units *units, const struct unit_dir *dir,
		       const struct host_entry *entry, struct step *ret_step)
{
	const char *target, *base;

	ret_step->path = arena_printf(units->arena, "%s/%s", dir->path, entry->name);
	if (entry->type != DT_LNK)
		return entry->type == DT_REG;
	target = unit_link_target(units, dir->path, entry->target);
	if (!target)
		return false;
	if (unit_path_dir(units, target) < 0) {
		ret_step->masked = unit_is_null(units->host, target) == 1;
		return true;
	}
	base = unit_base(target);
	/* A link of the same name says nothing: a lower directory decides. */
	if (!unit_may_alias_to(entry->name, base) || str_eq(entry->name, base))
		return false;
	ret_step->alias = base;
	return true;
}

/* The first directory with a use for the name. Files and links in /run are gone by then. */
static bool find_step(struct units *units, const char *name, struct step *ret_step)
{
	for (size_t i = 0; i < units->n_dirs; i++) {
		const struct unit_dir *dir = &units->dirs[i];
		const struct host_entry *entry = unit_entry(&dir->entries, name);
		struct step step = {0};

		if (dir->flags & DIR_LOST)
			continue;
		if (!entry && dir->flags & DIR_CONFIG)
			step.alias = name_map_get(unit_first(units)->aliases, name);
		if (!step.alias && !(entry && take_entry(units, dir, entry, &step)))
			continue;
		*ret_step = step;
		return true;
	}
	return false;
}

/* Follows aliases to the name behind them. */
static bool resolve(struct units *units, const char *name, const char **ret_id,
		    struct step *ret_step)
{
	const char *look = name;

	for (unsigned hops = 0; hops < MOST_HOPS; hops++) {
		struct step step;
		bool found = find_step(units, look, &step);

		if (!found && unit_kind(look) == UNIT_INSTANCE)
			found = find_step(units, unit_template(units->arena, look), &step);
		if (!found)
			return false;
		if (!step.alias) {
			*ret_id = name;
			*ret_step = step;
			return true;
		}
		look = step.alias;
		/* a@1 as a link to b@ is b@1, by the template even if there is a file b@1. */
		if (unit_kind(look) == UNIT_TEMPLATE && unit_kind(name) == UNIT_INSTANCE)
			name = unit_with_instance(units->arena, look,
						  unit_instance(units->arena, name));
		else
			name = look;
	}
	return false;
}

static void note_alias(struct units *units, const char *name)
{
	struct strv *names;
	struct step step;
	const char *id;

	if (unit_kind(name) == UNIT_INVALID || !resolve(units, name, &id, &step) ||
	    str_eq(id, name))
		return;
	names = name_map_get(units->aliases, id);
	if (!names) {
		names = arena_new(units->arena, struct strv);
		name_map_put(&units->aliases, units->arena, id, names);
	}
	if (!strv_has(names, name))
		strv_push(names, units->arena, name);
}

/* Which names are aliases of which, once for all. */
static void find_aliases(struct units *units)
{
	name_map_put(&units->aliases, units->arena, "", arena_new(units->arena, struct strv));
	for (size_t i = 0; i < units->n_dirs; i++) {
		const struct host_entries *entries = &units->dirs[i].entries;

		for (size_t k = 0; k < entries->count; k++)
			if (entries->at[k].type == DT_LNK)
				note_alias(units, entries->at[k].name);
	}
}

static const struct strv *names_of(struct units *units, const char *id)
{
	struct strv *names = arena_new(units->arena, struct strv);
	const char *template = NULL, *instance = unit_instance(units->arena, id);
	const struct strv *more;

	if (!units->aliases)
		find_aliases(units);
	strv_push(names, units->arena, id);
	more = name_map_get(units->aliases, id);
	for (size_t i = 0; more && i < more->count; i++)
		strv_push(names, units->arena, more->at[i]);
	if (unit_kind(id) == UNIT_INSTANCE)
		template = unit_template(units->arena, id);
	more = template ? name_map_get(units->aliases, template) : NULL;
	for (size_t i = 0; more && i < more->count; i++)
		strv_push(names, units->arena,
			  unit_with_instance(units->arena, more->at[i], instance));
	return names;
}

/* A name and all shorter ones whose drop-ins it takes. */
static void push_families(struct strv *names, struct arena *arena, const char *name)
{
	const char *template = unit_kind(name) == UNIT_INSTANCE ? unit_template(arena, name) : NULL;

	strv_push(names, arena, name);
	for (const char *at = template; at; at = unit_family(arena, at))
		strv_push(names, arena, at);
	while ((name = unit_family(arena, name)))
		strv_push(names, arena, name);
}

static const struct strv *families_of(struct units *units, const struct strv *names)
{
	struct strv *families = arena_alloc(units->arena, names->count * sizeof(*families));

	for (size_t i = 0; i < names->count; i++)
		push_families(&families[i], units->arena, names->at[i]);
	return families;
}

/* The names with the suffix, in each directory that counts. */
static void push_dirs(struct units *units, const struct strv *names, const char *suffix,
		      struct strv *dirs)
{
	struct strv full = {0};

	for (size_t i = 0; i < names->count; i++)
		strv_push(&full, units->arena,
			  arena_printf(units->arena, "%s%s", names->at[i], suffix));
	for (size_t i = 0; i < units->n_dirs; i++) {
		const struct unit_dir *dir = &units->dirs[i];

		for (size_t k = 0; k < full.count && !(dir->flags & DIR_LOST); k++)
			if (unit_entry(&dir->belongings, full.at[k]))
				strv_push(dirs, units->arena,
					  arena_printf(units->arena, "%s/%s", dir->path,
						       full.at[k]));
	}
}

void unit_dropin_dirs(struct units *units, const struct unit_load *load, const char *suffix,
		      struct strv *ret_dirs)
{
	struct strv dirs = {0}, type = {0};

	for (size_t i = 0; i < load->names->count; i++)
		push_dirs(units, &load->families[i], suffix, &dirs);
	strv_push(&type, units->arena, unit_type(load->id));
	push_dirs(units, &type, suffix, &dirs);
	*ret_dirs = dirs;
}

/* -ENODATA: the file is empty. */
static int read_lines(struct units *units, const char *path, struct unit_load *load)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(units->host, path, 0, &text);

	if (!error && !text.size)
		return -ENODATA;
	if (!error)
		error = unit_lines_parse(&load->lines, units->arena, path, text.data);
	if (error)
		load->error_path = path;
	/* The manager opens a directory, and finds nothing to be read in it. */
	return error == -EISDIR ? -EBADMSG : error;
}

static int read_dropins(struct units *units, struct unit_load *load)
{
	struct strv dirs = {0}, paths;
	int error;

	unit_dropin_dirs(units, load, ".d", &dirs);
	if (!dirs.count)
		return 0;
	strv_push(&dirs, units->arena, NULL);
	error = host_dropins(units->host, dirs.at, ".conf", &paths);
	if (error) {
		load->error_path = dirs.at[0];
		return error;
	}
	for (size_t i = 0; i < paths.count; i++) {
		if (unit_is_null(units->host, paths.at[i]) == 1)
			continue;
		error = read_lines(units, paths.at[i], load);
		/* The manager goes on without a drop-in that is missing or broken. */
		if (error && error != -ENOENT && error != -EBADMSG && error != -ENODATA)
			return error;
	}
	return 0;
}

int unit_load_dropins(struct units *units, const char *name, struct unit_lines *ret_lines)
{
	struct unit_load load = {.id = name, .names = names_of(units, name)};
	int error;

	load.families = families_of(units, load.names);
	error = read_dropins(units, &load);
	if (!error)
		*ret_lines = load.lines;
	return error;
}

static void fill(struct units *units, struct unit_load *load, const struct step *step)
{
	load->path = step->path;
	load->masked = step->masked;
	if (load->masked)
		return;
	load->error = read_lines(units, load->path, load);
	/* An empty file masks, too. */
	if (load->error == -ENODATA) {
		load->masked = true;
		load->error = 0;
	} else if (!load->error) {
		load->error = read_dropins(units, load);
	}
}

const struct unit_load *unit_load(struct units *units, const char *name)
{
	struct unit_load *load = name_map_get(units->loaded, name);
	const char *id = name;
	struct step step;
	bool found;

	if (load)
		return load;
	found = unit_kind(name) != UNIT_INVALID && resolve(units, name, &id, &step);
	load = found && !str_eq(id, name) ? name_map_get(units->loaded, id) : NULL;
	if (!load) {
		load = arena_new(units->arena, struct unit_load);
		load->id = id;
		load->names = names_of(units, id);
		load->families = families_of(units, load->names);
		if (found)
			fill(units, load, &step);
		name_map_put(&units->loaded, units->arena, id, load);
	}
	if (!str_eq(id, name))
		name_map_put(&units->loaded, units->arena, name, load);
	return load;
}

/* In these places something may come into being between now and the boot, or at boot. */
static bool is_settled(struct host *host, const char *path)
{
	static const char *const open[] = {"dev",  "proc", "sys", "run",   "tmp", "var",
					   "home", "root", "mnt", "media", "srv", "opt",
					   "boot", "efi",  "etc", NULL};
	size_t length = strcspn(path + 1, "/");

	for (size_t i = 0; open[i]; i++)
		if (strlen(open[i]) == length && !strncmp(path + 1, open[i], length))
			return false;
	/* An extension image may bring what /usr has not. */
	return !(str_starts(path, "/usr/") && !host->live &&
		 strv_has(&host->os->traits, "sysext-units"));
}

/* A condition on a path that can never come true: `!` turns it round. */
static bool can_never_hold(struct host *host, const char *value)
{
	bool absent = *value == '!';
	bool lasts;

	value += absent;
	/* One `|` condition of several is enough; that is not worked out. */
	if (*value != '/' || strchr(value, '%'))
		return false;
	if (!absent)
		return is_settled(host, value) && !host_exists(host, value);
	lasts = is_settled(host, value) ||
		(str_starts(value, "/etc/") && host_persists(host, value));
	return lasts && host_exists(host, value);
}

const char *unit_never(struct units *units, const struct unit_load *load)
{
	const struct unit_line *found = NULL;

	for (size_t i = 0; i < load->lines.count; i++) {
		const struct unit_line *line = &load->lines.at[i];

		if (!str_eq(line->section, "Unit") || !str_starts(line->key, "Condition"))
			continue;
		/* An empty one of any kind drops them all. */
		if (!*line->value)
			found = NULL;
		else if (!found && str_eq(line->key, "ConditionPathExists") &&
			 can_never_hold(units->host, line->value))
			found = line;
	}
	return found ? unit_line_source(units->arena, found) : NULL;
}

const char *unit_line_source(struct arena *arena, const struct unit_line *line)
{
	return arena_printf(arena, "%s:%u", line->file, line->line);
}
