/* What the readers of JSON, YAML and TOML have in common: making values, and finding faults. */
#pragma once

#include "host/trees/tree.h"

struct tree_reader {
	struct arena *arena;
	const char *file;
	const char *start, *at; /* the text, and where the reader stands */
	unsigned line;
	unsigned depth;  /* lists and maps around what is being read */
	size_t count;    /* values made */
	const char *why; /* the first fault, or NULL */
	unsigned why_line;
};

/* Notes a fault, unless there is one already. Returns NULL, for readers to return. */
struct tree *tree_fail(struct tree_reader *reader, const char *why);
struct tree *tree_fail_at(struct tree_reader *reader, unsigned line, const char *why);

/* A new value at the reader's line; NULL, with a fault, when there are too many. */
struct tree *tree_new(struct tree_reader *reader, enum tree_type type, const char *text);

/* One deeper, or false with a fault. Go back with `reader->depth--`. */
bool tree_enter(struct tree_reader *reader);

/* Appends to a list. */
void tree_push(struct tree *list, struct tree *value);

/* Puts a value into a map. False if the map has the key already: it stays as it was. */
bool tree_put(struct arena *arena, struct tree *map, const char *key, struct tree *value);

/* Takes a value out of its map or list. */
void tree_remove(struct arena *arena, struct tree *parent, struct tree *value);

/* Writes a code point as UTF-8. Returns the end, or NULL for what is none. Needs 4 bytes. */
char *tree_put_point(char *end, unsigned long point);

/* Is all of the text UTF-8? If not, the line of the first byte that is none. */
bool tree_is_utf8(const char *text, unsigned *ret_line);

/* The readers. NULL with a fault, or the value at the top. */
struct tree *tree_read_json(struct tree_reader *reader);
struct tree *tree_read_yaml(struct tree_reader *reader);
struct tree *tree_read_toml(struct tree_reader *reader);
