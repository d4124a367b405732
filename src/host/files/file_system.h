/* Kinds of file systems: which of them a search of the host's own files looks into. Pure. */
#pragma once

enum file_system_kind {
	FILE_SYSTEM_LASTING,  /* on a disk: what lies there is there after the next boot */
	FILE_SYSTEM_FLEETING, /* in memory */
	FILE_SYSTEM_OVERLAY,  /* the host's own, or a container's */
	FILE_SYSTEM_NETWORK,  /* another machine's, or a program's */
	FILE_SYSTEM_PSEUDO,   /* the kernel's: no files are kept there */
};

/* By the name that mountinfo has, or by the number of statfs(2). Unknown ones are lasting. */
enum file_system_kind file_system_by_name(const char *name) __attribute__((nonnull));
enum file_system_kind file_system_by_magic(unsigned long magic, const char **ret_name)
	__attribute__((nonnull));
