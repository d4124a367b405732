/* Sentences about trees: what the probes json, yaml and toml have in common. */
#pragma once

#include "host/host.h"
#include "host/trees/tree_program.h"

/* What is told of a value. */
enum tree_field {
	TREE_ASK_VALUE,  /* a scalar, or the items of a list with blanks between them */
	TREE_ASK_VALUES, /* the items of a list */
	TREE_ASK_KEYS,   /* of a map */
	TREE_ASK_COUNT,  /* how much is in a list or map */
	TREE_ASK_TYPE,
	TREE_ASK_PRESENCE,
};

struct tree_subject {
	enum tree_syntax syntax;
	const struct tree_program *program; /* NULL: `file` is asked */
	const char *file;
	struct tree_path path;
};

/* Takes FILE:PATH or PROGRAM:PATH apart. Returns why it is none, or NULL. */
const char *tree_subject_read(struct arena *arena, enum tree_syntax syntax, const char *text,
			      struct tree_subject *ret_subject) __attribute__((nonnull));

/* With neither a value nor a reason it is not there. */
struct tree_answer {
	const char *object, *source;
	const char *value;
	const char *why; /* it cannot be told: the reason */
};

struct tree_answers {
	struct tree_answer *at;
	size_t count, space;
};

/* At least one answer. */
void tree_ask(struct host *host, const struct tree_subject *subject, enum tree_field field,
	      struct tree_answers *ret_answers) __attribute__((nonnull));
