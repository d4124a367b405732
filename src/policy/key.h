/* Private to policy/: the keys that a section may have, as a table, and how each value is read. */
#pragma once

#include "policy/load.h"

/* Reads a value into `target`: a field of the type that the reader is for. */
typedef void key_read(struct load *load, const struct ini_entry *entry, void *target);

struct key {
	const char *name; /* NULL ends a table */
	key_read *read;   /* NULL: somebody else reads it */
	size_t offset;    /* of the field in the target */
	unsigned flags;
};

enum {
	KEY_REQUIRED = 1,
	KEY_MAY_BE_EMPTY = 2,
};

/* Checks a section's keys against the table, and reads the values into `target`. */
void keys_read(struct load *load, const struct ini_section *section, const struct key *keys,
	       void *target) __attribute__((nonnull));

/* The same without reading anything. */
void keys_check(struct load *load, const struct ini_section *section, const struct key *keys)
	__attribute__((nonnull));

/* Readers. The value as one text, a `const char *`: */
key_read read_text;
/* ... the same, `${…}` allowed in it: */
key_read read_template;
/* ... a single name of [a-z0-9-]: */
key_read read_name;
/* ... the words of all lines, a `struct strv`: */
key_read read_words;
/* ... the same, each being a name: */
key_read read_names;
/* ... 1 or 2, an `unsigned`: */
key_read read_level;
/* ... an `enum severity`: */
key_read read_severity;

/* Is it made of [a-z0-9-], and not too long? */
bool is_name(const char *word) __attribute__((nonnull));

/* Complains of a word that is none of those that are allowed, and suggests a near one. */
void complain_word(struct load *load, struct origin origin, const char *what, const char *word,
		   const struct strv *allowed) __attribute__((nonnull));
