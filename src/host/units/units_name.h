/* Names of units, as systemd has them: sshd.service, getty@.service, getty@tty1.service. Pure. */
#pragma once

#include <stdbool.h>

struct arena;

enum unit_kind {
	UNIT_INVALID,
	UNIT_PLAIN,    /* sshd.service */
	UNIT_TEMPLATE, /* getty@.service: no unit itself, but the pattern of some */
	UNIT_INSTANCE, /* getty@tty1.service */
};

enum unit_kind unit_kind(const char *name) __attribute__((nonnull));

/* The part behind the last dot where it is one of systemd's types ("service"), or NULL. */
const char *unit_type(const char *name) __attribute__((nonnull));

/* Links may give units of this type a second name. */
bool unit_may_alias(const char *name) __attribute__((nonnull));

/* Units of this type may be templates or instances. */
bool unit_may_template(const char *name) __attribute__((nonnull));

/*
 * May a link with the first name stand for the unit with the second one? As systemd decides: same
 * type, and both plain, or of one template, or an instance of a template.
 */
bool unit_may_alias_to(const char *link, const char *target) __attribute__((nonnull));

/* "tty1" of getty@tty1.service, "" of getty@.service, NULL of a plain name. */
const char *unit_instance(struct arena *arena, const char *name) __attribute__((nonnull));

/* "getty" of all three: what stands before the @ or the type. */
const char *unit_prefix(struct arena *arena, const char *name) __attribute__((nonnull));

/* getty@.service of getty@tty1.service; NULL of a plain name. */
const char *unit_template(struct arena *arena, const char *name) __attribute__((nonnull));

/* getty@INSTANCE.service of any getty@….service. */
const char *unit_with_instance(struct arena *arena, const char *name, const char *instance)
	__attribute__((nonnull));

/* The name as a person may write it, in full: "sshd" is sshd.service, "/var/log" var-log.mount. */
const char *unit_full_name(struct arena *arena, const char *name) __attribute__((nonnull));

/* The unit of a path: "/var/lib" and "mount" make var-lib.mount. */
const char *unit_of_path(struct arena *arena, const char *path, const char *type)
	__attribute__((nonnull));

/* The path of such a unit again, as %f has it: "/var/lib". NULL if the name is no escaped path. */
const char *unit_to_path(struct arena *arena, const char *name) __attribute__((nonnull));

/* The next shorter family of names with drop-ins of their own: a-b-c.service, a-b-.service,
 * a-.service; NULL behind the last. Instances and templates keep what stands behind the @. */
const char *unit_family(struct arena *arena, const char *name) __attribute__((nonnull));
