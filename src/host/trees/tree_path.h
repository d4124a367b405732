/*
 * Paths in a tree: keys with dots between them. A key with dots in it stands in single or double
 * quotes; a number is also a place in a list, from 0 on; `*` is each key of a map or place in a
 * list; a lone dot is all of the tree.
 */
#pragma once

#include "host/trees/tree.h"

#define TREE_STEPS 24

struct tree_path {
	struct tree_step {
		const char *key;
		bool any;    /* `*` */
		bool quoted; /* so it is no place in a list */
	} at[TREE_STEPS];
	size_t count;
};

/* Takes a path apart. Returns why it is none, or NULL. */
const char *tree_path_parse(struct arena *arena, const char *text, struct tree_path *ret_path)
	__attribute__((nonnull));

/* Steps put together again, as they would be written. */
const char *tree_path_name(struct arena *arena, const struct tree_path *path)
	__attribute__((nonnull, returns_nonnull));

struct tree_hit {
	const struct tree *tree; /* NULL: it is not there */
	const char *name;        /* its path, without any `*` */
	const struct tree *last; /* the innermost that is there on the way to it; may be NULL */
};

struct tree_hits {
	struct tree_hit *at;
	size_t count, space;
};

/*
 * All that a path leads to. What is missing is told as well: without any `*` as a single hit,
 * behind one for each thing that it stands for.
 */
void tree_path_find(struct arena *arena, const struct tree *root, const struct tree_path *path,
		    struct tree_hits *ret_hits) __attribute__((nonnull(1, 3, 4)));
