/* The expressions of nf_tables: registers are loaded, changed, and compared. */
#include "base/str.h"
#include "host/firewall/fw_xt.h"
#include "host/firewall/nft_reading.h"

#include <arpa/inet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nf_tables_compat.h>
#include <stdlib.h>

unsigned nft_slot_of(unsigned reg)
{
	if (reg >= NFT_REG32_00)
		return reg - NFT_REG32_00 < NFT_SLOTS ? reg - NFT_REG32_00 : NFT_SLOTS - 1;
	return reg >= NFT_REG_1 && reg <= NFT_REG_4 ? (reg - 1) * 4 : NFT_SLOTS - 1;
}

struct nft_slot *nft_load(struct nft_rule_reading *reading, const struct nla *reg,
			  struct nft_slot slot)
{
	unsigned first = nft_slot_of(nla_number(reg)), count = (slot.size + 3) / 4;

	for (unsigned i = first; i < NFT_SLOTS && i < first + count; i++)
		reading->slots[i] = (struct nft_slot){0};
	reading->slots[first] = slot;
	return &reading->slots[first];
}

struct nft_slot nft_unclear(enum fw_kind kind, const char *what)
{
	return (struct nft_slot){.source = NFT_UNCLEAR, .kind = kind, .what = what, .size = 16};
}

struct nft_slot nft_property(enum fw_dim dim, unsigned size, bool host_order)
{
	return (struct nft_slot){
		.source = NFT_PROPERTY,
		.dim = dim,
		.size = size,
		.whole = size,
		.host_order = host_order,
	};
}

fw_value nft_value(const unsigned char *data, size_t size, bool host_order)
{
	fw_value value = 0;
	const uint16_t one = 1;
	bool little = *(const uint8_t *)&one;

	for (size_t i = 0; i < size; i++)
		value = value << 8 | data[host_order && little ? size - 1 - i : i];
	return value;
}

static void set_mark(struct nft_rule_reading *reading, const struct nft_slot *slot)
{
	/* mark = (mark & mask) ^ flip */
	uint32_t cleared = slot->masked ? ~(uint32_t)slot->mask : 0;

	if (slot->source == NFT_CONSTANT)
		nft_rules_affect(&reading->rules, FW_SETS_MARK, UINT32_MAX, (uint32_t)slot->flip);
	else if (slot->source == NFT_MARK)
		nft_rules_affect(&reading->rules, FW_SETS_MARK, cleared, (uint32_t)slot->flip);
	else
		nft_rules_affect(&reading->rules, FW_LOSES_MARK, 0, 0);
}

static void do_meta(struct nft_rule_reading *reading, const struct nla *at)
{
	static const struct {
		unsigned key;
		enum fw_dim dim;
		unsigned size;
		bool host_order;
	} known[] = {
		{NFT_META_IIFNAME, FW_IIF, 16, false},   {NFT_META_OIFNAME, FW_OIF, 16, false},
		{NFT_META_IIF, FW_IIF, 4, true},         {NFT_META_OIF, FW_OIF, 4, true},
		{NFT_META_NFPROTO, FW_FAMILY, 1, false}, {NFT_META_PROTOCOL, FW_FAMILY, 2, false},
		{NFT_META_L4PROTO, FW_PROTO, 1, false},  {NFT_META_PKTTYPE, FW_PKTTYPE, 1, false},
	};
	unsigned key = nla_number(&at[NFTA_META_KEY]);

	if (at[NFTA_META_SREG].data) {
		const struct nft_slot *slot =
			&reading->slots[nft_slot_of(nla_number(&at[NFTA_META_SREG]))];

		if (key != NFT_META_MARK)
			return;
		set_mark(reading, slot);
		return;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].key == key) {
			nft_load(reading, &at[NFTA_META_DREG],
				 nft_property(known[i].dim, known[i].size, known[i].host_order));
			return;
		}
	if (key == NFT_META_MARK)
		nft_load(reading, &at[NFTA_META_DREG],
			 (struct nft_slot){.source = NFT_MARK, .size = 4, .host_order = true});
	else
		nft_load(reading, &at[NFTA_META_DREG],
			 nft_unclear(key == NFT_META_PRANDOM ? FW_SOMETIMES : FW_SELECTIVE,
				     "meta"));
}

const struct nft_field nft_fields[N_NFT_FIELDS] = {
	{NFT_PAYLOAD_NETWORK_HEADER, FW_IP4, 9, 1, FW_PROTO},
	{NFT_PAYLOAD_NETWORK_HEADER, FW_IP4, 12, 4, FW_SADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, FW_IP4, 16, 4, FW_DADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, FW_IP6, 6, 1, FW_PROTO},
	{NFT_PAYLOAD_NETWORK_HEADER, FW_IP6, 8, 16, FW_SADDR},
	{NFT_PAYLOAD_NETWORK_HEADER, FW_IP6, 24, 16, FW_DADDR},
	{NFT_PAYLOAD_TRANSPORT_HEADER, FW_IP4 | FW_IP6, 0, 2, FW_SPORT},
	{NFT_PAYLOAD_TRANSPORT_HEADER, FW_IP4 | FW_IP6, 2, 2, FW_DPORT},
	{NFT_PAYLOAD_TRANSPORT_HEADER, FW_IP4 | FW_IP6, 13, 1, FW_FLAGS},
};

bool nft_has_field(const struct nft_field *field, unsigned base, unsigned families)
{
	return field->base == base && families && (field->families & families) == families;
}

static void do_payload(struct nft_rule_reading *reading, const struct nla *at)
{
	unsigned base = nla_number(&at[NFTA_PAYLOAD_BASE]);
	unsigned offset = nla_number(&at[NFTA_PAYLOAD_OFFSET]);
	unsigned size = nla_number(&at[NFTA_PAYLOAD_LEN]);
	unsigned families = nft_rules_families(&reading->rules, reading->chain->table->families);
	struct nft_slot slot = {.source = NFT_PAYLOAD,
				.base = base,
				.offset = offset,
				.size = size};

	if (!at[NFTA_PAYLOAD_DREG].data) {
		/* It changes the packet. */
		nft_rules_act(&reading->rules, FW_UNCERTAIN, "a packet is changed");
		return;
	}
	if (!size || size > 64)
		slot = nft_unclear(FW_OTHER, "payload");
	for (size_t i = 0; i < N_NFT_FIELDS; i++)
		if (nft_has_field(&nft_fields[i], base, families) &&
		    nft_fields[i].offset == offset && nft_fields[i].size >= size &&
		    slot.source == NFT_PAYLOAD) {
			slot = nft_property(nft_fields[i].dim, size, false);
			slot.whole = nft_fields[i].size;
		}
	if (base == NFT_PAYLOAD_TRANSPORT_HEADER && offset == 0 &&
	    (size == 1 || nft_rules_icmp(&reading->rules)))
		slot = size == 1 ? nft_property(FW_ICMP, 1, false)
				 : nft_unclear(FW_SELECTIVE, "icmp");
	nft_load(reading, &at[NFTA_PAYLOAD_DREG], slot);
}

static void do_ct(struct nft_rule_reading *reading, const struct nla *at)
{
	static const struct {
		unsigned key;
		enum nft_source source;
	} known[] = {{NFT_CT_STATE, NFT_STATES}, {NFT_CT_STATUS, NFT_STATUS}};
	unsigned key = nla_number(&at[NFTA_CT_KEY]);

	if (!at[NFTA_CT_DREG].data)
		return;
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].key == key) {
			nft_load(reading, &at[NFTA_CT_DREG],
				 (struct nft_slot){.source = known[i].source,
						   .size = 4,
						   .host_order = true,
						   .what = "ct status"});
			return;
		}
	nft_load(reading, &at[NFTA_CT_DREG],
		 nft_unclear(key == NFT_CT_MARK || key == NFT_CT_DIRECTION ? FW_OTHER
									   : FW_SELECTIVE,
			     "ct"));
}

static void do_fib(struct nft_rule_reading *reading, const struct nla *at)
{
	unsigned result = nla_number(&at[NFTA_FIB_RESULT]), flags = nla_number(&at[NFTA_FIB_FLAGS]);
	struct nft_slot slot = nft_unclear(FW_OTHER, "fib");

	if (result == NFT_FIB_RESULT_ADDRTYPE && flags == NFTA_FIB_F_DADDR)
		slot = nft_property(FW_DTYPE, 4, true);
	else if (result == NFT_FIB_RESULT_ADDRTYPE && flags == NFTA_FIB_F_SADDR)
		slot = nft_property(FW_STYPE, 4, true);
	else if (result != NFT_FIB_RESULT_ADDRTYPE && flags & NFTA_FIB_F_SADDR &&
		 flags & NFTA_FIB_F_IIF)
		slot = (struct nft_slot){.source = NFT_NO_WAY_BACK, .size = 16, .what = "fib"};
	nft_load(reading, &at[NFTA_FIB_DREG], slot);
}

struct nla nft_value_in(const struct nla *nested)
{
	struct nla at[NFTA_DATA_MAX + 1];

	nla_table(nested, at, NFTA_DATA_MAX + 1);
	return at[NFTA_DATA_VALUE];
}

static void do_bitwise(struct nft_rule_reading *reading, const struct nla *at)
{
	const struct nft_slot *from =
		&reading->slots[nft_slot_of(nla_number(&at[NFTA_BITWISE_SREG]))];
	struct nla mask = nft_value_in(&at[NFTA_BITWISE_MASK]),
		   flip = nft_value_in(&at[NFTA_BITWISE_XOR]);
	struct nft_slot slot = *from;

	if (!mask.data || !flip.data || mask.size > 16 || flip.size != mask.size ||
	    nla_number(&at[NFTA_BITWISE_OP]) != NFT_BITWISE_MASK_XOR || slot.masked ||
	    slot.source == NFT_PAYLOAD || mask.size != slot.size) {
		slot = nft_unclear(from->source == NFT_UNCLEAR ? from->kind : FW_OTHER,
				   "a calculation");
	} else {
		slot.masked = true;
		slot.mask = nft_value(mask.data, mask.size, slot.host_order);
		slot.flip = nft_value(flip.data, flip.size, slot.host_order);
	}
	nft_load(reading, &at[NFTA_BITWISE_DREG], slot);
}

/* Numbers are turned round for comparisons of ranges. */
static void do_byteorder(struct nft_rule_reading *reading, const struct nla *at)
{
	struct nft_slot slot = reading->slots[nft_slot_of(nla_number(&at[NFTA_BYTEORDER_SREG]))];

	if (slot.source != NFT_CONSTANT)
		slot.host_order = !slot.host_order;
	nft_load(reading, &at[NFTA_BYTEORDER_DREG], slot);
}

enum fw_action nft_action_of(int verdict)
{
	switch (verdict) {
	case NF_ACCEPT:
		return FW_ACCEPT;
	case NF_DROP:
		return FW_DROP;
	case NFT_JUMP:
		return FW_JUMP;
	case NFT_GOTO:
		return FW_GOTO;
	case NFT_RETURN:
		return FW_RETURN;
	case NFT_CONTINUE:
	case NFT_BREAK:
		return FW_CONTINUE;
	default:
		return FW_UNCERTAIN;
	}
}

static void do_immediate(struct nft_rule_reading *reading, const struct nla *at)
{
	struct arena *arena = reading->rules.model->arena;
	struct nla data[NFTA_DATA_MAX + 1], verdict[NFTA_VERDICT_MAX + 1];
	const struct nla *chain = &verdict[NFTA_VERDICT_CHAIN];

	nla_table(&at[NFTA_IMMEDIATE_DATA], data, NFTA_DATA_MAX + 1);
	if (!data[NFTA_DATA_VERDICT].data) {
		struct nla *value = &data[NFTA_DATA_VALUE];

		nft_load(reading, &at[NFTA_IMMEDIATE_DREG],
			 (struct nft_slot){.source = NFT_CONSTANT,
					   .size = (unsigned)value->size,
					   .flip = value->size == 4
							   ? nft_value(value->data, 4, true)
							   : 0});
		return;
	}
	nla_table(&data[NFTA_DATA_VERDICT], verdict, NFTA_VERDICT_MAX + 1);
	nft_rules_act(&reading->rules, nft_action_of((int)nla_number(&verdict[NFTA_VERDICT_CODE])),
		      chain->data ? arena_strndup(arena, (const char *)chain->data,
						  strnlen((const char *)chain->data, chain->size))
				  : "a verdict of another kind");
	reading->ended = true;
}

/* ---- what iptables-nft writes */

static struct fw_xt xt_of(struct nft_rule_reading *reading, const struct nla *at)
{
	struct arena *arena = reading->rules.model->arena;
	const struct nla *name = &at[NFTA_MATCH_NAME], *info = &at[NFTA_MATCH_INFO];

	return (struct fw_xt){
		.name = name->data ? arena_strndup(arena, (const char *)name->data,
						   strnlen((const char *)name->data, name->size))
				   : "",
		.revision = nla_number(&at[NFTA_MATCH_REV]),
		.data = info->data,
		.size = info->data ? info->size : 0,
		.six = reading->chain->table->families == FW_IP6,
	};
}

static void do_match(struct nft_rule_reading *reading, const struct nla *at)
{
	struct fw_xt xt = xt_of(reading, at);

	for (size_t i = 0; i < reading->rules.count; i++)
		fw_xt_match(reading->rules.model, &reading->rules.at[i], &xt);
}

_Static_assert((int)NFTA_MATCH_INFO == (int)NFTA_TARGET_INFO, "one layout");

static void do_target(struct nft_rule_reading *reading, const struct nla *at)
{
	struct fw_xt xt = xt_of(reading, at);

	for (size_t i = 0; i < reading->rules.count; i++)
		fw_xt_target(reading->rules.model, &reading->rules.at[i], &xt);
}

static void do_reject(struct nft_rule_reading *reading, const struct nla *at)
{
	(void)at;
	nft_rules_act(&reading->rules, FW_REJECT, NULL);
	reading->ended = true;
}

static void do_nothing(struct nft_rule_reading *reading, const struct nla *at)
{
	(void)reading;
	(void)at;
}

static void do_sometimes(struct nft_rule_reading *reading, const struct nla *at)
{
	(void)at;
	nft_rules_doubt(&reading->rules, FW_SOMETIMES, false, "a limit");
}

static void do_nat(struct nft_rule_reading *reading, const struct nla *at)
{
	(void)at;
	nft_rules_act(&reading->rules, FW_ACCEPT, NULL);
	reading->ended = true;
}

static void do_notrack(struct nft_rule_reading *reading, const struct nla *at)
{
	(void)at;
	nft_rules_affect(&reading->rules, FW_UNTRACKS, 0, 0);
}

/* What fills a register with what singles packets out: the register is their first attribute… */
static void do_unclear(struct nft_rule_reading *reading, const struct nla *at)
{
	nft_load(reading, &at[1], nft_unclear(FW_SELECTIVE, "a property"));
}

/* …or their second. */
static void do_unclear_too(struct nft_rule_reading *reading, const struct nla *at)
{
	nft_load(reading, &at[2], nft_unclear(FW_SELECTIVE, "a property"));
}

static void do_numgen(struct nft_rule_reading *reading, const struct nla *at)
{
	nft_load(reading, &at[NFTA_NG_DREG], nft_unclear(FW_SOMETIMES, "a number"));
}

static void do_hash(struct nft_rule_reading *reading, const struct nla *at)
{
	nft_load(reading, &at[NFTA_HASH_DREG], nft_unclear(FW_SOMETIMES, "a hash"));
}

/* Counters and helpers change nothing; limits and quotas do. */
static void do_object(struct nft_rule_reading *reading, const struct nla *at)
{
	unsigned type = nla_number(&at[NFTA_OBJREF_IMM_TYPE]);

	if (type != NFT_OBJECT_COUNTER && type != NFT_OBJECT_CT_HELPER)
		do_sometimes(reading, at);
}

static const struct {
	const char *name;
	void (*run)(struct nft_rule_reading *reading, const struct nla *at);
} expressions[] = {
	{"meta", do_meta},
	{"payload", do_payload},
	{"ct", do_ct},
	{"fib", do_fib},
	{"bitwise", do_bitwise},
	{"byteorder", do_byteorder},
	{"cmp", nft_do_cmp},
	{"range", nft_do_range},
	{"immediate", do_immediate},
	{"lookup", nft_do_lookup},
	{"match", do_match},
	{"target", do_target},
	{"reject", do_reject},
	{"counter", do_nothing},
	{"log", do_nothing},
	{"last", do_nothing},
	{"dup", do_nothing},
	{"objref", do_object},
	{"flow_offload", do_nothing},
	{"tproxy", do_nothing},
	{"limit", do_sometimes},
	{"quota", do_sometimes},
	{"connlimit", do_sometimes},
	{"dynset", do_sometimes},
	{"nat", do_nat},
	{"masq", do_nat},
	{"redir", do_nat},
	{"notrack", do_notrack},
	{"exthdr", do_unclear},
	{"rt", do_unclear},
	{"numgen", do_numgen},
	{"hash", do_hash},
	{"osf", do_unclear},
	{"xfrm", do_unclear},
	{"socket", do_unclear_too},
	{"tunnel", do_unclear_too},
};

#define MOST_ATTRIBUTES 32

static void run(struct nft_rule_reading *reading, const struct nla *element)
{
	struct nla at[NFTA_EXPR_MAX + 1], data[MOST_ATTRIBUTES];
	const struct nla *name = &at[NFTA_EXPR_NAME];

	nla_table(element, at, NFTA_EXPR_MAX + 1);
	nla_table(&at[NFTA_EXPR_DATA], data, MOST_ATTRIBUTES);
	for (size_t i = 0; i < sizeof(expressions) / sizeof(expressions[0]); i++)
		if (name->data && name->size == strlen(expressions[i].name) + 1 &&
		    !memcmp(name->data, expressions[i].name, name->size)) {
			expressions[i].run(reading, data);
			return;
		}
	/* Nobody knows what it does: it may match, or not, and end the rule, or not. */
	nft_rules_doubt(&reading->rules, FW_OTHER, false, "an expression");
	nft_rules_act(&reading->rules, FW_UNCERTAIN, "an expression");
	reading->ended = true;
}

void nft_read_rule(struct nft_reading *from, struct fw_chain *chain, const struct nla *list,
		   const char *source)
{
	struct nft_rule_reading reading = {.from = from, .chain = chain};
	struct nla element;
	size_t at = 0;

	nft_rules_start(&reading.rules, from->model, source);
	while (list->data && !reading.ended && nla_next(list, &at, &element))
		run(&reading, &element);
	nft_rules_finish(&reading.rules, chain);
}
