/* Finds the mistakes of policy files without a host: every profile is put together in turn. */
#include "policy/load.h"

#include <errno.h>

/* A rule that can be tailored and compiled while the next profile gets the original. */
static struct rule *copy_rule(struct arena *arena, const struct rule *rule)
{
	struct rule *copy = arena_new(arena, struct rule);
	size_t size = rule->part_count * sizeof(*rule->parts);

	*copy = *rule;
	copy->parts = arena_grow(arena, rule->parts, size, size);
	return copy;
}

static struct load copy_load(const struct load *load)
{
	size_t size = load->variables.count * sizeof(*load->variables.at);
	struct load copy = *load;

	copy.rules = arena_alloc(load->arena, load->rule_count * sizeof(struct rule *));
	for (size_t i = 0; i < load->rule_count; i++)
		copy.rules[i] = copy_rule(load->arena, load->rules[i]);
	copy.variables.at = arena_grow(load->arena, load->variables.at, size, size);
	copy.variables.space = copy.variables.count;
	return copy;
}

static void compile(struct load *load)
{
	for (size_t i = 0; i < load->rule_count; i++) {
		struct rule *rule = load->rules[i];

		rule_compile(load, rule);
		for (size_t k = 0; k < rule->part_count; k++)
			check_release(&rule->parts[k].check);
	}
}

/* Puts the policy together for a profile; NULL: as it is without any. */
static void try_profile(const struct load *load, struct profile_file *file)
{
	struct load trial = copy_load(load);
	struct ini_section *sections = NULL;
	struct profile profile;

	if (file) {
		profile_build(&trial, file, &sections, &profile);
		sections_merge(trial.arena, &sections, load->site);
		site_apply(&trial, &(struct strv){0}, &profile);
		tailor(&trial, sections);
	}
	compile(&trial);
}

static void try_all(struct load *load)
{
	load_files(load);
	try_profile(load, NULL);
	for (size_t i = 0; i < load->profile_count; i++)
		try_profile(load, &load->profiles[i]);
}

/* DIR/FOLDER/NAME: a file on the command line, taken apart. */
struct place {
	const char *dir, *folder, *name;
};

static struct place take_apart(struct arena *arena, const char *path)
{
	char *copy = arena_strdup(arena, path), *slash = strrchr(copy, '/');
	struct place place = {.dir = ".", .folder = "", .name = path};

	if (!slash)
		return place;
	*slash = '\0';
	place.name = slash + 1;
	slash = strrchr(copy, '/');
	place.folder = slash ? slash + 1 : copy;
	if (!slash)
		return place;
	*slash = '\0';
	place.dir = slash == copy ? "/" : copy;
	return place;
}

/* Adds the directory that a file lies in. Returns the file as messages will show it, or NULL. */
static const char *add_in_folder(struct load *load, const char *path)
{
	struct place place = take_apart(load->arena, path);
	enum kind kind;

	if (kind_parse(place.folder, &kind)) {
		problem_add(
			load->problems, (struct origin){path, 0},
			"it lies in none of the folders benchmarks, os-profiles, waivers, site, "
			"remediations; say what it is with --as");
		return NULL;
	}
	if (place.name[0] == '.' || !str_ends(place.name, ".ini")) {
		problem_add(load->problems, (struct origin){path, 0},
			    "a file that is not called NAME.ini is never read");
		return NULL;
	}
	sources_add_dir(&load->sources, place.dir);
	if (str_eq(place.dir, "."))
		return arena_printf(load->arena, "%s/%s", place.folder, place.name);
	return path;
}

static void add_files(struct load *load, const struct strv *files, const char *as,
		      struct strv *ret_paths)
{
	enum kind kind = KIND_SITE;

	if (as && kind_parse(as, &kind)) {
		problem_add(load->problems, (struct origin){"--as", 0},
			    "'%s' is none of benchmarks, os-profiles, waivers, site, remediations",
			    as);
		return;
	}
	for (size_t i = 0; i < files->count; i++) {
		const char *path = files->at[i];

		if (as)
			sources_add_file(&load->sources, path, kind);
		else
			path = add_in_folder(load, path);
		if (path)
			strv_push(ret_paths, load->arena, path);
	}
}

/* Every file that was named has to have been read, and not another one of the same name. */
static void check_read(struct load *load, const struct strv *paths, struct problems *problems)
{
	for (size_t i = 0; i < paths->count; i++)
		if (!strv_has(&load->sources.paths, paths->at[i]))
			problem_add(problems, (struct origin){paths->at[i], 0},
				    "it was not read: it is not there, or one of that name in a "
				    "higher directory stands instead of it");
}

static void keep(const struct problems *found, const struct strv *paths, struct problems *problems)
{
	for (const struct problem *at = found->head; at; at = at->next)
		if (!paths->count || strv_has(paths, at->origin.file))
			problem_add(problems, at->origin, "%s", at->message);
}

int policy_lint(const struct selection *selection, const struct strv *files, const char *as,
		struct problems *problems)
{
	struct problems found = {.arena = problems->arena};
	struct load load = {.arena = problems->arena, .problems = problems};
	cleanup(sources) struct sources *sources = &load.sources;
	struct strv paths = {0};

	sources_init(sources, load.arena, problems);
	add_files(&load, files, as, &paths);
	sources_add_policy(sources, selection);
	load.problems = sources->problems = &found;
	try_all(&load);
	if (paths.count || !files->count)
		keep(&found, &paths, problems);
	check_read(&load, &paths, problems);
	if (!files->count && !sources->paths.count)
		problem_add(problems, (struct origin){"policy", 0}, "there is no file in any of %s",
			    policy_places(load.arena, selection));
	problems_sort(problems);
	return problems->count ? -EINVAL : 0;
}
