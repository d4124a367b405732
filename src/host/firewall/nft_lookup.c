/* Sets and maps: their elements, as ranges of properties. */
#include "host/firewall/nft_reading.h"

#include "base/arena.h"

#include <linux/netfilter/nf_tables.h>
#include <stdlib.h>

/* Where the parts of a key lie: each has been loaded into slots of its own. */
static size_t parts_of(struct nft_rule_reading *reading, unsigned first, size_t size,
		       struct nft_slot *ret_parts)
{
	size_t n = 0, at = 0;

	while (at < size && n < 8 && first < NFT_SLOTS) {
		const struct nft_slot *slot = &reading->slots[first];
		unsigned slots = (slot->size + 3) / 4;

		if (slot->source != NFT_PROPERTY && slot->source != NFT_STATES &&
		    slot->source != NFT_STATUS)
			return 0;
		if (slot->masked || slot->size != slot->whole + (slot->source != NFT_PROPERTY) * 4)
			return 0;
		ret_parts[n++] = *slot;
		first += slots;
		at += slots * 4;
	}
	return at >= size ? n : 0;
}

static struct fw_set part_set(struct nft_rule_reading *reading, const struct nft_slot *slot,
			      const unsigned char *low, const unsigned char *high)
{
	static const unsigned bits[][2] = {
		{1, FW_INVALID}, {2, FW_ESTABLISHED}, {4, FW_RELATED},
		{8, FW_NEW},     {64, FW_UNTRACKED},
	};
	fw_value from = nft_value(low, slot->size, slot->host_order);

	/* In a set, a state stands for itself. */
	for (size_t i = 0; slot->source == NFT_STATES && i < 5; i++)
		if (from == bits[i][0])
			return fw_states(reading->rules.model->arena, 1U << bits[i][1]);
	if (slot->source != NFT_PROPERTY)
		return (struct fw_set){0};
	return nft_range_of(reading, slot,
			    (struct fw_range){from, nft_value(high, slot->size, slot->host_order)},
			    slot->size);
}

static bool make_box(struct nft_rule_reading *reading, const struct nft_slot *parts, size_t n,
		     const struct nft_element *element, struct nft_box *ret_box)
{
	const unsigned char *high = element->key_end ? element->key_end : element->key;
	struct nft_box box = {.target = "", .is_rest = element->is_rest};
	size_t at = 0;

	if (element->has_verdict) {
		box.action = nft_action_of(element->verdict);
		box.target = element->chain;
	}
	for (size_t i = 0; i < n && !box.is_rest; i++) {
		size_t slots = (parts[i].size + 3) / 4 * 4;

		if (!element->key || at + parts[i].size > element->size)
			return false;
		box.dims[i] = parts[i].source == NFT_PROPERTY ? parts[i].dim : FW_STATE;
		box.sets[i] = part_set(reading, &parts[i], element->key + at, high + at);
		if (!box.sets[i].count)
			return false;
		box.count = i + 1;
		at += slots;
	}
	*ret_box = box;
	return true;
}

static int by_key(const void *a, const void *b)
{
	const struct nft_element *left = a, *right = b;
	size_t size = left->size < right->size ? left->size : right->size;
	int order = size ? memcmp(left->key, right->key, size) : 0;

	if (order)
		return order;
	return (int)right->ends_interval - (int)left->ends_interval;
}

/* The kernel tells where intervals begin and where they end: together they are elements. */
static size_t join_intervals(struct arena *arena, const struct nft_set *set,
			     struct nft_element *ret_elements)
{
	struct nft_element *sorted = arena_alloc(arena, (set->count + 1) * sizeof(*sorted));
	size_t n = 0, out = 0;

	for (size_t i = 0; i < set->count; i++)
		if (set->at[i].is_rest)
			ret_elements[out++] = set->at[i];
		else if (set->at[i].key && set->at[i].size <= 64)
			sorted[n++] = set->at[i];
	qsort(sorted, n, sizeof(*sorted), by_key);
	for (size_t i = 0; i < n; i++) {
		unsigned char *high;
		size_t size = sorted[i].size;

		if (sorted[i].ends_interval)
			continue;
		high = arena_alloc(arena, size + 1);
		memset(high, 0xff, size);
		if (i + 1 < n && sorted[i + 1].size == size) {
			memcpy(high, sorted[i + 1].key, size);
			for (size_t k = size; k-- > 0 && high[k]-- == 0;)
				;
		}
		ret_elements[out] = sorted[i];
		ret_elements[out++].key_end = high;
	}
	return out;
}

static size_t elements_of(struct nft_rule_reading *reading, const struct nft_set *set, size_t parts,
			  struct nft_element **ret_elements)
{
	struct arena *arena = reading->rules.model->arena;
	size_t count = set->count;

	*ret_elements = arena_alloc(arena, (count + 1) * sizeof(**ret_elements));
	if (set->flags & NFT_SET_INTERVAL && parts == 1)
		return join_intervals(arena, set, *ret_elements);
	if (count)
		memcpy(*ret_elements, set->at, count * sizeof(*set->at));
	return count;
}

/* A map's rest comes last. */
static void rest_last(struct nft_box *boxes, size_t count)
{
	for (size_t i = 0; i + 1 < count; i++)
		if (boxes[i].is_rest) {
			struct nft_box rest = boxes[i];

			boxes[i] = boxes[count - 1];
			boxes[count - 1] = rest;
			return;
		}
}

static bool look_up(struct nft_rule_reading *reading, const struct nft_set *set, unsigned first,
		    bool negated, bool is_map)
{
	struct arena *arena = reading->rules.model->arena;
	size_t size = 0, n, count;
	struct nft_element *elements;
	struct nft_box *boxes;
	struct nft_slot parts[8];

	for (size_t i = 0; i < set->count; i++)
		size = set->at[i].size > size ? set->at[i].size : size;
	n = size ? parts_of(reading, first, size, parts) : 0;
	if (size && !n)
		return false;
	count = elements_of(reading, set, n, &elements);
	boxes = arena_alloc(arena, (count + 1) * sizeof(*boxes));
	for (size_t i = 0; i < count; i++)
		if (!make_box(reading, parts, n, &elements[i], &boxes[i]))
			return false;
	rest_last(boxes, count);
	nft_rules_boxes(&reading->rules, boxes, count, negated, is_map);
	return true;
}

void nft_do_lookup(struct nft_rule_reading *reading, const struct nla *at)
{
	const struct nla *name = &at[NFTA_LOOKUP_SET];
	bool negated = nla_number(&at[NFTA_LOOKUP_FLAGS]) & NFT_LOOKUP_F_INV;
	bool maps = at[NFTA_LOOKUP_DREG].data != NULL;
	bool to_verdict = maps && nla_number(&at[NFTA_LOOKUP_DREG]) == NFT_REG_VERDICT;
	const struct nft_set *set = NULL;

	if (name->data)
		set = nft_set_find(reading->from, reading->chain->table,
				   arena_strndup(reading->rules.model->arena,
						 (const char *)name->data,
						 strnlen((const char *)name->data, name->size)));
	if (maps && !to_verdict)
		nft_load(reading, &at[NFTA_LOOKUP_DREG], nft_unclear(FW_OTHER, "a map"));
	/* What comes and goes by itself is in it at times. */
	if (set && set->flags & (NFT_SET_EVAL | NFT_SET_TIMEOUT) && !to_verdict) {
		nft_rules_doubt(&reading->rules, FW_SOMETIMES, negated, set->name);
		return;
	}
	if (set && set->has_elements &&
	    look_up(reading, set, nft_slot_of(nla_number(&at[NFTA_LOOKUP_SREG])), negated,
		    to_verdict)) {
		reading->ended |= to_verdict;
		return;
	}
	nft_rules_doubt(&reading->rules, FW_OTHER, negated, "a set");
	if (to_verdict) {
		nft_rules_act(&reading->rules, FW_UNCERTAIN, "a map of verdicts");
		reading->ended = true;
	}
}
