/* Variables of the policy: `${name}` in the sentences and texts of rules. */
#pragma once

#include "policy/origin.h"

struct arena;

struct variable {
	const char *name, *value;
	struct origin origin; /* where it is defined; a later value keeps it */
	unsigned rank;        /* of the directory that defines it */
};

/* All zero is none. */
struct variables {
	struct variable *at;
	size_t count, space;
};

struct variable *variable_find(const struct variables *variables, const char *name)
	__attribute__((nonnull));

void variable_add(struct variables *variables, struct arena *arena, const struct variable *variable)
	__attribute__((nonnull));

/* Complains about a name that no benchmark defines, and suggests a near one. */
void variable_miss(const struct variables *variables, struct problems *problems,
		   struct origin origin, const char *name) __attribute__((nonnull));

/* Checks the names in a text; `$${` stands for `${`. */
void variables_check(const struct variables *variables, struct problems *problems,
		     struct origin origin, const char *text) __attribute__((nonnull));

/* The text with the values put in. What variables_check() complains about stays as it is. */
const char *variables_expand(const struct variables *variables, struct arena *arena,
			     const char *text) __attribute__((nonnull, returns_nonnull));
