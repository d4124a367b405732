/* What one setting of a unit comes to, by its file, its drop-ins, and systemd's own defaults. */
#pragma once

#include "host/host.h"

struct unit_setting {
	const char *value;   /* the last one that systemd takes, or its default; NULL: none */
	struct strv values;  /* the words of all, but for those that an empty one takes back */
	const char *source;  /* FILE:LINE, or some words */
	bool given;          /* a file sets it */
	const char *why;     /* it cannot be told: the reason */
	const char *all_why; /* the same for `values` alone */
};

void unit_setting(struct host *host, const char *unit, const char *section, const char *key,
		  struct unit_setting *ret_setting) __attribute__((nonnull));
