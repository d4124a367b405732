/*
 * Values within values: what a file of JSON, YAML or TOML holds, whichever of them it was. Each
 * value knows the line that it stands on. To read a file and ask it:
 *
 *	const struct tree_file *file = tree_file_get(host, TREE_JSON, "/run/host/users/x.user");
 *
 *	if (file->error == -ENOENT)      it is not there
 *	else if (!file->root)            file->why tells what is wrong with it, in file->line or 0
 *	else {
 *		const struct tree *uid = tree_get(file->root, "uid");
 *		if (uid && uid->type == TREE_INTEGER) … uid->text, uid->line …
 *	}
 *
 * and for what is in a text already, tree_read(). The readers are pure.
 */
#pragma once

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct host;

enum tree_type {
	TREE_NULL,
	TREE_BOOL,    /* "true" or "false" */
	TREE_INTEGER, /* in base 10, of any size; "-0" stays */
	TREE_FLOAT,   /* as it is spelled */
	TREE_STRING,
	TREE_TIME, /* only TOML has it; as it is spelled */
	TREE_LIST,
	TREE_MAP,
};

enum tree_syntax { TREE_JSON, TREE_YAML, TREE_TOML };

struct tree {
	enum tree_type type;
	unsigned line;
	const char *file;          /* where it was read */
	const char *key;           /* its name in a map; NULL elsewhere */
	const char *text;          /* all but lists and maps: UTF-8 without a NUL. Of null "null" */
	struct tree *first, *next; /* what is in a list or map, in its order */
	size_t count;

	/* Private to trees/: */
	struct tree *last;
	struct tree **slots; /* a hash table of a map that has grown */
	size_t slot_count;
	unsigned char flags; /* a reader's own */
};

/* What came of reading. */
struct tree_file {
	const char *path;
	int error;               /* it could not be read: negative, as of host_read() */
	const struct tree *root; /* NULL if it was not read, or what it says is wrong */
	const char *why;         /* what is wrong, in words, of `error` as well */
	unsigned line;           /* where; 0 for all of it */
};

/* More values than this, or values within more others, are refused by all readers. */
#define TREE_VALUES 200000
#define TREE_DEPTH 100

/* Reads a text of some syntax. `file` is only a name. The arena gets all that it keeps. */
void tree_read(struct arena *arena, enum tree_syntax syntax, const char *file, const char *text,
	       struct tree_file *ret_file) __attribute__((nonnull));

/* Reads a file of the host: once in a run, however often it is asked for. */
const struct tree_file *tree_file_get(struct host *host, enum tree_syntax syntax, const char *path)
	__attribute__((nonnull, returns_nonnull));

/* What a map has by that name, or NULL; and NULL for all that is no map. */
struct tree *tree_get(const struct tree *map, const char *key) __attribute__((nonnull(2)));

/* "JSON", "list", … for messages. */
const char *tree_syntax_name(enum tree_syntax syntax);
const char *tree_type_name(enum tree_type type);

/* "FILE:LINE" of a value. */
const char *tree_source(struct arena *arena, const struct tree *tree)
	__attribute__((nonnull, returns_nonnull));
