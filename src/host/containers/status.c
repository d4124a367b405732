#include "host/containers/status.h"

#include "base/arena.h"

#include <linux/capability.h>
#include <stdlib.h>

static const char *const names[] = {
	"CHOWN",
	"DAC_OVERRIDE",
	"DAC_READ_SEARCH",
	"FOWNER",
	"FSETID",
	"KILL",
	"SETGID",
	"SETUID",
	"SETPCAP",
	"LINUX_IMMUTABLE",
	"NET_BIND_SERVICE",
	"NET_BROADCAST",
	"NET_ADMIN",
	"NET_RAW",
	"IPC_LOCK",
	"IPC_OWNER",
	"SYS_MODULE",
	"SYS_RAWIO",
	"SYS_CHROOT",
	"SYS_PTRACE",
	"SYS_PACCT",
	"SYS_ADMIN",
	"SYS_BOOT",
	"SYS_NICE",
	"SYS_RESOURCE",
	"SYS_TIME",
	"SYS_TTY_CONFIG",
	"MKNOD",
	"LEASE",
	"AUDIT_WRITE",
	"AUDIT_CONTROL",
	"SETFCAP",
	"MAC_OVERRIDE",
	"MAC_ADMIN",
	"SYSLOG",
	"WAKE_ALARM",
	"BLOCK_SUSPEND",
	"AUDIT_READ",
	"PERFMON",
	"BPF",
	"CHECKPOINT_RESTORE",
};

#define N_NAMES (sizeof(names) / sizeof(names[0]))
#define BIT(capability) (UINT64_C(1) << (capability))

const uint64_t capabilities_tight = BIT(CAP_NET_BIND_SERVICE);
const uint64_t capabilities_usual = BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) |
				    BIT(CAP_FSETID) | BIT(CAP_KILL) | BIT(CAP_SETGID) |
				    BIT(CAP_SETUID) | BIT(CAP_SETPCAP) | BIT(CAP_NET_BIND_SERVICE) |
				    BIT(CAP_NET_RAW) | BIT(CAP_SYS_CHROOT) | BIT(CAP_MKNOD) |
				    BIT(CAP_AUDIT_WRITE) | BIT(CAP_SETFCAP);
/*
 * Mounts and namespaces, code in the kernel, physical memory, and files by their handles, which
 * lead out of any mount namespace.
 */
const uint64_t capabilities_mighty = BIT(CAP_SYS_ADMIN) | BIT(CAP_SYS_MODULE) | BIT(CAP_SYS_RAWIO) |
				     BIT(CAP_DAC_READ_SEARCH) | BIT(CAP_SYS_BOOT) | BIT(CAP_BPF) |
				     BIT(CAP_MAC_ADMIN);

const char *capabilities_write(struct arena *arena, uint64_t set)
{
	struct strv list = {0};

	for (unsigned i = 0; i < 64; i++)
		if (set & BIT(i))
			strv_push(&list, arena,
				  i < N_NAMES ? names[i] : arena_printf(arena, "%u", i));
	return strv_join(&list, arena, " ");
}

/* One bit for each line that has to be there. */
enum { GOT_STATE = 1, GOT_UID = 2, GOT_PERMITTED = 4, GOT_EFFECTIVE = 8, GOT_BOUNDING = 16 };
#define GOT_ALL 31

static bool take_set(const char *value, uint64_t *set)
{
	char *end;

	*set = strtoull(value, &end, 16);
	return end != value && !*end;
}

/* Four numbers. */
static bool take_uids(const char *value, unsigned uid[4])
{
	for (unsigned i = 0; i < 4; i++) {
		char *end;

		uid[i] = (unsigned)strtoul(value, &end, 10);
		if (end == value)
			return false;
		value = end;
	}
	return true;
}

static unsigned take_line(struct arena *arena, const char *key, char *value, struct status *status)
{
	if (str_eq(key, "Name"))
		status->name = arena_strdup(arena, value);
	else if (str_eq(key, "Seccomp"))
		status->seccomp = (int)strtol(value, NULL, 10);
	else if (str_eq(key, "VmSize"))
		status->kernel = false;
	else if (str_eq(key, "NoNewPrivs"))
		status->no_new_privs = str_eq(value, "1");
	else if (str_eq(key, "CapAmb"))
		(void)!take_set(value, &status->ambient);
	if (str_eq(key, "State")) {
		status->ended = *value == 'Z' || *value == 'X';
		return GOT_STATE;
	}
	if (str_eq(key, "CapPrm"))
		return take_set(value, &status->permitted) ? GOT_PERMITTED : 0;
	if (str_eq(key, "CapEff"))
		return take_set(value, &status->effective) ? GOT_EFFECTIVE : 0;
	if (str_eq(key, "CapBnd"))
		return take_set(value, &status->bounding) ? GOT_BOUNDING : 0;
	if (str_eq(key, "Uid"))
		return take_uids(value, status->uid) ? GOT_UID : 0;
	return 0;
}

bool status_parse(struct arena *arena, char *text, struct status *ret_status)
{
	struct status status = {.name = "", .kernel = true};
	unsigned got = 0;
	char *line;

	while ((line = str_next_line(&text))) {
		char *colon = strchr(line, ':');

		if (!colon)
			continue;
		*colon = '\0';
		got |= take_line(arena, line, str_trim(colon + 1), &status);
	}
	if (got != GOT_ALL)
		return false;
	*ret_status = status;
	return true;
}

/* Types of SELinux that are held back from nothing that matters, on the systems that are known. */
static const char *const free_types[] = {
	"unconfined_t",
	"spc_t",
	"unconfined_service_t",
	"container_runtime_t",
	"initrc_t",
	"init_t",
	"kernel_t",
	"super_t",
	"docker_t",
	"crio_t",
};

static enum confinement judge_selinux(const char *label)
{
	const char *type = strchr(strchr(label, ':') + 1, ':') + 1;
	size_t length = strcspn(type, ":");

	for (size_t i = 0; i < sizeof(free_types) / sizeof(free_types[0]); i++)
		if (strlen(free_types[i]) == length && !strncmp(type, free_types[i], length))
			return UNCONFINED;
	return CONFINED;
}

enum confinement label_judge(const char *label)
{
	const char *colon = strchr(label, ':');

	if (!*label)
		return NO_LABEL;
	if (str_eq(label, "unconfined") || str_ends(label, " (complain)") ||
	    str_ends(label, " (unconfined)"))
		return UNCONFINED;
	if (str_ends(label, " (enforce)") || str_ends(label, " (kill)") ||
	    str_ends(label, " (prompt)") || str_ends(label, " (user)"))
		return CONFINED;
	if (colon && strchr(colon + 1, ':'))
		return judge_selinux(label);
	return ODD_LABEL;
}
