/* Private to host/: the ways in which the command line of the next boot is found. */
#pragma once

#include "host/boot/cmdline.h"

#include <errno.h>

/*
 * Each looks at one kind of place. Returns 1 when that decides, be it that the command line then
 * stands in `cmdline` or why it is not known; 0 when nothing is there.
 */
int cmdline_in_profile(struct host *host, struct cmdline *cmdline) __attribute__((nonnull));
int cmdline_in_entries(struct host *host, struct cmdline *cmdline) __attribute__((nonnull));
int cmdline_in_images(struct host *host, struct cmdline *cmdline) __attribute__((nonnull));
int cmdline_in_grub(struct host *host, struct cmdline *cmdline) __attribute__((nonnull));
int cmdline_in_kernel_install(struct host *host, struct cmdline *cmdline) __attribute__((nonnull));
int cmdline_in_default_grub(struct host *host, struct cmdline *cmdline) __attribute__((nonnull));

/* The options of a loader entry that names variables of the GRUB in that directory. */
struct bls_entry;
void cmdline_expand(struct host *host, const char *dir, const struct bls_entry *entry,
		    struct cmdline *cmdline) __attribute__((nonnull));

/*
 * Follows a grub.cfg and what it includes. Returns 1 when it was there, 0 when not, or a negative
 * errno; in each case the script is to be given back with bootscript_end().
 */
struct bootscript;
int cmdline_follow_grub(struct host *host, const char *path, struct bootscript *script)
	__attribute__((nonnull));

/* Says that a file cannot be read, and returns 1. */
static inline int cmdline_give_up(struct host *host, struct cmdline *cmdline, const char *path,
				  int error)
{
	cmdline->unknown = arena_printf(host->arena, "%s cannot be read: %s", path,
					host_error(error));
	return 1;
}

static inline bool cmdline_is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}
