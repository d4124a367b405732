/*
 * How kernels were configured: the running one, and the one that the next boot will load (with
 * several in the tree: the one of the highest version).
 */
#pragma once

#include "host/host.h"

struct kconfig {
	const char *text;    /* one or more configurations after one another; the last one counts */
	const char *source;  /* the file, or the files */
	const char *unknown; /* why nothing can be told; NULL: the text counts */
	bool full;           /* a symbol that is not named is "n"; else that is not known */
};

/* Never NULL; look at `unknown`, or let kconfig_value() do so. */
const struct kconfig *kconfig_running(struct host *host) __attribute__((nonnull, returns_nonnull));
const struct kconfig *kconfig_configured(struct host *host)
	__attribute__((nonnull, returns_nonnull));

/*
 * The value of a symbol, with or without "CONFIG_": y, m, n, a number, or a string without its
 * quotes. NULL when it cannot be told, and `*ret_why` says why.
 */
const char *kconfig_value(struct arena *arena, const struct kconfig *kconfig, const char *symbol,
			  const char **ret_why) __attribute__((nonnull, warn_unused_result));

/* Is this a complete configuration, as the kernel's build writes it? Pure. */
bool kconfig_is_full(const char *text) __attribute__((nonnull));
