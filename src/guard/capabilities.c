/* capabilities(7), by the two system calls: a library for them is more than they are. */
#include "guard/parts.h"

#include "base/arena.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Why each one is kept. The manual page has the same list. */
static const struct kept {
	int capability;
	const char *name;
	enum { ALWAYS, FOR_HOSTS, FOR_WRITING, FOR_CHANGES } when;
} kept[] = {
	/* Files that only their owner may read: shadow, host keys. */
	{CAP_DAC_READ_SEARCH, "dac_read_search", ALWAYS},
	/*
	 * The marks of overlayfs (trusted.*) that decide which half of an image's /etc shows; and
	 * sysctls that the kernel hides from others (net.core.bpf_jit_harden). What else one
	 * could do with it (mounts, namespaces, bpf, host names) the system call filter refuses.
	 */
	{CAP_SYS_ADMIN, "sys_admin", ALWAYS},
	/* The kernel tells of its audit rules and settings only to those that may change them. */
	{CAP_AUDIT_CONTROL, "audit_control", FOR_HOSTS},
	/* The rules of the packet filter, likewise. */
	{CAP_NET_ADMIN, "net_admin", FOR_HOSTS},
	/* A report that goes into somebody else's directory. */
	{CAP_DAC_OVERRIDE, "dac_override", FOR_WRITING},
	/* What is put in place has the owner, mode and attributes of what was there. */
	{CAP_CHOWN, "chown", FOR_CHANGES},
	{CAP_FOWNER, "fowner", FOR_CHANGES},
	{CAP_FSETID, "fsetid", FOR_CHANGES},
	{CAP_SETFCAP, "setfcap", FOR_CHANGES},
};

static bool is_needed(const struct kept *kept_, const struct guard_request *request)
{
	switch (kept_->when) {
	case ALWAYS:
		return true;
	case FOR_HOSTS:
		return !request->image;
	case FOR_WRITING:
		return request->writable.count || request->changed.count;
	case FOR_CHANGES:
		return request->changed.count;
	}
	return false;
}

/* The kernel takes the 64 bits in two halves. */
static void set_bit(struct __user_cap_data_struct data[2], int capability)
{
	data[CAP_TO_INDEX(capability)].effective |= CAP_TO_MASK(capability);
	data[CAP_TO_INDEX(capability)].permitted |= CAP_TO_MASK(capability);
}

static bool has_bit(const struct __user_cap_data_struct data[2], int capability)
{
	return data[CAP_TO_INDEX(capability)].effective & CAP_TO_MASK(capability);
}

int guard_capabilities(struct arena *arena, const struct guard_request *request,
		       const char **ret_kept)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct had[2] = {0}, wanted[2] = {0};
	struct strv names = {0};

	if (syscall(SYS_capget, &header, had))
		return -errno;
	for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
		if (!is_needed(&kept[i], request) || !has_bit(had, kept[i].capability))
			continue;
		set_bit(wanted, kept[i].capability);
		strv_push(&names, arena, kept[i].name);
	}
	if (syscall(SYS_capset, &header, wanted))
		return -errno;
	*ret_kept = strv_join(&names, arena, " ");
	return 0;
}

int guard_capabilities_peer(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct had[2] = {0}, wanted[2] = {0};

	if (syscall(SYS_capget, &header, had))
		return -errno;
	if (has_bit(had, CAP_SYS_PTRACE))
		set_bit(wanted, CAP_SYS_PTRACE);
	return syscall(SYS_capset, &header, wanted) ? -errno : 0;
}
