/* chrony.conf(5), as chronyd 4 reads it: where it takes the time from. */
#pragma once

#include "host/host.h"

/* What the files say of sources, in their order. */
struct chrony {
	struct strv sources; /* names of servers, pools and peers; clocks as "PHC:/dev/ptp0" */
	const char *source;  /* "FILE:LINE" of the last one, or the file */
	const char *why;     /* why they cannot be told */
	bool absent;         /* there is no file at all */
};

/* `unit` is the service that starts chronyd: its command line may name the file. */
const struct chrony *chrony_get(struct host *host, const char *unit)
	__attribute__((nonnull, returns_nonnull));

/* One line of such a file. */
struct chrony_line {
	const char *word; /* in lower case */
	const char *rest; /* without blanks at its ends */
	unsigned number;
};

struct chrony_lines {
	struct chrony_line *at;
	size_t count, space;
};

/* Appends the lines that are no comments. Pure. */
void chrony_parse(struct chrony_lines *lines, struct arena *arena, char *text)
	__attribute__((nonnull));
