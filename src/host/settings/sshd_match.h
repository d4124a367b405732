/* The conditions of Match blocks in sshd_config(5), judged for a connection. Pure. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

/* A connection, as far as it was told: what is NULL matches no condition. */
struct sshd_connection {
	const char *user, *host, *address, *local_address, *local_port, *domain;
	const struct strv *groups; /* of the user; NULL: they could not be told */
};

enum sshd_matched {
	SSHD_MATCH_NO,
	SSHD_MATCH_YES,
	SSHD_MATCH_UNSURE, /* it asks for what only a real connection, or a newer sshd, can tell */
	SSHD_MATCH_WRONG,  /* sshd refuses the line, and does not start */
};

/* Judges what stands behind `Match`. */
enum sshd_matched sshd_match(struct arena *arena, const char *condition,
			     const struct sshd_connection *connection) __attribute__((nonnull));

/* Is it `Match all`, which goes on with what holds for everybody? */
bool sshd_match_is_all(struct arena *arena, const char *condition) __attribute__((nonnull));

/* Does a text match one of the patterns with `*` and `?` in a list, and none behind a `!`? */
bool sshd_match_patterns(const char *text, const char *patterns) __attribute__((nonnull));
