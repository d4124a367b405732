#include "host/trees/tree_ask.h"

#include <errno.h>

const char *tree_subject_read(struct arena *arena, enum tree_syntax syntax, const char *text,
			      struct tree_subject *ret_subject)
{
	struct tree_subject subject = {.syntax = syntax};
	const char *colon = strchr(text, ':'), *why;

	if (!colon || !colon[1])
		return "behind the file stands a `:` and a path in it";
	subject.program = tree_program_find(text, (size_t)(colon - text));
	if (subject.program && subject.program->syntax != syntax)
		return "another probe reads the files of that program";
	if (*text != '/' && !subject.program)
		return "it begins neither with a path nor with a program that is known";
	subject.file = arena_strndup(arena, text, (size_t)(colon - text));
	why = tree_path_parse(arena, colon + 1, &subject.path);
	for (size_t i = 0; !why && i < subject.path.count; i++)
		if (subject.program && subject.path.at[i].any)
			why = "of a program, `*` is not told; name the file";
	if (!why && subject.program && !subject.path.count)
		why = "of a program, a setting is told; name the file";
	if (!why)
		*ret_subject = subject;
	return why;
}

static void push(struct arena *arena, struct tree_answers *answers, struct tree_answer answer)
{
	if (answers->count == answers->space) {
		size_t space = answers->space ? answers->space * 2 : 4;

		answers->at = arena_grow(arena, answers->at, answers->count * sizeof(answer),
					 space * sizeof(answer));
		answers->space = space;
	}
	answers->at[answers->count++] = answer;
}

/* The items with blanks between them, or NULL where they would not be told apart. */
static const char *items_of(struct arena *arena, const struct tree *list, const char **ret_why)
{
	struct strv items = {0};

	for (const struct tree *at = list->first; at; at = at->next) {
		if (!at->text || at->type == TREE_NULL)
			*ret_why = "not all items of the list are single values";
		else if (!*at->text || at->text[strcspn(at->text, STR_BLANKS ",")])
			*ret_why = "an item of the list is empty, or has blanks or commas in it; "
				   "ask for each one by `.*`";
		else
			strv_push(&items, arena, at->text);
	}
	return items.count == list->count ? strv_join(&items, arena, " ") : NULL;
}

static const char *keys_of(struct arena *arena, const struct tree *map, const char **ret_why)
{
	struct strv keys = {0};

	for (const struct tree *at = map->first; at; at = at->next) {
		if (!*at->key || at->key[strcspn(at->key, STR_BLANKS ",")])
			*ret_why = "a key of the map is empty, or has blanks or commas in it";
		else
			strv_push(&keys, arena, at->key);
	}
	return keys.count == map->count ? strv_join(&keys, arena, " ") : NULL;
}

/* What a field says of a value: NULL, with the reason, where that makes no sense. */
static const char *tell(struct arena *arena, const struct tree *tree, enum tree_field field,
			const char **ret_why)
{
	bool is_list = tree->type == TREE_LIST, is_map = tree->type == TREE_MAP;

	if (field == TREE_ASK_TYPE || field == TREE_ASK_PRESENCE)
		return tree_type_name(tree->type);
	if (field == TREE_ASK_COUNT && (is_list || is_map))
		return arena_printf(arena, "%zu", tree->count);
	if (field == TREE_ASK_KEYS && is_map)
		return keys_of(arena, tree, ret_why);
	if (is_list && (field == TREE_ASK_VALUE || field == TREE_ASK_VALUES))
		return items_of(arena, tree, ret_why);
	if (field == TREE_ASK_VALUE && !is_map)
		return tree->text;
	*ret_why = arena_printf(arena, "it is of type %s", tree_type_name(tree->type));
	return NULL;
}

static void answer_hit(struct arena *arena, const struct tree_hit *hit, enum tree_field field,
		       struct tree_answer *answer)
{
	if (hit->tree) {
		answer->source = tree_source(arena, hit->tree);
		answer->value = tell(arena, hit->tree, field, &answer->why);
	} else if (hit->last) {
		answer->source = hit->last->key ? tree_source(arena, hit->last) : hit->last->file;
	}
}

static void ask_file(struct host *host, const struct tree_subject *subject, enum tree_field field,
		     struct tree_answers *ret_answers)
{
	struct arena *arena = host->arena;
	const struct tree_file *file = tree_file_get(host, subject->syntax, subject->file);
	struct tree_answer answer = {
		.object = tree_path_name(arena, &subject->path),
		.source = file->path,
	};
	struct tree_answers answers = {0};
	struct tree_hits hits = {0};

	if (file->root) {
		tree_path_find(arena, file->root, &subject->path, &hits);
	} else if (file->error != -ENOENT) {
		answer.why = file->error
				     ? arena_printf(arena, "cannot read %s: %s", file->path,
						    file->why)
				     : arena_printf(arena, "no %s: %s",
						    tree_syntax_name(subject->syntax), file->why);
		if (file->line)
			answer.source = arena_printf(arena, "%s:%u", file->path, file->line);
	}
	for (size_t i = 0; i < hits.count; i++) {
		answer.object = hits.at[i].name;
		answer.value = NULL;
		answer.why = NULL;
		answer_hit(arena, &hits.at[i], field, &answer);
		push(arena, &answers, answer);
	}
	if (!answers.count)
		push(arena, &answers, answer);
	*ret_answers = answers;
}

static const struct tree_default *default_of(const struct tree_program *program, const char *path)
{
	const struct tree_default *at = program->defaults;

	while (at->path && !str_eq(at->path, path))
		at++;
	return at->path ? at : NULL;
}

/* A file of a program, whatever its name: kubelet takes JSON for YAML. NULL, and why, if wrong. */
static const struct tree_file *program_file(struct host *host, const struct tree_program *program,
					    const char *path, const char **ret_why)
{
	const struct tree_file *file = tree_file_get(host, program->syntax, path);
	const struct tree *kind = tree_get(file->root, "kind");

	if (file->error)
		*ret_why = arena_printf(host->arena, "cannot read %s: %s", path, file->why);
	else if (!file->root)
		*ret_why = arena_printf(host->arena, "%s would refuse %s: %s", program->command,
					path, file->why);
	else if (file->root->type != TREE_MAP ||
		 (program->kind && !(kind && kind->text && str_eq(kind->text, program->kind))))
		*ret_why = arena_printf(host->arena, "%s would refuse %s: it is no %s",
					program->command, path,
					program->kind ? program->kind : "map");
	return *ret_why ? NULL : file;
}

/* containerd's own table for the kubelet's interface, in the versions 1, 2 and 3 of its file. */
static const struct {
	const char *table;
	long long version;
} tables[] = {
	{"cri", 1},
	{"io.containerd.grpc.v1.cri", 2},
	{"io.containerd.cri.v1.images", 3},
	{"io.containerd.cri.v1.runtime", 3},
};

/* Why a containerd file cannot tell of a path: it imports others, or spells the table otherwise. */
static const char *refuse_version(struct arena *arena, const struct tree_file *file,
				  const struct tree_path *path)
{
	const struct tree *imports = tree_get(file->root, "imports");
	const struct tree *given = tree_get(file->root, "version");
	long long version = 1;

	if (imports && imports->first)
		return arena_printf(arena, "%s imports other files", file->path);
	if (given && (given->type != TREE_INTEGER || str_to_number(given->text, &version)))
		return arena_printf(arena, "%s has no version that is known", file->path);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		if (path->count > 1 && str_eq(path->at[0].key, "plugins") &&
		    str_eq(path->at[1].key, tables[i].table) && version != tables[i].version)
			return arena_printf(
				arena, "%s is of version %lld, where that table has another name",
				file->path, version);
	return NULL;
}

/* What decides, of the file and its drop-ins: the last that has the path. */
static const struct tree *decide(struct host *host, const struct tree_subject *subject,
				 const struct strv *files, const char **ret_why)
{
	const struct tree *found = NULL;

	for (size_t i = 0; i < files->count && !*ret_why; i++) {
		const struct tree_file *file = program_file(host, subject->program, files->at[i],
							    ret_why);
		struct tree_hits hits = {0};

		if (file && subject->program->versions)
			*ret_why = refuse_version(host->arena, file, &subject->path);
		if (*ret_why)
			return NULL;
		tree_path_find(host->arena, file->root, &subject->path, &hits);
		/* A null takes back what stood before, or not: versions differ. */
		if (found && ((hits.at[0].tree && (hits.at[0].tree->type == TREE_MAP ||
						   hits.at[0].tree->type == TREE_NULL)) ||
			      (hits.at[0].last && hits.at[0].last->type == TREE_NULL)))
			*ret_why = arena_printf(host->arena, "%s changes a part of it",
						files->at[i]);
		if (hits.at[0].tree)
			found = hits.at[0].tree;
	}
	return found && found->type != TREE_NULL ? found : NULL;
}

/* The file, and what its drop-in directory has. */
static int list_files(struct host *host, const struct tree_program *program,
		      const struct tree_arguments *arguments, struct strv *files)
{
	const char *file = tree_argument(arguments, program->file_flag);
	const char *dir = program->dir_flag ? tree_argument(arguments, program->dir_flag) : NULL;
	const char *const dirs[] = {dir, NULL};
	struct strv more = {0};
	int error;

	if (file || (program->file && host_exists(host, program->file)))
		strv_push(files, host->arena, file ? file : program->file);
	if (!dir)
		return 0;
	error = host_dropins(host, dirs, ".conf", &more);
	for (size_t i = 0; i < more.count; i++)
		strv_push(files, host->arena, more.at[i]);
	return error;
}

/* What holds where no file says it. */
static void answer_default(struct host *host, const struct tree_subject *subject,
			   enum tree_field field, const struct strv *files,
			   struct tree_answer *answer)
{
	const struct tree_program *program = subject->program;
	const struct tree_default *row = default_of(program, answer->object);

	answer->source = arena_printf(host->arena, "default of %s%s", program->command,
				      files->count ? "" : ", which has no file");
	if (!row || field != TREE_ASK_VALUE)
		return;
	answer->value = files->count || !row->bare ? row->value : row->bare;
}

static void answer_program(struct host *host, const struct tree_subject *subject,
			   enum tree_field field, struct tree_answer *answer)
{
	const struct tree_program *program = subject->program;
	const struct tree_default *row = default_of(program, answer->object);
	struct tree_arguments arguments;
	struct strv files = {0};
	const struct tree *found = NULL;
	const char *flag;

	tree_arguments_get(host, program, &arguments);
	answer->source = arguments.source;
	answer->why = arguments.why;
	if (!answer->why && list_files(host, program, &arguments, &files))
		answer->why = "cannot read its drop-ins";
	if (!answer->why)
		found = decide(host, subject, &files, &answer->why);
	if (answer->why)
		return;
	flag = tree_argument(&arguments, row && row->flag ? row->flag : subject->path.at[0].key);
	if (flag && (found || !row || field != TREE_ASK_VALUE) && program->no_both)
		answer->why = found ? "an argument of its unit sets it as well: it does not start"
				    : "an argument of its unit sets it";
	else if (flag &&
		 (field == TREE_ASK_COUNT || field == TREE_ASK_KEYS || field == TREE_ASK_TYPE))
		answer->why = "an argument of its unit sets it";
	else if (flag)
		answer->value = flag;
	else if (found)
		answer_hit(host->arena, &(struct tree_hit){.tree = found}, field, answer);
	else
		answer_default(host, subject, field, &files, answer);
}

void tree_ask(struct host *host, const struct tree_subject *subject, enum tree_field field,
	      struct tree_answers *ret_answers)
{
	struct tree_answer answer = {.object = tree_path_name(host->arena, &subject->path)};
	struct tree_answers answers = {0};

	if (!subject->program) {
		ask_file(host, subject, field, ret_answers);
		return;
	}
	answer_program(host, subject, field, &answer);
	push(host->arena, &answers, answer);
	*ret_answers = answers;
}
