/*
 * What modprobe.d says: aliases, denied modules and commands that run in place of loading, in the
 * order in which kmod reads them. See modprobe.d(5).
 */
#pragma once

#include "host/host.h"

enum modprobe_kind {
	MODPROBE_ALIAS,      /* `value` is the module that is loaded when `name` is asked for */
	MODPROBE_BLACKLIST,  /* aliases do not lead to the module `name` any more */
	MODPROBE_INSTALL,    /* `value` is the command that runs instead of loading `name` */
	MODPROBE_UNREADABLE, /* a file that could not be read: anything may stand in it */
};

struct modprobe_line {
	enum modprobe_kind kind;
	int error; /* only MODPROBE_UNREADABLE: the negative errno */
	const char
		*name; /* dashes are underscores; of aliases and commands a pattern, fnmatch(3) */
	const char *value;
	const char *source; /* "FILE:LINE", or the file that could not be read */
};

/* All zero is an empty configuration. */
struct modprobe {
	struct modprobe_line *at;
	size_t count, space;
};

/* Makes a name what kmod compares, in place: dashes outside of brackets become underscores. */
char *modprobe_name(char *name) __attribute__((nonnull, returns_nonnull));

/* Appends what a file says. The text is taken apart in place; the arena gets copies. */
void modprobe_parse(struct arena *arena, char *text, const char *path, struct modprobe *modprobe)
	__attribute__((nonnull));

/* The configuration of the next boot. Never NULL. */
const struct modprobe *modprobe_get(struct host *host) __attribute__((nonnull, returns_nonnull));

/*
 * The line of a kind that counts for a module: kmod takes the first. An unreadable file that could
 * hold an earlier one comes back in its place; NULL when there is neither.
 */
const struct modprobe_line *modprobe_find(const struct modprobe *modprobe, enum modprobe_kind kind,
					  const char *module) __attribute__((nonnull));

/*
 * Appends the modules that `alias` lines lead to from a name, and puts the first such line into
 * `ret_line`. Returns 0, or a negative errno when a file that could hold one is unreadable.
 */
int modprobe_aliases(const struct modprobe *modprobe, const char *name, struct arena *arena,
		     struct strv *modules, const struct modprobe_line **ret_line)
	__attribute__((nonnull, warn_unused_result));

/* The first command that is given for this very name, not by a pattern, or NULL. */
const struct modprobe_line *modprobe_command(const struct modprobe *modprobe, const char *name)
	__attribute__((nonnull));

/* Is the command of an `install` line one that certainly loads nothing? */
bool modprobe_denies(const char *command) __attribute__((nonnull));
