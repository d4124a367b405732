/*
 * A report tells what an audit found, in one format: one file each, `foo.c` with `const struct
 * report report_foo` at its end; the build makes the list from the file names. A report changes no
 * verdict.
 */
#pragma once

#include "audit/result.h"
#include "base/str.h"

#include <stdio.h>

struct report_style {
	bool color;     /* escape sequences are welcome */
	bool verbose;   /* passes and evidence as well */
	bool quiet;     /* failures only */
	unsigned width; /* columns of the terminal; 0: none, do not fold */
};

struct report {
	const char *name;    /* as in --format NAME */
	const char *summary; /* one line for `hostaudit list reports` */
	/* Writes all of it. Write errors stay in the stream; the caller looks there. */
	void (*write)(FILE *out, const struct audit *audit, const struct report_style *style);
};

extern const struct report *const reports[];

/* The report of that name, or NULL. */
static inline const struct report *report_find(const char *name)
{
	for (const struct report *const *at = reports; *at; at++)
		if (str_eq((*at)->name, name))
			return *at;
	return NULL;
}
