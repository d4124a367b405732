/* The options that `plan` and `fix` share. */
#pragma once

#include "cli/options.h"
#include "fix/plan.h"

extern const struct option_row plan_rows[];

/* Takes them over; prints what is wrong. Returns 0 or -EINVAL. */
int plan_options_take(const struct strv *operands, struct plan_options *ret_options)
	__attribute__((nonnull, warn_unused_result));
