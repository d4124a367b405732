/*
 * Reads the INI text of a data file into sections, keys and lines, and refuses what Debian's inih
 * would cut, split or swallow without a word. Pure: text in, tables out.
 */
#pragma once

#include "policy/origin.h"

#include <stdbool.h>

struct arena;

/* inih keeps 199 bytes of a line, and 49 of a section's name and of a continued key. */
#define INI_LONGEST_LINE 190
#define INI_LONGEST_NAME 48

/* What stands behind the `=`, or on an indented line below it. Never empty. */
struct ini_line {
	struct ini_line *next;
	const char *text;
	struct origin origin;
};

struct ini_entry {
	struct ini_entry *next;
	const char *key;
	struct ini_line *lines; /* NULL: the value is empty */
	struct origin origin;
};

struct ini_section {
	struct ini_section *next;
	const char *name;
	struct ini_entry *entries;
	struct origin origin;
	bool refused; /* its header is wrong, or was there before: only good for finding mistakes */
	bool damaged; /* some of its lines were refused: what is missing may have stood there */
};

/*
 * Reads a text. Mistakes go into `problems`, all of them; the sections are as good as could be made
 * of the rest. They belong to the arena of `problems`; `file` is kept in the origins, and `text`
 * is cut up.
 */
struct ini_section *ini_read(struct problems *problems, const char *file, char *text)
	__attribute__((nonnull, warn_unused_result));

/* The section of that name, or NULL. */
struct ini_section *ini_section(struct ini_section *sections, const char *name)
	__attribute__((nonnull(2)));

/* The entry of that key, or NULL. */
struct ini_entry *ini_entry(const struct ini_section *section, const char *key)
	__attribute__((nonnull));

/* The lines of a value with a blank between each two; "" when there are none. */
const char *ini_text(struct arena *arena, const struct ini_entry *entry)
	__attribute__((nonnull, returns_nonnull));
