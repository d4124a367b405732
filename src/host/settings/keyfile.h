/* Files of keys and values, in the dialects that hosts have. The parser is pure. */
#pragma once

#include "host/host.h"

enum keyfile_dialect {
	KEYFILE_BLANK,   /* KEY VALUE, as in login.defs(5) */
	KEYFILE_SHELL,   /* KEY=VALUE with a shell's quotes: os-release(5), /etc/default */
	KEYFILE_INI,     /* KEY = VALUE below [SECTION] */
	KEYFILE_AUDIT,   /* KEY = VALUE, in any case: auditd.conf(5) */
	KEYFILE_PLAIN,   /* KEY = VALUE, KEY VALUE or KEY: pwquality.conf(5), faillock.conf(5) */
	KEYFILE_SYSTEMD, /* KEY=VALUE below [SECTION], with drop-ins: systemd.syntax(7) */
	N_KEYFILE_DIALECTS,
};

struct keyfile_line {
	const char *section; /* NULL where the dialect has none */
	const char *key, *value;
	const char *why; /* the value cannot be told: the reason */
	unsigned line;
};

/* All zero is an empty file. */
struct keyfile {
	struct keyfile_line *at;
	size_t count, space;
	const char *why; /* the file cannot be told from `why_line` on, nor what stood before it */
	unsigned why_line;
};

/* Appends what a text says. It is taken apart in place; the arena gets copies. */
void keyfile_parse(struct arena *arena, enum keyfile_dialect dialect, char *text,
		   struct keyfile *keyfile) __attribute__((nonnull));

/* The same for KEYFILE_SHELL. */
void keyfile_parse_shell(struct arena *arena, char *text, struct keyfile *keyfile)
	__attribute__((nonnull));

/* "blank", "shell", … */
const char *keyfile_dialect_name(enum keyfile_dialect dialect);

/* The dialect of a file that is known by its path: 0, or -ENOENT. */
int keyfile_dialect_of(const char *path, enum keyfile_dialect *ret_dialect)
	__attribute__((nonnull, warn_unused_result));

/* Which setting. */
struct keyfile_question {
	enum keyfile_dialect dialect;
	const char *path;    /* where an administrator would put the file, below /etc */
	const char *section; /* NULL where the dialect has none */
	const char *key;
};

struct keyfile_answer {
	struct strv values;  /* all, but for those that an empty one takes back; none: not set */
	const char *source;  /* "FILE:LINE" of the last, or what was looked at */
	const char *why;     /* the last cannot be told: the reason */
	const char *all_why; /* not all can be told: the reason */
};

/* What the programs that read the file would find. */
void keyfile_ask(struct host *host, const struct keyfile_question *question,
		 struct keyfile_answer *ret_answer) __attribute__((nonnull));
