/*
 * Lines of udev rules, and what they come to for one device that is thought of: a USB controller
 * that is added at boot. Pure.
 */
#pragma once

#include "base/arena.h"
#include "base/str.h"

#include <stdbool.h>

enum udev_op {
	UDEV_MATCH,          /* == */
	UDEV_NO_MATCH,       /* != */
	UDEV_ASSIGN,         /* = */
	UDEV_ADD,            /* += */
	UDEV_REMOVE,         /* -= */
	UDEV_ASSIGN_AT_LAST, /* := */
};

struct udev_token {
	const char *key;       /* "ATTR" */
	const char *attribute; /* what stands in braces, or NULL */
	enum udev_op op;
	const char *value;
	bool special; /* i"…" or e"…": it is not what it looks like */
};

#define UDEV_MOST_TOKENS 64

struct udev_rule {
	struct udev_token at[UDEV_MOST_TOKENS];
	size_t count;
};

/* Takes a line apart: 0, -EBADMSG for one that udev ignores, -E2BIG for more than fits. */
int udev_rule_parse(struct arena *arena, const char *line, struct udev_rule *ret_rule)
	__attribute__((nonnull, warn_unused_result));

/* What the rules make of authorized_default of a controller. */
struct udev_usb {
	const char *value;  /* "0", "1", "2"; NULL: nobody writes it */
	const char *source; /* FILE:LINE */
	bool doubtful;      /* whether that line counts cannot be told */
};

/* Follows a file. Later files may say otherwise. `text` is cut up. */
void udev_usb_follow(struct arena *arena, const char *path, char *text, struct udev_usb *usb)
	__attribute__((nonnull));
