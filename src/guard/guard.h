/*
 * The program confines itself before its first look at a host, so that whatever a hostile tree
 * makes of it, it can neither change the host nor start anything: Landlock for files, a seccomp
 * deny-list for what Landlock does not cover, no new privileges, and no capability that is not
 * needed to look.
 *
 * A deny-list, since allow-lists break with the next libc. What is refused answers EPERM.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>

enum guard_mode {
	GUARD_AUTO,    /* as much as the kernel offers */
	GUARD_REQUIRE, /* all of it, or nothing is done */
	GUARD_OFF,
};

/* What the run needs. Paths are those of the machine that hostaudit runs on. */
struct guard_request {
	struct strv readable; /* trees that are read: the root, the policy */
	struct strv writable; /* reports: files; made beside their name and renamed */
	struct strv changed;  /* trees in which files are put in place, replaced and removed */
	bool image;           /* no running kernel belongs to what is looked at */
};

/* What is enforced; part of each report. */
struct guard_state {
	int landlock; /* the ABI that is enforced; 0: none */
	bool seccomp;
	bool no_new_privileges;
	const char *capabilities; /* that were kept, separated by blanks; "" for none */
};

/*
 * Confines the process, for good. Returns 0; or, only with GUARD_REQUIRE, a negative errno with the
 * name of the part that could not be had.
 */
int guard_confine(struct arena *arena, const struct guard_request *request, enum guard_mode mode,
		  struct guard_state *ret_state, const char **ret_missing)
	__attribute__((nonnull, warn_unused_result));

/*
 * A socket of IPv4 or IPv6 that is good for nothing but getsockopt(2): it belongs to the guard. Or
 * a negative errno.
 */
int guard_inet_socket(bool six) __attribute__((warn_unused_result));

/*
 * From now on nothing is changed but in these directories and below, which are open. Where Landlock
 * is not enforced this does nothing. Returns 0 or a negative errno.
 */
int guard_narrow(const struct guard_state *state, const int *directories, size_t count)
	__attribute__((nonnull(1), warn_unused_result));
