/*
 * What the next boot starts by itself: default.target, and all that it pulls in by Wants=,
 * Requires= and the like, in unit files, drop-ins and directories such as multi-user.target.wants.
 * That a socket, a timer, a path, a device or the bus may start a unit later does not count.
 */
#include "host/os.h"
#include "host/units/units_name.h"
#include "host/units/units_view.h"

#include <dirent.h>
#include <errno.h>

/* No real host has a tenth of it. */
#define MOST_REACHED 20000

struct unit_boot {
	struct name_map *reached; /* name → what pulls it in; aliases have been followed */
	struct name_map *missing; /* the same for names without a unit */
	struct strv queue;
	struct strv asked; /* by which of its names each of the queue was asked for first */
	const char *why;   /* the picture has a hole, and this is why */
};

/*
 * Where a tree has no default.target, it is but a part of a system: what each boot reaches, by the
 * directories of links alone if the targets themselves were not brought along.
 */
static const char *const usual_targets[] = {
	"multi-user.target",
	"basic.target",
	"sysinit.target",
	"local-fs.target",
	"sockets.target",
	"timers.target",
	"paths.target",
	"swap.target",
	"slices.target",
	"getty.target",
	NULL,
};

static void note_hole(struct unit_boot *boot, const char *why)
{
	if (!boot->why)
		boot->why = why;
}

static void reach(struct units *units, struct unit_boot *boot, const char *name, const char *source)
{
	const struct unit_load *load = unit_load(units, name);

	if (name_map_get(boot->reached, load->id))
		return;
	if (!load->path || load->masked || load->error) {
		if (!name_map_get(boot->missing, load->id))
			name_map_put(&boot->missing, units->arena, load->id, (void *)source);
		if (load->error && load->error != -EBADMSG && load->error != -ENOENT)
			note_hole(boot,
				  arena_printf(units->arena, "cannot read %s: %s",
					       load->error_path ? load->error_path : load->path,
					       host_error(load->error)));
		return;
	}
	if (boot->queue.count == MOST_REACHED) {
		note_hole(boot, "too many units pull in each other");
		return;
	}
	name_map_put(&boot->reached, units->arena, load->id, (void *)source);
	strv_push(&boot->queue, units->arena, load->id);
	strv_push(&boot->asked, units->arena, name);
}

static void reach_usual(struct units *units, struct unit_boot *boot, const char *name)
{
	const struct unit_load *load = unit_load(units, name);

	if (load->path || load->masked || load->error) {
		reach(units, boot, name, name);
		return;
	}
	name_map_put(&boot->reached, units->arena, load->id, (void *)name);
	strv_push(&boot->queue, units->arena, load->id);
	strv_push(&boot->asked, units->arena, load->id);
}

/* A template that is pulled in gets the instance, or else the name, of the unit that does it. */
static const char *fill_template(struct units *units, const char *name, const char *by)
{
	const char *instance = unit_instance(units->arena, by);

	if (unit_kind(name) != UNIT_TEMPLATE)
		return name;
	if (!instance || !*instance)
		instance = unit_prefix(units->arena, by);
	return unit_with_instance(units->arena, name, instance);
}

/*
 * A link in /etc to /dev/null takes back one of the same name in /usr. So does any link to nothing
 * or to an empty file; but the unit's own file is looked at anyway.
 */
static bool is_taken_back(struct units *units, const struct unit_pulls *pulls,
			  const struct host_entry *entry, const struct unit_load *load)
{
	const char *target = unit_link_target(units, pulls->path, entry->target);

	if (!target || (load->path && str_eq(load->path, target)))
		return false;
	return unit_is_null(units->host, target) == 1;
}

static void reach_links(struct units *units, struct unit_boot *boot, const struct unit_load *load,
			const struct unit_pulls *pulls, struct name_map **seen)
{
	for (size_t i = 0; i < pulls->entries.count; i++) {
		const struct host_entry *entry = &pulls->entries.at[i];
		const char *name;

		if (name_map_get(*seen, entry->name))
			continue;
		name_map_put(seen, units->arena, entry->name, (void *)entry);
		if (entry->type != DT_LNK || unit_kind(entry->name) == UNIT_INVALID)
			continue;
		name = fill_template(units, entry->name, load->id);
		if (!is_taken_back(units, pulls, entry, unit_load(units, name)))
			reach(units, boot, name,
			      arena_printf(units->arena, "%s/%s", pulls->path, entry->name));
	}
}

/* The links in NAME.wants and so on, of the unit's own name, its aliases and its template. */
static void reach_pulled(struct units *units, struct unit_boot *boot, const struct unit_load *load)
{
	static const char *const suffixes[] = {".wants", ".requires", ".upholds", NULL};

	for (size_t k = 0; suffixes[k]; k++) {
		struct name_map *seen = NULL;
		struct strv dirs;

		unit_dropin_dirs(units, load, suffixes[k], &dirs);
		for (size_t i = 0; i < dirs.count; i++) {
			const struct unit_pulls *pulls = unit_pulls_at(units, dirs.at[i]);

			if (pulls)
				reach_links(units, boot, load, pulls, &seen);
		}
	}
}

/* The links that the first boot makes. */
static void reach_planned(struct units *units, struct unit_boot *boot, const struct unit_load *load)
{
	const struct unit_first *first = unit_first(units);

	for (size_t i = 0; i < load->names->count; i++) {
		const struct unit_planned *planned;

		planned = name_map_get(first->pulls, load->names->at[i]);
		for (; planned; planned = planned->next)
			reach(units, boot, planned->name, planned->source);
	}
}

/* The options whose words are units that are started with this one. */
static const struct {
	const char *section, *key;
} pulling[] = {
	{"Unit", "Wants"},  {"Unit", "Requires"}, {"Unit", "BindsTo"},
	{"Unit", "BindTo"}, {"Unit", "Upholds"},  {"Service", "Sockets"},
};

static bool is_pulling(const struct unit_line *line)
{
	for (size_t i = 0; i < sizeof(pulling) / sizeof(*pulling); i++)
		if (str_eq(line->key, pulling[i].key) && str_eq(line->section, pulling[i].section))
			return true;
	return false;
}

/* Mount units of a path and the directories above it, where they have a file. */
static void reach_mounts(struct units *units, struct unit_boot *boot, const char *path,
			 const char *source)
{
	char *at = arena_strdup(units->arena, path), *slash;

	while (*at == '/' && (slash = strrchr(at, '/'))) {
		const char *name = unit_of_path(units->arena, at, "mount");

		if (unit_kind(name) != UNIT_INVALID && unit_load(units, name)->path)
			reach(units, boot, name, source);
		*slash = '\0';
	}
}

/*
 * `asked` is the name by which the unit is loaded: until its file has been read, an alias is not
 * known to be one, and %i and the like come from it. The drop-ins are read later.
 */
static void reach_line(struct units *units, struct unit_boot *boot, const struct unit_load *load,
		       const char *asked, const struct unit_line *line)
{
	bool own = load->path && str_eq(line->file, load->path);
	const char *name = own ? asked : load->id;
	bool mounts = str_eq(line->key, "RequiresMountsFor") && str_eq(line->section, "Unit");
	const char *source = unit_line_source(units->arena, line);
	struct strv words = {0};

	if (!mounts && !is_pulling(line))
		return;
	/* Quotes make no difference to the names of units: they are no part of any. */
	if (mounts)
		unit_words(&words, units->arena, line->value);
	else
		strv_split(&words, units->arena, line->value, STR_BLANKS);
	for (size_t i = 0; i < words.count; i++) {
		const char *word = unit_expand(units->arena, words.at[i], name);

		if (word && mounts)
			reach_mounts(units, boot, word, source);
		else if (word && unit_kind(word) != UNIT_INVALID)
			reach(units, boot, fill_template(units, word, name), source);
	}
}

/* What systemd adds by itself. */
static void reach_defaults(struct units *units, struct unit_boot *boot,
			   const struct unit_load *load)
{
	static const char *const types[] = {"service", "socket", "timer", "path", NULL};
	const char *own = unit_lines_last(&load->lines, "Unit", "DefaultDependencies");
	const char *private = unit_lines_last(&load->lines, "Service", "PrivateTmp");

	for (size_t i = 0; types[i]; i++)
		if (str_eq(unit_type(load->id), types[i]) && !(own && !unit_boolean(own)))
			reach(units, boot, "sysinit.target", load->path);
	if (private && unit_boolean(private) == 1) {
		reach_mounts(units, boot, "/tmp", load->path);
		reach_mounts(units, boot, "/var/tmp", load->path);
	}
}

static void expand(struct units *units, struct unit_boot *boot, const struct unit_load *load,
		   const char *asked)
{
	reach_pulled(units, boot, load);
	reach_planned(units, boot, load);
	for (size_t i = 0; i < load->lines.count; i++)
		reach_line(units, boot, load, asked, &load->lines.at[i]);
	reach_defaults(units, boot, load);
}

static const struct unit_boot *unit_boot(struct units *units)
{
	const struct os *os = units->host->os;
	struct unit_boot *boot;

	if (units->boot)
		return units->boot;
	units->boot = boot = arena_new(units->arena, struct unit_boot);
	if (unit_first(units)->why)
		note_hole(boot, unit_first(units)->why);
	reach(units, boot, "default.target", "default.target");
	if (!boot->queue.count && unit_load(units, "default.target")->path)
		note_hole(boot, "default.target cannot be loaded");
	else if (!boot->queue.count)
		for (size_t i = 0; usual_targets[i]; i++)
			reach_usual(units, boot, usual_targets[i]);
	for (size_t i = 0; i < os->targets.count; i++)
		reach(units, boot, os->targets.at[i], "os-profile");
	for (size_t i = 0; i < boot->queue.count; i++)
		expand(units, boot, unit_load(units, boot->queue.at[i]), boot->asked.at[i]);
	return boot;
}

/* Any instance of a template will do. */
static const char *reached_instance(const struct units *units, const struct unit_boot *boot,
				    const char *template)
{
	for (size_t i = 0; i < boot->queue.count; i++) {
		const char *of = unit_template(units->arena, boot->queue.at[i]);

		if (of && str_eq(of, template))
			return name_map_get(boot->reached, boot->queue.at[i]);
	}
	return NULL;
}

const char *unit_started_by(struct units *units, const char *name, const char **ret_why)
{
	const struct unit_boot *boot = unit_boot(units);
	const struct unit_load *load = unit_load(units, name);
	const char *source = name_map_get(boot->reached, load->id);

	if (!source && unit_kind(load->id) == UNIT_TEMPLATE)
		source = reached_instance(units, boot, load->id);
	if (!source)
		*ret_why = boot->why;
	return source;
}

struct strv unit_all_started(struct units *units, const char *type, const char **ret_why)
{
	const struct unit_boot *boot = unit_boot(units);
	struct strv names = {0};

	for (size_t i = 0; i < boot->queue.count; i++) {
		const char *of = unit_type(boot->queue.at[i]);

		if (of && str_eq(of, type))
			strv_push(&names, units->arena, boot->queue.at[i]);
	}
	strv_sort(&names);
	if (boot->why)
		*ret_why = boot->why;
	return names;
}

const char *unit_wanted_by(struct units *units, const char *name)
{
	return name_map_get(unit_boot(units)->missing, unit_load(units, name)->id);
}
