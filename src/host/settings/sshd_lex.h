/* The lines of sshd_config(5): keyword, arguments, quotes, comments. Pure. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct sshd_line {
	unsigned number;
	int error;           /* -EINVAL: sshd refuses the line, and does not start */
	const char *keyword; /* as it is written */
	const char *rest;    /* what stands behind it; some keywords take it as it is */
	struct strv words;   /* the same cut into arguments, without quotes and comment */
};

/* The lines of a file that say something, in their order. All zero is none. */
struct sshd_lines {
	struct sshd_line *at;
	size_t count, space;
};

/* Appends the lines of a text, which is taken apart in place; the arena gets copies. */
void sshd_lex(struct arena *arena, char *text, struct sshd_lines *lines) __attribute__((nonnull));

/*
 * The next token up to a blank, a quoted part, or one `=`, cut off in place, or NULL: at the end,
 * and where a quote is not closed. The keyword of a line is read so, and what Match takes.
 */
char *sshd_token(char **text) __attribute__((nonnull));
