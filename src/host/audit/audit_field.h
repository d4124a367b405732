/* Conditions of audit rules as they are written: `auid>=1000`, `uid!=euid`. Pure. */
#pragma once

#include "host/audit/audit_rule.h"

struct strv;

/*
 * The words of a line, in place. auditctl cuts at blanks alone; a backslash makes a blank, or a
 * backslash, part of the word.
 */
void audit_words(struct arena *arena, char *text, struct strv *ret_words) __attribute__((nonnull));

/* Why a condition cannot be taken. */
struct audit_refusal {
	const char *error; /* static: auditctl or the kernel refuses it */
	const char *doubt; /* a name that is not known here, but may be there */
};

/*
 * Reads FIELD OP VALUE of a rule of a list, in place. `*arch` is what the rule's syscalls belong
 * to, and changes with `arch=`. Returns 0, or -EINVAL and one of the reasons.
 */
int audit_condition_parse(const struct audit_names *names, char *text, uint32_t list,
			  uint32_t *arch, struct audit_condition *ret_condition,
			  struct audit_refusal *ret_refusal)
	__attribute__((nonnull, warn_unused_result));

/* The same for -C: two fields that are compared with each other. */
int audit_comparison_parse(const struct audit_names *names, char *text,
			   struct audit_condition *ret_condition, struct audit_refusal *ret_refusal)
	__attribute__((nonnull, warn_unused_result));

/* The bits of "rwxa", or -1. */
int audit_permissions(const char *letters) __attribute__((nonnull));
