/* Strings and lists of strings. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct arena;

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool str_starts(const char *string, const char *prefix)
{
	return strncmp(string, prefix, strlen(prefix)) == 0;
}

bool str_ends(const char *string, const char *suffix) __attribute__((nonnull));

/* The bytes that separate words in the files of a host. */
#define STR_BLANKS " \t\r\n\f\v"

/* Cuts blanks off both ends, in place. Returns the first byte that is left. */
char *str_trim(char *string) __attribute__((nonnull));

/*
 * The next line of a text, cut off in place, or NULL at its end. `text` moves behind it.
 * A last line without a newline is a line as well.
 */
char *str_next_line(char **text) __attribute__((nonnull));

/*
 * Reads a whole number in base 10, 8 (leading 0) or 16 (leading 0x), with a sign.
 * Returns 0, or -EINVAL when anything else stands there or it does not fit.
 */
int str_to_number(const char *string, long long *ret_number)
	__attribute__((nonnull, warn_unused_result));

/* A list of strings that an arena owns. All zero is the empty list. */
struct strv {
	const char **at; /* `count` strings; NULL while the list is empty */
	size_t count, space;
};

/* Appends the string itself, not a copy. */
void strv_push(struct strv *list, struct arena *arena, const char *string)
	__attribute__((nonnull(1, 2)));

/* Appends copies of the words of a text: what stands between any of the separators. */
void strv_split(struct strv *list, struct arena *arena, const char *text, const char *separators)
	__attribute__((nonnull));

bool strv_has(const struct strv *list, const char *string) __attribute__((nonnull));

/* Sorts by bytes, whatever the locale. */
void strv_sort(struct strv *list) __attribute__((nonnull));

/* The strings, one separator between each two. */
char *strv_join(const struct strv *list, struct arena *arena, const char *separator)
	__attribute__((nonnull));
