/*
 * The stack of sysctl.d files as systemd-sysctl(8) makes one list of assignments out of it. Pure:
 * text in, and for a key the value that it is left with.
 *
 * Keys are kept as paths below /proc/sys ("net/ipv4/ip_forward"); sysctl_path() makes them.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A line that counts, in the order in which the values are written. */
struct sysctl_entry {
	struct sysctl_entry *next;
	const char *path;   /* or a pattern; NULL: a file that could not be read stands here */
	const char *value;  /* NULL: no assignment, the key is only kept from patterns */
	const char *source; /* "/etc/sysctl.d/50-x.conf:3"; the last line that says so */
	const char *error;  /* only without a path: why the file could not be read */
	bool dropped;       /* a later line took its place */
};

struct sysctl_place {
	const struct sysctl_entry *entry;
};

/* All zero, but for the arena, is an empty stack. Every one has to be sealed in the end. */
struct sysctl_stack {
	struct arena *arena;
	struct sysctl_entry *first, *last;
	size_t count;
	void *tree;                   /* while it is built: the entries that count, by path */
	struct sysctl_place *by_path; /* once it is sealed: the same, sorted */
	size_t by_path_count;
};

/*
 * The path of a key. The first separator decides: `net.ipv4.conf.eth0/1.rp_filter` and
 * `net/ipv4/conf/eth0.1/rp_filter` are the same. Needless slashes are taken out.
 */
char *sysctl_path(struct arena *arena, const char *key) __attribute__((nonnull, returns_nonnull));

/* The way back: the usual spelling with dots. */
const char *sysctl_name(struct arena *arena, const char *path)
	__attribute__((nonnull, returns_nonnull));

/* Appends a file's lines; `text` is cut up, `file` names it. */
void sysctl_stack_parse(struct sysctl_stack *stack, const char *file, char *text)
	__attribute__((nonnull));

/* Appends one assignment. */
void sysctl_stack_add(struct sysctl_stack *stack, const char *path, const char *value,
		      const char *source) __attribute__((nonnull(1, 2, 4)));

/* A file that could not be read: what it says of keys is not known. */
void sysctl_stack_add_error(struct sysctl_stack *stack, const char *file, const char *error)
	__attribute__((nonnull));

/*
 * Does an entry write this key? A pattern does unless the key stands in the stack by itself
 * (`stack` may be NULL). More alternatives in braces than anyone needs are an error: -E2BIG.
 */
int sysctl_entry_writes(const struct sysctl_stack *stack, const struct sysctl_entry *entry,
			const char *path) __attribute__((nonnull(2, 3)));

/* The entry that names this very key, an exclusion perhaps, or NULL. */
const struct sysctl_entry *sysctl_stack_find(const struct sysctl_stack *stack, const char *path)
	__attribute__((nonnull));

bool sysctl_is_pattern(const char *path) __attribute__((nonnull));

/* Ends the building of a stack; only then can keys be looked up. */
void sysctl_stack_seal(struct sysctl_stack *stack) __attribute__((nonnull));
