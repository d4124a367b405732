/* Reports go to standard output or to files, each whole or not at all. */
#pragma once

#include "base/str.h"
#include "cli/options.h"
#include "reports/report.h"

/* --format, --color, --quiet and --verbose, as the user gave them. */
struct output_options {
	struct strv formats; /* "NAME" or "NAME=FILE"; empty: text */
	int color;           /* COLOR_… */
	bool quiet, verbose;
};

extern struct output_options output_options;
extern const struct option_row output_rows[];

/* Checks what was given before any work is done. Prints what is wrong; returns 0 or -EINVAL. */
int output_check(struct arena *arena) __attribute__((nonnull, warn_unused_result));

/*
 * Writes all the reports. A file is written beside its name and renamed when it is whole. Prints
 * what goes wrong; returns 0 or a negative errno.
 */
int output_write(struct arena *arena, const struct audit *audit)
	__attribute__((nonnull, warn_unused_result));
