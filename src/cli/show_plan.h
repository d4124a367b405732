/* Shows a plan: to people, and as JSON. */
#pragma once

#include "fix/plan.h"

/* `diffs`: what files will hold is shown as well. */
void show_plan(struct arena *arena, const struct plan *plan, bool diffs) __attribute__((nonnull));
void show_plan_json(const struct plan *plan, struct arena *arena) __attribute__((nonnull));

/* "absent", "a file, 0644 root:root", … */
const char *show_state(struct arena *arena, const struct state *state)
	__attribute__((nonnull, returns_nonnull));
