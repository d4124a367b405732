/*
 * Kernel command lines: the one that the running kernel was given, and the one that the next boot
 * will use. Names are compared as the kernel does, `-` and `_` alike.
 */
#pragma once

#include "host/host.h"

/* One parameter of the kernel's part (what stands before ` -- `), in order. */
struct cmdline_arg {
	const char *name;   /* NULL: nobody knows what stands here, if anything */
	const char *value;  /* NULL: without `=` */
	const char *source; /* "/boot/loader/entries/a.conf:3" */
	bool maybe;         /* it depends on something that only the boot loader knows */
};

struct cmdline {
	struct cmdline_arg *args;
	size_t count, space;
	const char *source;  /* where the whole of it comes from; NULL when unknown */
	const char *unknown; /* why nothing can be told; NULL: the rest counts */
	bool ended;          /* a ` -- ` has come: nothing more belongs to the kernel */
};

/* Never NULL; look at `unknown`, or let cmdline_find() do so. */
const struct cmdline *cmdline_running(struct host *host) __attribute__((nonnull, returns_nonnull));
const struct cmdline *cmdline_configured(struct host *host)
	__attribute__((nonnull, returns_nonnull));

/*
 * The last parameter of that name: 1 and `*ret_arg`; 0 when there is none; -1 when that cannot be
 * told, and `*ret_why` says why.
 */
int cmdline_find(struct arena *arena, const struct cmdline *cmdline, const char *name,
		 const struct cmdline_arg **ret_arg, const char **ret_why)
	__attribute__((nonnull, warn_unused_result));

/*
 * The last one whose value the kernel takes for that parameter; it ignores the others. `takes` is
 * given NULL for one without `=`. Returns like cmdline_find().
 */
int cmdline_find_if(struct arena *arena, const struct cmdline *cmdline, const char *name,
		    bool (*takes)(const char *value), const struct cmdline_arg **ret_arg,
		    const char **ret_why)
	__attribute__((nonnull(1, 2, 3, 5, 6), warn_unused_result));

/*
 * The values of all of that name, in order, "" for those without `=`. Returns like cmdline_find().
 */
int cmdline_find_all(struct arena *arena, const struct cmdline *cmdline, const char *name,
		     struct strv *ret_values, const char **ret_why)
	__attribute__((nonnull, warn_unused_result));

/*
 * Appends the parameters of a text, up to ` -- `. `maybe`: it is not known whether they are given.
 * The byte \1 stands for a part that is not known. Pure.
 */
void cmdline_parse(struct arena *arena, const char *text, const char *source, bool maybe,
		   struct cmdline *cmdline) __attribute__((nonnull));

bool cmdline_same_name(const char *a, const char *b) __attribute__((nonnull));
