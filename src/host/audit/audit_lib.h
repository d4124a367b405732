/*
 * What only libaudit knows: the numbers of syscalls, fields and messages by their names, and the
 * way to the kernel's audit over netlink. None of it asks for accounts, or prints.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Each gives the number of a name, or -1. */
int audit_lib_list(const char *name) __attribute__((nonnull));
int audit_lib_field(const char *name) __attribute__((nonnull));
int audit_lib_message(const char *name) __attribute__((nonnull));
int audit_lib_file_type(const char *name) __attribute__((nonnull));
int audit_lib_file_system(const char *name) __attribute__((nonnull));
int audit_lib_syscall(const char *name, uint32_t elf) __attribute__((nonnull));

/* The number of an error: 13 for "EACCES", -13 for "-EACCES"; 0 if there is none of that name. */
int audit_lib_errno(const char *name) __attribute__((nonnull));

/*
 * The architecture as the kernel's audit has it (AUDIT_ARCH_…) of a name such as "x86_64", of the
 * machine that hostaudit runs on, and of its 32-bit sister; 0 where there is none.
 */
uint32_t audit_lib_arch(const char *name) __attribute__((nonnull));
uint32_t audit_lib_this_arch(void);

/* Is there a table of syscalls for an architecture? */
int audit_lib_knows(uint32_t elf);

/*
 * Sends a request without contents (AUDIT_GET, AUDIT_LIST_RULES) to the kernel, and hands out each
 * answer of that type. Returns 0 or a negative errno: -EPERM without CAP_AUDIT_CONTROL,
 * -ECONNREFUSED where audit is switched off for good or the asker is in a user namespace,
 * -EPROTONOSUPPORT where the kernel has no audit, -ETIMEDOUT.
 */
int audit_lib_ask(uint16_t request, void (*answer)(void *data, const void *message, size_t size),
		  void *data) __attribute__((nonnull, warn_unused_result));
