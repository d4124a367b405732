#include "host/files/file_system.h"

#include "base/str.h"

#include <stddef.h>

/* The numbers are those of linux/magic.h and, for some, of the file systems' own sources. */
static const struct file_system {
	const char *name;
	unsigned long magic; /* 0: one that another has, too */
	enum file_system_kind kind;
} table[] = {
	{"tmpfs", 0x01021994, FILE_SYSTEM_FLEETING},
	{"devtmpfs", 0, FILE_SYSTEM_FLEETING},
	{"ramfs", 0x858458f6, FILE_SYSTEM_FLEETING},
	{"overlay", 0x794c7630, FILE_SYSTEM_OVERLAY},
	{"9p", 0x01021997, FILE_SYSTEM_NETWORK},
	{"afs", 0x5346414f, FILE_SYSTEM_NETWORK},
	{"ceph", 0x00c36400, FILE_SYSTEM_NETWORK},
	{"cifs", 0xff534d42, FILE_SYSTEM_NETWORK},
	{"smb3", 0xfe534d42, FILE_SYSTEM_NETWORK},
	{"coda", 0x73757245, FILE_SYSTEM_NETWORK},
	{"fuse", 0x65735546, FILE_SYSTEM_NETWORK},
	{"fuseblk", 0, FILE_SYSTEM_NETWORK},
	{"lustre", 0x0bd00bd0, FILE_SYSTEM_NETWORK},
	{"ncpfs", 0x564c, FILE_SYSTEM_NETWORK},
	{"nfs", 0x6969, FILE_SYSTEM_NETWORK},
	{"nfs4", 0, FILE_SYSTEM_NETWORK},
	{"virtiofs", 0, FILE_SYSTEM_NETWORK},
	{"autofs", 0x0187, FILE_SYSTEM_PSEUDO},
	{"binder", 0x6c6f6f70, FILE_SYSTEM_PSEUDO},
	{"binfmt_misc", 0x42494e4d, FILE_SYSTEM_PSEUDO},
	{"bpf", 0xcafe4a11, FILE_SYSTEM_PSEUDO},
	{"cgroup", 0x0027e0eb, FILE_SYSTEM_PSEUDO},
	{"cgroup2", 0x63677270, FILE_SYSTEM_PSEUDO},
	{"configfs", 0x62656570, FILE_SYSTEM_PSEUDO},
	{"debugfs", 0x64626720, FILE_SYSTEM_PSEUDO},
	{"devpts", 0x00001cd1, FILE_SYSTEM_PSEUDO},
	{"efivarfs", 0xde5e81e4, FILE_SYSTEM_PSEUDO},
	{"fusectl", 0x65735543, FILE_SYSTEM_PSEUDO},
	{"hugetlbfs", 0x958458f6, FILE_SYSTEM_PSEUDO},
	{"mqueue", 0x19800202, FILE_SYSTEM_PSEUDO},
	{"nfsd", 0x6e667364, FILE_SYSTEM_PSEUDO},
	{"nsfs", 0x6e736673, FILE_SYSTEM_PSEUDO},
	{"proc", 0x00009fa0, FILE_SYSTEM_PSEUDO},
	{"pstore", 0x6165676c, FILE_SYSTEM_PSEUDO},
	{"resctrl", 0x07655821, FILE_SYSTEM_PSEUDO},
	{"rpc_pipefs", 0x67596969, FILE_SYSTEM_PSEUDO},
	{"securityfs", 0x73636673, FILE_SYSTEM_PSEUDO},
	{"selinuxfs", 0xf97cff8c, FILE_SYSTEM_PSEUDO},
	{"smackfs", 0x43415d53, FILE_SYSTEM_PSEUDO},
	{"sysfs", 0x62656572, FILE_SYSTEM_PSEUDO},
	{"tracefs", 0x74726163, FILE_SYSTEM_PSEUDO},
};

#define COUNT (sizeof(table) / sizeof(table[0]))

enum file_system_kind file_system_by_name(const char *name)
{
	if (str_starts(name, "fuse."))
		return FILE_SYSTEM_NETWORK;
	for (size_t i = 0; i < COUNT; i++)
		if (str_eq(table[i].name, name))
			return table[i].kind;
	return FILE_SYSTEM_LASTING;
}

enum file_system_kind file_system_by_magic(unsigned long magic, const char **ret_name)
{
	*ret_name = "";
	for (size_t i = 0; i < COUNT; i++) {
		if (!table[i].magic || table[i].magic != (magic & 0xffffffff))
			continue;
		*ret_name = table[i].name;
		return table[i].kind;
	}
	return FILE_SYSTEM_LASTING;
}
