/*
 * Expectations: the end of a check sentence, such as `>= 1`, `has nodev nosuid`, `not enabled`,
 * `owner = root`, `mode-within 0640`, `absent`. Compiled once, and tested against facts. Pure.
 */
#pragma once

#include "base/str.h"

#include <regex.h>
#include <stdbool.h>

struct arena;
struct fact;

/* What the values of a field look like; it decides which operators make sense. */
enum value_type {
	VALUE_SCALAR, /* a number or a word: all operators but mode-within. "unlimited" is the
			 largest number */
	VALUE_STRING, /* text: = != in only ~ !~ */
	VALUE_BOOL,   /* "yes" or "no": the field's name stands alone, or behind `not` */
	VALUE_LIST,   /* options or tokens: has, lacks, =, !=, ~, !~ */
	VALUE_MODE,   /* permission bits in octal: mode-within, =, !=, in */
};

/* One thing that a probe can tell of its subject. */
struct field {
	const char *name;
	enum value_type type;
	unsigned aspects;    /* ASPECT_RUNNING | ASPECT_CONFIGURED: in which it can be told */
	const char *summary; /* a few words for `list probes` and the manual */
};

enum op {
	OP_PRESENT,
	OP_ABSENT,
	OP_TRUE,
	OP_FALSE,
	OP_EQUAL,
	OP_NOT_EQUAL,
	OP_LESS,
	OP_AT_MOST,
	OP_MORE,
	OP_AT_LEAST,
	OP_IN,
	OP_ONLY,
	OP_HAS,
	OP_LACKS,
	OP_MATCHES,
	OP_MATCHES_NOT,
	OP_MODE_WITHIN,
};

struct expect {
	enum op op;
	const struct field *field; /* NULL with OP_PRESENT and OP_ABSENT */
	struct strv operands;
	regex_t *regex; /* only with OP_MATCHES and OP_MATCHES_NOT */
};

/* What a test says of one fact. */
enum held {
	HELD_YES,
	HELD_NO,
	HELD_UNSURE, /* the fact is unknown, or no such value as the operator can compare */
};

/*
 * Compiles the words of an expectation for a probe with these fields (the first is the default,
 * the last has no name). `presence` says whether `present` and `absent` make sense.
 * Returns 0, or -EINVAL with a message that belongs to the arena.
 */
int expect_parse(struct arena *arena, const struct strv *words, const struct field *fields,
		 bool presence, struct expect *ret_expect, const char **ret_error)
	__attribute__((nonnull, warn_unused_result));

/* Tests one fact. `*ret_why` is set only with HELD_UNSURE; it is static or the fact's. */
enum held expect_test(const struct expect *expect, const struct fact *fact, const char **ret_why)
	__attribute__((nonnull));

/* The expectation in words, such as "at least 1" or "nodev, nosuid among its options". */
const char *expect_describe(struct arena *arena, const struct expect *expect)
	__attribute__((nonnull, returns_nonnull));

/* Gives back compiled regular expressions; the rest is the arena's. */
void expect_release(struct expect *expect) __attribute__((nonnull));
