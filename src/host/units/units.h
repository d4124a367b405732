/*
 * Units of the host's service manager, as the next boot will find them: the files of systemd's load
 * path, drop-ins, masks, aliases, templates, presets, and what pulls what in.
 *
 * Not told for an image: what generators will make of /etc/fstab, init scripts and the like. On a
 * running host what they made at this boot is taken for what they will make at the next.
 */
#pragma once

#include "host/host.h"

struct unit {
	const char *name; /* in full: "sshd.service" */
	const char *path; /* its file, or its mask; NULL if there is none. "/etc/systemd/…" */
	const char *state; /* the word of `systemctl --root … is-enabled`, files in /run included */
	const char *preset; /* "enabled", "disabled", "ignored" where there is nothing to enable;
				NULL if `preset_source` could not be read */
	bool exists;        /* it has a file; of an instance, its template's will do */
	bool masked;        /* and will be after the next boot, too: a mask in /run is not */
	bool starts;        /* the next boot starts it by itself */

	/* What decides, "FILE:LINE", a file, a link, or some words. */
	const char *source; /* …whether it starts */
	const char *state_source, *preset_source;

	/* Negative: nothing could be told but the name; `why` says what is in the way. */
	int error;
	const char *why;
	const char *unsure; /* why only `starts` could not be told, or NULL */
};

/* A unit of any type by its name; without a type a service is meant, a path is its mount. */
const struct unit *units_get(struct host *host, const char *name)
	__attribute__((nonnull, returns_nonnull));

/* Why this can be the name of no unit, in words; NULL if it can. */
const char *units_refuse(const char *name) __attribute__((nonnull));

/*
 * The values of an option of a unit with its drop-ins, in their order; an empty assignment drops
 * those before it. Quotes and specifiers stay as they are. `*ret_source` is the FILE:LINE of the
 * last one that counts, or NULL. -ENOENT: no such unit; -ERFKILL: it is masked; others: it cannot
 * be read.
 */
int unit_option(struct host *host, const char *unit, const char *section, const char *key,
		struct strv *ret_values, const char **ret_source)
	__attribute__((nonnull, warn_unused_result));

/*
 * All assignments of a unit with its drop-ins, in the order in which they count, for options whose
 * order among others matters. Errors as with unit_option().
 */
struct unit_lines;
int unit_assignments(struct host *host, const char *unit, struct unit_lines *ret_lines)
	__attribute__((nonnull, warn_unused_result));

/* The same of drop-ins alone, for a unit whose file a generator makes at boot. 0 without any. */
int unit_dropin_option(struct host *host, const char *unit, const char *section, const char *key,
		       struct strv *ret_values, const char **ret_source)
	__attribute__((nonnull, warn_unused_result));

/* The names of all unit files in the load path, sorted, each once; of any type for a NULL type. */
int units_list(struct host *host, const char *type, struct strv *ret_names)
	__attribute__((nonnull(1, 3), warn_unused_result));

/*
 * The names of the units of a type that the next boot starts, instances included, sorted. Whether
 * one of them is kept from it by a condition units_get() tells. `*ret_why` is set where there may
 * be more.
 */
int units_started(struct host *host, const char *type, struct strv *ret_names, const char **ret_why)
	__attribute__((nonnull, warn_unused_result));

/* The name of the unit of a path: "/var/lib" and "mount" make var-lib.mount. */
const char *units_path_name(struct host *host, const char *path, const char *type)
	__attribute__((nonnull, returns_nonnull));
