/*
 * What the kernel makes of a row of writes to its parameters, looked at from one of them: two
 * names of one parameter, writes that change other parameters as well, values that are refused,
 * and what an interface's own value and that of `all` come to together. Pure.
 */
#pragma once

#include "host/kernel/sysctl_stack.h"

/* What a key is left with. */
struct sysctl_value {
	enum {
		SYSCTL_UNSET, /* nothing sets it */
		SYSCTL_SET,
		SYSCTL_ABSENT,  /* the running kernel has no such key */
		SYSCTL_UNKNOWN, /* `reason` says why */
	} state;
	const char *value, *source;
	const char *reason;
};

/* One parameter, followed through the boot. */
struct sysctl_boot {
	struct arena *arena;
	const char *names[3];  /* all its names; ends with NULL */
	const char *forced[3]; /* names of another parameter that changes it; ends with NULL */
	bool forced_negated;   /* to the opposite of the other's value */
	long long forcing;     /* the other's present value */
	/* A parameter of `default` whose writes may undo one that changed nothing; or NULL. */
	const char *overtaking;
	bool by_udev; /* udev has it written once more, at an unknown time */
	bool by_name; /* it was written by a name of its own */
	struct sysctl_value value;
};

/* Before anything was written. */
void sysctl_boot_start(struct arena *arena, const char *path, struct sysctl_boot *ret_boot)
	__attribute__((nonnull));

/* One entry is written. `stack` is where it comes from, or NULL. */
void sysctl_boot_write(struct sysctl_boot *boot, const struct sysctl_stack *stack,
		       const struct sysctl_entry *entry) __attribute__((nonnull(1, 3)));

/* All of a stack is written, in its order. */
void sysctl_boot_run(struct sysctl_boot *boot, const struct sysctl_stack *stack)
	__attribute__((nonnull));

/*
 * The path of `default` from which an interface that is there takes over a new value, as long as it
 * was not given one of its own; NULL for keys and families where only new interfaces do so.
 */
const char *sysctl_inherits(struct arena *arena, const char *path) __attribute__((nonnull));

/* How the kernel combines the values of an interface and of `all`. */
enum sysctl_combine {
	SYSCTL_OWN, /* only the interface's counts */
	SYSCTL_LARGER,
	SYSCTL_SMALLER,
	SYSCTL_EITHER,    /* one that is not 0 is enough */
	SYSCTL_BOTH,      /* both have to be not 0 */
	SYSCTL_REDIRECTS, /* both where the interface forwards, else either */
};
enum sysctl_combine sysctl_combination(const char *family, const char *key)
	__attribute__((nonnull));

/* Combines. SYSCTL_REDIRECTS is for where it is not known whether the interface forwards. */
struct sysctl_value sysctl_combined(enum sysctl_combine how, const struct sysctl_value *own,
				    const struct sysctl_value *all) __attribute__((nonnull));
