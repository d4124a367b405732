/*
 * Which security modules (LSM) a kernel starts, as security/security.c has it since Linux 5.1: from
 * what was built in, the list in CONFIG_LSM, and the arguments lsm=, security=, selinux=, apparmor=
 * and lockdown=. Pure.
 */
#pragma once

#include "host/boot/cmdline.h"
#include "host/finding.h"
#include "host/kernel/kconfig.h"

struct lsm_boot {
	struct arena *arena;
	const struct kconfig *kconfig;
	const struct cmdline *cmdline;
	enum { FIRMWARE_UNKNOWN, FIRMWARE_OPEN, FIRMWARE_SECURE } firmware; /* Secure Boot */
};

/* Is it one of the modules that can be asked for? */
bool lsm_is_module(const char *name) __attribute__((nonnull));

/* "enabled" or "disabled". */
struct finding lsm_boot_module(const struct lsm_boot *boot, const char *name)
	__attribute__((nonnull));

/* "none", "integrity" or "confidentiality". */
struct finding lsm_boot_lockdown(const struct lsm_boot *boot) __attribute__((nonnull));

/* Is the symbol set to y? 1, 0, or -1 with the reason. */
int lsm_boot_symbol(const struct lsm_boot *boot, const char *symbol, const char **ret_why)
	__attribute__((nonnull));
