/* Variables of UEFI firmware, as efivarfs shows them. */
#pragma once

#include "host/finding.h"
#include "host/host.h"

#include <stdint.h>

/* Of the UEFI specification, and of two programs that start before the kernel. */
#define EFI_GLOBAL "8be4df61-93ca-11d2-aa0d-00e098032b8c"
#define EFI_SHIM "605dab50-e046-4300-abb6-3dd810dd8b23"
#define EFI_LOADER "4a67b082-0a4c-41cf-b6c7-440b29bb8c4f"

/* Attributes of a variable; the others do not occur in those that are asked for. */
#define EFI_KEPT 1u /* NON_VOLATILE: whoever may write variables can have made it */
#define EFI_AT_BOOT 2u
#define EFI_AT_RUN 4u

struct efi_variable {
	uint32_t attributes;
	const unsigned char *data;
	size_t size;
};

/* Takes a file of efivarfs apart: 0, or -EBADMSG. The data stay where they are. Pure. */
int efi_variable_parse(const char *file, size_t size, struct efi_variable *ret_variable)
	__attribute__((nonnull, warn_unused_result));

/*
 * A flag that the firmware, or shim, keeps for the operating system: 0 or 1. -EBADMSG when it is
 * anything else; -EPERM when it is one that an operating system may have written. Pure.
 */
int efi_flag(const struct efi_variable *variable) __attribute__((nonnull));

/* The text of a variable in UCS-2, as UTF-8, control characters left out; NULL if it is none. */
const char *efi_text(struct arena *arena, const struct efi_variable *variable)
	__attribute__((nonnull));

/* "enabled", "disabled", "unvalidated" (shim does not check what it starts), "none" (no UEFI). */
struct finding secure_boot_now(struct host *host) __attribute__((nonnull));

/* "yes" or "no": anybody may enrol keys. */
struct finding setup_mode_now(struct host *host) __attribute__((nonnull));

/* "none", "firmware" (there is a TPM and its log), or "kernel" (the stub measured the kernel). */
struct finding measured_boot_now(struct host *host) __attribute__((nonnull));
