/*
 * The journal of a run: everything that has to be known to take it back, or to see that somebody
 * else has changed a file since. A text of lines, the last of which is the SHA-256 of all others:
 *
 *   hostaudit-journal 1
 *   run 20261124-003412-517223
 *   started 1795480452
 *   root /srv/image
 *   undoes 20261123-120000-000417
 *   lower-overlay /usr/share/flatcar/etc
 *   change /etc/sysctl.d/zz-hostaudit.conf kernel-kptr-restrict net-rp-filter
 *   before absent
 *   after file 0644 0 0 1795480452.123456789 SHA256
 *   xattr security.selinux 73797374656d5f75…
 *   sum SHA256
 *
 * `xattr` lines belong to the state above them. In paths and words, blanks, `%` and bytes that do
 * not print are written as %XX.
 */
#pragma once

#include "host/change/change.h"
#include "host/os.h"

#include <stdio.h>

struct journal {
	const char *run;           /* its name: made of the time */
	long long started;         /* seconds since 1970 */
	const char *root;          /* as it was named, for people */
	const char *undoes;        /* the run that this one takes back, or NULL */
	enum lower_etc lower_mode; /* how the tree lays its /etc, as in struct os */
	const char *lower_etc;
	struct changes changes;
};

/* The text, in the arena. */
const char *journal_format(struct arena *arena, const struct journal *journal)
	__attribute__((nonnull, returns_nonnull));

/*
 * Reads one back; the text is cut into pieces. -EBADMSG with what is wrong in words. Pure.
 */
int journal_parse(struct arena *arena, char *text, struct journal *ret_journal,
		  const char **ret_why) __attribute__((nonnull, warn_unused_result));
