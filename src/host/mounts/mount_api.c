#include "host/mounts/mount_api.h"

#include "base/str.h"

#include <stddef.h>

/* As of systemd 252. What depends on the hardware (efivars) or on the LSM (smackfs) is not here. */
static const struct mount_api mounts[] = {
	{"/proc", "proc", "nosuid,nodev,noexec"},
	{"/sys", "sysfs", "nosuid,nodev,noexec"},
	{"/dev", "devtmpfs", "nosuid,strictatime,mode=755"},
	{"/dev/shm", "tmpfs", "nosuid,nodev,strictatime"},
	{"/dev/pts", "devpts", "nosuid,noexec,gid=5,mode=620"},
	{"/run", "tmpfs", "nosuid,nodev,strictatime,mode=755"},
	{"/sys/kernel/security", "securityfs", "nosuid,nodev,noexec"},
	{"/sys/fs/cgroup", "cgroup2", "nosuid,nodev,noexec,nsdelegate,memory_recursiveprot"},
	{"/sys/fs/pstore", "pstore", "nosuid,nodev,noexec"},
	{"/sys/fs/bpf", "bpf", "nosuid,nodev,noexec,mode=700"},
};

const struct mount_api *mount_api(const char *path)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++)
		if (str_eq(mounts[i].path, path))
			return &mounts[i];
	return NULL;
}
