/* The text of unit files and their drop-ins, and the words in their values. Pure. */
#pragma once

#include "base/str.h"

struct arena;

/* One assignment. */
struct unit_line {
	const char *section, *key, *value; /* continued lines are joined; quotes are left alone */
	const char *file;
	unsigned line; /* where it begins */
};

/* The assignments of one or more files, in their order. */
struct unit_lines {
	struct unit_line *at;
	size_t count, space;
};

/*
 * Appends what a file says. systemd skips lines that make no sense, but gives the whole file up
 * for a broken section header: -EBADMSG. `file` is kept, the text is not.
 */
int unit_lines_parse(struct unit_lines *lines, struct arena *arena, const char *file,
		     const char *text) __attribute__((nonnull, warn_unused_result));

/*
 * All values of an option, in their order; an empty one drops those before it. `*ret_last` is the
 * line of the last one that counts, and stays as it is if none does; it may be NULL.
 */
void unit_lines_values(const struct unit_lines *lines, struct arena *arena, const char *section,
		       const char *key, struct strv *ret_values, const struct unit_line **ret_last);

/* The words of all values of an option of [Install]. An empty value drops those before it, except
 * with Also=. */
void unit_lines_install(const struct unit_lines *lines, struct arena *arena, const char *key,
			struct strv *ret_words) __attribute__((nonnull));

/* What an option that takes one value is set to, or NULL. */
const char *unit_lines_last(const struct unit_lines *lines, const char *section, const char *key)
	__attribute__((nonnull));

/* systemd's booleans: 1 (1 yes y true t on), 0 (0 no n false f off), -1 for anything else. */
int unit_boolean(const char *value) __attribute__((nonnull));

/* The words of a value, quotes taken off. */
void unit_words(struct strv *words, struct arena *arena, const char *value)
	__attribute__((nonnull));

/*
 * Fills in the specifiers that depend on nothing but the unit's name (%n %N %p %P %i %I %j %J %f
 * %%). NULL where there is another one.
 */
const char *unit_expand(struct arena *arena, const char *text, const char *unit)
	__attribute__((nonnull));
