/*
 * The kernel's parameters, running and configured. What the next boot will write comes, the later
 * the stronger, from the kernel's own value (known from the os-profile), kernel arguments
 * (`sysctl.KEY=VALUE`), sysctl.d, and the programs that the os-profile names as writers.
 */
#pragma once

#include "host/host.h"
#include "host/kernel/sysctl_boot.h"

/* Now, on the live host. SYSCTL_UNSET is never the answer. */
void sysctl_running(struct host *host, const char *path, struct sysctl_value *ret_value)
	__attribute__((nonnull));

/* After the next boot. SYSCTL_UNSET is never the answer. */
void sysctl_configured(struct host *host, const char *path, struct sysctl_value *ret_value)
	__attribute__((nonnull));

/* The lines of sysctl.d, for whoever has to know which keys they name. */
const struct sysctl_stack *sysctl_files(struct host *host)
	__attribute__((nonnull, returns_nonnull));

/*
 * The interfaces that have their own copy of a key below net/FAMILY/conf, `default` among them,
 * without `all` and the loopback. Configured, those that files name, patterns included: "eth*"
 * stands for an interface that it matches and that no file names.
 */
struct sysctl_interface {
	const char *family; /* "ipv4" or "ipv6" */
	const char *key;
	bool running;     /* or configured */
	const char *name; /* only for sysctl_in_force() */
};
int sysctl_interfaces(struct host *host, const struct sysctl_interface *of, struct strv *ret_names)
	__attribute__((nonnull, warn_unused_result));

/*
 * What is in force on one: its own value and that of `all`, as the kernel combines them for the
 * key.
 */
void sysctl_in_force(struct host *host, const struct sysctl_interface *interface,
		     struct sysctl_value *ret_value) __attribute__((nonnull));
