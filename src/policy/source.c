#include "policy/source.h"

#include "base/digest.h"

#include <errno.h>

#define SUFFIX ".ini"

static const char *const kinds[N_KINDS] = {
	[KIND_BENCHMARKS] = "benchmarks",     [KIND_PROFILES] = "os-profiles",
	[KIND_WAIVERS] = "waivers",           [KIND_SITE] = "site",
	[KIND_REMEDIATIONS] = "remediations",
};

static const char *const standard_dirs[] = {
	"/etc/hostaudit",     "/run/hostaudit", "/usr/local/lib/hostaudit",
	"/usr/lib/hostaudit", DATADIR,
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

static bool is_open(const struct sources *sources, const char *dir)
{
	for (size_t i = 0; i < sources->count; i++)
		if (!sources->at[i].only && str_eq(sources->at[i].door.name, dir))
			return true;
	return false;
}

/* The policy's own tree is taken as it is, like that of a live host. */
static void add(struct sources *sources, const struct source *source, const char *dir, bool must)
{
	const size_t size = sizeof(*source);
	struct source *added;
	int error;

	sources->at = arena_grow(sources->arena, sources->at, sources->count * size,
				 (sources->count + 1) * size);
	added = &sources->at[sources->count];
	*added = *source;
	added->prefix = str_eq(dir, ".") ? ""
					 : arena_printf(sources->arena, "%s%s", dir,
							str_ends(dir, "/") ? "" : "/");
	error = host_init(&added->door, sources->arena, dir, true);
	if (!error)
		sources->count++;
	else if (must || error != -ENOENT)
		problem_add(sources->problems, (struct origin){dir, 0},
			    "cannot open the directory: %s", host_error(error));
}

void policy_dirs(struct arena *arena, const struct selection *selection, struct strv *ret_dirs)
{
	const struct strv *dirs = &selection->policy_dirs;

	*ret_dirs = (struct strv){0};
	for (size_t i = 0; i < dirs->count; i++)
		strv_push(ret_dirs, arena, dirs->at[i]);
	for (size_t i = 0; !dirs->count && i < N_STANDARD_DIRS; i++)
		if (!strv_has(ret_dirs, standard_dirs[i]))
			strv_push(ret_dirs, arena, standard_dirs[i]);
}

void sources_init(struct sources *sources, struct arena *arena, struct problems *problems)
{
	*sources = (struct sources){
		.arena = arena,
		.problems = problems,
		.digest = digest_new(arena),
	};
}

void sources_add_dir(struct sources *sources, const char *dir)
{
	if (!is_open(sources, dir))
		add(sources, &(struct source){0}, dir, true);
}

void sources_add_file(struct sources *sources, const char *path, enum kind kind)
{
	const char *slash = strrchr(path, '/');
	const struct source source = {.only = slash ? slash + 1 : path, .kind = kind};
	const char *dir = slash ? arena_strndup(sources->arena, path, (size_t)(slash - path)) : ".";

	add(sources, &source, slash == path ? "/" : dir, true);
}

void sources_add_policy(struct sources *sources, const struct selection *selection)
{
	struct strv dirs;

	policy_dirs(sources->arena, selection, &dirs);
	for (size_t i = 0; i < dirs.count; i++)
		if (!is_open(sources, dirs.at[i]))
			add(sources, &(struct source){0}, dirs.at[i], selection->policy_dirs.count);
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
							 kinds[kind]),
					    0},
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

/* Only a file that was named by hand may have another ending. */
static const char *without_suffix(struct arena *arena, const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot ? arena_strndup(arena, name, (size_t)(dot - name)) : name;
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
	strv_push(&sources->paths, arena, path);
	error = host_read(&source->door, arena_printf(arena, "/%s", inside), 0, &text);
	if (error) {
		problem_add(sources->problems, (struct origin){path, 0}, "cannot read it: %s%s",
			    host_error(error),
			    error == -ENOENT ? " (links out of the policy directory lead nowhere)"
					     : "");
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
