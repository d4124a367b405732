#include "host/kernel/sysctl_boot.h"

#include "base/arena.h"
#include "base/str.h"

#define IP_FORWARD "net/ipv4/ip_forward"
#define ALL_FORWARDING "net/ipv4/conf/all/forwarding"
#define ALL_FORWARDING6 "net/ipv6/conf/all/forwarding"
#define ALL_DISABLE6 "net/ipv6/conf/all/disable_ipv6"

#define N(array) (sizeof(array) / sizeof((array)[0]))

/*
 * What the kernel takes for a key; anything else is refused with EINVAL, and then the key keeps
 * the value it had. Only keys that decide something about security and have bounds.
 */
static const struct bounds {
	const char *path;
	long long least, most;
} bounds[] = {
	{"fs/protected_fifos", 0, 2},
	{"fs/protected_hardlinks", 0, 1},
	{"fs/protected_regular", 0, 2},
	{"fs/protected_symlinks", 0, 1},
	{"fs/suid_dumpable", 0, 2},
	{"kernel/dmesg_restrict", 0, 1},
	{"kernel/kexec_load_disabled", 1, 1},
	{"kernel/kptr_restrict", 0, 2},
	{"kernel/modules_disabled", 1, 1},
	{"kernel/unprivileged_bpf_disabled", 0, 2},
	{"kernel/yama/ptrace_scope", 0, 3},
	{"net/core/bpf_jit_enable", 0, 2},
	{"net/core/bpf_jit_harden", 0, 2},
	{"vm/overcommit_memory", 0, 2},
	{"vm/panic_on_oom", 0, 2},
	{"vm/unprivileged_userfaultfd", 0, 1},
};

/* Keys that hold text, which may be empty; for all others an empty value is refused. */
static const char *const texts[] = {
	"kernel/core_pattern", "kernel/domainname", "kernel/hostname",
	"kernel/hotplug",      "kernel/modprobe",   "kernel/poweroff_cmd",
};

/* The name of an interface or "all", "default", in net/FAMILY/conf/NAME/KEY. */
static const char *interface_key(const char *path, const char *family)
{
	size_t length;

	if (!str_starts(path, family))
		return NULL;
	path += strlen(family);
	length = strcspn(path, "/");
	return path[length] && !(length == 3 && !strncmp(path, "all", 3)) ? path + length + 1
									  : NULL;
}

/*
 * Writing these sets the keys of all interfaces at once (devinet.c and addrconf.c of the kernel).
 */
static void find_forced(struct sysctl_boot *boot, const char *path)
{
	const char *key4 = interface_key(path, "net/ipv4/conf/");
	const char *key6 = interface_key(path, "net/ipv6/conf/");

	if (str_eq(path, "net/ipv4/conf/all/accept_redirects")) {
		boot->forced[0] = IP_FORWARD;
		boot->forced[1] = ALL_FORWARDING;
		boot->forced_negated = true;
	} else if (key4 && str_eq(key4, "forwarding")) {
		boot->forced[0] = IP_FORWARD;
		boot->forced[1] = ALL_FORWARDING;
	} else if (key6 && str_eq(key6, "forwarding")) {
		boot->forced[0] = ALL_FORWARDING6;
	} else if (key6 && str_eq(key6, "disable_ipv6")) {
		boot->forced[0] = ALL_DISABLE6;
	}
}

const char *sysctl_inherits(struct arena *arena, const char *path)
{
	/* Those that devinet_conf_proc() of the kernel does not handle. */
	static const char *const others[] = {
		"disable_policy", "disable_xfrm",   "drop_unicast_in_l2_multicast",
		"forwarding",     "route_localnet", "promote_secondaries",
	};
	const char *key = interface_key(path, "net/ipv4/conf/");

	if (!key || str_starts(path, "net/ipv4/conf/default/"))
		return NULL;
	for (size_t i = 0; i < N(others); i++)
		if (str_eq(others[i], key))
			return NULL;
	return arena_printf(arena, "net/ipv4/conf/default/%s", key);
}

void sysctl_boot_start(struct arena *arena, const char *path, struct sysctl_boot *ret_boot)
{
	*ret_boot = (struct sysctl_boot){.arena = arena, .names = {path}};
	if (str_eq(path, IP_FORWARD))
		ret_boot->names[1] = ALL_FORWARDING;
	else if (str_eq(path, ALL_FORWARDING))
		ret_boot->names[1] = IP_FORWARD;
	find_forced(ret_boot, path);
	if (str_starts(path, "net/ipv4/conf/lo/"))
		ret_boot->overtaking = sysctl_inherits(arena, path);
	else if (interface_key(path, "net/ipv4/conf/") || interface_key(path, "net/ipv6/conf/"))
		ret_boot->by_udev = !strstr(path, "/conf/default/") && !strstr(path, "/conf/lo/");
}

static void set_unknown(struct sysctl_boot *boot, const char *reason, const char *source)
{
	boot->value = (struct sysctl_value){SYSCTL_UNKNOWN, NULL, source, reason};
}

/* Why the kernel does not take a value, or NULL. */
static const char *refusal(struct arena *arena, const char *path, const char *value)
{
	long long number;
	bool is_number = !str_to_number(value, &number) && *value != '+';

	for (size_t i = 0; i < N(bounds); i++)
		if (str_eq(bounds[i].path, path) &&
		    !(is_number && number >= bounds[i].least && number <= bounds[i].most))
			return arena_printf(arena, "the kernel refuses '%s' here", value);
	if (*value)
		return NULL;
	for (size_t i = 0; i < N(texts); i++)
		if (str_eq(texts[i], path))
			return NULL;
	return "it is given no value, which the kernel refuses for numbers";
}

static void set(struct sysctl_boot *boot, const struct sysctl_entry *entry)
{
	const char *reason = refusal(boot->arena, boot->names[0], entry->value);

	boot->by_name = true;
	if (reason)
		set_unknown(boot, reason, entry->source);
	else
		boot->value = (struct sysctl_value){SYSCTL_SET, entry->value, entry->source, NULL};
}

/* Another parameter is written that changes this one. */
static void force(struct sysctl_boot *boot, const struct sysctl_entry *entry)
{
	long long number;
	bool on;

	if (str_to_number(entry->value, &number)) {
		set_unknown(boot, "a write to forwarding that is no number changes it",
			    entry->source);
		return;
	}
	/* systemd-sysctl does not write what is there already. */
	if (number == boot->forcing)
		return;
	boot->forcing = number;
	on = boot->forced_negated ? !number : number != 0;
	if (boot->by_udev && boot->by_name &&
	    !str_eq(boot->value.value ? boot->value.value : "", on ? "1" : "0"))
		set_unknown(boot, "udev writes it as well, before or after this", entry->source);
	else
		boot->value = (struct sysctl_value){SYSCTL_SET, on ? "1" : "0", entry->source,
						    NULL};
}

static bool has_effects(const struct sysctl_boot *boot)
{
	return boot->names[1] || boot->forced[0] || boot->overtaking;
}

/*
 * What is there already is not written, and so does not protect the interface from a default that
 * comes later. udev has the values of an interface written once more, except those of the loopback.
 */
static void overtake(struct sysctl_boot *boot, const struct sysctl_entry *entry)
{
	if (boot->value.state == SYSCTL_SET && !str_eq(boot->value.value, entry->value))
		set_unknown(boot, "a later default is taken over if this was the value before",
			    boot->value.source);
}

void sysctl_boot_write(struct sysctl_boot *boot, const struct sysctl_stack *stack,
		       const struct sysctl_entry *entry)
{
	for (const char *const *name = boot->names; *name; name++) {
		int writes = sysctl_entry_writes(stack, entry, *name);

		if (writes < 0)
			set_unknown(boot, "a pattern has too many alternatives", entry->source);
		else if (writes)
			set(boot, entry);
	}
	for (const char *const *name = boot->forced; *name; name++)
		if (sysctl_entry_writes(stack, entry, *name))
			force(boot, entry);
	if (boot->overtaking && sysctl_entry_writes(stack, entry, boot->overtaking))
		overtake(boot, entry);
}

void sysctl_boot_run(struct sysctl_boot *boot, const struct sysctl_stack *stack)
{
	const struct sysctl_value before = boot->value;
	const struct sysctl_entry *unread = NULL;

	for (const struct sysctl_entry *entry = stack->first; entry; entry = entry->next) {
		if (entry->dropped)
			continue;
		if (entry->error) {
			unread = entry;
			set_unknown(boot, entry->error, entry->source);
		} else if (!unread) {
			sysctl_boot_write(boot, stack, entry);
		} else if (!has_effects(boot) && str_eq(entry->path, boot->names[0])) {
			/*
			 * Whatever the unread file says of this very key, a later line overrules
			 * it.
			 */
			if (entry->value)
				set(boot, entry);
			else
				boot->value = before;
		}
	}
}

static const struct combination {
	const char *family, *key;
	enum sysctl_combine how;
} combinations[] = {
	/* include/linux/inetdevice.h: IN_DEV_MAXCONF, IN_DEV_ORCONF, IN_DEV_ANDCONF */
	{"ipv4", "accept_local", SYSCTL_EITHER},
	{"ipv4", "accept_redirects", SYSCTL_REDIRECTS},
	{"ipv4", "accept_source_route", SYSCTL_BOTH},
	{"ipv4", "arp_accept", SYSCTL_LARGER},
	{"ipv4", "arp_announce", SYSCTL_LARGER},
	{"ipv4", "arp_evict_nocarrier", SYSCTL_BOTH},
	{"ipv4", "arp_filter", SYSCTL_EITHER},
	{"ipv4", "arp_ignore", SYSCTL_LARGER},
	{"ipv4", "arp_notify", SYSCTL_LARGER},
	{"ipv4", "bc_forwarding", SYSCTL_BOTH},
	{"ipv4", "bootp_relay", SYSCTL_BOTH},
	{"ipv4", "drop_gratuitous_arp", SYSCTL_EITHER},
	{"ipv4", "drop_unicast_in_l2_multicast", SYSCTL_EITHER},
	{"ipv4", "log_martians", SYSCTL_EITHER},
	{"ipv4", "mc_forwarding", SYSCTL_BOTH},
	{"ipv4", "promote_secondaries", SYSCTL_EITHER},
	{"ipv4", "proxy_arp", SYSCTL_EITHER},
	{"ipv4", "proxy_arp_pvlan", SYSCTL_EITHER},
	{"ipv4", "route_localnet", SYSCTL_EITHER},
	{"ipv4", "rp_filter", SYSCTL_LARGER},
	{"ipv4", "secure_redirects", SYSCTL_EITHER},
	{"ipv4", "send_redirects", SYSCTL_EITHER},
	{"ipv4", "shared_media", SYSCTL_EITHER},
	{"ipv4", "src_valid_mark", SYSCTL_EITHER},
	/* net/ipv6/exthdrs.c, ip6_output.c; all other keys of `all` do not count in IPv6 */
	{"ipv6", "accept_source_route", SYSCTL_SMALLER},
	{"ipv6", "proxy_ndp", SYSCTL_EITHER},
};

enum sysctl_combine sysctl_combination(const char *family, const char *key)
{
	for (size_t i = 0; i < N(combinations); i++)
		if (str_eq(combinations[i].family, family) && str_eq(combinations[i].key, key))
			return combinations[i].how;
	return SYSCTL_OWN;
}

/* Does one of the two values decide alone? Returns 1 or 0; -1 when it is not known. */
static int decides(enum sysctl_combine how, const struct sysctl_value *value)
{
	long long number;

	if (value->state != SYSCTL_SET || str_to_number(value->value, &number))
		return -1;
	return how == SYSCTL_EITHER ? number != 0 : number == 0;
}

static struct sysctl_value not_known(const struct sysctl_value *one)
{
	static const char no_number[] = "the value is no number";

	if (one->state == SYSCTL_UNKNOWN)
		return *one;
	return (struct sysctl_value){SYSCTL_UNKNOWN, NULL, one->source, no_number};
}

static struct sysctl_value logical(enum sysctl_combine how, const struct sysctl_value *own,
				   const struct sysctl_value *all)
{
	int by_own = decides(how, own), by_all = decides(how, all);

	if (by_own == 1)
		return *own;
	if (by_all == 1)
		return *all;
	if (by_own < 0 || by_all < 0)
		return not_known(by_own < 0 ? own : all);
	return *own;
}

/* Redirects are taken, or are not, whether the interface forwards or not? */
static struct sysctl_value either_way(const struct sysctl_value *own,
				      const struct sysctl_value *all)
{
	struct sysctl_value either = logical(SYSCTL_EITHER, own, all);
	struct sysctl_value both = logical(SYSCTL_BOTH, own, all);

	if (decides(SYSCTL_EITHER, &either) == decides(SYSCTL_EITHER, &both))
		return either;
	return (struct sysctl_value){SYSCTL_UNKNOWN, NULL, own->source,
				     "it is not known whether the interface forwards"};
}

struct sysctl_value sysctl_combined(enum sysctl_combine how, const struct sysctl_value *own,
				    const struct sysctl_value *all)
{
	long long a, b;

	if (how == SYSCTL_OWN || own->state == SYSCTL_ABSENT)
		return *own;
	if (how == SYSCTL_EITHER || how == SYSCTL_BOTH)
		return logical(how, own, all);
	if (how == SYSCTL_REDIRECTS)
		return either_way(own, all);
	if (own->state != SYSCTL_SET || str_to_number(own->value, &a))
		return not_known(own);
	if (all->state != SYSCTL_SET || str_to_number(all->value, &b))
		return not_known(all);
	if (how == SYSCTL_LARGER)
		return b > a ? *all : *own;
	return b < a ? *all : *own;
}
