/* The integrity measurement architecture (IMA): what its policy measures and appraises. */
#pragma once

#include "host/security/lsm_boot.h"

/* What the rules of a policy do. */
struct ima_rules {
	bool measure, appraise;
};

/* Reads rules in the language of /etc/ima/ima-policy; `text` is cut up. Pure. */
void ima_rules_parse(char *text, struct ima_rules *ret_rules) __attribute__((nonnull));

/* "yes" or "no": are files measured? */
struct finding ima_measures_now(struct host *host) __attribute__((nonnull));
struct finding ima_measures_next(struct host *host) __attribute__((nonnull));

/* "off", "log", "fix" or "enforce"; without rules to appraise it is off, whatever was asked for. */
struct finding ima_appraises_now(struct host *host) __attribute__((nonnull));
struct finding ima_appraises_next(struct host *host) __attribute__((nonnull));
