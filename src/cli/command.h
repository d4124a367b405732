/*
 * A command of hostaudit: one file each, `foo.c` with `const struct command command_foo` at its
 * end; the build makes the list from the file names.
 */
#pragma once

/* What the program ends with. The manual page says the same. */
enum exit_code {
	EXIT_HOLDS = 0,       /* every rule that applies holds, and at least one did */
	EXIT_FAILS = 1,       /* something fails */
	EXIT_USAGE = 2,       /* wrong usage, or bad data files */
	EXIT_UNSURE = 3,      /* nothing fails, but something could not be determined */
	EXIT_ROLLED_BACK = 4, /* a fix failed and was rolled back */
	EXIT_INCOMPLETE = 5,  /* the rollback is incomplete, the journal is kept */
};

struct option_row;

struct command {
	const char *name;
	const char *arguments;                   /* "[RULE...]", for the usage line */
	const char *summary;                     /* one line for `hostaudit --help` */
	const struct option_row *const *options; /* the tables that it takes; ends with NULL */
	const char *const *examples;             /* command lines, ends with NULL */
	enum exit_code (*run)(int argc, char **argv);
};

/* All of them, sorted by name, with NULL at the end. Made by the build from the file names. */
extern const struct command *const commands[];
