/* A rule: what must hold, and why. One section of a file in benchmarks/. */
#pragma once

#include "judge/verdict.h"
#include "policy/check.h"
#include "policy/origin.h"

#include <stdbool.h>

enum severity {
	SEVERITY_LOW,
	SEVERITY_MEDIUM,
	SEVERITY_HIGH,
	SEVERITY_CRITICAL,
	N_SEVERITIES,
};

const char *severity_name(enum severity severity) __attribute__((returns_nonnull));

/* Returns 0, or -EINVAL. */
int severity_parse(const char *word, enum severity *ret_severity)
	__attribute__((nonnull, warn_unused_result));

/* One sentence of a rule, in the order of the file. */
struct rule_part {
	enum part part;
	struct check check;
	struct origin origin;
};

struct rule {
	const char *id;        /* the section's name, at most 48 bytes of [a-z0-9-] */
	const char *benchmark; /* the file's name without ".ini" */
	const char *title, *why;
	unsigned level; /* 1 or 2 */
	enum severity severity;
	unsigned aspects; /* in which it has to hold: ASPECT_… mask, both unless the rule says */
	struct rule_part *parts;
	size_t part_count;
	struct strv needs;                     /* ids of rules that have to hold first */
	struct strv refs;                      /* "kspp", "nist-800-53:SI-16", "ssg:…" */
	const char *fix;                       /* the remediation's name, or NULL */
	const struct remediation *remediation; /* that `fix` names; NULL without one */
	const char *by_hand;                   /* how to put it right by hand; may be NULL */

	/* What the profile, the site or the command line made of it: */
	const char *not_applicable; /* why it cannot apply here; NULL: it can */
	const char *tailored;       /* what was changed, by whom and why; NULL: nothing */
	struct origin origin;
};

/* What may go wrong when something is put right, the worse the later. */
enum risk {
	RISK_NONE,
	RISK_RESTART, /* a service restarts or stops */
	RISK_NETWORK, /* connections may be cut */
	RISK_LOGIN,   /* somebody may be locked out */
	RISK_BOOT,    /* the host may not boot */
	N_RISKS,
};

/* "none", "service", "network", "login", "boot". */
const char *risk_name(enum risk risk) __attribute__((returns_nonnull));

/* The names of all intents, sorted, with NULL at the end. Made by the build. */
extern const char *const intent_names[];

/* How rules of one kind are put right. A section of a file in remediations/. */
struct remediation {
	const char *name;
	const char *summary; /* what is done */
	const char *by_hand; /* how somebody does it without hostaudit */
	const char *intent;  /* that does it; NULL: only somebody's hand can */
	enum risk risk;
	bool reboot;              /* a running host keeps the rule only after a reboot */
	struct rule_part *unless; /* where one of them holds it is not done unasked */
	size_t unless_count;
	unsigned rank; /* of its policy directory; 0 is the highest */
	struct origin origin;
};

/* What a reader may do by hand: the rule's own words, or else its remediation's; or NULL. */
const char *rule_by_hand(const struct rule *rule) __attribute__((nonnull));

/* A waiver: a failure that somebody answers for, until a day. */
struct waiver {
	const char *name; /* the section's name */
	const char *rule; /* the rule's id */
	const char *reason, *owner;
	const char *expires; /* "2027-01-31": the last day on which it counts */
	const char *subject; /* only this object of the rule, or NULL for all */
	const char *value;   /* only while this is what is observed, or NULL */
	const char *role;    /* only on hosts with this role, or NULL */
	struct origin origin;
};
