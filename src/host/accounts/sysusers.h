/* Accounts that the first boot of an image will make: sysusers.d(5). The parser is pure. */
#pragma once

#include "host/host.h"

struct sysusers_line {
	char type; /* 'u', 'g' or 'm' */
	const char *name;
	long long uid, gid; /* negative: none is asked for */
	const char *group;  /* the group of 'm', and of 'u' where it is named; or NULL */
	const char *home;   /* NULL: the default */
	const char *shell;  /* NULL: the default */
	const char *source; /* "FILE:LINE" */
};

struct sysusers {
	struct sysusers_line *at;
	size_t count, space;
	bool ranged;       /* a line says which ids are to be chosen from */
	struct strv holes; /* why accounts may be missing */
};

/* Appends the lines that systemd-sysusers(8) would heed. The text is cut in pieces. */
void sysusers_parse(struct arena *arena, const char *file, char *text, struct sysusers *sysusers)
	__attribute__((nonnull));

/* What the next boot reads: nothing on a running host, and where no unit does it. */
const struct sysusers *sysusers_get(struct host *host) __attribute__((nonnull, returns_nonnull));
