/* The security modules of the host: now, and after the next boot. */
#pragma once

#include "host/finding.h"
#include "host/host.h"

/* "enabled" or "disabled", of a module that lsm_is_module() knows. */
struct finding lsm_module_now(struct host *host, const char *name) __attribute__((nonnull));
struct finding lsm_module_next(struct host *host, const char *name) __attribute__((nonnull));

/* "enforcing", "permissive" or "disabled". */
struct finding selinux_now(struct host *host) __attribute__((nonnull));
struct finding selinux_next(struct host *host) __attribute__((nonnull));

/* The type of the policy that is loaded at boot; nothing without a configuration. */
struct finding selinux_policy_next(struct host *host) __attribute__((nonnull));

/* "none", "integrity" or "confidentiality". */
struct finding lockdown_now(struct host *host) __attribute__((nonnull));
struct finding lockdown_next(struct host *host) __attribute__((nonnull));

/* The scope of ptrace, 0 to 3; without the module, 0. */
struct finding yama_now(struct host *host) __attribute__((nonnull));
struct finding yama_next(struct host *host) __attribute__((nonnull));

/* How many profiles of AppArmor are in that mode; of any mode for NULL. */
struct finding apparmor_profiles_now(struct host *host, const char *mode)
	__attribute__((nonnull(1)));

/*
 * Counts the profiles of a mode in the text of apparmor/profiles, or all for NULL: 0, or -EBADMSG
 * when a line is none of a profile. `text` is cut up. Pure.
 */
int apparmor_count(char *text, const char *mode, size_t *ret_count) __attribute__((nonnull(1, 3)));
