/* From facts to verdicts: first of one check sentence, then of a rule made of several. Pure. */
#pragma once

#include "judge/fact.h"

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct expect;

enum outcome {
	OUTCOME_PASS,
	OUTCOME_FAIL,
	OUTCOME_NOT_APPLICABLE,
	OUTCOME_WAIVED,
	OUTCOME_MANUAL,
	OUTCOME_BLOCKED,
	OUTCOME_UNKNOWN,
	N_OUTCOMES,
};

/* The name in reports: pass, fail, not_applicable, waived, manual, blocked, unknown. */
const char *outcome_name(enum outcome outcome) __attribute__((returns_nonnull));

struct verdict {
	enum outcome outcome;
	const char *reason;         /* one sentence without a full stop; NULL only with a pass */
	const struct fact *decided; /* the fact that decided, or NULL */
};

/*
 * Judges one sentence. `aspects` are those that were asked for. In each aspect every fact has to
 * hold; a fact that breaks the expectation weighs more than one that is unknown; without a single
 * fact the sentence does not apply.
 */
struct verdict verdict_of_check(struct arena *arena, const struct expect *expect,
				const struct fact *facts, unsigned aspects);

/*
 * Judges a sentence that says where a rule applies: it holds when it does in one aspect. The reason
 * of a failure tells what was found, not what was expected.
 */
struct verdict verdict_of_when(struct arena *arena, const struct expect *expect,
			       const struct fact *facts);

/* What a sentence does in its rule. */
enum part {
	PART_WHEN,  /* says where the rule applies */
	PART_CHECK, /* each of them has to hold */
	PART_ANY,   /* one of them has to hold */
};

/* "when", "check" or "any", as rules spell it. */
const char *part_name(enum part part) __attribute__((returns_nonnull));

struct part_verdict {
	enum part part;
	struct verdict verdict;
};

/* Judges a rule by the verdicts of its sentences, in the rule's order. */
struct verdict verdict_of_rule(struct arena *arena, const struct part_verdict *parts, size_t count);
