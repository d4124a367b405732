/* The run: looks at the host for each selected rule, judges, and applies waivers. */
#pragma once

#include "audit/result.h"

/*
 * Audits a host by a policy. Everything in the result belongs to the host's arena, and lives as
 * long as host and policy do. Whatever goes wrong on the host is a verdict, never an error.
 */
void audit_run(struct host *host, const struct policy *policy, struct audit *ret_audit)
	__attribute__((nonnull));

/* The same of what the next boot will do alone, on a running host as well. */
void audit_run_configured(struct host *host, const struct policy *policy, struct audit *ret_audit)
	__attribute__((nonnull));
