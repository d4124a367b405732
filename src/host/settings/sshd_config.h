/*
 * The configuration of sshd for its next start, Includes put in their places: sshd_config(5). Its
 * file is /etc/ssh/sshd_config, or where that is missing what the vendor put below /usr.
 */
#pragma once

#include "host/host.h"
#include "host/settings/sshd_keyword.h"
#include "host/settings/sshd_lex.h"

/* Where a line stands: in a Match block, or in a file that was included from one. */
struct sshd_block {
	const struct sshd_block *parent; /* NULL: outside of all others */
	const char *condition;           /* what stands behind Match */
	const char *source;              /* "FILE:LINE" of it */
	bool all;                        /* `Match all` */
};

/* A line, or an included file that could not be read. */
struct sshd_step {
	int error;                          /* of a file: the negative errno */
	const struct sshd_keyword *keyword; /* NULL of a file */
	const struct sshd_line *line;       /* NULL of a file */
	const char *source;                 /* "FILE:LINE", or the file */
	const struct sshd_block *block;     /* NULL: outside of all */
};

struct sshd_config {
	struct sshd_step *at;
	size_t count, space;
	const char *path;    /* the file sshd reads; NULL: there is none */
	int error;           /* it cannot be read, or there is too much of it */
	const char *refused; /* why sshd would not start: "FILE:LINE: …"; else NULL */
};

/* Never NULL. */
const struct sshd_config *sshd_config_get(struct host *host)
	__attribute__((nonnull, returns_nonnull));

struct sshd_connection;

/* Which lines are asked for. */
struct sshd_question {
	const struct sshd_keyword *keyword;
	const struct sshd_connection *connection; /* for this one; NULL: for any */
	const struct sshd_block *block;           /* only what is said right here, or NULL */
};

/* An answer. With `why` it is unknown. */
struct sshd_answer {
	const char *value;
	const char *source; /* NULL: no line says it */
	const char *why;
};

/*
 * What holds, of SSHD_EACH the `nth`: returns false where there is no such. Without any line it is
 * the default, but not with `block`.
 */
bool sshd_ask(struct arena *arena, const struct sshd_config *config,
	      const struct sshd_question *question, size_t nth, struct sshd_answer *ret_answer)
	__attribute__((nonnull));
