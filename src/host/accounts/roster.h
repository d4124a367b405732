/*
 * All users and groups of the host, as the C library finds them: passwd and group of /etc first,
 * then those of the os-profile's directories, then the records of systemd-userdbd, and last the
 * accounts that the first boot of an image will make.
 */
#pragma once

#include "host/accounts/shadow.h"
#include "host/host.h"

/* A user, or a group. */
struct entry {
	const char *name;
	long long id;       /* negative, and like no other: it is chosen when the account is made */
	const char *source; /* "FILE:LINE" */

	/* What opens it, as password_method() says; NULL: `why` tells why nobody knows. */
	const char *method, *method_source;
	const struct shadow *shadow; /* its line, or NULL: there is none, or `why` */
	const char *why;
	bool shadowed; /* what everybody may read holds nothing to guess from */

	/* Of users only. */
	long long group; /* as `id` */
	const char *home, *shell;

	bool running_only; /* it stands in /run: the next boot knows nothing of it */
	bool made;         /* the first boot will make it */
	bool unique_name, unique_id;
	size_t order, layer; /* of equal names in one layer all count, in others the first */
};

/* Users, or groups, in the order in which they are looked up. */
struct entries {
	struct entry *at;
	size_t count, space, layer;
	struct strv holes; /* why some may be missing */
	struct entry **by_name, **by_id;
};

/* A user that belongs to a group, the main group included. It need not exist. */
struct membership {
	long long group;
	const char *user;
};

struct roster {
	struct arena *arena;
	struct entries users, groups;
	struct membership *by_group, *by_user; /* sorted, and each once */
	size_t count, space;
};

const struct roster *roster_get(struct host *host) __attribute__((nonnull, returns_nonnull));

/* The one that is found by that name or id, or NULL. */
const struct entry *entry_of_name(const struct entries *entries, const char *name)
	__attribute__((nonnull));
const struct entry *entry_of_id(const struct entries *entries, long long id)
	__attribute__((nonnull));

bool roster_is_member(const struct roster *roster, const char *user, long long group)
	__attribute__((nonnull));

/* The members of a group, or the groups of a user: the first, and how many. */
const struct membership *roster_members(const struct roster *roster, long long group,
					size_t *ret_count) __attribute__((nonnull));
const struct membership *roster_memberships(const struct roster *roster, const char *user,
					    size_t *ret_count) __attribute__((nonnull));

/* For those that fill it. The strings are kept. */
void entries_add(struct arena *arena, struct entries *entries, const struct entry *entry)
	__attribute__((nonnull));
void roster_add_member(struct roster *roster, long long group, const char *user)
	__attribute__((nonnull));
void roster_add_records(struct roster *roster, struct host *host) __attribute__((nonnull));
void roster_add_made(struct roster *roster, struct host *host) __attribute__((nonnull));

/* Takes out those that an earlier layer hides, and sorts. */
void entries_sort(struct arena *arena, struct entries *entries) __attribute__((nonnull));
void roster_sort(struct roster *roster) __attribute__((nonnull));
