/*
 * Command line options as a table: getopt_long, the help text, the check of what is given and the
 * nearest right word for a wrong one all come from its rows.
 */
#pragma once

#include "base/nearest.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdio.h>

struct arena;

enum option_kind {
	OPTION_FLAG,   /* bool: given or not */
	OPTION_STRING, /* const char *: the last one given wins */
	OPTION_LIST,   /* struct strv: may be given again and again */
	OPTION_NUMBER, /* long long */
	OPTION_CHOICE, /* int: the place of the word in `choices` */
};

struct option_row {
	const char *name; /* "root"; NULL ends a table */
	char letter;      /* 'r', or 0 */
	enum option_kind kind;
	const char *argument;       /* "DIR" in the help; NULL for a flag */
	void *value;                /* where it goes; its type says the kind */
	const char *const *choices; /* only OPTION_CHOICE; ends with NULL */
	const char *help;           /* one line */
};

/*
 * Parses argv[1…]. `tables` is a list of tables that ends with NULL. What is no option is left in
 * `ret_operands`. Returns 0, or -EINVAL with a message that belongs to the arena.
 */
int options_parse(struct arena *arena, int argc, char **argv,
		  const struct option_row *const *tables, struct strv *ret_operands,
		  const char **ret_error);

/* Prints the rows, aligned, for --help. */
void options_help(FILE *out, const struct option_row *rows);
