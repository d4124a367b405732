/* What systemd-modules-load will load at boot because a file says so. See modules-load.d(5). */
#pragma once

#include "host/host.h"

struct modload_line {
	const char *module; /* as it stands there; may be an alias */
	const char *source; /* "FILE:LINE" */
};

struct modload {
	struct modload_line *at;
	size_t count, space;
	int error;              /* negative errno: something could not be read, */
	const char *error_path; /* namely this */
};

/* Appends what a file says; the text is taken apart in place. */
void modload_parse(struct arena *arena, char *text, const char *path, struct modload *modload)
	__attribute__((nonnull));

const struct modload *modload_get(struct host *host) __attribute__((nonnull, returns_nonnull));
