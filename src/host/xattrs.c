#include "host/xattrs.h"

#include "host/resolve.h"

#include <endian.h>
#include <errno.h>
#include <linux/capability.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <linux/xattr.h>
#include <sys/xattr.h>

/* An attribute of a file may be that large: XATTR_SIZE_MAX of the kernel. */
#define LARGEST 65536

/* Numbers are their place. Newer ones than the last are told by number. */
static const char *const names[] = {
	"chown",
	"dac_override",
	"dac_read_search",
	"fowner",
	"fsetid",
	"kill",
	"setgid",
	"setuid",
	"setpcap",
	"linux_immutable",
	"net_bind_service",
	"net_broadcast",
	"net_admin",
	"net_raw",
	"ipc_lock",
	"ipc_owner",
	"sys_module",
	"sys_rawio",
	"sys_chroot",
	"sys_ptrace",
	"sys_pacct",
	"sys_admin",
	"sys_boot",
	"sys_nice",
	"sys_resource",
	"sys_time",
	"sys_tty_config",
	"mknod",
	"lease",
	"audit_write",
	"audit_control",
	"setfcap",
	"mac_override",
	"mac_admin",
	"syslog",
	"wake_alarm",
	"block_suspend",
	"audit_read",
	"perfmon",
	"bpf",
	"checkpoint_restore",
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

/* Reads an attribute. Returns its size, 0 without it, or a negative errno. */
static ssize_t get(struct host *host, const char *path, const char *name, uint8_t *value)
{
	cleanup(node) struct node node = NODE_NONE;
	char link[32];
	ssize_t size;
	int error;

	error = host_resolve(host, path, true, &node);
	if (!error)
		error = host_name_fd(host, node.fd, link);
	if (error)
		return error;
	size = getxattr(link, name, value, LARGEST);
	if (size < 0)
		return errno == ENODATA || errno == EOPNOTSUPP ? 0 : -errno;
	return size ? size : -EPROTO;
}

static uint32_t number_at(const uint8_t *data)
{
	uint32_t number;

	memcpy(&number, data, sizeof(number));
	return le32toh(number);
}

int acl_parse(const uint8_t *data, size_t size, bool *ret_extended)
{
	const size_t header = sizeof(struct posix_acl_xattr_header);
	const size_t entry = sizeof(struct posix_acl_xattr_entry);

	if (size < header || number_at(data) != POSIX_ACL_XATTR_VERSION || (size - header) % entry)
		return -EPROTO;
	/* Three entries are what the mode says: owner, group, others. */
	*ret_extended = (size - header) / entry > 3;
	return 0;
}

int xattrs_acl(struct host *host, const char *path, bool *ret_acl)
{
	uint8_t value[LARGEST];
	ssize_t size = get(host, path, XATTR_NAME_POSIX_ACL_DEFAULT, value);

	if (size < 0)
		return (int)size;
	if (size) {
		*ret_acl = true;
		return 0;
	}
	size = get(host, path, XATTR_NAME_POSIX_ACL_ACCESS, value);
	if (size < 0)
		return (int)size;
	if (size)
		return acl_parse(value, (size_t)size, ret_acl);
	*ret_acl = false;
	return 0;
}

const char *capability_name(struct arena *arena, unsigned number)
{
	if (number < N_NAMES)
		return arena_printf(arena, "cap_%s", names[number]);
	return arena_printf(arena, "%u", number);
}

/* The capabilities that are in these sets and in no other: "cap_net_raw=ep". */
static void describe_group(struct arena *arena, uint64_t group, const char *sets,
			   struct strv *words)
{
	const uint64_t all = (1ull << N_NAMES) - 1;
	struct strv found = {0};

	if (group == all)
		strv_push(words, arena, arena_printf(arena, "=%s", sets));
	for (unsigned i = 0; i < 64 && group != all; i++)
		if (group & 1ull << i)
			strv_push(&found, arena, capability_name(arena, i));
	if (found.count)
		strv_push(words, arena,
			  arena_printf(arena, "%s=%s", strv_join(&found, arena, ","), sets));
}

static size_t capabilities_size(uint32_t revision)
{
	switch (revision) {
	case VFS_CAP_REVISION_1:
		return XATTR_CAPS_SZ_1;
	case VFS_CAP_REVISION_2:
		return XATTR_CAPS_SZ_2;
	case VFS_CAP_REVISION_3:
		return XATTR_CAPS_SZ_3;
	default:
		return 0;
	}
}

int capabilities_parse(struct arena *arena, const uint8_t *data, size_t size, const char **ret_text)
{
	uint32_t magic = size >= sizeof(magic) ? number_at(data) : 0;
	uint32_t revision = magic & VFS_CAP_REVISION_MASK;
	bool effective = magic & VFS_CAP_FLAGS_EFFECTIVE;
	uint64_t permitted, inheritable;
	struct strv words = {0};

	if (!revision || size != capabilities_size(revision))
		return -EPROTO;
	permitted = number_at(data + 4);
	inheritable = number_at(data + 8);
	if (revision != VFS_CAP_REVISION_1) {
		permitted |= (uint64_t)number_at(data + 12) << 32;
		inheritable |= (uint64_t)number_at(data + 16) << 32;
	}
	describe_group(arena, permitted & ~inheritable, effective ? "ep" : "p", &words);
	describe_group(arena, permitted & inheritable, effective ? "eip" : "ip", &words);
	describe_group(arena, inheritable & ~permitted, effective ? "ei" : "i", &words);
	if (!words.count)
		strv_push(&words, arena, "=");
	if (revision == VFS_CAP_REVISION_3 && number_at(data + 20))
		strv_push(&words, arena, arena_printf(arena, "[rootid=%u]", number_at(data + 20)));
	*ret_text = strv_join(&words, arena, " ");
	return 0;
}

int xattrs_capabilities(struct host *host, const char *path, const char **ret_text)
{
	uint8_t value[LARGEST];
	ssize_t size = get(host, path, XATTR_NAME_CAPS, value);

	if (size < 0)
		return (int)size;
	if (size)
		return capabilities_parse(host->arena, value, (size_t)size, ret_text);
	*ret_text = NULL;
	return 0;
}

int xattrs_label(struct host *host, const char *path, const char **ret_label)
{
	uint8_t value[LARGEST];
	ssize_t size = get(host, path, XATTR_NAME_SELINUX, value);

	if (size < 0)
		return (int)size;
	while (size && !value[size - 1])
		size--;
	if (memchr(value, '\0', (size_t)size))
		return -EILSEQ;
	*ret_label = size ? arena_strndup(host->arena, (const char *)value, (size_t)size) : NULL;
	return 0;
}
