/* What extended attributes say of a file: ACLs, capabilities, the label of SELinux. */
#pragma once

#include "host/host.h"

#include <stdint.h>

/* Each follows symbolic links. Attributes that a file system does not have are absent. */

/*
 * Are there access rights beyond the mode: for named users or groups, or a default for new files?
 */
int xattrs_acl(struct host *host, const char *path, bool *ret_acl)
	__attribute__((nonnull, warn_unused_result));

/* As getcap prints them: "cap_net_admin,cap_net_raw=ep"; NULL without any. */
int xattrs_capabilities(struct host *host, const char *path, const char **ret_text)
	__attribute__((nonnull, warn_unused_result));

/* "system_u:object_r:etc_t:s0"; NULL without one. */
int xattrs_label(struct host *host, const char *path, const char **ret_label)
	__attribute__((nonnull, warn_unused_result));

/* Parses the kernel's form of an ACL. -EPROTO for one that is not known. Pure. */
int acl_parse(const uint8_t *data, size_t size, bool *ret_extended)
	__attribute__((nonnull, warn_unused_result));

/* Parses the kernel's form of a file's capabilities. -EPROTO for one that is not known. Pure. */
int capabilities_parse(struct arena *arena, const uint8_t *data, size_t size, const char **ret_text)
	__attribute__((nonnull, warn_unused_result));

/* "cap_net_raw", or a number that has no name yet. Pure. */
const char *capability_name(struct arena *arena, unsigned number)
	__attribute__((nonnull, returns_nonnull));
