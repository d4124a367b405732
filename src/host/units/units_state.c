/*
 * The word of `systemctl --root DIR is-enabled UNIT`: what is installed, not what it comes to. The
 * rules are systemctl's own, which differ in details from those by which the manager loads units.
 */
#include "host/units/units_name.h"
#include "host/units/units_view.h"

#include <dirent.h>
#include <errno.h>

/* As often systemctl follows from one unit to the next. */
#define MOST_HOPS 64

enum mode {
	MODE_NONE,
	MODE_REGULAR,
	MODE_MASKED,
	MODE_LINKED, /* a link that leads out of the load path */
	MODE_ALIAS,
};

/* From here on the template stands for its default instance. */
static int take_instance(struct units *units, struct unit_install *install, const char *value)
{
	const char *instance = unit_expand(units->arena, value, install->name);
	const char *name = install->name;

	if (instance && *instance)
		name = unit_with_instance(units->arena, install->name, instance);
	if (instance && *instance && unit_kind(name) != UNIT_INSTANCE)
		return -EINVAL;
	install->as = name;
	return 0;
}

/* Also= and DefaultInstance= are read at once, and a mistake there makes the whole unit bad. */
static int take_line(struct units *units, struct unit_install *install,
		     const struct unit_line *line)
{
	struct strv words = {0};

	if (!str_eq(line->section, "Install"))
		return 0;
	if (str_eq(line->key, "DefaultInstance") && unit_kind(install->name) == UNIT_TEMPLATE)
		return take_instance(units, install, line->value);
	if (str_eq(line->key, "Also"))
		unit_words(&words, units->arena, line->value);
	for (size_t i = 0; i < words.count; i++) {
		const char *name = unit_expand(units->arena, words.at[i], install->as);

		if (name && unit_kind(name) == UNIT_INVALID)
			return -EINVAL;
	}
	return 0;
}

static int parse(struct units *units, struct unit_install *install, const char *path, bool dropin)
{
	cleanup(text) struct host_text text = {0};
	size_t before = install->lines.count;
	int error;

	if (dropin && unit_is_null(units->host, path) == 1)
		return 0;
	error = host_read(units->host, path, 0, &text);
	if (error && error != -ENOENT)
		install->why = arena_printf(units->arena, "cannot read %s: %s", path,
					    host_error(error));
	if (error)
		return error;
	if (!dropin)
		install->mode = text.size ? MODE_REGULAR : MODE_MASKED;
	error = unit_lines_parse(&install->lines, units->arena, path, text.data);
	for (size_t i = before; !error && i < install->lines.count; i++)
		error = take_line(units, install, &install->lines.at[i]);
	return error;
}

/* A link in `dir`, for the unit `install->name`. */
static int take_link(struct units *units, struct unit_install *install, const char *path,
		     const char *target)
{
	const char *slash = strrchr(path, '/');
	const char *dir = arena_strndup(units->arena, path, (size_t)(slash - path));
	bool inside;

	install->target = unit_link_target(units, dir, target);
	if (!install->target)
		return -ELOOP;
	/* Up again from where there is nothing. */
	if (strstr(install->target, "/../"))
		return -ENOENT;
	inside = unit_path_dir(units, install->target) >= 0;
	if (inside && !unit_may_alias_to(slash + 1, unit_base(install->target)))
		return -EXDEV;
	if (inside && str_eq(slash + 1, unit_base(install->target)))
		return -ELOOP;
	install->mode = str_eq(install->target, "/dev/null") ? MODE_MASKED
			: inside                             ? MODE_ALIAS
							     : MODE_LINKED;
	return 0;
}

/* What stands at a path: the unit's file, or a link to be followed. */
static int take_path(struct units *units, struct unit_install *install, const char *path)
{
	struct statx stat;
	char *target;
	int error = host_stat(units->host, path, false, &stat);

	if (error)
		return error;
	install->path = path;
	if (S_ISLNK(stat.stx_mode)) {
		error = host_readlink(units->host, path, &target);
		return error ? error : take_link(units, install, path, target);
	}
	if (S_ISCHR(stat.stx_mode) || S_ISBLK(stat.stx_mode)) {
		install->mode = MODE_MASKED;
		return 0;
	}
	return S_ISREG(stat.stx_mode) ? parse(units, install, path, false) : -EISDIR;
}

/* The first directory that has the name. */
static int take_name(struct units *units, struct unit_install *install, const char *name)
{
	for (size_t i = 0; i < units->n_dirs; i++)
		if (unit_entry(&units->dirs[i].entries, name))
			return take_path(units, install,
					 arena_printf(units->arena, "%s/%s", units->dirs[i].path,
						      name));
	return -ENOENT;
}

/* systemctl looks at the drop-ins of the name and of its template, and at no others. */
static int take_dropins(struct units *units, struct unit_install *install, const char *template)
{
	const char *const names[] = {install->name, template};
	const char *dirs[2 * MOST_UNIT_DIRS + 1] = {NULL};
	struct strv paths;
	size_t count = 0;
	int error;

	for (size_t n = 0; n < 2 && names[n]; n++) {
		const char *name = arena_printf(units->arena, "%s.d", names[n]);

		for (size_t i = 0; i < units->n_dirs; i++)
			if (unit_entry(&units->dirs[i].entries, name))
				dirs[count++] = arena_printf(units->arena, "%s/%s",
							     units->dirs[i].path, name);
	}
	if (!count)
		return 0;
	error = host_dropins(units->host, dirs, ".conf", &paths);
	for (size_t i = 0; !error && i < paths.count; i++)
		error = parse(units, install, paths.at[i], true);
	return error;
}

static int search(struct units *units, struct unit_install *install)
{
	enum unit_kind kind = unit_kind(install->name);
	const char *template = NULL;
	int error;

	if (kind == UNIT_INVALID || (kind != UNIT_PLAIN && !unit_may_template(install->name)))
		return -EINVAL;
	if (kind == UNIT_INSTANCE)
		template = unit_template(units->arena, install->name);
	error = take_name(units, install, install->name);
	if (error == -ENOENT && template)
		error = take_name(units, install, template);
	if (!error && install->mode != MODE_MASKED)
		error = take_dropins(units, install, template);
	return error;
}

/* From an alias to the unit that it names. */
static int follow_alias(struct units *units, struct unit_install *install)
{
	const char *base = unit_base(install->target), *instance;
	struct unit_install next = {0};
	int error;

	if (str_eq(base, install->name))
		return take_path(units, install, install->target);
	if (unit_kind(install->name) == UNIT_INSTANCE && unit_kind(base) == UNIT_TEMPLATE) {
		instance = unit_instance(units->arena, install->name);
		base = unit_with_instance(units->arena, base, instance);
		if (str_eq(base, install->name))
			return take_path(units, install, install->target);
	}
	next.name = next.as = base;
	error = search(units, &next);
	*install = next;
	return error == -ENOENT ? -ENOLINK : error;
}

static int discover(struct units *units, struct unit_install *install)
{
	int error = search(units, install);

	for (unsigned hops = 0; !error; hops++) {
		if (install->mode == MODE_REGULAR || install->mode == MODE_MASKED)
			return 0;
		if (hops == MOST_HOPS)
			return -ELOOP;
		if (install->mode == MODE_LINKED)
			error = take_path(units, install, install->target);
		else
			error = follow_alias(units, install);
	}
	return error;
}

/* May a link of that name have been made from the unit's own [Install] section? */
static bool is_own_name(const struct unit_install *install, const char *name)
{
	return str_eq(name, install->name) || str_eq(name, install->as) ||
	       strv_has(&install->aliases, name);
}

/* Is the unit in a directory such as multi-user.target.wants? */
static bool is_pulled(struct units *units, const struct unit_install *install, bool own_name,
		      const struct unit_pulls *pulls)
{
	for (size_t i = 0; i < pulls->entries.count; i++) {
		const struct host_entry *entry = &pulls->entries.at[i];
		const char *template;

		if (entry->type != DT_LNK)
			continue;
		if (!str_eq(entry->name, install->name)) {
			template = unit_template(units->arena, entry->name);
			if (!template || !str_eq(template, install->name))
				continue;
		}
		if (!own_name || is_own_name(install, entry->name))
			return true;
	}
	return false;
}

/* Is there a link of another name to the unit, or one of its own name to another place? */
static bool is_linked(const struct unit_install *install, bool own_name, bool below,
		      const struct unit_dir *dir, bool *same_name)
{
	for (size_t i = 0; i < dir->entries.count; i++) {
		const struct host_entry *entry = &dir->entries.at[i];
		bool to, from;

		if (entry->type != DT_LNK)
			continue;
		to = str_eq(unit_base(entry->target), install->name);
		from = !below && str_eq(entry->name, install->name);
		if (to && from)
			*same_name = true;
		else if ((to || from) && (!own_name || is_own_name(install, entry->name)))
			return true;
	}
	return false;
}

static bool found_in(struct units *units, const struct unit_install *install, bool own_name,
		     bool below, size_t dir, bool *same_name)
{
	for (size_t i = 0; i < units->n_pulls; i++)
		if (units->pulls[i].dir == dir && !units->pulls[i].link &&
		    is_pulled(units, install, own_name, &units->pulls[i]))
			return true;
	return is_linked(install, own_name, below, &units->dirs[dir], same_name);
}

/* The state that links make; NULL where there are none. */
static const char *state_by_links(struct units *units, const struct unit_install *install,
				  bool own_name)
{
	bool runtime = false, vendor = false, linked = false, linked_runtime = false;
	bool below = false; /* in directories below the unit's own, its name does not count */

	for (size_t i = 0; i < units->n_dirs; i++) {
		const struct unit_dir *dir = &units->dirs[i];
		bool same_name = false;

		if (found_in(units, install, own_name, below, i, &same_name)) {
			if (dir->flags & DIR_CONFIG)
				return "enabled";
			*(dir->flags & DIR_RUN ? &runtime : &vendor) = true;
		} else if (same_name && dir->flags & DIR_CONFIG) {
			linked = true;
		} else if (same_name && dir->flags & DIR_RUN) {
			linked_runtime = true;
		}
		below = below || unit_path_dir(units, install->path) == (int)i;
	}
	if (runtime)
		return "enabled-runtime";
	/* A vendor's link to an instance makes it, one to a plain name may be but an alias. */
	if (vendor && unit_kind(install->name) == UNIT_INSTANCE)
		return "static";
	return linked ? "linked" : linked_runtime ? "linked-runtime" : NULL;
}

static const char *state_by_install(struct units *units, const struct unit_install *install)
{
	static const char *const keys[] = {"WantedBy", "RequiredBy", "UpheldBy"};
	struct strv words;

	if (install->aliases.count)
		return "disabled";
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		unit_lines_install(&install->lines, units->arena, keys[i], &words);
		if (words.count)
			return "disabled";
	}
	unit_lines_install(&install->lines, units->arena, "Also", &words);
	return words.count ? "indirect" : "static";
}

static unsigned flags_of(const struct units *units, const char *path)
{
	int dir = unit_path_dir(units, path);

	return dir < 0 ? 0 : units->dirs[dir].flags;
}

static const char *state_of(struct units *units, const struct unit_install *install,
			    const char *name)
{
	unsigned flags = flags_of(units, install->path);
	const char *state;

	if (install->masked)
		return str_starts(install->path, "/run/") ? "masked-runtime" : "masked";
	if (!str_eq(name, unit_base(install->path)) && unit_kind(install->name) != UNIT_INSTANCE)
		return "alias";
	if (flags & DIR_GENERATOR)
		return "generated";
	if (flags & DIR_TRANSIENT)
		return "transient";
	state = state_by_links(units, install, true);
	if (state)
		return state;
	if (state_by_links(units, install, false))
		return "indirect";
	return state_by_install(units, install);
}

int unit_install(struct units *units, const char *name, struct unit_install *ret_install)
{
	struct unit_install install = {.name = name, .as = name};
	int error = discover(units, &install);

	if (!error) {
		install.masked = install.mode == MODE_MASKED;
		install.made = flags_of(units, install.path) & (DIR_GENERATOR | DIR_TRANSIENT);
		if (unit_may_alias(install.name))
			unit_lines_install(&install.lines, units->arena, "Alias", &install.aliases);
	}
	*ret_install = install;
	return error;
}

const char *unit_state(struct units *units, const char *name, const char **ret_path,
		       const char **ret_why)
{
	struct unit_install install;
	int error = unit_install(units, name, &install);

	if (error && install.why) {
		*ret_why = install.why;
		return NULL;
	}
	*ret_path = install.path;
	if (error)
		return error == -ENOENT ? "not-found" : "bad";
	return state_of(units, &install, name);
}
