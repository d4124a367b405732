#include "host/trees/tree_path.h"

#include "base/str.h"

#include <ctype.h>

/* A walk: how far it came, and where to put what it finds. */
struct walk {
	struct arena *arena;
	const struct tree_path *path;
	struct tree_path taken; /* with what each `*` stands for */
	struct tree_hits hits;
};

static const char *read_quoted(struct arena *arena, const char **text, struct tree_step *ret_step)
{
	char quote = *(*text)++;
	size_t length = strcspn(*text, (char[]){quote, '\0'});

	if (!(*text)[length])
		return "a quote in the path is not closed";
	*ret_step = (struct tree_step){.key = arena_strndup(arena, *text, length), .quoted = true};
	*text += length + 1;
	return **text && **text != '.' ? "behind a quoted key stands a dot" : NULL;
}

static const char *read_bare(struct arena *arena, const char **text, struct tree_step *ret_step)
{
	size_t length = strcspn(*text, ".\"'");

	if (!length || ((*text)[length] && (*text)[length] != '.'))
		return "a key in the path is empty, or has a quote within";
	ret_step->key = arena_strndup(arena, *text, length);
	ret_step->any = str_eq(ret_step->key, "*");
	ret_step->quoted = false;
	*text += length;
	return NULL;
}

const char *tree_path_parse(struct arena *arena, const char *text, struct tree_path *ret_path)
{
	struct tree_path path = {0};

	while (!str_eq(text, ".")) {
		struct tree_step *step = &path.at[path.count];
		const char *why;

		if (path.count++ == TREE_STEPS)
			return "the path is too long";
		why = *text == '"' || *text == '\'' ? read_quoted(arena, &text, step)
						    : read_bare(arena, &text, step);
		if (why)
			return why;
		if (!*text)
			break;
		text++;
	}
	*ret_path = path;
	return NULL;
}

const char *tree_path_name(struct arena *arena, const struct tree_path *path)
{
	struct strv keys = {0};

	for (size_t i = 0; i < path->count; i++) {
		const char *key = path->at[i].key;
		bool quoted = !*key || strpbrk(key, ".\"'") ||
			      (str_eq(key, "*") && path->at[i].quoted);

		if (quoted)
			key = arena_printf(arena, strchr(key, '"') ? "'%s'" : "\"%s\"", key);
		strv_push(&keys, arena, key);
	}
	return keys.count ? strv_join(&keys, arena, ".") : ".";
}

static void push(struct walk *walk, const struct tree *tree, const struct tree *last)
{
	struct tree_hits *hits = &walk->hits;

	if (hits->count == hits->space) {
		size_t space = hits->space ? hits->space * 2 : 4;

		hits->at = arena_grow(walk->arena, hits->at, hits->count * sizeof(*hits->at),
				      space * sizeof(*hits->at));
		hits->space = space;
	}
	hits->at[hits->count++] = (struct tree_hit){
		.tree = tree,
		.name = tree_path_name(walk->arena, &walk->taken),
		.last = last,
	};
}

static const struct tree *place_in(const struct tree *list, const char *key)
{
	const struct tree *at = list->first;
	long long place;

	if (!isdigit((unsigned char)*key) || str_to_number(key, &place))
		return NULL;
	while (at && place-- > 0)
		at = at->next;
	return at;
}

static void find(struct walk *walk, const struct tree *tree, size_t step);

/* Each of what is in a list or map. */
static void find_each(struct walk *walk, const struct tree *tree, size_t step)
{
	struct tree_step *taken = &walk->taken.at[step];
	size_t place = 0;

	for (const struct tree *at = tree->first; at; at = at->next, place++) {
		taken->any = false;
		taken->quoted = at->key != NULL;
		taken->key = at->key ? at->key : arena_printf(walk->arena, "%zu", place);
		find(walk, at, step + 1);
	}
	*taken = walk->path->at[step];
}

/* Recursion ends with the steps. */
static void find(struct walk *walk, const struct tree *tree, size_t step)
{
	const struct tree_step *asked = &walk->path->at[step];
	const struct tree *next = NULL;

	if (step == walk->path->count) {
		push(walk, tree, tree);
		return;
	}
	if (asked->any && tree && tree->first) {
		find_each(walk, tree, step);
		return;
	}
	if (tree && !asked->any)
		next = tree->type == TREE_LIST && !asked->quoted ? place_in(tree, asked->key)
								 : tree_get(tree, asked->key);
	if (next)
		find(walk, next, step + 1);
	else
		push(walk, NULL, tree);
}

void tree_path_find(struct arena *arena, const struct tree *root, const struct tree_path *path,
		    struct tree_hits *ret_hits)
{
	struct walk walk = {.arena = arena, .path = path, .taken = *path};

	find(&walk, root, 0);
	*ret_hits = walk.hits;
}
