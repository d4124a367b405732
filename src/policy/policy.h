/*
 * The policy: the rules that were selected for this host, with the profile's tailoring, the site's
 * additions and the waivers applied. Read once, never changed after.
 *
 * Data files lie below policy directories, the highest first: /etc/hostaudit, /run/hostaudit,
 * /usr/local/lib/hostaudit, /usr/lib/hostaudit; or one that the command line names. Each may
 * have files NAME.ini in benchmarks/, os-profiles/, waivers/, site/ and remediations/. A file of
 * a higher directory replaces the one of the same name in lower ones.
 */
#pragma once

#include "host/os.h"
#include "policy/rule.h"

struct host;

/* An OS profile with everything that it inherits merged in. */
struct profile {
	struct os os;           /* what host/ and probes/ have to know */
	const char *renderer;   /* the native configuration format, or NULL */
	struct strv benchmarks; /* names of files in benchmarks/ */
	struct strv inherits;   /* the chain of parents, the nearest first */
	const char *chosen; /* why this one: "--profile", "ID=flatcar in /etc/os-release", … */
	const char *note;   /* something that the reader should know of the choice, or NULL */
	unsigned level;     /* up to which level rules are judged unless told otherwise */
	char digest[65];    /* SHA-256, in hex, of every policy file that was read */
	struct origin origin;
};

/* What the user asked for. All zero is the default. */
struct selection {
	const char *profile; /* NULL: find it from the host's os-release */
	bool optional;       /* without a profile that fits, nothing is known of the OS: go on */
	struct strv policy_dirs; /* empty: the standard ones */
	struct strv set;         /* "NAME=VALUE" */
	struct strv roles;       /* in addition to the profile's */
	struct strv only, skip;  /* globs of rule ids; empty: all, none */
	unsigned level;          /* 0: the profile's */
	int severity;            /* at least this one; SEVERITY_LOW: all */
};

struct policy {
	struct profile profile;
	unsigned level; /* that was asked for */
	struct rule *
		*rules; /* selected ones, sorted by benchmark in the profile's order, then file */
	size_t rule_count;
	struct rule **all_rules; /* every rule of every benchmark, selected or not, sorted by id */
	size_t all_rule_count;
	struct waiver *waivers;
	size_t waiver_count;
	struct remediation *remediations; /* sorted by name */
	size_t remediation_count;
};

/*
 * Loads the policy for a host, and tells the host's door about its OS. Every mistake goes into
 * `problems`; with a single one the policy must not be used. Returns 0, or -EINVAL when there were
 * problems, or another negative errno.
 */
int policy_load(struct host *host, const struct selection *selection, struct problems *problems,
		struct policy *ret_policy) __attribute__((nonnull, warn_unused_result));

/* The directories that the policy is read from: the user's, or else the standard ones. */
void policy_dirs(struct arena *arena, const struct selection *selection, struct strv *ret_dirs)
	__attribute__((nonnull));

/* Every profile that there is, sorted by name. Returns like policy_load(). */
int policy_profiles(const struct selection *selection, struct problems *problems,
		    struct profile **ret_profiles, size_t *ret_count)
	__attribute__((nonnull, warn_unused_result));

/*
 * Checks files as `hostaudit lint` does: each in the way of the folder it lies in, or of the folder
 * called `as` (may be NULL), names in it against the policy directories. Without files, the whole
 * policy, each profile in turn. Returns like policy_load().
 */
int policy_lint(const struct selection *selection, const struct strv *files, const char *as,
		struct problems *problems) __attribute__((nonnull(1, 2, 4), warn_unused_result));

/* The rule of that id among all rules, or NULL. */
struct rule *policy_find_rule(const struct policy *policy, const char *id) __attribute__((nonnull));

/* Gives back what the arena does not own. */
void policy_release(struct policy *policy) __attribute__((nonnull));
