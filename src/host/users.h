/*
 * The accounts of the host: what its own passwd and group files say, in /etc first and then in the
 * directories that the os-profile names. Never NSS: that would tell of the machine hostaudit runs
 * on.
 */
#pragma once

#include "host/host.h"

/* A line of passwd or of group, whose first three parts are alike. */
struct account {
	const char *name;
	const char *password; /* or "x": it stands in shadow. For no report */
	const char *home;     /* passwd only */
	const char *shell;    /* passwd only */
	const char *members;  /* group only: names with commas between them */
	const char *file;
	unsigned line;
	unsigned id;    /* of the user or of the group */
	unsigned group; /* passwd only: the user's group */
	struct account *next;
};

/* All accounts of one kind, in the order in which they are looked up. */
struct accounts {
	struct account *at;
	size_t count, space;
	struct account *nis; /* lines for NIS, the last first: only name, file and line of them */
	size_t nis_count;
	int error;              /* a file could not be read: accounts from there on are missing */
	const char *error_file; /* which */
};

/* The users, or the groups, of the host. */
const struct accounts *users_get(struct host *host) __attribute__((nonnull, returns_nonnull));
const struct accounts *groups_get(struct host *host) __attribute__((nonnull, returns_nonnull));

/* The first account of that name, or NULL. */
const struct account *account_find(const struct accounts *accounts, const char *name)
	__attribute__((nonnull));

/*
 * The name that an owner or group of a file is told by. The name of 0, and of no other id, is root.
 * It is the number where no account has the id, and where the name is a number or first that of
 * another id. Returns `accounts->error` where it may stand in a file that could not be read.
 */
int account_name(struct arena *arena, const struct accounts *accounts, unsigned id,
		 const char **ret_name) __attribute__((nonnull, warn_unused_result));

enum account_kind { ACCOUNT_USER, ACCOUNT_GROUP };

/*
 * Parses a file as the C library does: what it skips is skipped, and so are the lines of NIS that
 * begin with `+` or `-`. The text is cut into pieces, which the accounts keep. Pure. Returns 0, or
 * -E2BIG.
 */
int accounts_parse(struct arena *arena, enum account_kind kind, const char *file, char *text,
		   struct accounts *accounts) __attribute__((nonnull, warn_unused_result));
