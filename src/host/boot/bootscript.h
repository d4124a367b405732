/*
 * Scripts that put the kernel's arguments together: grub.cfg, /etc/default/grub, pieces of shell.
 * They are followed, never run. What depends on a condition is kept as a choice, what only the
 * boot loader or a program can know as the byte \1; so the answer is what must be so, or that it
 * is not known. Pure, but for the files that a script includes: `include` finds them.
 */
#pragma once

#include "host/boot/cmdline.h"

/* A piece of text: one alternative is certain, several are a choice. */
struct bootpiece {
	struct bootpiece *next;
	struct strv alternatives;
	const char *source; /* "FILE:LINE" where it was written */
};

/* Pieces in a row. All zero is the empty text. */
struct boottext {
	struct bootpiece *first, *last;
	size_t pieces, size;
};

struct bootvar {
	const char *name;
	struct boottext *values; /* `count` texts: more than one where it depends on something */
	size_t count;
	unsigned losses; /* of the script, when it was set last */
};

/* A menu entry of grub.cfg. */
struct bootentry {
	struct bootentry *next;
	const char *title, *id;          /* `id` may be NULL */
	bool nested;                     /* it stands in the last submenu before it */
	bool submenu;                    /* it only holds others */
	bool maybe;                      /* it is there on a condition only */
	struct boottext linux_arguments; /* what stands behind the kernel in its `linux` line */
	const char *source;              /* of that line; NULL without one */
};

/* A line of GRUB that gives a user a password. */
struct bootpassword {
	struct bootpassword *next;
	const char *user, *secret; /* what is certain of them */
	bool hashed;               /* password_pbkdf2 */
	bool maybe;                /* it stands on a condition */
	const char *source;
};

struct bootscript {
	struct arena *arena;
	bool shell; /* variables that nobody set are empty, not the boot loader's */

	/*
	 * The text of an included file; NULL: it is not there, or `*ret_unknown`. May be NULL
	 * itself.
	 */
	char *(*include)(struct bootscript *script, const char *name, const char **ret_file,
			 bool *ret_unknown);
	void *closure;
	bool guarded; /* the file is included on a condition only */

	void *vars; /* a tree of struct bootvar */
	struct bootentry *entries, **entries_tail;
	struct bootpassword *passwords; /* the last one first */
	bool doubtful;                  /* nothing that comes now is certain */
	unsigned losses; /* how many times anything may have been set by what cannot be seen */

	/* Where it is: */
	const char *file;
	unsigned line, depth, submenu, includes;
	size_t work; /* done so far, in bytes or so: a hostile script must not keep us busy */
};

/* Starts with nothing set. Give it back with bootscript_end(); what came out of it stays. */
void bootscript_start(struct bootscript *script, struct arena *arena, bool shell)
	__attribute__((nonnull));
void bootscript_end(struct bootscript *script) __attribute__((nonnull));

/* Follows a file; `text` is cut up. */
void bootscript_follow(struct bootscript *script, const char *file, char *text)
	__attribute__((nonnull));

/* The variable, or NULL if it was never set. */
const struct bootvar *bootscript_var(const struct bootscript *script, const char *name)
	__attribute__((nonnull));

/* What a text comes to where it is used: the arguments, the doubtful ones marked. */
void boottext_arguments(struct arena *arena, const struct boottext *text, struct cmdline *cmdline)
	__attribute__((nonnull));

/* The text of a variable as one piece in a row; one that was never set is empty. */
struct boottext bootscript_value(struct bootscript *script, const char *name)
	__attribute__((nonnull));

/* All that a text may come to; false when that is too much to list. */
bool boottext_flatten(struct bootscript *script, const struct boottext *text,
		      struct strv *ret_texts) __attribute__((nonnull));

/* Counts work. False when it is too much: the script is given up, and all of it is lost. */
bool bootscript_spend(struct bootscript *script, size_t work) __attribute__((nonnull));

/* For the reader of the script: adding to a text, and setting variables. */
void boottext_add(struct bootscript *script, struct boottext *text, const char *literal,
		  size_t length) __attribute__((nonnull));
void boottext_append(struct bootscript *script, struct boottext *text, const struct boottext *more)
	__attribute__((nonnull));
void bootscript_set(struct bootscript *script, const char *name, const struct boottext *value,
		    bool maybe) __attribute__((nonnull));
void bootscript_obscure(struct bootscript *script, const char *name) __attribute__((nonnull));
