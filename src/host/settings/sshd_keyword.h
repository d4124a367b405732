/*
 * The keywords of sshd_config(5): how their lines count, what they are without any, and how a value
 * is spelt. Values are spelt as `sshd -T` prints them, so that `2m` and `120` are one. Pure.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct sshd_line;

/* What a line of the keyword holds. */
enum sshd_kind {
	SSHD_WORD,        /* one of the keyword's words */
	SSHD_INT,         /* a whole number */
	SSHD_TIME,        /* a time, in seconds */
	SSHD_TIME_NONE,   /* the same, or `none` */
	SSHD_TEXT,        /* one argument as it is, or `none` */
	SSHD_REST,        /* all that stands behind the keyword, comments too */
	SSHD_LIST,        /* all arguments of the line */
	SSHD_PORTS,       /* the same: `any`, `none`, or HOST:PORT */
	SSHD_ENVIRONMENT, /* the same: NAME=VALUE, of which the first of a name counts */
	SSHD_LOG_LEVEL,
	SSHD_FACILITY,
	SSHD_HASH,     /* a digest, in capitals */
	SSHD_MODE,     /* octal */
	SSHD_STARTUPS, /* START:RATE:FULL */
	SSHD_NETBLOCK, /* IPV4[:IPV6] */
	SSHD_INT_NONE,
	SSHD_REKEY, /* an amount in bytes and a time in seconds, each of which the first counts */
	SSHD_QOS,
	SSHD_FLAGS,  /* words that are put together */
	SSHD_LISTEN, /* addresses with ports */
};

/* How several lines count. */
enum sshd_rule {
	SSHD_FIRST,  /* the first */
	SSHD_ALL,    /* all of them together */
	SSHD_EACH,   /* each stands for something of its own */
	SSHD_VARIES, /* the first or a later one: that depends on the version of sshd */
};

struct sshd_keyword {
	const char *name; /* as the manual spells it */
	enum sshd_kind kind;
	enum sshd_rule rule;
	bool match;               /* allowed in Match blocks */
	const char *standard;     /* without any line; NULL: empty; SSHD_UNTOLD */
	const char *const *words; /* SSHD_WORD, SSHD_FLAGS: `word` or `word=what it means`, NULL */
};

/* The default was chosen when sshd was built: no file tells it. */
extern const char SSHD_UNTOLD[];

/* The keyword of a name in any case, or of one of its older names; NULL for others. */
const struct sshd_keyword *sshd_keyword_find(const char *name) __attribute__((nonnull));

/* Is it one that sshd knows, but does not heed any more? */
bool sshd_keyword_is_dead(const char *name) __attribute__((nonnull));

/* What a line says, or NULL where sshd would refuse it and not start. */
const char *sshd_value(struct arena *arena, const struct sshd_keyword *keyword,
		       const struct sshd_line *line) __attribute__((nonnull));

/* The two parts of RekeyLimit; the time is NULL where the line leaves it open. False: no value. */
bool sshd_rekey(struct arena *arena, const struct sshd_line *line, const char **ret_amount,
		const char **ret_time) __attribute__((nonnull));

/*
 * Addresses as `sshd -T` prints them, ADDRESS:PORT, once for each port where none stands with the
 * address; NULL where sshd would refuse one.
 */
const char *sshd_listen(struct arena *arena, const char *addresses, const char *ports)
	__attribute__((nonnull));
