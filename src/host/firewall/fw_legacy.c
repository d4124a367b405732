#include "host/firewall/fw_legacy.h"

#include "base/cleanup.h"
#include "base/str.h"
#include "guard/guard.h"
#include "host/firewall/fw_xt.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/netfilter_ipv4/ip_tables.h>
#include <linux/netfilter_ipv6/ip6_tables.h>
#include <stdlib.h>
#include <sys/socket.h>

/* The kernel's own limit on a table is higher; nobody has so much. */
#define MOST_BYTES ((size_t)64 * 1024 * 1024)

/* What entries of IPv4 and IPv6 have in common, under one roof. */
struct entry {
	char in[IFNAMSIZ], out[IFNAMSIZ];
	unsigned char in_mask[IFNAMSIZ], out_mask[IFNAMSIZ];
	fw_value source, source_mask, destination, destination_mask;
	unsigned proto, target, next;
	bool has_proto, fragment, goes;
	unsigned inverted; /* IPT_INV_* */
};

struct reading {
	struct fw_model *model;
	const struct fw_blob *blob;
	const struct fw_table *table;
	struct fw_chain **starts; /* by offset / 4 of the first entry of a chain */
	struct fw_chain *chain;
	unsigned number;
};

static fw_value address4(struct in_addr address)
{
	return ntohl(address.s_addr);
}

static fw_value address6(const struct in6_addr *address)
{
	fw_value value = 0;

	for (size_t i = 0; i < 16; i++)
		value = value << 8 | address->s6_addr[i];
	return value;
}

static void copy4(const struct ipt_entry *raw, struct entry *entry)
{
	memcpy(entry->in, raw->ip.iniface, IFNAMSIZ);
	memcpy(entry->out, raw->ip.outiface, IFNAMSIZ);
	memcpy(entry->in_mask, raw->ip.iniface_mask, IFNAMSIZ);
	memcpy(entry->out_mask, raw->ip.outiface_mask, IFNAMSIZ);
	entry->source = address4(raw->ip.src);
	entry->source_mask = address4(raw->ip.smsk);
	entry->destination = address4(raw->ip.dst);
	entry->destination_mask = address4(raw->ip.dmsk);
	entry->proto = raw->ip.proto;
	entry->has_proto = raw->ip.proto != 0;
	entry->fragment = raw->ip.flags & IPT_F_FRAG;
	entry->goes = raw->ip.flags & IPT_F_GOTO;
	entry->inverted = raw->ip.invflags;
	entry->target = raw->target_offset;
	entry->next = raw->next_offset;
}

static void copy6(const struct ip6t_entry *raw, struct entry *entry)
{
	memcpy(entry->in, raw->ipv6.iniface, IFNAMSIZ);
	memcpy(entry->out, raw->ipv6.outiface, IFNAMSIZ);
	memcpy(entry->in_mask, raw->ipv6.iniface_mask, IFNAMSIZ);
	memcpy(entry->out_mask, raw->ipv6.outiface_mask, IFNAMSIZ);
	entry->source = address6(&raw->ipv6.src);
	entry->source_mask = address6(&raw->ipv6.smsk);
	entry->destination = address6(&raw->ipv6.dst);
	entry->destination_mask = address6(&raw->ipv6.dmsk);
	entry->proto = raw->ipv6.proto;
	entry->has_proto = raw->ipv6.flags & IP6T_F_PROTO;
	entry->goes = raw->ipv6.flags & IP6T_F_GOTO;
	entry->inverted = raw->ipv6.invflags;
	entry->target = raw->target_offset;
	entry->next = raw->next_offset;
}

static size_t head_size(const struct fw_blob *blob)
{
	return blob->six ? sizeof(struct ip6t_entry) : sizeof(struct ipt_entry);
}

/* The entry at an offset, checked: what it says of its parts lies within it. */
static int get_entry(const struct fw_blob *blob, size_t at, struct entry *ret_entry)
{
	size_t head = head_size(blob);
	struct entry entry = {0};
	struct ip6t_entry six;
	struct ipt_entry four;

	if (blob->size - at < head)
		return -EBADMSG;
	if (blob->six) {
		memcpy(&six, (const char *)blob->data + at, sizeof(six));
		copy6(&six, &entry);
	} else {
		memcpy(&four, (const char *)blob->data + at, sizeof(four));
		copy4(&four, &entry);
	}
	if (entry.next > blob->size - at || entry.target < head ||
	    entry.target + sizeof(struct xt_entry_target) > entry.next || entry.next % 4)
		return -EBADMSG;
	*ret_entry = entry;
	return 0;
}

/* One match or target: both have the same head. */
static int get_part(const struct fw_blob *blob, size_t at, size_t end, struct arena *arena,
		    struct fw_xt *ret_part)
{
	struct xt_entry_match head;

	if (end - at < sizeof(head))
		return -EBADMSG;
	memcpy(&head, (const char *)blob->data + at, sizeof(head));
	if (head.u.match_size < sizeof(head) || head.u.match_size > end - at)
		return -EBADMSG;
	*ret_part = (struct fw_xt){
		.name = arena_strndup(arena, head.u.user.name,
				      strnlen(head.u.user.name, sizeof(head.u.user.name))),
		.revision = head.u.user.revision,
		.data = (const char *)blob->data + at + sizeof(head),
		.size = head.u.match_size - sizeof(head),
		.six = blob->six,
	};
	return 0;
}

static void add_interface(struct fw_model *model, struct fw_rule *rule, enum fw_dim dim,
			  const char *name, const unsigned char *mask, bool negated)
{
	char text[IFNAMSIZ + 2] = {0};
	size_t length = 0;

	while (length < IFNAMSIZ && mask[length])
		length++;
	if (!length)
		return;
	memcpy(text, name, length);
	/* The mask of a whole name covers its end as well. */
	if (text[length - 1])
		text[length] = '*';
	fw_match_set(model, rule, dim, fw_set_interface(model->arena, text, '*'), negated);
}

/* An address with a mask; `all` is the highest address there is. */
struct place {
	fw_value address, mask, all;
	bool negated;
};

static void add_address(struct fw_model *model, struct fw_rule *rule, enum fw_dim dim,
			const struct place *place)
{
	fw_value rest = ~place->mask & place->all, low = place->address & ~rest;

	if (rest == place->all && !place->negated)
		return;
	/* A mask with holes makes no range: that is beyond us. */
	if (rest & (rest + 1))
		fw_match_add(model, rule,
			     (struct fw_match){.kind = FW_OTHER, .what = "a mask with holes"});
	else
		fw_match_set(model, rule, dim, fw_set_range(model->arena, low, low | rest),
			     place->negated);
}

static void add_head(struct fw_model *model, struct fw_rule *rule, const struct entry *entry,
		     bool six)
{
	fw_value all = six ? FW_VALUE_MAX : 0xffffffff;

	add_address(model, rule, FW_SADDR,
		    &(struct place){entry->source, entry->source_mask, all,
				    entry->inverted & IPT_INV_SRCIP});
	add_address(model, rule, FW_DADDR,
		    &(struct place){entry->destination, entry->destination_mask, all,
				    entry->inverted & IPT_INV_DSTIP});
	add_interface(model, rule, FW_IIF, entry->in, entry->in_mask,
		      entry->inverted & IPT_INV_VIA_IN);
	add_interface(model, rule, FW_OIF, entry->out, entry->out_mask,
		      entry->inverted & IPT_INV_VIA_OUT);
	if (entry->has_proto)
		fw_match_set(model, rule, FW_PROTO,
			     fw_set_range(model->arena, entry->proto, entry->proto),
			     entry->inverted & IPT_INV_PROTO);
	if (entry->fragment && !(entry->inverted & IPT_INV_FRAG))
		fw_match_add(model, rule, (struct fw_match){.kind = FW_NEVER});
}

static int read_standard(struct reading *reading, struct fw_rule *rule, const struct fw_xt *target,
			 const struct entry *entry, size_t at)
{
	int32_t verdict;
	struct fw_chain *chain;

	if (target->size < sizeof(verdict))
		return -EBADMSG;
	memcpy(&verdict, target->data, sizeof(verdict));
	if (verdict >= 0) {
		if ((size_t)verdict == at + entry->next)
			return 0;
		chain = verdict % 4 == 0 && (size_t)verdict < reading->blob->size
				? reading->starts[verdict / 4]
				: NULL;
		if (!chain)
			return -EBADMSG;
		rule->action = entry->goes ? FW_GOTO : FW_JUMP;
		rule->chain = chain;
		rule->target = chain->name;
		return 0;
	}
	switch (verdict) {
	case -NF_ACCEPT - 1:
		rule->action = FW_ACCEPT;
		return 0;
	case -NF_DROP - 1:
		rule->action = FW_DROP;
		return 0;
	case XT_RETURN:
		rule->action = FW_RETURN;
		return 0;
	default:
		rule->action = FW_UNCERTAIN;
		rule->target = "a verdict of another kind";
		return 0;
	}
}

static int read_matches(struct reading *reading, struct fw_rule *rule, size_t from, size_t end)
{
	struct fw_xt part;

	while (from < end) {
		int error = get_part(reading->blob, from, end, reading->model->arena, &part);

		if (error)
			return error;
		fw_xt_match(reading->model, rule, &part);
		from += part.size + sizeof(struct xt_entry_match);
	}
	return 0;
}

static int read_rule(struct reading *reading, const struct entry *entry, const struct fw_xt *target,
		     size_t at)
{
	struct fw_model *model = reading->model;
	struct fw_rule *rule;
	int error;

	rule = fw_rule_add(model, reading->chain,
			   arena_printf(model->arena, "%s %s rule %u", reading->table->label,
					reading->chain->name, ++reading->number));
	add_head(model, rule, entry, reading->blob->six);
	error = read_matches(reading, rule, at + head_size(reading->blob), at + entry->target);
	if (error)
		return error;
	if (!*target->name)
		return read_standard(reading, rule, target, entry, at);
	fw_xt_target(model, rule, target);
	return 0;
}

static const struct {
	enum fw_hook hook;
	const char *name;
} builtin[5] = {
	{FW_PREROUTING, "PREROUTING"},   {FW_INPUT, "INPUT"},
	{FW_FORWARD, "FORWARD"},         {FW_OUTPUT, "OUTPUT"},
	{FW_POSTROUTING, "POSTROUTING"},
};

static const struct {
	const char *name;
	int priority;
} priorities[] = {{"raw", -300}, {"mangle", -150}, {"nat", -100}, {"filter", 0}, {"security", 50}};

/* The chains of hooks begin where the table says so. */
static int name_builtin(struct reading *reading)
{
	const struct fw_blob *blob = reading->blob;

	for (unsigned hook = 0; hook < 5; hook++) {
		struct fw_chain *chain;

		if (!(blob->hooks & 1U << hook))
			continue;
		if (blob->entry[hook] >= blob->size || blob->entry[hook] % 4)
			return -EBADMSG;
		chain = fw_chain_get(reading->model, reading->table, builtin[hook].name);
		chain->hook = builtin[hook].hook;
		chain->is_nat = str_eq(reading->table->name, "nat");
		for (size_t i = 0; i < sizeof(priorities) / sizeof(priorities[0]); i++)
			if (str_eq(priorities[i].name, reading->table->name))
				chain->priority = priorities[i].priority;
		reading->starts[blob->entry[hook] / 4] = chain;
	}
	return 0;
}

/* Chains of users begin behind an entry with the target ERROR that has their name. */
static int name_chains(struct reading *reading)
{
	const struct fw_blob *blob = reading->blob;
	struct fw_model *model = reading->model;
	struct entry entry;
	struct fw_xt target;

	for (size_t at = 0; at < blob->size; at += entry.next) {
		int error = get_entry(blob, at, &entry);

		if (!error)
			error = get_part(blob, at + entry.target, at + entry.next, model->arena,
					 &target);
		if (error)
			return error;
		if (!str_eq(target.name, "ERROR") || at + entry.next >= blob->size)
			continue;
		reading->starts[(at + entry.next) / 4] =
			fw_chain_get(model, reading->table,
				     arena_strndup(model->arena, target.data,
						   strnlen(target.data, target.size)));
	}
	return 0;
}

/* The policy of a hook's chain is its last entry. */
static bool is_policy(const struct reading *reading, size_t at)
{
	for (unsigned hook = 0; hook < 5; hook++)
		if (reading->blob->hooks & 1U << hook && reading->blob->underflow[hook] == at)
			return true;
	return false;
}

static int read_entry(struct reading *reading, const struct entry *entry, size_t at)
{
	struct fw_rule rule = {0};
	struct fw_xt target;
	int error;

	error = get_part(reading->blob, at + entry->target, at + entry->next, reading->model->arena,
			 &target);
	if (error || str_eq(target.name, "ERROR"))
		return error;
	if (reading->starts[at / 4]) {
		reading->chain = reading->starts[at / 4];
		reading->number = 0;
	}
	if (!reading->chain)
		return -EBADMSG;
	if (!is_policy(reading, at))
		return read_rule(reading, entry, &target, at);
	error = read_standard(reading, &rule, &target, entry, at);
	reading->chain->policy = rule.action;
	reading->chain->source = arena_printf(reading->model->arena, "%s %s (policy)",
					      reading->table->label, reading->chain->name);
	return error;
}

int fw_legacy_read(struct fw_model *model, const char *name, const struct fw_blob *blob)
{
	const char *label = arena_printf(model->arena, "%s %s",
					 blob->six ? "ip6tables" : "iptables", name);
	struct reading reading = {.model = model, .blob = blob};
	struct entry entry;
	int error;

	reading.table = fw_table_new(model, label, name, blob->six ? FW_IP6 : FW_IP4);
	reading.starts = arena_alloc(model->arena,
				     (blob->size / 4 + 1) * sizeof(struct fw_chain *));
	error = name_builtin(&reading);
	if (!error)
		error = name_chains(&reading);
	for (size_t at = 0; at < blob->size && !error; at += entry.next) {
		error = get_entry(blob, at, &entry);
		if (!error)
			error = read_entry(&reading, &entry, at);
	}
	return error;
}

/* Gets a block of entries. The layouts of both families have the same names and sizes. */
static int get_entries(int fd, bool six, const struct ipt_getinfo *info, char **ret_data)
{
	size_t head = offsetof(struct ipt_get_entries, entrytable);
	socklen_t size = (socklen_t)(head + info->size);
	struct ipt_get_entries *get = calloc(1, size);

	if (!get)
		return -ENOMEM;
	memcpy(get->name, info->name, sizeof(get->name));
	get->size = info->size;
	if (getsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
		       six ? IP6T_SO_GET_ENTRIES : IPT_SO_GET_ENTRIES, get, &size)) {
		int error = -errno;

		free(get);
		return error;
	}
	*ret_data = (char *)get;
	return 0;
}

_Static_assert(sizeof(struct ipt_getinfo) == sizeof(struct ip6t_getinfo), "one layout");

static int get_table(struct fw_model *model, int fd, const char *name, bool six)
{
	cleanup(free) char *data = NULL;
	struct ipt_getinfo info = {0};
	socklen_t size = sizeof(info);
	struct fw_blob blob = {.six = six};
	int error;

	memcpy(info.name, name, strlen(name) + 1);
	if (getsockopt(fd, six ? IPPROTO_IPV6 : IPPROTO_IP,
		       six ? IP6T_SO_GET_INFO : IPT_SO_GET_INFO, &info, &size))
		return -errno;
	if (info.size > MOST_BYTES)
		return -E2BIG;
	error = get_entries(fd, six, &info, &data);
	if (error)
		return error;
	blob.data = data + offsetof(struct ipt_get_entries, entrytable);
	blob.size = info.size;
	blob.hooks = info.valid_hooks;
	memcpy(blob.entry, info.hook_entry, sizeof(blob.entry));
	memcpy(blob.underflow, info.underflow, sizeof(blob.underflow));
	return fw_legacy_read(model, name, &blob);
}

int fw_legacy_get(struct fw_model *model, const char *name, bool six)
{
	int fd = guard_inet_socket(six), error = -EAGAIN;

	if (fd < 0)
		return fd;
	if (strlen(name) >= XT_TABLE_MAXNAMELEN)
		return -ENAMETOOLONG;
	/* It may grow between the two questions: -EAGAIN. */
	for (unsigned tries = 0; tries < 3 && error == -EAGAIN; tries++)
		error = get_table(model, fd, name, six);
	return error;
}
