/*
 * TOML 1.0, to the letter: lines, tables, and what may not be defined twice. Debian's libraries for
 * it are in C++.
 */
#include "host/trees/tree_toml.h"
#include "base/str.h"

struct toml {
	struct tree_reader *reader;
	struct tree *root, *table; /* what the last header named */
	struct tree **dotted;      /* what dotted keys have touched in this section */
	size_t dotted_count, dotted_space;
};

static struct tree *read_value(struct tree_reader *reader);

static void skip_blanks(struct tree_reader *reader)
{
	reader->at += strspn(reader->at, TOML_BLANKS);
}

/* Skips lines and comments, where an array may have them. */
static void skip_lines(struct tree_reader *reader)
{
	do
		skip_blanks(reader);
	while (*reader->at && toml_end_line(reader) && !reader->why);
}

static struct tree *read_list(struct tree_reader *reader)
{
	struct tree *list = tree_new(reader, TREE_LIST, NULL), *value;

	if (!list)
		return NULL;
	list->flags = TOML_GIVEN;
	reader->at++;
	for (;;) {
		skip_lines(reader);
		if (*reader->at == ']')
			break;
		value = read_value(reader);
		if (!value)
			return NULL;
		tree_push(list, value);
		skip_lines(reader);
		if (*reader->at == ']')
			break;
		if (*reader->at != ',')
			return tree_fail(reader, "a comma or a closing bracket is missing");
		reader->at++;
	}
	reader->at++;
	return reader->why ? NULL : list;
}

/* Puts the end of a key into the map that its other parts lead to. */
static bool put(struct tree_reader *reader, struct tree *map, const char *key, struct tree *value)
{
	if (tree_put(reader->arena, map, key, value))
		return true;
	tree_fail(reader, arena_printf(reader->arena, "the key %s stands twice", key));
	return false;
}

static struct tree *new_map(struct tree_reader *reader, struct tree *parent, const char *key)
{
	struct tree *map = tree_new(reader, TREE_MAP, NULL);

	if (map && key)
		put(reader, parent, key, map);
	return map;
}

static void mark_given(struct tree *map)
{
	map->flags = TOML_GIVEN;
	for (struct tree *at = map->first; at; at = at->next)
		if (at->type == TREE_MAP && !(at->flags & TOML_GIVEN))
			mark_given(at);
}

/* A pair in braces. Its dotted keys may add to what others of the same braces have made. */
static bool read_pair(struct tree_reader *reader, struct tree *map)
{
	struct strv parts = {0};
	struct tree *value;

	if (!toml_read_key(reader, &parts))
		return false;
	for (size_t i = 0; i + 1 < parts.count; i++) {
		struct tree *next = tree_get(map, parts.at[i]);

		if (next && (next->type != TREE_MAP || (next->flags & TOML_GIVEN))) {
			tree_fail(reader, "a key goes into what is no table, or closed");
			return false;
		}
		map = next ? next : new_map(reader, map, parts.at[i]);
		if (!map)
			return false;
	}
	if (*reader->at != '=') {
		tree_fail(reader, "an equals sign is missing");
		return false;
	}
	reader->at++;
	skip_blanks(reader);
	value = read_value(reader);
	return value && put(reader, map, parts.at[parts.count - 1], value);
}

static struct tree *read_map(struct tree_reader *reader)
{
	struct tree *map = tree_new(reader, TREE_MAP, NULL);

	if (!map)
		return NULL;
	reader->at++;
	skip_blanks(reader);
	while (*reader->at != '}') {
		if (!read_pair(reader, map))
			return NULL;
		skip_blanks(reader);
		if (*reader->at == '}')
			break;
		if (*reader->at != ',')
			return tree_fail(reader, "a comma or a closing brace is missing");
		reader->at++;
		skip_blanks(reader);
		if (*reader->at == '}')
			return tree_fail(reader, "a comma stands before a closing brace");
	}
	reader->at++;
	mark_given(map);
	return map;
}

static struct tree *read_value(struct tree_reader *reader)
{
	unsigned line = reader->line;
	struct tree *value = NULL;
	const char *text;

	if (!tree_enter(reader))
		return NULL;
	if (*reader->at == '[') {
		value = read_list(reader);
	} else if (*reader->at == '{') {
		value = read_map(reader);
	} else if (*reader->at == '"' || *reader->at == '\'') {
		text = toml_read_string(reader);
		value = text ? tree_new(reader, TREE_STRING, text) : NULL;
		if (value)
			value->line = line;
	} else {
		value = toml_read_word(reader);
	}
	reader->depth--;
	return value;
}

/* What a part of a header or key leads to: of an array of tables, its last. NULL with a fault. */
static struct tree *step(struct toml *toml, struct tree *map, const char *key)
{
	struct tree *next = tree_get(map, key);

	if (!next)
		return new_map(toml->reader, map, key);
	if (next->type == TREE_LIST && !(next->flags & TOML_GIVEN))
		next = next->last;
	if (next->type != TREE_MAP || (next->flags & TOML_GIVEN))
		return tree_fail(toml->reader,
				 arena_printf(toml->reader->arena,
					      "%s is no table, or closed by its braces", key));
	return next;
}

/* The tables that dotted keys made in the section that ends may not be opened again. */
static void end_section(struct toml *toml)
{
	for (size_t i = 0; i < toml->dotted_count; i++)
		toml->dotted[i]->flags = TOML_DEFINED;
	toml->dotted_count = 0;
}

static void note_dotted(struct toml *toml, struct tree *map)
{
	if (map->flags & TOML_DOTTED)
		return;
	if (toml->dotted_count == toml->dotted_space) {
		size_t size = sizeof(struct tree *);

		toml->dotted_space = toml->dotted_space ? toml->dotted_space * 2 : 16;
		toml->dotted = arena_grow(toml->reader->arena, toml->dotted,
					  toml->dotted_count * size, toml->dotted_space * size);
	}
	map->flags |= TOML_DOTTED;
	toml->dotted[toml->dotted_count++] = map;
}

static bool open_table(struct toml *toml, struct tree *map, const char *key)
{
	struct tree *table = tree_get(map, key);

	if (table && (table->type != TREE_MAP || table->flags))
		tree_fail(toml->reader,
			  arena_printf(toml->reader->arena, "the table %s is there already", key));
	else if (!table)
		table = new_map(toml->reader, map, key);
	if (toml->reader->why)
		return false;
	table->flags = TOML_DEFINED;
	toml->table = table;
	return true;
}

/* One more table of an array of tables. */
static bool open_another(struct toml *toml, struct tree *map, const char *key)
{
	struct tree *list = tree_get(map, key), *table;

	if (!list) {
		list = tree_new(toml->reader, TREE_LIST, NULL);
		if (!list || !put(toml->reader, map, key, list))
			return false;
	}
	table = tree_new(toml->reader, TREE_MAP, NULL);
	if (list->type != TREE_LIST || (list->flags & TOML_GIVEN))
		tree_fail(toml->reader,
			  arena_printf(toml->reader->arena, "%s is no array of tables", key));
	if (toml->reader->why)
		return false;
	tree_push(list, table);
	toml->table = table;
	return true;
}

static bool read_header(struct toml *toml)
{
	struct tree_reader *reader = toml->reader;
	bool another = reader->at[1] == '[';
	struct tree *map = toml->root;
	struct strv parts = {0};
	const char *last;

	end_section(toml);
	reader->at += another ? 2 : 1;
	skip_blanks(reader);
	if (!toml_read_key(reader, &parts))
		return false;
	if (*reader->at != ']' || (another && reader->at[1] != ']')) {
		tree_fail(reader, "the closing bracket of a header is missing");
		return false;
	}
	reader->at += another ? 2 : 1;
	for (size_t i = 0; i + 1 < parts.count && map; i++)
		map = step(toml, map, parts.at[i]);
	last = parts.at[parts.count - 1];
	return map && (another ? open_another(toml, map, last) : open_table(toml, map, last));
}

static bool read_setting(struct toml *toml)
{
	struct tree_reader *reader = toml->reader;
	struct tree *map = toml->table, *value;
	struct strv parts = {0};
	const char *last;

	if (!toml_read_key(reader, &parts))
		return false;
	if (*reader->at != '=') {
		tree_fail(reader, "an equals sign is missing");
		return false;
	}
	last = parts.at[parts.count - 1];
	for (size_t i = 0; i + 1 < parts.count; i++) {
		map = step(toml, map, parts.at[i]);
		if (map && (map->flags & TOML_DEFINED))
			tree_fail(reader,
				  arena_printf(reader->arena, "the table %s is there already",
					       parts.at[i]));
		if (!map || reader->why)
			return false;
		note_dotted(toml, map);
	}
	reader->at++;
	skip_blanks(reader);
	value = read_value(reader);
	return value && put(reader, map, last, value);
}

struct tree *tree_read_toml(struct tree_reader *reader)
{
	struct toml toml = {.reader = reader, .root = tree_new(reader, TREE_MAP, NULL)};

	toml.table = toml.root;
	while (*reader->at) {
		skip_blanks(reader);
		if (*reader->at && !strchr("\r\n#", *reader->at) &&
		    !(*reader->at == '[' ? read_header(&toml) : read_setting(&toml)))
			return NULL;
		skip_blanks(reader);
		if (!toml_end_line(reader))
			tree_fail(reader, "something stands behind the value");
		if (reader->why)
			return NULL;
	}
	return toml.root;
}
