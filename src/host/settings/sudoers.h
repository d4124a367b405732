/* What sudo reads: sudoers(5). The parser is pure. */
#pragma once

#include "host/host.h"

enum sudoers_kind {
	SUDOERS_OPTION,      /* an option of a Defaults line */
	SUDOERS_NOPASSWD,    /* a rule that lets somebody in without a password */
	SUDOERS_INCLUDE,     /* `value` is the file */
	SUDOERS_INCLUDE_DIR, /* `value` is the directory */
	SUDOERS_UNREADABLE,  /* a file that could not be read: `error` and `source` tell */
};

struct sudoers_item {
	enum sudoers_kind kind;
	int error;
	bool negated;       /* of an option: a `!` stands before it */
	char op;            /* of an option: `=`, `+`, `-`, or NUL of a flag */
	const char *scope;  /* of an option: ":bob" and the like, or NULL where it is everybody's */
	const char *name;   /* of an option */
	const char *value;  /* NULL of a flag; of a rule the whole line */
	const char *source; /* "FILE:LINE" */
};

/* All zero is an empty one. */
struct sudoers {
	struct sudoers_item *at;
	size_t count, space;
	const char *path; /* the main file; NULL: there is none */
};

/* Appends what a text says, includes not followed. It is taken apart in place. */
void sudoers_parse(struct arena *arena, char *text, const char *path, struct sudoers *sudoers)
	__attribute__((nonnull));

/* All of it, includes in their places. Never NULL. */
const struct sudoers *sudoers_get(struct host *host) __attribute__((nonnull, returns_nonnull));
