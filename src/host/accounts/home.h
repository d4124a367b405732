/* What a user's home directory looks like. */
#pragma once

#include "host/host.h"

/* The files in it whose names begin with a dot. */
struct dotfiles {
	struct strv names;
	unsigned mode;     /* every permission that one of them has */
	const char *worst; /* the last that has one more than those before it, or NULL */
};

/* 0 or a negative errno; -E2BIG where there are too many. */
int home_dotfiles(struct host *host, const char *home, struct dotfiles *ret_dotfiles)
	__attribute__((nonnull, warn_unused_result));
