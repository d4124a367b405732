/*
 * Is the operating system up to date, as far as its own files tell: which build it is, whether
 * another one waits for the next boot, and what brings updates.
 */
#pragma once

#include "base/date.h"
#include "host/host.h"

/* What can be told of something, or why it cannot. */
struct update_answer {
	const char *value;  /* NULL: it cannot be told */
	const char *source; /* what decides; may be NULL */
	const char *why;    /* only without a value */
};

/* "current", or "pending-reboot": an update is in place that the next boot brings. */
void update_state(struct host *host, struct update_answer *ret_answer) __attribute__((nonnull));

/* The version or build that os-release names. */
void update_version(struct host *host, struct update_answer *ret_answer) __attribute__((nonnull));

/* The day of the build, and the day until which the release is supported: YYYY-MM-DD. */
void update_built(struct host *host, struct update_answer *ret_answer) __attribute__((nonnull));
void update_support_end(struct host *host, struct update_answer *ret_answer)
	__attribute__((nonnull));

/* The names of the updaters that are known, each once, with NULL at the end. */
extern const char *const updaters[];

/* Is it installed: "present" or "absent"; its unit decides. */
void updater_present(struct host *host, const char *name, struct update_answer *ret_answer)
	__attribute__((nonnull));

/*
 * "yes" or "no": the next boot starts it, and it is set to install updates by itself. NULL for the
 * name asks for any of them.
 */
void updater_automatic(struct host *host, const char *name, struct update_answer *ret_answer)
	__attribute__((nonnull(1, 3)));

/* "yes" or "no": it runs now. NULL: any of those that are automatic does. */
void updater_active(struct host *host, const char *name, struct update_answer *ret_answer)
	__attribute__((nonnull(1, 3)));

/*
 * What a file of zincati's configuration (TOML) says of updates.enabled: 1, 0, -ENOENT for nothing,
 * -EINVAL when it is not written in one of the usual ways. The text is taken apart in place.
 */
int zincati_enabled(char *text, unsigned *ret_line) __attribute__((nonnull, warn_unused_result));

/* What udev keeps of a partition, from its file in /run/udev/data. */
struct partition {
	const char *uuid, *type, *name;
	unsigned long long flags;
	bool flagged; /* the table has attributes for it */
};

/* Takes a text of /run/udev/data apart, in place: false when it is no partition of a GPT. */
bool partition_parse(struct arena *arena, char *text, struct partition *ret_partition)
	__attribute__((nonnull, warn_unused_result));

/*
 * Is the partition that the host was started from the one that the next boot takes: 1 or 0;
 * -ENOENT when the table tells nothing of it. Pure.
 */
int partition_is_first(const struct partition *partitions, size_t count, const char *uuid)
	__attribute__((nonnull, warn_unused_result));

/* Is a slot the first in the order that RAUC keeps for the boot loader, "A B"? Pure. */
bool slot_is_first(const char *order, const char *slot) __attribute__((nonnull));
