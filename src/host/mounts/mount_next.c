#include "host/mounts/mount_next.h"

#include "host/boot/cmdline.h"
#include "host/mounts/mount_api.h"
#include "host/mounts/mount_options.h"
#include "host/mounts/mounts.h"
#include "host/os.h"
#include "host/units/units.h"
#include "host/units/units_file.h"

#include <errno.h>

/* Bind mounts of bind mounts: a chain that is longer is a circle. */
#define MOST_BINDS 8

static struct mount_next unknown(const char *origin, const char *why)
{
	return (struct mount_next){.state = MOUNT_UNKNOWN, .origin = origin, .why = why};
}

static struct mount_next none(const char *origin)
{
	return (struct mount_next){.state = MOUNT_NONE, .origin = origin};
}

static struct mount_next unreadable(struct host *host, const char *path, int error)
{
	return unknown(path,
		       arena_printf(host->arena, "cannot read %s: %s", path, host_error(error)));
}

static struct mount_next find(struct host *host, const char *path, unsigned binds);

/* The mount that a path lies in: there, or at the nearest directory above. */
static struct mount_next find_above(struct host *host, const char *path, unsigned binds)
{
	char *place;
	int error = host_canonical(host, path, &place);

	if (error)
		return unreadable(host, path, error);
	for (;;) {
		struct mount_next next = find(host, place, binds);
		char *slash = strrchr(place, '/');

		if (next.state != MOUNT_NONE || str_eq(place, "/"))
			return next;
		slash[slash == place] = '\0';
	}
}

/* What is to be mounted, with options as they stand somewhere, comes out how? */
static struct mount_next made(struct host *host, struct mount_next next, const struct strv *given,
			      unsigned binds)
{
	struct mount_next above;

	next.state = MOUNT_MADE;
	if (!mount_options_value(given, "bind") && !mount_options_value(given, "rbind")) {
		mount_options_effective(host->arena, given, &next.options);
		return next;
	}
	/*
	 * A second place for what is mounted already. With flags of its own it is mounted again
	 * with those alone; else it is as the first one.
	 */
	if (mount_options_flags(given)) {
		mount_options_effective(host->arena, given, &next.options);
		return next;
	}
	if (binds == MOST_BINDS)
		return unknown(next.origin, "too many bind mounts of one another");
	above = find_above(host, next.source, binds + 1);
	if (above.state == MOUNT_NONE)
		return unknown(next.origin, arena_printf(host->arena, "nothing tells what %s is on",
							 next.source));
	if (above.state == MOUNT_UNKNOWN)
		return unknown(next.origin, above.why);
	next.options = above.options;
	return next;
}

/* The last value of a list, known specifiers filled in; NULL for an empty list. */
static const char *last_of(struct host *host, const struct strv *values, const char *unit)
{
	const char *last = values->count ? values->at[values->count - 1] : NULL;
	const char *expanded = last ? unit_expand(host->arena, last, unit) : NULL;

	return expanded ? expanded : last;
}

/* The options of a unit's [Mount] section. */
struct section {
	const char *what, *type, *options;
	const char *source; /* where the options stand */
};

static int read_section(struct host *host, const char *unit, bool dropins,
			struct section *ret_section)
{
	static const char *const keys[] = {"What", "Type", "Options"};
	const char *values[3] = {NULL}, *source = NULL;

	for (size_t i = 0; i < 3; i++) {
		struct strv list = {0};
		int error = dropins ? unit_dropin_option(host, unit, "Mount", keys[i], &list,
							 &source)
				    : unit_option(host, unit, "Mount", keys[i], &list, &source);

		if (error)
			return error;
		values[i] = last_of(host, &list, unit);
	}
	*ret_section = (struct section){values[0], values[1], values[2], source};
	return 0;
}

/* A tree without a local-fs.target is no whole one; what links say of it counts all the same. */
static const char *pulled_in(struct host *host, const char *name)
{
	static const char *const dirs[] = {"/etc/systemd/system", "/usr/lib/systemd/system",
					   "/lib/systemd/system"};
	static const char *const kinds[] = {"wants", "requires"};

	if (units_get(host, "local-fs.target")->exists)
		return NULL;
	for (size_t i = 0; i < 6; i++) {
		const char *link = arena_printf(host->arena, "%s/local-fs.target.%s/%s",
						dirs[i / 2], kinds[i % 2], name);

		if (!host_stat(host, link, false, &(struct statx){0}))
			return link;
	}
	return NULL;
}

/*
 * What has the mount made at boot, or as soon as somebody looks; NULL when nothing does, or with
 * `*ret_why` when that is not known.
 */
static const char *started_by(struct host *host, const struct unit *unit, const char *path,
			      const char **ret_why)
{
	const struct unit *automount = units_get(host, units_path_name(host, path, "automount"));
	const char *link = pulled_in(host, unit->name);

	*ret_why = NULL;
	if (unit->starts)
		return unit->source;
	if (automount->starts)
		return automount->source;
	if (link || (link = pulled_in(host, automount->name)))
		return link;
	*ret_why = unit->unsure        ? unit->unsure
		   : automount->unsure ? automount->unsure
				       : automount->why;
	return NULL;
}

/* Does boot start the unit that an option such as x-systemd.wanted-by=UNIT names? */
static bool is_wanted(struct host *host, const struct mount *line, const char *option)
{
	const char *unit = mount_options_value(&line->options, option);

	return unit && *unit && units_get(host, unit)->starts;
}

/* Does boot mount what the line says, or as soon as somebody looks? */
static bool is_automatic(struct host *host, const struct mount *line)
{
	if (mount_options_value(&line->options, "x-systemd.automount"))
		return true;
	if (mount_options_value(&line->options, "x-systemd.wanted-by") ||
	    mount_options_value(&line->options, "x-systemd.required-by"))
		return is_wanted(host, line, "x-systemd.wanted-by") ||
		       is_wanted(host, line, "x-systemd.required-by");
	return !mount_options_say(&line->options, "noauto", "auto");
}

static const char *line_origin(struct host *host, const struct mount *line)
{
	return arena_printf(host->arena, "/etc/fstab:%u", line->line);
}

static struct mount_next doubtful(struct host *host, const struct mount *line)
{
	return unknown(line_origin(host, line),
		       "a field is missing or should be a number: some versions of systemd skip "
		       "the line, others take it");
}

/* By a unit's file; a line of fstab for the same place still has it started. */
static struct mount_next by_unit(struct host *host, const struct unit *unit, const char *path,
				 const struct mount *line, unsigned binds)
{
	struct mount_next next = {.origin = unit->path};
	struct section section;
	struct strv given = {0};
	const char *why;
	int error;

	if (line && line->doubtful)
		return doubtful(host, line);
	if (!(line && is_automatic(host, line)) && !started_by(host, unit, path, &why))
		return why ? unknown(unit->path, why) : none(unit->source);
	error = read_section(host, unit->name, false, &section);
	if (error)
		return unreadable(host, unit->path, error);
	next.source = section.what;
	next.type = section.type ? section.type : "auto";
	if (section.source)
		next.origin = section.source;
	mount_options_split(host->arena, section.options ? section.options : "", &given);
	if (!section.what)
		return none(unit->path);
	return made(host, next, &given, binds);
}

/* By a line of fstab, of which systemd-fstab-generator makes a unit; drop-ins for that count. */
static struct mount_next by_line(struct host *host, const struct unit *unit, const char *path,
				 const struct mount *line, unsigned binds)
{
	struct mount_next next = {.type = line->type, .source = line->source};
	struct strv given = line->options;
	struct section section;
	const char *why;
	int error;

	next.origin = line_origin(host, line);
	if (line->doubtful)
		return doubtful(host, line);
	if (!is_automatic(host, line) && !started_by(host, unit, path, &why))
		return why ? unknown(next.origin, why) : none(next.origin);
	error = read_section(host, unit->name, true, &section);
	if (error)
		return unreadable(host, "its drop-ins", error);
	if (section.what)
		next.source = section.what;
	if (section.type)
		next.type = section.type;
	if (section.options) {
		next.origin = section.source;
		given = (struct strv){0};
		mount_options_split(host->arena, section.options, &given);
	}
	return made(host, next, &given, binds);
}

/* Directories of units that come before the one of the generators. */
static bool is_administrators(struct host *host, const char *name)
{
	static const char *const dirs[] = {
		"/etc/systemd/system.control", "/run/systemd/system.control",
		"/run/systemd/transient",      "/run/systemd/generator.early",
		"/etc/systemd/system",         "/run/systemd/system",
	};

	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		if (host_exists(host, arena_printf(host->arena, "%s/%s", dirs[i], name)))
			return true;
	return false;
}

/* On a running host: a unit that was made of fstab at the last boot, and may be out of date. */
static bool is_of_fstab(struct host *host, const struct unit *unit)
{
	struct strv values = {0};
	const char *source;

	return unit->path && str_starts(unit->path, "/run/systemd/generator/") &&
	       !unit_option(host, unit->name, "Unit", "SourcePath", &values, &source) &&
	       strv_has(&values, "/etc/fstab");
}

static bool is_known(struct host *host, const char *path, struct mount_next *ret_next)
{
	const struct os_value *value = os_value_find(&host->os->known_mounts, path);
	struct mount_next next = {.state = MOUNT_MADE};
	struct strv words = {0}, given = {0};

	if (!value)
		return false;
	strv_split(&words, host->arena, value->value, STR_BLANKS);
	next.type = words.count ? words.at[0] : "auto";
	if (words.count > 1)
		mount_options_split(host->arena, words.at[1], &given);
	mount_options_effective(host->arena, &given, &next.options);
	next.origin = value->note ? arena_printf(host->arena, "%s (%s)", value->note, value->origin)
				  : value->origin;
	*ret_next = next;
	return true;
}

static struct mount_next find_any(struct host *host, const char *path, unsigned binds)
{
	const struct mount_table *fstab = mounts_fstab(host);
	const struct mount *line = fstab->error ? NULL : mount_first(fstab, path);
	const struct unit *unit = units_get(host, units_path_name(host, path, "mount"));
	struct mount_next next;

	if (unit->error)
		return unknown(NULL, unit->why);
	if (unit->masked)
		return none(unit->path);
	if (unit->path && is_administrators(host, unit->name))
		return by_unit(host, unit, path, line, binds);
	if (fstab->error)
		return unreadable(host, fstab->path, fstab->error);
	if (line)
		return by_line(host, unit, path, line, binds);
	if (is_of_fstab(host, unit))
		return unknown(unit->path, "it was made of a line that is gone from /etc/fstab");
	if (unit->path)
		return by_unit(host, unit, path, NULL, binds);
	if (is_known(host, path, &next))
		return next;
	return unit->unsure ? unknown(unit->source, unit->unsure)
			    : none("no unit, no line of /etc/fstab");
}

/* systemd-remount-fs gives these the options of fstab, if it has a line for them. */
static bool is_remounted(struct host *host, const char *path, const char *type,
			 struct mount_next *ret_next)
{
	const struct mount_table *fstab = mounts_fstab(host);
	const struct mount *line = mount_first(fstab, path);
	struct mount_next next = {.type = type};

	if (fstab->error) {
		*ret_next = unreadable(host, fstab->path, fstab->error);
		return true;
	}
	if (!line)
		return false;
	if (line->doubtful) {
		*ret_next = doubtful(host, line);
		return true;
	}
	next.state = MOUNT_MADE;
	next.type = type ? type : line->type;
	next.source = line->source;
	next.origin = line_origin(host, line);
	mount_options_effective(host->arena, &line->options, &next.options);
	*ret_next = next;
	return true;
}

static struct mount_next find_api(struct host *host, const struct mount_api *api)
{
	struct mount_next next = {.state = MOUNT_MADE, .type = api->type, .origin = "systemd"};
	struct strv given = {0};

	if (is_remounted(host, api->path, api->type, &next) || is_known(host, api->path, &next))
		return next;
	if (!host_exists(host, "/usr/lib/systemd") && !host_exists(host, "/lib/systemd"))
		return unknown(NULL, "the host has no systemd: it is not known who mounts it");
	next.source = api->type;
	mount_options_split(host->arena, api->options, &given);
	mount_options_effective(host->arena, &given, &next.options);
	return next;
}

/* How the kernel's arguments have a file system mounted. */
struct arguments {
	const char *source, *type, *flags;
};

/* The last value of an argument: 1, 0 when it is not there, -1 when that is not known. */
static int argument(struct host *host, const char *name, const char **ret_value,
		    const char **ret_why)
{
	const struct cmdline_arg *arg;
	int found = cmdline_find(host->arena, cmdline_configured(host), name, &arg, ret_why);

	if (found > 0 && ret_value)
		*ret_value = arg->value ? arg->value : "";
	return found;
}

/* Is the last of `ro` and `rw` among the arguments `rw`? Without either the kernel takes `ro`. */
static int is_writable(struct host *host, const char **ret_why)
{
	const struct cmdline_arg *ro = NULL, *rw = NULL;
	const struct cmdline *cmdline = cmdline_configured(host);
	int no = cmdline_find(host->arena, cmdline, "ro", &ro, ret_why), yes;

	if (no < 0)
		return no;
	yes = cmdline_find(host->arena, cmdline, "rw", &rw, ret_why);
	if (yes < 0)
		return yes;
	return yes && (!no || rw > ro);
}

/* By the arguments of the kernel, as systemd takes them in the initial RAM disk. */
static struct mount_next by_arguments(struct host *host, const struct arguments *names, bool needed)
{
	struct mount_next next = {.state = MOUNT_MADE,
				  .type = "auto",
				  .origin = cmdline_configured(host)->source};
	const char *flags = "", *why = NULL;
	struct strv given = {0};
	int found = argument(host, names->source, &next.source, &why), writable = 0;

	if (!found && !needed)
		return none("no argument of the kernel, no unit, no line of /etc/fstab");
	if (found >= 0)
		found = argument(host, names->type, &next.type, &why);
	if (found >= 0)
		found = argument(host, names->flags, &flags, &why);
	if (found >= 0)
		found = writable = is_writable(host, &why);
	if (found < 0)
		return unknown("the arguments of the kernel", why);
	mount_options_split(host->arena, flags, &given);
	if (!strv_has(&given, "ro") && !strv_has(&given, "rw"))
		strv_push(&given, host->arena, writable ? "rw" : "ro");
	mount_options_effective(host->arena, &given, &next.options);
	return next;
}

static struct mount_next find_root(struct host *host)
{
	static const struct arguments names = {"root", "rootfstype", "rootflags"};
	struct mount_next next;

	if (is_remounted(host, "/", NULL, &next) || is_known(host, "/", &next))
		return next;
	return by_arguments(host, &names, true);
}

static struct mount_next find_usr(struct host *host, unsigned binds)
{
	static const struct arguments names = {"mount.usr", "mount.usrfstype", "mount.usrflags"};
	struct mount_next next;

	if (is_remounted(host, "/usr", NULL, &next))
		return next;
	next = find_any(host, "/usr", binds);
	return next.state == MOUNT_NONE ? by_arguments(host, &names, false) : next;
}

static struct mount_next find(struct host *host, const char *path, unsigned binds)
{
	const struct mount_api *api = mount_api(path);

	if (api)
		return find_api(host, api);
	if (str_eq(path, "/"))
		return find_root(host);
	if (str_eq(path, "/usr"))
		return find_usr(host, binds);
	return find_any(host, path, binds);
}

struct mount_next mount_next(struct host *host, const char *path)
{
	return find(host, path, 0);
}
