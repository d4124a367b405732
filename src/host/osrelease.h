/* What os-release(5) says: /etc/os-release, or else /usr/lib/os-release. */
#pragma once

#include "base/str.h"

struct host;

struct osrelease {
	const char *path;         /* the file that was read; NULL when there is none */
	int error;                /* why it could not be read, a negative errno; 0 otherwise */
	struct strv keys, values; /* in the order of the file, quotes taken off */
};

/* The view. Never NULL. */
const struct osrelease *osrelease(struct host *host) __attribute__((nonnull, returns_nonnull));

/* A key's value (the last one counts), or "" where it says nothing. */
const char *osrelease_get(struct host *host, const char *key)
	__attribute__((nonnull, returns_nonnull));

/*
 * Parses a text, in place. Lines that are no assignment are passed over, as a shell's readers do.
 */
void osrelease_parse(struct arena *arena, char *text, struct osrelease *osrelease)
	__attribute__((nonnull));
