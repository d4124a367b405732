/* Private to the views of audit: follows what loading rules does to a kernel. */
#pragma once

#include "host/audit/audit_files.h"
#include "host/audit/audit_state.h"

/* What names stand for on a host. */
struct audit_names audit_names_of(struct host *host) __attribute__((nonnull));

/* Looks where the paths of a rule lead to. False if one is not there (yet). */
bool audit_rule_resolve(struct host *host, struct audit_rule *rule) __attribute__((nonnull));

/* Loads lines as `auditctl -R` does. */
void audit_load(struct host *host, const struct audit_text *text, struct audit_state *state)
	__attribute__((nonnull));

/* Loads what the units of the next boot load, and says what becomes of `enabled`. */
void audit_load_units(struct host *host, struct audit_state *state) __attribute__((nonnull));
