#include "policy/source.h"

#include "policy/digest.h"

#include <errno.h>

#define SUFFIX ".ini"

static const char *const kinds[N_KINDS] = {
	[KIND_BENCHMARKS] = "benchmarks",
	[KIND_PROFILES] = "os-profiles",
	[KIND_WAIVERS] = "waivers",
	[KIND_SITE] = "site",
};

static const char *const standard_dirs[] = {
	"/etc/hostaudit", "/run/hostaudit", "/usr/local/lib/hostaudit", "/usr/lib/hostaudit", DATADIR,
};

#define N_STANDARD_DIRS (sizeof(standard_dirs) / sizeof(standard_dirs[0]))

const char *kind_name(enum kind kind)
{
	return kinds[kind];
}

int kind_parse(const char *folder, enum kind *ret_kind)
{
	for (int kind = 0; kind < N_KINDS; kind++)
		if (str_eq(kinds[kind], folder)) {
			*ret_kind = (enum kind)kind;
			return 0;
		}
	return -EINVAL;
}

static struct source *push(struct sources *sources)
{
	size_t size = sizeof(*sources->at);

	sources->at = arena_grow(sources->arena, sources->at, sources->count * size,
				 (sources->count + 1) * size);
	return &sources->at[sources->count];
}

/* The policy's own tree is taken as it is, like that of a live host. */
static int open_door(struct sources *sources, struct source *source, const char *dir)
{
	int error = host_init(&source->door, sources->arena, dir, true);

	if (error)
		return error;
	source->prefix = str_eq(dir, ".") ? "" : arena_printf(sources->arena, "%s%s", dir,
							      str_ends(dir, "/") ? "" : "/");
	sources->count++;
	return 0;
}

static bool is_open(const struct sources *sources, const char *dir)
{
	for (size_t i = 0; i < sources->count; i++)
		if (str_eq(sources->at[i].door.name, dir))
			return true;
	return false;
}

static void open_dir(struct sources *sources, const char *dir, bool must)
{
	int error;

	if (is_open(sources, dir))
		return;
	error = open_door(sources, push(sources), dir);
	if (error && (must || error != -ENOENT))
		problem_add(sources->problems, (struct origin){dir, 0},
			    "cannot open the policy directory: %s", host_error(error));
}

void policy_dirs(struct arena *arena, const struct selection *selection, struct strv *ret_dirs)
{
	const struct strv *dirs = &selection->policy_dirs;

	*ret_dirs = (struct strv){0};
	for (size_t i = 0; i < dirs->count; i++)
		strv_push(ret_dirs, arena, dirs->at[i]);
	for (size_t i = 0; !dirs->count && i < N_STANDARD_DIRS; i++)
		strv_push(ret_dirs, arena, standard_dirs[i]);
}

void sources_open(struct sources *sources, struct arena *arena, const struct strv *dirs,
		  struct problems *problems)
{
	*sources = (struct sources){
		.arena = arena,
		.problems = problems,
		.digest = digest_new(arena),
	};
	for (size_t i = 0; i < dirs->count; i++)
		open_dir(sources, dirs->at[i], true);
	for (size_t i = 0; !dirs->count && i < N_STANDARD_DIRS; i++)
		open_dir(sources, standard_dirs[i], false);
}

int sources_add_file(struct sources *sources, const char *path, enum kind kind)
{
	const char *slash = strrchr(path, '/');
	const char *dir = slash ? arena_strndup(sources->arena, path, (size_t)(slash - path)) : ".";
	struct source source = {.only = slash ? slash + 1 : path, .kind = kind};
	struct source *all;
	int error;

	push(sources);
	error = open_door(sources, &source, slash == path ? "/" : dir);
	if (error)
		return error;
	if (!slash)
		source.prefix = "";
	all = sources->at;
	memmove(all + 1, all, (sources->count - 1) * sizeof(*all));
	all[0] = source;
	return 0;
}

void sources_close(struct sources *sources)
{
	for (size_t i = 0; i < sources->count; i++)
		host_close(&sources->at[i].door);
	sources->count = 0;
}

/* A name found in a directory. */
struct found {
	const char *name; /* with ".ini" */
	unsigned rank;
};

struct found_list {
	struct found *at;
	size_t count, space;
};

static void push_found(struct found_list *list, struct arena *arena, const char *name, size_t rank)
{
	if (list->count == list->space) {
		size_t space = list->space ? list->space * 2 : 32;

		list->at = arena_grow(arena, list->at, list->count * sizeof(*list->at),
				      space * sizeof(*list->at));
		list->space = space;
	}
	list->at[list->count++] = (struct found){name, (unsigned)rank};
}

/* Editors leave hidden files and such with other endings. */
static bool is_data_file(const char *name)
{
	return name[0] != '.' && str_ends(name, SUFFIX);
}

static void find_in(struct sources *sources, size_t rank, enum kind kind, struct found_list *list)
{
	struct source *source = &sources->at[rank];
	struct strv names = {0};
	int error;

	if (source->only) {
		if (source->kind == kind)
			push_found(list, sources->arena, source->only, rank);
		return;
	}
	error = host_list(&source->door, arena_printf(sources->arena, "/%s", kinds[kind]), &names);
	if (error && error != -ENOENT)
		problem_add(sources->problems,
			    (struct origin){arena_printf(sources->arena, "%s%s", source->prefix,
							 kinds[kind]), 0},
			    "cannot list the directory: %s", host_error(error));
	for (size_t i = 0; !error && i < names.count; i++)
		if (is_data_file(names.at[i]))
			push_found(list, sources->arena, names.at[i], rank);
}

static int compare_found(const void *a, const void *b)
{
	const struct found *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order : (x->rank > y->rank) - (x->rank < y->rank);
}

/* The files of a kind, sorted by name; of each name only the highest. */
static struct found_list find(struct sources *sources, enum kind kind)
{
	struct found_list list = {0};
	size_t kept = 0;

	for (size_t rank = 0; rank < sources->count; rank++)
		find_in(sources, rank, kind, &list);
	if (list.count)
		qsort(list.at, list.count, sizeof(*list.at), compare_found);
	for (size_t i = 0; i < list.count; i++)
		if (!kept || !str_eq(list.at[kept - 1].name, list.at[i].name))
			list.at[kept++] = list.at[i];
	list.count = kept;
	return list;
}

static const char *without_suffix(struct arena *arena, const char *name)
{
	size_t length = strlen(name);

	return str_ends(name, SUFFIX) ? arena_strndup(arena, name, length - strlen(SUFFIX)) : name;
}

void sources_list(struct sources *sources, enum kind kind, struct strv *ret_names)
{
	struct found_list list = find(sources, kind);

	for (size_t i = 0; i < list.count; i++)
		strv_push(ret_names, sources->arena, without_suffix(sources->arena, list.at[i].name));
}

static void read_file(struct sources *sources, const struct found *found, enum kind kind,
		      struct source_file *ret_file)
{
	struct source *source = &sources->at[found->rank];
	struct arena *arena = sources->arena;
	const char *relative = arena_printf(arena, "%s/%s", kinds[kind], found->name);
	const char *inside = source->only ? source->only : relative;
	const char *path = arena_printf(arena, "%s%s", source->prefix, inside);
	cleanup(text) struct host_text text = {0};
	int error;

	*ret_file = (struct source_file){
		.name = without_suffix(arena, found->name),
		.path = path,
		.rank = found->rank,
	};
	error = host_read(&source->door, arena_printf(arena, "/%s", inside), 0, &text);
	if (error) {
		problem_add(sources->problems, (struct origin){path, 0}, "cannot read it: %s%s",
			    host_error(error),
			    error == -ENOENT ? " (links out of the policy directory lead nowhere)" : "");
		return;
	}
	digest_add(sources->digest, relative, text.data, text.size);
	ret_file->sections = ini_read(sources->problems, path, text.data);
}

void sources_read(struct sources *sources, enum kind kind, struct source_files *ret_files)
{
	struct found_list list = find(sources, kind);

	ret_files->at = arena_alloc(sources->arena, list.count * sizeof(*ret_files->at));
	ret_files->count = list.count;
	for (size_t i = 0; i < list.count; i++)
		read_file(sources, &list.at[i], kind, &ret_files->at[i]);
}

const char *sources_places(const struct sources *sources, const struct strv *dirs)
{
	struct strv standard = {0};

	if (dirs->count)
		return strv_join(dirs, sources->arena, ", ");
	for (size_t i = 0; i < N_STANDARD_DIRS; i++)
		if (!strv_has(&standard, standard_dirs[i]))
			strv_push(&standard, sources->arena, standard_dirs[i]);
	return strv_join(&standard, sources->arena, ", ");
}
