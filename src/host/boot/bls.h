/*
 * Entries of the Boot Loader Specification (/boot/loader/entries/NAME.conf), and which of several
 * a boot loader takes. Pure.
 */
#pragma once

#include "base/str.h"

struct arena;

struct bls_entry {
	const char *id; /* the file's name without ".conf" and without the counter of tries */
	const char *sort_key, *machine_id, *version; /* NULL where the entry has none */
	const char *options; /* the kernel's arguments; NULL: it starts no kernel with arguments */
	const char *source;  /* "FILE:LINE" of the options */
	bool failed;         /* its tries are used up: it comes last */
};

/* Reads one entry; `text` is cut up. */
void bls_parse(struct arena *arena, const char *path, char *text, struct bls_entry *ret_entry)
	__attribute__((nonnull));

/* What the name of a file tells: "ID+LEFT-DONE.conf" has LEFT tries left. */
void bls_name(struct arena *arena, const char *path, const char *suffix,
	      struct bls_entry *ret_entry) __attribute__((nonnull));

/* Does entry `a` stand above `b` in the menu (< 0)? */
int bls_compare(const struct bls_entry *a, const struct bls_entry *b) __attribute__((nonnull));

/* Compares versions as the UAPI Group's specification has it: 6.9 < 6.10~rc1 < 6.10. */
int version_compare(const char *a, const char *b) __attribute__((nonnull));
