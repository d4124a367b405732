/* Where container runtimes keep what belongs to containers: by their own settings. */
#pragma once

#include "host/host.h"

struct runtime_root {
	const char *path; /* below it nothing is the host's own */
	const char *name; /* of the runtime */
};

struct runtime_roots {
	struct runtime_root *at;
	size_t count, space;
};

/* All of them, whether they are there or not; where no setting says otherwise, the default. */
const struct runtime_roots *runtime_roots(struct host *host)
	__attribute__((nonnull, returns_nonnull));

/* The value of an argument of a command line: `--NAME VALUE` or `--NAME=VALUE`; or NULL. Pure. */
const char *argument_value(struct arena *arena, const char *line, const char *name)
	__attribute__((nonnull));

/*
 * A string of a text in TOML: of a key in a section, or in front of all of them. Only plain ones,
 * as these files have them: KEY = "VALUE" on a line. NULL without it. Pure.
 */
const char *toml_string(struct arena *arena, const char *text, const char *section, const char *key)
	__attribute__((nonnull(1, 2, 4)));
