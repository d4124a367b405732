#include "host/trees/tree_ask.h"

#include <errno.h>

const char *tree_subject_read(struct arena *arena, enum tree_syntax syntax, const char *text,
			      struct tree_subject *ret_subject)
{
	struct tree_subject subject = {.syntax = syntax};
	const char *colon = strchr(text, ':'), *why;

	if (!colon || !colon[1])
		return "behind the file stands a `:` and a path in it";
	if (*text != '/')
		return "the file is no path that begins with `/`";
	subject.file = arena_strndup(arena, text, (size_t)(colon - text));
	why = tree_path_parse(arena, colon + 1, &subject.path);
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

void tree_ask(struct host *host, const struct tree_subject *subject, enum tree_field field,
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
