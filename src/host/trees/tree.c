#include "host/trees/tree.h"

#include "base/str.h"
#include "base/utf8.h"
#include "host/trees/tree_build.h"

#include <stdint.h>
#include <sys/auxv.h>

/* Smaller maps are searched one by one. */
#define MAP_PLAIN 8

const char *tree_syntax_name(enum tree_syntax syntax)
{
	static const char *const names[] = {"JSON", "YAML", "TOML"};

	return names[syntax];
}

const char *tree_type_name(enum tree_type type)
{
	static const char *const names[] = {
		"null", "bool", "integer", "float", "string", "time", "list", "map",
	};

	return names[type];
}

const char *tree_source(struct arena *arena, const struct tree *tree)
{
	return tree->line ? arena_printf(arena, "%s:%u", tree->file, tree->line) : tree->file;
}

struct tree *tree_fail_at(struct tree_reader *reader, unsigned line, const char *why)
{
	if (!reader->why) {
		reader->why = why;
		reader->why_line = line;
	}
	return NULL;
}

struct tree *tree_fail(struct tree_reader *reader, const char *why)
{
	return tree_fail_at(reader, reader->line, why);
}

struct tree *tree_new(struct tree_reader *reader, enum tree_type type, const char *text)
{
	struct tree *tree;

	if (++reader->count > TREE_VALUES)
		return tree_fail(reader, "too many values");
	tree = arena_new(reader->arena, struct tree);
	tree->type = type;
	tree->line = reader->line;
	tree->file = reader->file;
	tree->text = text;
	return tree;
}

bool tree_enter(struct tree_reader *reader)
{
	if (++reader->depth > TREE_DEPTH) {
		tree_fail(reader, "values within too many others");
		return false;
	}
	return true;
}

void tree_push(struct tree *list, struct tree *value)
{
	if (list->last)
		list->last->next = value;
	else
		list->first = value;
	list->last = value;
	list->count++;
}

/* With a start that nobody can know, keys that all fall into one slot are hard to make. */
static size_t hash(const char *key)
{
	static uint64_t start;
	uint64_t sum;

	if (!start) {
		const void *random = (const void *)getauxval(AT_RANDOM); // NOLINT

		start = 0xcbf29ce484222325U;
		if (random)
			memcpy(&start, random, sizeof(start));
		start |= 1;
	}
	sum = start;
	while (*key) {
		sum = (sum ^ (unsigned char)*key++) * 0x100000001b3U;
		sum ^= sum >> 29;
	}
	return (size_t)sum;
}

/* The slot of a key: what is there has it, or nothing is there. */
static struct tree **slot_of(const struct tree *map, const char *key)
{
	size_t at = hash(key);

	for (;; at++) {
		struct tree **slot = &map->slots[at & (map->slot_count - 1)];

		if (!*slot || str_eq((*slot)->key, key))
			return slot;
	}
}

static void rehash(struct arena *arena, struct tree *map)
{
	map->slot_count = 4 * MAP_PLAIN;
	while (map->slot_count < map->count * 4)
		map->slot_count *= 2;
	map->slots = arena_alloc(arena, map->slot_count * sizeof(struct tree *));
	for (struct tree *at = map->first; at; at = at->next)
		*slot_of(map, at->key) = at;
}

struct tree *tree_get(const struct tree *map, const char *key)
{
	if (!map || map->type != TREE_MAP)
		return NULL;
	if (map->slots)
		return *slot_of(map, key);
	for (struct tree *at = map->first; at; at = at->next)
		if (str_eq(at->key, key))
			return at;
	return NULL;
}

bool tree_put(struct arena *arena, struct tree *map, const char *key, struct tree *value)
{
	if (tree_get(map, key))
		return false;
	value->key = key;
	tree_push(map, value);
	if (map->count > MAP_PLAIN && map->count * 2 > map->slot_count)
		rehash(arena, map);
	else if (map->slots)
		*slot_of(map, key) = value;
	return true;
}

void tree_remove(struct arena *arena, struct tree *parent, struct tree *value)
{
	struct tree **at = &parent->first;

	parent->last = NULL;
	while (*at) {
		if (*at == value) {
			*at = value->next;
			parent->count--;
			continue;
		}
		parent->last = *at;
		at = &(*at)->next;
	}
	value->next = NULL;
	if (parent->slots)
		rehash(arena, parent);
}

char *tree_put_point(char *end, unsigned long point)
{
	if (!point || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
		return NULL;
	if (point < 0x80) {
		*end++ = (char)point;
		return end;
	}
	if (point < 0x800) {
		*end++ = (char)(0xc0 | point >> 6);
	} else {
		if (point < 0x10000) {
			*end++ = (char)(0xe0 | point >> 12);
		} else {
			*end++ = (char)(0xf0 | point >> 18);
			*end++ = (char)(0x80 | (point >> 12 & 0x3f));
		}
		*end++ = (char)(0x80 | (point >> 6 & 0x3f));
	}
	*end++ = (char)(0x80 | (point & 0x3f));
	return end;
}

bool tree_is_utf8(const char *text, unsigned *ret_line)
{
	unsigned line = 1;

	while (*text) {
		size_t length = (unsigned char)*text < 0x80 ? 1 : utf8_length(text);

		if (!length) {
			*ret_line = line;
			return false;
		}
		line += *text == '\n';
		text += length;
	}
	return true;
}

void tree_read(struct arena *arena, enum tree_syntax syntax, const char *file, const char *text,
	       struct tree_file *ret_file)
{
	static struct tree *(*const readers[])(struct tree_reader *) = {
		[TREE_JSON] = tree_read_json,
		[TREE_YAML] = tree_read_yaml,
		[TREE_TOML] = tree_read_toml,
	};
	struct tree_reader reader = {
		.arena = arena,
		.file = arena_strdup(arena, file),
		.start = text,
		.at = text,
		.line = 1,
	};
	struct tree_file read = {.path = reader.file};
	unsigned line;

	if (tree_is_utf8(text, &line))
		read.root = readers[syntax](&reader);
	else
		tree_fail_at(&reader, line, "bytes that are no UTF-8");
	if (!read.root) {
		read.why = reader.why;
		read.line = reader.why_line;
	}
	*ret_file = read;
}
