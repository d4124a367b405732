/* Comparisons of what is in registers. */
#include "host/firewall/nft_reading.h"

#include "base/arena.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/nf_tables.h>

static const char *interface_of(struct nft_rule_reading *reading, fw_value index)
{
	struct arena *arena = reading->rules.model->arena;
	const char *name = NULL;

	if (index == 1)
		return "lo";
	if (reading->from->interface && index < INT32_MAX)
		name = reading->from->interface(arena, (unsigned)index);
	/* No interface is called that. */
	return name ? name : arena_printf(arena, "/%u", (unsigned)index);
}

/* The values of a property whose first bytes lie in a range. */
struct fw_set nft_range_of(struct nft_rule_reading *reading, const struct nft_slot *slot,
			   struct fw_range range, unsigned size)
{
	fw_value low = range.low, high = range.high;
	struct arena *arena = reading->rules.model->arena;
	unsigned more = (slot->whole - size) * 8;
	struct fw_set set = {0};

	if (slot->dim == FW_FAMILY) {
		bool four = slot->size == 1 ? low <= NFPROTO_IPV4 && high >= NFPROTO_IPV4
					    : low <= 0x0800 && high >= 0x0800;
		bool six = slot->size == 1 ? low <= NFPROTO_IPV6 && high >= NFPROTO_IPV6
					   : low <= 0x86dd && high >= 0x86dd;

		if (four)
			set = fw_set_range(arena, 4, 4);
		return six ? fw_set_or(arena, set, fw_set_range(arena, 6, 6)) : set;
	}
	if ((slot->dim == FW_IIF || slot->dim == FW_OIF) && slot->size == 4)
		return fw_set_interface(arena, interface_of(reading, low), 0);
	/* Behind the NUL at the end of a name there is nothing. */
	if ((slot->dim == FW_IIF || slot->dim == FW_OIF) && more && low == high && !(low & 0xff))
		return fw_set_range(arena, low << more, low << more);
	return fw_set_range(arena, low << more, high << more | (((fw_value)1 << more) - 1));
}

static bool compare(fw_value left, unsigned op, fw_value right)
{
	switch (op) {
	case NFT_CMP_EQ:
		return left == right;
	case NFT_CMP_NEQ:
		return left != right;
	case NFT_CMP_LT:
		return left < right;
	case NFT_CMP_LTE:
		return left <= right;
	case NFT_CMP_GT:
		return left > right;
	default:
		return left >= right;
	}
}

/* A property of few bits: each value is tried. */
static void compare_small(struct nft_rule_reading *reading, const struct nft_slot *slot,
			  unsigned op, fw_value with)
{
	static const unsigned state_bits[N_FW_STATES] = {
		[FW_INVALID] = 1, [FW_ESTABLISHED] = 2, [FW_RELATED] = 4,
		[FW_NEW] = 8,     [FW_UNTRACKED] = 64,
	};
	enum fw_dim dim = slot->source == NFT_PROPERTY ? slot->dim : FW_STATE;
	struct fw_set all = fw_everything(reading->rules.model->arena, dim);
	struct arena *arena = reading->rules.model->arena;
	size_t most = (size_t)all.at[0].high, n = 0;
	struct fw_range *ranges = arena_alloc(arena, (most + 1) * sizeof(*ranges));

	for (size_t value = 0; value <= most; value++) {
		fw_value bits = slot->source == NFT_STATES   ? state_bits[value / 4]
				: slot->source == NFT_STATUS ? (value & 3) << 4
							     : value;

		if (slot->masked)
			bits = (bits & slot->mask) ^ slot->flip;
		if (compare(bits, op, with))
			ranges[n++] = (struct fw_range){value, value};
	}
	nft_rules_set(&reading->rules, dim, fw_set_make(arena, ranges, n), false);
}

/* An address with a mask: a range if the mask is one of leading ones. */
static bool compare_masked(struct nft_rule_reading *reading, const struct nft_slot *slot,
			   unsigned op, fw_value with)
{
	unsigned bits = slot->size * 8;
	fw_value all = bits == 128 ? FW_VALUE_MAX : ((fw_value)1 << bits) - 1;
	fw_value rest = ~slot->mask & all;
	struct fw_set set = {0};

	if ((slot->dim != FW_SADDR && slot->dim != FW_DADDR) || op > NFT_CMP_NEQ || slot->flip ||
	    (rest & (rest + 1)) || slot->size != slot->whole)
		return false;
	if (!(with & rest))
		set = fw_set_range(reading->rules.model->arena, with, with | rest);
	nft_rules_set(&reading->rules, slot->dim, set, op == NFT_CMP_NEQ);
	return true;
}

static void compare_property(struct nft_rule_reading *reading, const struct nft_slot *slot,
			     unsigned op, const struct nla *data)
{
	unsigned size = (unsigned)data->size;
	fw_value with = nft_value(data->data, size, slot->host_order);
	bool is_index = (slot->dim == FW_IIF || slot->dim == FW_OIF) && slot->size == 4;
	struct fw_set set;

	if (slot->masked) {
		bool is_small = slot->whole <= 2 && slot->dim != FW_FAMILY;

		if (is_small)
			compare_small(reading, slot, op, with);
		else if (!compare_masked(reading, slot, op, with))
			nft_rules_doubt(&reading->rules, FW_OTHER, false, "a mask");
		return;
	}
	if (op <= NFT_CMP_NEQ) {
		nft_rules_set(&reading->rules, slot->dim,
			      nft_range_of(reading, slot, (struct fw_range){with, with}, size),
			      op == NFT_CMP_NEQ);
		return;
	}
	if (is_index || slot->dim == FW_FAMILY) {
		nft_rules_doubt(&reading->rules, FW_OTHER, false, "a comparison");
		return;
	}
	/* v < x and v >= x are each other's opposite. */
	if (op == NFT_CMP_LT || op == NFT_CMP_GTE)
		set = with ? nft_range_of(reading, slot, (struct fw_range){0, with - 1}, size)
			   : (struct fw_set){0};
	else
		set = nft_range_of(reading, slot, (struct fw_range){0, with}, size);
	nft_rules_set(&reading->rules, slot->dim, set, op == NFT_CMP_GTE || op == NFT_CMP_GT);
}

/* Bytes of a header that are compared as a whole: each property among them. */
static void compare_payload(struct nft_rule_reading *reading, const struct nft_slot *slot,
			    unsigned op, const struct nla *data)
{
	unsigned families = nft_rules_families(&reading->rules, reading->chain->table->families);
	unsigned covered = 0;

	if (op != NFT_CMP_EQ || slot->masked || data->size != slot->size) {
		nft_rules_doubt(&reading->rules, FW_OTHER, false, "payload");
		return;
	}
	for (size_t i = 0; i < N_NFT_FIELDS; i++) {
		const struct nft_field *field = &nft_fields[i];
		struct nft_slot part = nft_property(field->dim, field->size, false);
		struct nla piece = {0, data->data + field->offset - slot->offset, field->size};

		if (!nft_has_field(field, slot->base, families) || field->offset < slot->offset ||
		    field->offset + field->size > slot->offset + slot->size)
			continue;
		compare_property(reading, &part, op, &piece);
		covered += field->size;
	}
	if (covered < slot->size)
		nft_rules_doubt(&reading->rules, FW_SELECTIVE, false, "payload");
}

static void compare_slot(struct nft_rule_reading *reading, const struct nft_slot *slot, unsigned op,
			 const struct nla *data)
{
	fw_value with = data->size <= 16 ? nft_value(data->data, data->size, slot->host_order) : 0;
	struct fw_match match = {.kind = FW_MARK_IS, .negated = op == NFT_CMP_NEQ};

	switch (slot->source) {
	case NFT_PROPERTY:
		if (data->size && data->size <= slot->size) {
			compare_property(reading, slot, op, data);
			return;
		}
		break;
	case NFT_PAYLOAD:
		compare_payload(reading, slot, op, data);
		return;
	case NFT_STATUS:
		/* Of all that the status tells, only nat is known. */
		if (!slot->masked || slot->mask & ~(fw_value)(IPS_SRC_NAT | IPS_DST_NAT))
			break;
		compare_small(reading, slot, op, with);
		return;
	case NFT_STATES:
		compare_small(reading, slot, op, with);
		return;
	case NFT_MARK:
		match.mask = slot->masked ? (uint32_t)slot->mask : UINT32_MAX;
		match.value = (uint32_t)(with ^ slot->flip);
		if (op > NFT_CMP_NEQ)
			break;
		nft_rules_match(&reading->rules, match);
		return;
	case NFT_NO_WAY_BACK:
		if (with || op > NFT_CMP_NEQ)
			break;
		nft_rules_doubt(&reading->rules, FW_RPFILTER, op == NFT_CMP_NEQ, slot->what);
		return;
	case NFT_UNCLEAR:
		nft_rules_doubt(&reading->rules, slot->kind,
				op == NFT_CMP_NEQ || op == NFT_CMP_GTE || op == NFT_CMP_GT,
				slot->what);
		return;
	default:
		break;
	}
	nft_rules_doubt(&reading->rules, FW_OTHER, false, "a comparison");
}

void nft_do_cmp(struct nft_rule_reading *reading, const struct nla *at)
{
	struct nla data = nft_value_in(&at[NFTA_CMP_DATA]);
	const struct nft_slot *slot = &reading->slots[nft_slot_of(nla_number(&at[NFTA_CMP_SREG]))];

	compare_slot(reading, slot, nla_number(&at[NFTA_CMP_OP]), &data);
}

void nft_do_range(struct nft_rule_reading *reading, const struct nla *at)
{
	struct nla from = nft_value_in(&at[NFTA_RANGE_FROM_DATA]);
	struct nla to = nft_value_in(&at[NFTA_RANGE_TO_DATA]);
	const struct nft_slot *slot =
		&reading->slots[nft_slot_of(nla_number(&at[NFTA_RANGE_SREG]))];
	bool negated = nla_number(&at[NFTA_RANGE_OP]) == NFT_RANGE_NEQ;

	if (slot->source == NFT_UNCLEAR)
		nft_rules_doubt(&reading->rules, slot->kind, negated, slot->what);
	else if (slot->source != NFT_PROPERTY || slot->masked || from.size != slot->size ||
		 to.size != from.size || slot->dim == FW_FAMILY ||
		 ((slot->dim == FW_IIF || slot->dim == FW_OIF) && slot->size == 4))
		nft_rules_doubt(&reading->rules, FW_OTHER, false, "a range");
	else
		nft_rules_set(&reading->rules, slot->dim,
			      nft_range_of(reading, slot,
					   (struct fw_range){nft_value(from.data, from.size,
								       slot->host_order),
							     nft_value(to.data, to.size,
								       slot->host_order)},
					   slot->size),
			      negated);
}
