/*
 * What stands at a spot, completely: so that it can be recognised, kept, and put back as it was.
 */
#pragma once

#include "host/change/spot.h"

#include <time.h>

/* Nothing that is changed is larger. */
#define STATE_LIMIT ((size_t)16 * 1024 * 1024)

enum thing {
	THING_ABSENT,
	THING_FILE,
	THING_LINK,
	THING_DIR,
};

const char *thing_name(enum thing thing) __attribute__((returns_nonnull));

/* An extended attribute: the label of SELinux, an ACL, capabilities, … */
struct xattr {
	struct xattr *next;
	const char *name;
	const char *data;
	size_t size;
};

struct state {
	enum thing thing;
	unsigned mode, uid, gid; /* a link has no mode */
	struct timespec mtime;   /* of a file; as utimensat(2) takes it */
	const char *target;      /* only of a link */
	char digest[65];         /* only of a file: SHA-256 of what is in it, in hex */
	struct xattr *xattrs;    /* sorted by name; only of a file */
};

/*
 * Looks. What a file holds is given out where `ret_text` is not NULL: free it with
 * host_text_free(). Other kinds of files are -EOPNOTSUPP, one with several names is -EMLINK, one
 * that is too large is -EFBIG.
 */
int state_read(struct arena *arena, const struct spot *spot, struct state *ret_state,
	       struct host_text *ret_text) __attribute__((nonnull(1, 2, 3), warn_unused_result));

/* The same thing, whatever its times and attributes are? */
bool state_same_content(const struct state *a, const struct state *b) __attribute__((nonnull));

/* The same content, owner and mode? */
bool state_alike(const struct state *a, const struct state *b) __attribute__((nonnull));

/* The same in everything but the times? */
bool state_same(const struct state *a, const struct state *b) __attribute__((nonnull));

/*
 * Puts a file or a link of that state at a spot where nothing stands yet, and makes its content
 * durable. Nobody but its owner can read a file before it is whole.
 */
int state_make(const struct spot *spot, const struct state *state, const char *data, size_t size)
	__attribute__((nonnull(1, 2), warn_unused_result));

/* Gives a file or a directory the owner, mode and extended attributes of a state. */
int state_set_attributes(const struct spot *spot, const struct state *state)
	__attribute__((nonnull, warn_unused_result));
