/* The names that a kernel's modules answer to, as depmod and the kernel's build list them. */
#pragma once

#include "host/host.h"

struct modalias {
	const char *name,
		*module; /* dashes are underscores; the name may be a pattern, fnmatch(3) */
};

/* All zero is an empty table. */
struct modalias_table {
	struct modalias *at; /* sorted by name */
	size_t count, space;
	int error; /* negative errno when a list could not be read; -ENOENT: not there */
};

/*
 * Take the lines of modules.alias, or the strings of modules.builtin.modinfo, apart in place, and
 * keep what could be meant by `wanted`: all names without a colon, or with one those that match.
 */
void modalias_parse(struct arena *arena, char *text, const char *wanted,
		    struct modalias_table *table) __attribute__((nonnull));
void modalias_parse_builtin(struct arena *arena, struct host_text *text, const char *wanted,
			    struct modalias_table *table) __attribute__((nonnull));

/* Reads the lists in a kernel's directory. */
void modalias_load(struct host *host, const char *dir, const char *wanted,
		   struct modalias_table *table) __attribute__((nonnull));

/* Appends the modules that answer to a name. */
void modalias_find(const struct modalias_table *table, const char *name, struct arena *arena,
		   struct strv *modules) __attribute__((nonnull));
