/*
 * Programs whose settings lie in trees: which files the next start reads, the arguments that its
 * unit gives it, and what holds where neither says anything.
 */
#pragma once

#include "host/host.h"
#include "host/trees/tree_path.h"

struct tree_default {
	const char *path;
	const char *value; /* NULL: not set, or it depends */
	const char *bare;  /* the same where the program has no file at all; NULL: as `value` */
	const char *flag;  /* the argument that sets it, without its dashes; NULL: none */
};

struct tree_program {
	const char *name, *command, *unit;
	enum tree_syntax syntax;
	const char *file, *file_flag; /* where the file is by default, or NULL */
	const char *dir_flag;         /* drop-ins, in NAME.conf, are only in what this names */
	const char *kind;             /* what `kind` has to be in each file */
	bool needs_unit;              /* without one nobody knows how it starts */
	bool versions;                /* tables go by other names in its file's versions */
	bool no_both;                 /* it does not start with a setting here and there */
	const struct tree_default *defaults; /* ends with a path that is NULL */
};

/* A program by its name, of `length` bytes, or NULL. */
const struct tree_program *tree_program_find(const char *name, size_t length)
	__attribute__((nonnull));

/* What the unit of a program starts it with. */
struct tree_arguments {
	struct strv words;  /* without the command */
	const char *source; /* of the last ExecStart=, or NULL without a unit */
	const char *why;    /* nobody can tell: the reason */
};

void tree_arguments_get(struct host *host, const struct tree_program *program,
			struct tree_arguments *ret_arguments) __attribute__((nonnull));

/* The last value of `--FLAG VALUE` or `--FLAG=VALUE`, "true" for a bare one; NULL: not there. */
const char *tree_argument(const struct tree_arguments *arguments, const char *flag)
	__attribute__((nonnull));
