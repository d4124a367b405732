/*
 * Presets: whether the vendor or the site wants a unit enabled. They speak of new units only, and
 * at the first boot of all; what is linked already is not asked again.
 */
#pragma once

#include "host/host.h"

enum preset {
	PRESET_ENABLE,
	PRESET_DISABLE,
	PRESET_IGNORE, /* leave it as it is; newer than systemd 253 */
};

struct preset_rule {
	enum preset preset;
	const char *pattern;   /* as fnmatch(3) has it */
	struct strv instances; /* "enable foo@.service a b": of the template, only these */
	const char *file;
	unsigned line;
};

struct preset_rules {
	struct preset_rule *at;
	size_t count, space;
};

/* Appends the rules of a file. Lines that make no sense are skipped, as systemd does. Pure. */
void presets_parse(struct preset_rules *rules, struct arena *arena, const char *file,
		   const char *text) __attribute__((nonnull));

/* The first rule that speaks of the unit, or NULL: then it is to be enabled. Pure. */
const struct preset_rule *presets_find(const struct preset_rules *rules, struct arena *arena,
				       const char *unit) __attribute__((nonnull));

/* The rules of the host. `error` is negative when a file cannot be read: `path` says which. */
struct presets {
	struct preset_rules rules;
	int error;
	const char *path;
};

const struct presets *presets_get(struct host *host) __attribute__((nonnull, returns_nonnull));
