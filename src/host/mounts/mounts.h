/*
 * Tables of mounts: those that are there now (mountinfo), and those of /etc/fstab. The only file
 * that knows libmount is mounts.c; a build without it reads the same tables in the same way.
 */
#pragma once

#include "host/host.h"

struct mount {
	const char *target, *type;
	const char *source;        /* of a bind mount, or a subvolume, "DEVICE[/PATH]"; "none" */
	const char *device, *root; /* of mountinfo only: "254:0", and the path in that file system
				    */
	struct strv
		options; /* as the table has them; of mountinfo, those of mount and superblock */
	unsigned line;   /* in the file; of fstab only */
	int id;          /* as statx(2) tells it; of mountinfo only */
	bool doubtful;   /* not all programs take the line: libmount does not */
};

struct mount_table {
	struct mount *at;
	size_t count, space;
	const char *path; /* the file: "/proc/1/mountinfo" */
	int error;        /* negative errno: why it could not be read; no such fstab is no error */
};

/* What is mounted now. Never NULL. */
const struct mount_table *mounts_now(struct host *host) __attribute__((nonnull, returns_nonnull));

/* The same as this process sees it: targets are its own paths, and the ids those of its files. */
const struct mount_table *mounts_seen(struct host *host) __attribute__((nonnull, returns_nonnull));

/* What /etc/fstab says; targets are without symbolic links. Never NULL. */
const struct mount_table *mounts_fstab(struct host *host) __attribute__((nonnull, returns_nonnull));

/* Append what a text says; lines that make no sense are left out, as everybody does. */
void mountinfo_parse(struct arena *arena, struct host_text *text, struct mount_table *table)
	__attribute__((nonnull));
void fstab_parse(struct arena *arena, char *text, struct mount_table *table)
	__attribute__((nonnull));

/* The first mount at a target, or the last, that lies on top of the others; NULL without any. */
const struct mount *mount_first(const struct mount_table *table, const char *target)
	__attribute__((nonnull));
const struct mount *mount_last(const struct mount_table *table, const char *target)
	__attribute__((nonnull));
