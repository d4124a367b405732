/*
 * What a search looks for: "set-uid", "name=*.key,beyond=0600". Pure.
 */
#pragma once

#include <stdbool.h>

struct arena;

/* What is told of a file besides its name, mode and type. */
enum trait {
	TRAIT_SET_UID = 1,        /* a regular file */
	TRAIT_SET_GID = 2,        /* a regular file */
	TRAIT_WORLD_WRITABLE = 4, /* a regular file */
	TRAIT_NOT_STICKY = 8, /* a directory in which everybody may remove what others put there */
	TRAIT_UNOWNED = 16,   /* no user of the host has the id */
	TRAIT_UNGROUPED = 32, /* no group of the host has the id */
	TRAIT_DEVICE = 64,    /* a block or character device outside /dev */
	TRAIT_CAPABILITIES = 128, /* a regular file that somebody may execute */
};

struct predicate {
	const char *name; /* a pattern of fnmatch(3), or NULL */
	unsigned traits;  /* all of them */
	unsigned types;   /* one of them: 1 << DT_REG and so on */
	unsigned has;     /* these bits of the mode, all of them */
	unsigned beyond;  /* one of these bits of the mode; 0: that is not asked */
};

/* Any type that can lie in a directory. */
#define ALL_TYPES (1u << 1 | 1u << 2 | 1u << 4 | 1u << 6 | 1u << 8 | 1u << 10 | 1u << 12)

/*
 * Reads terms with commas between them, all of which have to hold: the traits, `name=GLOB`,
 * `type=TYPE`, `mode=OCTAL` (all of these bits), `beyond=OCTAL` (a bit that is not among these).
 * Returns 0, or -EINVAL with a reason, which is static.
 */
int predicate_parse(struct arena *arena, const char *text, struct predicate *ret_predicate,
		    const char **ret_why) __attribute__((nonnull, warn_unused_result));

/* The traits that the mode alone tells of. */
unsigned predicate_traits(unsigned mode) __attribute__((const));

/* Does it hold for a file? `mode` has the type, too. */
bool predicate_holds(const struct predicate *predicate, const char *name, unsigned mode,
		     unsigned traits) __attribute__((nonnull));

/* The byte that each name begins with, or ends with; 0 where that may be any. */
unsigned char predicate_first(const struct predicate *predicate) __attribute__((nonnull));
unsigned char predicate_last(const struct predicate *predicate) __attribute__((nonnull));

/* The name of a type of the mode: "file", "directory", … */
const char *file_type_name(unsigned mode) __attribute__((returns_nonnull));
