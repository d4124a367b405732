/*
 * An intent is one kind of thing that puts a failing check right: set this sysctl, deny this
 * module, mask this unit. One file an intent, `foo.c` with `const struct intent intent_foo` at its
 * end; the build makes the list from the file names. A remediation names it with `do = foo`.
 */
#pragma once

#include "host/change/draft.h"
#include "host/host.h"
#include "judge/fact.h"
#include "policy/check.h"

/* A check that does not hold, and what was seen. */
struct wish {
	struct host *host;
	const char *rule; /* its id */
	const struct check *check;
	const struct fact *facts; /* configured ones */
};

struct intent {
	const char *name;    /* "sysctl" */
	const char *summary; /* one line for the manual and `list` */
	const char *probe;   /* of the checks that it can put right */

	/*
	 * Notes in the draft what makes the check hold after the next boot. Returns 0; or a
	 * negative errno with a sentence in draft->why.
	 */
	int (*lower)(const struct wish *wish, struct draft *draft);

	/*
	 * A running host: makes it so now, once everything is on disk. NULL: only a reboot does.
	 * Returns 0 or a negative errno.
	 */
	int (*apply)(const struct wish *wish);
};

/* All of them, sorted by name, with NULL at the end. Made by the build from the file names. */
extern const struct intent *const intents[];

/* The intent of that name, or NULL. */
static inline const struct intent *intent_find(const char *name)
{
	for (const struct intent *const *at = intents; *at; at++)
		if (str_eq((*at)->name, name))
			return *at;
	return NULL;
}

/* Refuses: sets the reason. */
#define intent_refuse(draft, ...)                                                                  \
	((draft)->why = arena_printf((draft)->arena, __VA_ARGS__), -EOPNOTSUPP)
