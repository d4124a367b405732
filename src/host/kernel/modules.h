/*
 * Kernel modules as the directory of a kernel tells of them (/usr/lib/modules/VERSION, made by
 * depmod and the kernel's build), and those that are loaded now.
 */
#pragma once

#include "host/host.h"

/* A sorted list of module names, in which dashes are underscores. */
struct module_list {
	const char *source; /* the file it comes from; NULL when no such file is there */
	int error;          /* negative errno: why the names are not known; -ENOENT: no such file */
	struct strv names;
};

bool module_list_has(const struct module_list *list, const char *name) __attribute__((nonnull));

/* Appends the names in modules.dep, modules.order or modules.builtin, and sorts. Pure. */
void module_list_parse(struct arena *arena, char *text, struct module_list *list)
	__attribute__((nonnull));

struct modalias_table;

/* One kernel. */
struct kernel {
	const char *dir;            /* "/usr/lib/modules/6.1.0-18-amd64"; NULL when there is none */
	int error;                  /* why no directory could be found: negative errno, -ENOENT */
	struct module_list built;   /* as modules: they can be loaded */
	struct module_list builtin; /* into the kernel itself */
	struct modalias_table *aliases; /* filled on first use */
};

/* The kernel that will boot: of several the one with the highest version. Never NULL. */
const struct kernel *kernel_next(struct host *host) __attribute__((nonnull, returns_nonnull));

/* The kernel that runs; its `error` is -ENODEV for an image. Never NULL. */
const struct kernel *kernel_running(struct host *host) __attribute__((nonnull, returns_nonnull));

/* What /proc/modules says: empty where the kernel loads no modules at all. Never NULL. */
const struct module_list *modules_loaded(struct host *host)
	__attribute__((nonnull, returns_nonnull));

/*
 * The modules that answer to an alias, those in the kernel itself included, by the kernel's own
 * lists (not modprobe.d). Dashes are underscores. Returns 0, perhaps with an empty list, or a
 * negative errno where it is not known: -ENOENT when there are no such lists.
 */
int kernel_alias(struct host *host, const struct kernel *kernel, const char *alias,
		 struct strv *ret_modules) __attribute__((nonnull, warn_unused_result));
