/*
 * What an os-profile tells the lower layers about an operating system. Plain data: policy/ fills it
 * in, host/ and probes/ read it. All zero is a host of which nothing is known.
 */
#pragma once

#include "base/str.h"

#include <stdbool.h>

/* How a vendor's copy of /etc relates to the /etc that lies in an image. */
enum lower_etc {
	LOWER_NONE,
	LOWER_OVERLAY,    /* it lies below /etc as in overlayfs, whiteouts included (Flatcar) */
	LOWER_IF_MISSING, /* it becomes /etc where there is none yet (ostree, Bottlerocket) */
};

/* A value that an os-profile states for a key; a list ends with a NULL key. */
struct os_value {
	const char *key;
	const char *value;
	const char *note;   /* who writes it, or why it is so; may be NULL */
	const char *origin; /* "os-profiles/x.ini:12" */
};

/* A growing list of them. */
struct os_values {
	struct os_value *at;
	size_t count;
};

struct os {
	const char *id, *title;
	struct strv traits; /* usr-verity, etc-rendered, no-packages, no-shell, … */
	struct strv roles;  /* kubernetes-node, container-router, … */
	enum lower_etc lower_mode;
	const char *lower_etc; /* "/usr/share/flatcar/etc" */
	struct strv persists;  /* path prefixes that outlive a reboot; "none"; empty: all */
	struct strv arguments; /* where the kernel command line comes from, "PATH[:VARIABLE]" */
	struct strv targets;   /* units that programs start at boot, besides default.target */
	struct strv kconfig;   /* files with the kernel's configuration, globs allowed */
	struct strv accounts;  /* directories with passwd and group beside /etc */
	struct os_values sysctl_default; /* the kernel's own value where no file sets a key */
	struct os_values written_by;     /* keys that a program sets at boot, with the value */
	struct os_values known_mounts;   /* mount point = type options, of which no file tells */
	struct os_values support_end;    /* glob of VERSION_ID = day until which it is supported */
};

/* The last value stated for a key, or NULL. */
const struct os_value *os_value_find(const struct os_values *values, const char *key)
	__attribute__((nonnull));
