/* What most commands have in common: which host, which policy. */
#pragma once

#include "cli/options.h"
#include "guard/guard.h"
#include "host/host.h"
#include "policy/policy.h"

/* --root, --live, --profile, --policy-dir, --role, --set and --sandbox, as the user gave them. */
struct target_options {
	const char *root; /* "/" unless given */
	bool live;        /* --live: the running kernel belongs to --root */
	struct selection selection;
	int sandbox;         /* enum guard_mode */
	struct strv outputs; /* files the command is going to write: set before target_open() */
	struct strv changed; /* trees that it is going to change: likewise */
};

/* The one instance that the rows below fill in. */
extern struct target_options target_options;

/* The rows, for a command's tables. */
extern const struct option_row target_rows[];

/* Those of them that do without a policy: --root, --live, --sandbox. */
extern const struct option_row root_rows[];

/* Confines the process, and opens the host alone. Returns like target_open(). */
int host_open_confined(struct arena *arena, struct host *ret_host, struct guard_state *ret_guard)
	__attribute__((nonnull, warn_unused_result));

/* An opened host with its policy. */
struct target {
	struct arena *arena;
	struct host host;
	struct policy policy;
	struct guard_state guard; /* how this process is confined */
};

/*
 * Confines the process, and opens what the options name. On failure the mistakes have been printed
 * to standard error; the return value is 0, or the exit code to end with.
 */
int target_open(struct arena *arena, struct target *ret_target)
	__attribute__((nonnull, warn_unused_result));

void target_close(struct target *target) __attribute__((nonnull));

/* Prints "hostaudit: MESSAGE" to standard error. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints mistakes in data files as "FILE:LINE: MESSAGE". */
void complain_problems(const struct problems *problems) __attribute__((nonnull));

/* The options and operands of a command line; prints what is wrong with it. */
int command_line(struct arena *arena, int argc, char **argv, const struct option_row *const *tables,
		 struct strv *ret_operands) __attribute__((nonnull, warn_unused_result));
