/* Mount options as mount(8) understands them. Pure. */
#pragma once

#include "base/str.h"

struct arena;

/* Appends the options of a text; a comma between double quotes is part of one. */
void mount_options_split(struct arena *arena, const char *text, struct strv *options)
	__attribute__((nonnull));

/*
 * What the kernel will show once mount(8) has been given these options: `ro` or `rw` first; of
 * options that turn each other round, the last; without those that are its defaults (suid, exec),
 * and without those that only mount(8) and systemd read (noauto, nofail, x-…).
 */
void mount_options_effective(struct arena *arena, const struct strv *given,
			     struct strv *ret_options) __attribute__((nonnull));

/* Is there any among them that the kernel takes as a flag of the mount, such as `nodev` or `rw`? */
bool mount_options_flags(const struct strv *options) __attribute__((nonnull));

/* Does the last word on an option that mount(8) and systemd read, such as `noauto`, say yes? */
bool mount_options_say(const struct strv *options, const char *yes, const char *no)
	__attribute__((nonnull));

/* The value of the last `NAME=VALUE`, "" for a `NAME` alone, or NULL. */
const char *mount_options_value(const struct strv *options, const char *name)
	__attribute__((nonnull));
