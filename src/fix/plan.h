/* The plan: the rules that fail, what puts each right, and what comes of it, file by file. */
#pragma once

#include "audit/result.h"
#include "host/change/change.h"
#include "intents/intent.h"

/* Why nothing is done for a rule. */
enum hold {
	HOLD_NONE,    /* it is done */
	HOLD_BY_HAND, /* there is no intent for it */
	HOLD_CANNOT,  /* not here: `why` says what is in the way */
	HOLD_GUARD,   /* the host needs it otherwise, and nobody asked for the rule by name */
	HOLD_RISK,    /* more is risked than was allowed */
};

/* "fix", "by hand", "cannot", "guarded", "too risky". */
const char *hold_name(enum hold hold) __attribute__((returns_nonnull));

struct planned {
	const struct result *result; /* of the rule, which fails */
	enum hold hold;
	const char *why;             /* the reason, a sentence without a full stop; NULL if done */
	const struct intent *intent; /* NULL: none */
	struct wish *wishes;         /* one for each check that does not hold */
	size_t wish_count;
};

struct plan {
	struct audit audit; /* of what the next boot will do */
	struct planned *at; /* in the order of the audit */
	size_t count;
	size_t fixes;   /* how many of them are done */
	enum risk risk; /* the greatest of those */
	bool reboot;    /* on a running host some of them hold only after a reboot */
	struct changes changes;
};

struct plan_options {
	enum risk most_risk;
	struct strv named; /* rules that were asked for by name: no guard holds them back */
};

/*
 * Looks at the host, and makes the plan. Nothing is changed. All in the host's arena. Returns 0;
 * or a negative errno with the path that is in the way, and a sentence why.
 */
int plan_make(struct host *host, const struct policy *policy, const struct plan_options *options,
	      struct plan *ret_plan, const char **ret_path, const char **ret_why)
	__attribute__((nonnull, warn_unused_result));

/*
 * Looks again: does every rule hold that was to be put right, and did none stop to hold? The rules
 * for which that is not so are put in the list.
 */
bool plan_helped(struct host *host, const struct policy *policy, const struct plan *plan,
		 struct strv *ret_broken) __attribute__((nonnull, warn_unused_result));
