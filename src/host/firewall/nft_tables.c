#include "host/firewall/nft_tables.h"

#include "base/str.h"

#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

struct nft_table {
	struct nft_table *next;
	unsigned family;
	struct fw_table *table;
};

static const char *text_of(struct arena *arena, const struct nla *nla)
{
	return nla->data ? arena_strndup(arena, (const char *)nla->data,
					 strnlen((const char *)nla->data, nla->size))
			 : "";
}

static const char *family_name(unsigned family)
{
	static const char *const names[] = {
		[NFPROTO_INET] = "inet",     [NFPROTO_IPV4] = "ip",       [NFPROTO_ARP] = "arp",
		[NFPROTO_NETDEV] = "netdev", [NFPROTO_BRIDGE] = "bridge", [NFPROTO_IPV6] = "ip6",
	};

	return family < sizeof(names) / sizeof(names[0]) && names[family] ? names[family] : "?";
}

static unsigned families_of(unsigned family)
{
	switch (family) {
	case NFPROTO_INET:
	case NFPROTO_NETDEV:
		return FW_IP4 | FW_IP6;
	case NFPROTO_IPV4:
		return FW_IP4;
	case NFPROTO_IPV6:
		return FW_IP6;
	default:
		return 0;
	}
}

static struct fw_table *find_table(const struct nft_reading *reading, unsigned family,
				   const struct nla *name)
{
	for (const struct nft_table *at = reading->tables; at; at = at->next)
		if (at->family == family && name->data && name->size &&
		    str_eq(at->table->name, text_of(reading->model->arena, name)))
			return at->table;
	return NULL;
}

static int read_table(struct nft_reading *reading, unsigned family, const struct nla *body)
{
	struct arena *arena = reading->model->arena;
	struct nft_table *table = arena_new(arena, struct nft_table);
	struct nla at[NFTA_TABLE_MAX + 1];
	const char *name;

	nla_table(body, at, NFTA_TABLE_MAX + 1);
	name = text_of(arena, &at[NFTA_TABLE_NAME]);
	table->family = family;
	table->table = fw_table_new(reading->model,
				    arena_printf(arena, "nf_tables %s %s", family_name(family),
						 name),
				    name, families_of(family));
	table->table->dormant = nla_number(&at[NFTA_TABLE_FLAGS]) & NFT_TABLE_F_DORMANT;
	table->next = reading->tables;
	reading->tables = table;
	return 0;
}

static enum fw_hook hook_of(unsigned family, unsigned number)
{
	static const enum fw_hook inet[] = {FW_PREROUTING, FW_INPUT,       FW_FORWARD,
					    FW_OUTPUT,     FW_POSTROUTING, FW_INGRESS};
	static const enum fw_hook netdev[] = {FW_INGRESS, FW_EGRESS};

	if (family == NFPROTO_NETDEV)
		return number < 2 ? netdev[number] : FW_NO_HOOK;
	return number < sizeof(inet) / sizeof(inet[0]) ? inet[number] : FW_NO_HOOK;
}

static struct fw_set device(struct arena *arena, const struct nla *name)
{
	return fw_set_interface(arena, text_of(arena, name), 0);
}

static void read_hook(struct nft_reading *reading, unsigned family, const struct nla *hook,
		      struct fw_chain *chain)
{
	struct arena *arena = reading->model->arena;
	struct nla at[NFTA_HOOK_MAX + 1], name;
	size_t offset = 0;

	nla_table(hook, at, NFTA_HOOK_MAX + 1);
	chain->hook = hook_of(family, nla_number(&at[NFTA_HOOK_HOOKNUM]));
	chain->priority = (int)nla_number(&at[NFTA_HOOK_PRIORITY]);
	if (at[NFTA_HOOK_DEV].data)
		chain->devices = device(arena, &at[NFTA_HOOK_DEV]);
	while (at[NFTA_HOOK_DEVS].data && nla_next(&at[NFTA_HOOK_DEVS], &offset, &name))
		chain->devices = fw_set_or(arena, chain->devices, device(arena, &name));
}

static int read_chain(struct nft_reading *reading, unsigned family, const struct nla *body)
{
	struct fw_model *model = reading->model;
	struct nla at[NFTA_CHAIN_MAX + 1];
	struct fw_table *table;
	struct fw_chain *chain;

	nla_table(body, at, NFTA_CHAIN_MAX + 1);
	table = find_table(reading, family, &at[NFTA_CHAIN_TABLE]);
	if (!table)
		return -EBADMSG;
	chain = fw_chain_get(model, table, text_of(model->arena, &at[NFTA_CHAIN_NAME]));
	if (!at[NFTA_CHAIN_HOOK].data)
		return 0;
	read_hook(reading, family, &at[NFTA_CHAIN_HOOK], chain);
	chain->is_nat = str_eq(text_of(model->arena, &at[NFTA_CHAIN_TYPE]), "nat");
	if (at[NFTA_CHAIN_POLICY].data && nla_number(&at[NFTA_CHAIN_POLICY]) == NF_DROP)
		chain->policy = FW_DROP;
	chain->source = arena_printf(model->arena, "%s %s (policy)", table->label, chain->name);
	return 0;
}

static size_t bucket_of(const struct fw_table *table, const char *name)
{
	size_t hash = (size_t)(uintptr_t)table / 16;

	while (*name)
		hash = hash * 31 + (unsigned char)*name++;
	return hash % FW_BUCKETS;
}

struct nft_set *nft_set_find(const struct nft_reading *reading, const struct fw_table *table,
			     const char *name)
{
	struct nft_set *set = reading->sets[bucket_of(table, name)];

	while (set && (set->table != table || !str_eq(set->name, name)))
		set = set->next;
	return set;
}

static int read_set(struct nft_reading *reading, unsigned family, const struct nla *body)
{
	struct arena *arena = reading->model->arena;
	struct nft_set *set = arena_new(arena, struct nft_set), **bucket;
	struct nla at[NFTA_SET_MAX + 1];

	nla_table(body, at, NFTA_SET_MAX + 1);
	set->table = find_table(reading, family, &at[NFTA_SET_TABLE]);
	if (!set->table)
		return -EBADMSG;
	set->name = text_of(arena, &at[NFTA_SET_NAME]);
	set->flags = nla_number(&at[NFTA_SET_FLAGS]);
	bucket = &reading->sets[bucket_of(set->table, set->name)];
	set->next = *bucket;
	*bucket = set;
	return 0;
}

static struct nla data_of(const struct nla *nested, unsigned kind)
{
	struct nla at[NFTA_DATA_MAX + 1];

	nla_table(nested, at, NFTA_DATA_MAX + 1);
	return at[kind];
}

static const unsigned char *copy(struct arena *arena, const struct nla *data)
{
	return data->data ? memcpy(arena_alloc(arena, data->size + 1), data->data, data->size)
			  : NULL;
}

static void read_verdict(struct arena *arena, const struct nla *data, struct nft_element *element)
{
	struct nla verdict = data_of(data, NFTA_DATA_VERDICT), at[NFTA_VERDICT_MAX + 1];

	nla_table(&verdict, at, NFTA_VERDICT_MAX + 1);
	element->has_verdict = verdict.data != NULL;
	element->verdict = (int)nla_number(&at[NFTA_VERDICT_CODE]);
	element->chain = text_of(arena, &at[NFTA_VERDICT_CHAIN]);
}

static void add_element(struct arena *arena, struct nft_set *set, const struct nla *body)
{
	struct nla at[NFTA_SET_ELEM_MAX + 1], key, end;
	struct nft_element element = {0};
	unsigned flags;

	nla_table(body, at, NFTA_SET_ELEM_MAX + 1);
	key = data_of(&at[NFTA_SET_ELEM_KEY], NFTA_DATA_VALUE);
	end = data_of(&at[NFTA_SET_ELEM_KEY_END], NFTA_DATA_VALUE);
	flags = nla_number(&at[NFTA_SET_ELEM_FLAGS]);
	element.ends_interval = flags & NFT_SET_ELEM_INTERVAL_END;
	element.is_rest = flags & NFT_SET_ELEM_CATCHALL;
	element.key = copy(arena, &key);
	element.size = key.data ? key.size : 0;
	element.key_end = end.size == key.size ? copy(arena, &end) : NULL;
	if (at[NFTA_SET_ELEM_DATA].data)
		read_verdict(arena, &at[NFTA_SET_ELEM_DATA], &element);
	if (set->count == set->space) {
		size_t space = set->space ? set->space * 2 : 4;

		set->at = arena_grow(arena, set->at, set->space * sizeof(*set->at),
				     space * sizeof(*set->at));
		set->space = space;
	}
	set->at[set->count++] = element;
}

static int read_elements(struct nft_reading *reading, unsigned family, const struct nla *body)
{
	struct arena *arena = reading->model->arena;
	struct nla at[NFTA_SET_ELEM_LIST_MAX + 1], element;
	struct fw_table *table;
	struct nft_set *set;
	size_t offset = 0;

	nla_table(body, at, NFTA_SET_ELEM_LIST_MAX + 1);
	table = find_table(reading, family, &at[NFTA_SET_ELEM_LIST_TABLE]);
	set = table ? nft_set_find(reading, table, text_of(arena, &at[NFTA_SET_ELEM_LIST_SET]))
		    : NULL;
	if (!set)
		return -EBADMSG;
	set->has_elements = true;
	while (at[NFTA_SET_ELEM_LIST_ELEMENTS].data &&
	       nla_next(&at[NFTA_SET_ELEM_LIST_ELEMENTS], &offset, &element))
		add_element(arena, set, &element);
	return 0;
}

static unsigned long long handle_of(const struct nla *nla)
{
	unsigned long long handle = 0;

	for (size_t i = 0; nla->data && i < nla->size && i < 8; i++)
		handle = handle << 8 | nla->data[i];
	return handle;
}

static int read_rule(struct nft_reading *reading, unsigned family, const struct nla *body)
{
	struct fw_model *model = reading->model;
	struct nla at[NFTA_RULE_MAX + 1];
	struct fw_table *table;
	struct fw_chain *chain;

	nla_table(body, at, NFTA_RULE_MAX + 1);
	table = find_table(reading, family, &at[NFTA_RULE_TABLE]);
	chain = table ? fw_chain_find(model, table, text_of(model->arena, &at[NFTA_RULE_CHAIN]))
		      : NULL;
	if (!chain)
		return -EBADMSG;
	nft_read_rule(reading, chain, &at[NFTA_RULE_EXPRESSIONS],
		      arena_printf(model->arena, "%s %s handle %llu", table->label, chain->name,
				   handle_of(&at[NFTA_RULE_HANDLE])));
	return 0;
}

static int read_message(struct nft_reading *reading, unsigned type, const struct nla *message)
{
	struct nfgenmsg head;
	struct nla body;

	if (message->size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, message->data, sizeof(head));
	body = (struct nla){0, message->data + sizeof(head), message->size - sizeof(head)};
	switch (type) {
	case NFT_MSG_NEWTABLE:
		return read_table(reading, head.nfgen_family, &body);
	case NFT_MSG_NEWCHAIN:
		return read_chain(reading, head.nfgen_family, &body);
	case NFT_MSG_NEWSET:
		return read_set(reading, head.nfgen_family, &body);
	case NFT_MSG_NEWSETELEM:
		return read_elements(reading, head.nfgen_family, &body);
	case NFT_MSG_NEWRULE:
		return read_rule(reading, head.nfgen_family, &body);
	default:
		return 0;
	}
}

int nft_read(struct nft_reading *reading, const void *messages, size_t size)
{
	const unsigned char *data = messages;
	size_t at = 0;

	while (size - at >= sizeof(struct nlmsghdr)) {
		struct nlmsghdr head;
		struct nla message;
		int error;

		memcpy(&head, data + at, sizeof(head));
		if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > size - at)
			return -EBADMSG;
		message = (struct nla){0, data + at + sizeof(head), head.nlmsg_len - sizeof(head)};
		error = read_message(reading, head.nlmsg_type & 0xff, &message);
		if (error)
			return error;
		at += NLMSG_ALIGN(head.nlmsg_len);
		if (at > size)
			break;
	}
	return 0;
}
