/* Is an audit rule in force among others? Pure. */
#pragma once

#include "host/audit/audit_rule.h"

/* The rules of a kernel in the order in which it looks at them, each list for itself. */
struct audit_rules {
	struct audit_rule *at;
	size_t count, space;
};

/* Appends a rule, or puts it first. */
void audit_rules_add(struct audit_rules *rules, struct arena *arena, const struct audit_rule *rule)
	__attribute__((nonnull));

/* Drops those with a key, or all for NULL. */
void audit_rules_clear(struct audit_rules *rules, const char *key);

enum audit_effect {
	AUDIT_MISSING, /* at least a part of what it asks for is asked for by no rule */
	AUDIT_IN_FORCE,
	AUDIT_SILENCED, /* it is there, but another one comes first */
};

struct audit_finding {
	enum audit_effect effect;
	const struct audit_rule *rule; /* that holds it or silences it; NULL if it is missing */
};

/*
 * Looks for a rule, or for several that together do all it asks for, on a machine of an
 * architecture. `maybe`: rules of which that is not certain count as well.
 */
struct audit_finding audit_rules_find(const struct audit_rules *rules,
				      const struct audit_rule *asked, uint32_t arch, bool maybe)
	__attribute__((nonnull));
