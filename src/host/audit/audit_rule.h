/*
 * The lines that auditctl(8) takes, from a file of rules or a check: what each asks of the kernel.
 * Rules are kept as the kernel has them. Pure.
 */
#pragma once

#include "base/arena.h"

#include <linux/audit.h>
#include <stdbool.h>
#include <stdint.h>

struct accounts;

/* Of the lists that older headers do not name. */
#ifndef AUDIT_FILTER_EXCLUDE
#define AUDIT_FILTER_EXCLUDE AUDIT_FILTER_TYPE
#endif
#ifndef AUDIT_FILTER_URING_EXIT
#define AUDIT_FILTER_URING_EXIT 7
#endif

/* One condition of a rule. */
struct audit_condition {
	uint32_t type, op, value; /* AUDIT_UID, AUDIT_EQUAL, 0 */
	const char *text;         /* paths, keys and labels; NULL for numbers */
	const char *real;         /* a path without links, once somebody looked; else NULL */
};

struct audit_rule {
	uint32_t list, action; /* AUDIT_FILTER_EXIT, AUDIT_ALWAYS */
	bool prepend;
	bool watch; /* written as -w: of a file or a directory, whichever it is */
	uint32_t mask[AUDIT_BITMASK_SIZE]; /* which syscalls */
	struct audit_condition *at;
	size_t count;
	const char *source; /* FILE:LINE, or its place in the kernel's list */
	const char *maybe;  /* why it may not be there; NULL: it is */
};

/* What can be set: -e, -f, -b, -r, --backlog_wait_time. */
enum audit_setting {
	AUDIT_SET_ENABLED,
	AUDIT_SET_FAILURE,
	AUDIT_SET_BACKLOG,
	AUDIT_SET_RATE,
	AUDIT_SET_WAIT,
	N_AUDIT_SETTINGS,
};

struct audit_line {
	struct audit_rule rule; /* with `adds` or `deletes` */
	bool adds, deletes, clears;
	bool tolerates;        /* -i, -c: what fails from here on does not end the load */
	const char *clear_key; /* only rules with this key are cleared; NULL: all */
	unsigned sets;         /* bits: 1 << AUDIT_SET_ENABLED, … */
	uint32_t values[N_AUDIT_SETTINGS];
	const char *error; /* static: why auditctl refuses it */
	const char *doubt; /* why it is not known what auditctl makes of it */
};

/* What names stand for on a host. */
struct audit_names {
	struct arena *arena;
	uint32_t arch;                /* what it runs on: AUDIT_ARCH_X86_64 */
	const struct accounts *users; /* NULL: any name of an account will do */
	const struct accounts *groups;
};

/* A line as auditctl takes it, without its newline; the text is taken apart. */
void audit_line_parse(const struct audit_names *names, char *text, struct audit_line *ret_line)
	__attribute__((nonnull));

/* A rule as the kernel lists it. -EBADMSG when the message makes no sense. */
int audit_rule_listed(struct arena *arena, const void *message, size_t size,
		      struct audit_rule *ret_rule) __attribute__((nonnull, warn_unused_result));

/* The architecture of 32-bit programs on a 64-bit machine, or 0. */
uint32_t audit_arch_compat(uint32_t arch);

/* The condition of a type, or NULL. */
const struct audit_condition *audit_rule_find(const struct audit_rule *rule, uint32_t type)
	__attribute__((nonnull));

/* Has the rule each of the keys that are joined in `keys`? */
bool audit_rule_has_keys(const struct audit_rule *rule, const char *keys) __attribute__((nonnull));

/* Are they one and the same for the kernel, which refuses the second? */
bool audit_rule_same(const struct audit_rule *a, const struct audit_rule *b)
	__attribute__((nonnull));
