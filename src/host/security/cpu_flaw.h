/* Known flaws of processors: what the kernel says of each, and what switches mitigations off. */
#pragma once

#include "host/boot/cmdline.h"
#include "host/finding.h"
#include "host/kernel/kconfig.h"

/* Is it the name of one, as sysfs has it? `-` and `_` are alike. */
bool cpu_flaw_is_known(const char *name) __attribute__((nonnull));

/* The names of those that the running kernel tells of: 0, or a negative errno. */
int cpu_flaw_list(struct host *host, struct strv *ret_names) __attribute__((nonnull));

/* The names of those that arguments are known for. */
void cpu_flaw_known(struct arena *arena, struct strv *ret_names) __attribute__((nonnull));

/* The sentence of the running kernel on a flaw. */
struct finding cpu_flaw_text(struct host *host, const char *name) __attribute__((nonnull));

/*
 * From that sentence, "not-affected", "mitigated", "partly" (mitigated, but something in it is
 * still vulnerable) or "vulnerable"; NULL where the kernel does not know it itself. Pure.
 */
const char *cpu_flaw_state(const char *text) __attribute__((nonnull));

/*
 * Does an argument, or the kernel's build, switch the mitigation of a flaw off? "yes", "no", or why
 * that cannot be told. Pure.
 */
struct finding cpu_flaw_switched_off(struct arena *arena, const struct kconfig *kconfig,
				     const struct cmdline *cmdline, const char *name)
	__attribute__((nonnull));
