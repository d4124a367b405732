/*
 * Limits of resources: of processes that run, of sessions by pam_limits(8), and of units by
 * systemd. Values are as prlimit(1) shows them: bytes, seconds, numbers, "unlimited".
 */
#pragma once

#include "host/finding.h"
#include "host/host.h"

#include <stdint.h>

struct limit_resource {
	const char *name;        /* "nofile", as limits.conf(5) has it */
	const char *shown;       /* "Max open files", in /proc/PID/limits; NULL: only of sessions */
	const char *soft, *hard; /* of a service where no file sets it; NULL: that depends */
	unsigned factor;         /* a unit of limits.conf in those of the kernel */
	enum { LIMIT_SIZE, LIMIT_COUNT, LIMIT_SECONDS, LIMIT_USECONDS, LIMIT_NICE } kind;
};

/* A resource by its name, or NULL. */
const struct limit_resource *limit_resource_find(const char *name) __attribute__((nonnull));

struct limit {
	struct finding soft, hard;
};

/* Of a running process. Returns 0 or a negative errno. */
int limit_of_process(struct host *host, int pid, const struct limit_resource *resource,
		     struct limit *ret_limit) __attribute__((nonnull, warn_unused_result));

/* The same of the text of /proc/PID/limits. -EBADMSG: it is not there. Pure. */
int limit_table_parse(struct arena *arena, char *text, const struct limit_resource *resource,
		      struct limit *ret_limit) __attribute__((nonnull, warn_unused_result));

/* Of a service by its unit, as the next boot has it; NULL: what the manager gives to all. */
void limit_of_unit(struct host *host, const char *unit, const struct limit_resource *resource,
		   struct limit *ret_limit) __attribute__((nonnull(1, 3, 4)));

/* "65536", "1024:4096", "infinity", "8M" of LimitX=. -EINVAL: systemd skips it; -ENOTSUP: nobody
 * here knows what it comes to. Pure. */
int limit_value_parse(struct arena *arena, const struct limit_resource *resource, const char *text,
		      const char **ret_soft, const char **ret_hard)
	__attribute__((nonnull, warn_unused_result));

/* A line of limits.conf(5). */
struct limit_line {
	const char *domain, *type, *item, *value; /* no item: the domain is left alone */
	const char *file;
	unsigned line;
};

struct limit_lines {
	struct limit_line *at;
	size_t count, space;
	const char *why; /* why they are not all, or not what pam_limits makes of them */
};

/* Appends what a file says. Lines that pam_limits skips are skipped. Pure. */
void limit_lines_parse(struct limit_lines *lines, struct arena *arena, const char *file, char *text)
	__attribute__((nonnull));

/* limits.conf and limits.d, in the order in which they are read. */
const struct limit_lines *limit_lines_get(struct host *host)
	__attribute__((nonnull, returns_nonnull));

/* Whose session it is. */
struct limit_user {
	const char *name; /* NULL: nobody in particular, of whom only `*` and `%` speak */
	unsigned id, group;
	struct strv groups; /* names */
	struct strv group_ids;
};

/* What all lines come to for a user. Pure. */
void limit_of_user(struct arena *arena, const struct limit_lines *lines,
		   const struct limit_user *user, const struct limit_resource *resource,
		   struct limit *ret_limit) __attribute__((nonnull));

/* Does the line speak of somebody else than everybody? Pure. */
bool limit_line_is_special(const struct limit_line *line) __attribute__((nonnull));

/* What one line gives of a resource: a value, or NULL where it does not speak of it. Pure. */
const char *limit_line_value(struct arena *arena, const struct limit_line *line,
			     const struct limit_resource *resource)
	__attribute__((nonnull, warn_unused_result));
