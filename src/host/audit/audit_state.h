/*
 * The kernel's audit: its rules and settings, as they are now and as the next boot leaves them.
 */
#pragma once

#include "host/audit/audit_match.h"
#include "host/host.h"

struct audit_value {
	bool known;
	uint32_t value;
	const char *source;
	const char *why; /* why it is not known */
};

struct audit_state {
	uint32_t arch;       /* of the kernel */
	const char *source;  /* where it comes from as a whole */
	const char *unknown; /* why nothing can be told; NULL: the rest counts */
	bool absent; /* there is no audit: it is switched off with the kernel's command line */

	struct audit_rules rules;
	const char *stopped; /* "FILE:LINE: why": nothing behind it is loaded */
	const char *doubt;   /* why a rule that is not found may be there after all */
	struct audit_value values[N_AUDIT_SETTINGS];

	/* Only now: */
	uint32_t lost, backlog, pid;
};

const struct audit_state *audit_now(struct host *host) __attribute__((nonnull, returns_nonnull));
const struct audit_state *audit_next(struct host *host) __attribute__((nonnull, returns_nonnull));

/*
 * A rule of a check, in words of this host. Returns 0, or -EINVAL and why it cannot be asked for.
 */
int audit_ask_rule(struct host *host, const char *text, struct audit_rule *ret_rule,
		   const char **ret_why) __attribute__((nonnull, warn_unused_result));
