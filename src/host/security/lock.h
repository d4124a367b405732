/* What keeps others' code out of the kernel, and what it is given to begin with. */
#pragma once

#include "host/finding.h"
#include "host/host.h"

/* "enforced", "checked" (and others are loaded all the same), "none", or "no-modules". */
struct finding module_signatures_now(struct host *host) __attribute__((nonnull));
struct finding module_signatures_next(struct host *host) __attribute__((nonnull));

/* "allowed", "signed" (only such kernels), "disabled", or "absent" from the kernel. */
struct finding kexec_now(struct host *host) __attribute__((nonnull));
struct finding kexec_next(struct host *host) __attribute__((nonnull));

/* "allowed", "disabled" or "absent". */
struct finding hibernation_now(struct host *host) __attribute__((nonnull));
struct finding hibernation_next(struct host *host) __attribute__((nonnull));

/* "enabled" or "disabled". */
struct finding fips_now(struct host *host) __attribute__((nonnull));
struct finding fips_next(struct host *host) __attribute__((nonnull));

/* Bits that the kernel's random numbers had to begin with; 256 are all. */
struct finding entropy_now(struct host *host) __attribute__((nonnull));

/* "yes" or "no": is what the processor, or the boot loader, gives at boot taken for random? */
struct finding trust_cpu_now(struct host *host) __attribute__((nonnull));
struct finding trust_cpu_next(struct host *host) __attribute__((nonnull));
struct finding trust_loader_now(struct host *host) __attribute__((nonnull));
struct finding trust_loader_next(struct host *host) __attribute__((nonnull));

/* "yes" or "no": is the file system of this path, "/" or "/usr", verified by dm-verity? */
struct finding verity_now(struct host *host, const char *path) __attribute__((nonnull));

/* "yes" where a root hash is among the arguments; nothing where none is. */
struct finding verity_next(struct host *host, const char *path) __attribute__((nonnull));
