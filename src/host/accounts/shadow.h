/*
 * What only root may read of accounts: shadow(5) and gshadow(5), in /etc first and then in the
 * directories that the os-profile names. The parsers are pure.
 */
#pragma once

#include "host/host.h"
#include "host/users.h"

#define SHADOW_UNSET (-1L)

/* A line. Of the password only its method is kept. */
struct shadow {
	const char *name;
	const char *method; /* as password_method() has it */
	const char *file;
	unsigned line;
	size_t order; /* as they were read */

	/* Of users: days, since 1970 where it is a date; SHADOW_UNSET where nothing stands. */
	long changed, least, most, warn, inactive, expires;

	/* Of groups: names with commas between them. */
	const char *administrators;
};

struct shadows {
	struct shadow *at; /* sorted by name; of equal ones the first that is looked up is first */
	size_t count, space;
	struct account *nis;    /* lines for NIS, as in struct accounts */
	const char *looked_at;  /* the first of the files */
	int error;              /* a file could not be read: lines are missing */
	const char *error_file; /* which */
};

const struct shadows *user_shadows(struct host *host) __attribute__((nonnull, returns_nonnull));
const struct shadows *group_shadows(struct host *host) __attribute__((nonnull, returns_nonnull));

/* The line that counts for a name, or NULL. */
const struct shadow *shadow_find(const struct shadows *shadows, const char *name)
	__attribute__((nonnull));

/* Appends the lines of a text, as the C library reads them. It is cut in pieces. 0 or -E2BIG. */
int shadows_parse(struct arena *arena, enum account_kind kind, const char *file, char *text,
		  struct shadows *shadows) __attribute__((nonnull, warn_unused_result));

/* To be done once all is read. */
void shadows_sort(struct shadows *shadows) __attribute__((nonnull));
