/* Waivers: failures that somebody answers for, until a day or until what is observed changes. */
#pragma once

#include "audit/result.h"

/*
 * Turns a failure into `waived` where live waivers cover everything that breaks the rule; says so
 * in the reason where a waiver has expired or no longer fits. `today` is "YYYY-MM-DD".
 */
void waive(struct arena *arena, const struct policy *policy, const char *today,
	   struct result *result) __attribute__((nonnull));
