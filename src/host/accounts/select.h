/* Which users or groups a subject means: terms with commas between them, all of which hold. */
#pragma once

#include "host/accounts/roster.h"

enum term_kind {
	TERM_NAME,     /* a name, or a pattern of names */
	TERM_ID,       /* an id, or FIRST-LAST */
	TERM_LOGIN,    /* @login: the shell lets somebody in */
	TERM_SYSTEM,   /* @system: neither root nor a person's */
	TERM_REGULAR,  /* @regular: a person's */
	TERM_PASSWORD, /* @password: a password opens it, or none is asked for */
	TERM_GROUP,    /* @group:NAME: it is a member */
	TERM_GID,      /* @gid:NUMBER: its main group has this id */
};

struct term {
	enum term_kind kind;
	bool negated;     /* `!` */
	const char *name; /* of TERM_NAME and TERM_GROUP */
	long long first, last;
};

struct terms {
	struct term *at;
	size_t count, space;
};

/* Reads a subject. Returns why it makes no sense, or NULL. Pure. */
const char *terms_parse(struct arena *arena, enum account_kind kind, const char *subject,
			struct terms *ret_terms) __attribute__((nonnull));

/* Does an entry fit? 1, 0, or -1 where nobody can tell, with the reason. */
int terms_match(struct host *host, const struct terms *terms, const struct entry *entry,
		const char **ret_why) __attribute__((nonnull));

/* Does this shell, or none, let somebody in? Pure. */
bool shell_lets_in(const char *shell) __attribute__((nonnull));

/* What a subject means on a host. */
struct selection {
	struct chosen {
		const struct entry *entry;
		const char *why; /* nobody can tell whether it is meant: the reason; or NULL */
	} * at;
	size_t count;
	const struct strv *holes;  /* why some may be missing */
	const char *looked_at;     /* the first of the files */
	const struct account *nis; /* only of `+`: the lines for NIS, one after the other */
};

/* Chooses from users, or from groups. The subject is one that terms_parse() takes, or `+`. */
void select_entries(struct host *host, enum account_kind kind, const char *subject,
		    struct selection *ret_selection) __attribute__((nonnull));

/* A name as one word of a list: what would part it is `?`. */
const char *select_word(struct arena *arena, const char *name) __attribute__((nonnull));
