/* Days, as builds and support are dated. Pure. */
#pragma once

#include <stdbool.h>

/* Days since 1970-01-01, in UTC. */
typedef long day_t;

/* A day written YYYY-MM-DD: 0, or -EINVAL when it is none. */
int date_parse(const char *text, day_t *ret_day) __attribute__((nonnull, warn_unused_result));

/*
 * The day that a version or a build is named after: the first run of digits that is a day, written
 * 20260820, 202608201530 or 20260820153000, or 2026-08-20. Days before 2013 are none: version
 * numbers may look like them. Returns 0 or -ENOENT.
 */
int date_find(const char *text, day_t *ret_day) __attribute__((nonnull, warn_unused_result));

/* Writes YYYY-MM-DD. */
void date_write(day_t day, char ret_text[16]) __attribute__((nonnull));
