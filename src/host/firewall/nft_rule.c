#include "host/firewall/nft_rule.h"

#include "base/str.h"

#include <netinet/in.h>

void nft_rules_start(struct nft_rules *rules, struct fw_model *model, const char *source)
{
	rules->model = model;
	rules->at = arena_new(model->arena, struct fw_rule);
	rules->at->source = source;
	rules->count = 1;
}

void nft_rules_match(struct nft_rules *rules, struct fw_match match)
{
	for (size_t i = 0; i < rules->count; i++)
		fw_match_add(rules->model, &rules->at[i], match);
}

void nft_rules_set(struct nft_rules *rules, enum fw_dim dim, struct fw_set set, bool negated)
{
	for (size_t i = 0; i < rules->count; i++)
		fw_match_set(rules->model, &rules->at[i], dim, set, negated);
}

void nft_rules_doubt(struct nft_rules *rules, enum fw_kind kind, bool negated, const char *what)
{
	nft_rules_match(rules, (struct fw_match){.kind = kind, .negated = negated, .what = what});
}

void nft_rules_act(struct nft_rules *rules, enum fw_action action, const char *target)
{
	for (size_t i = 0; i < rules->count; i++)
		if (rules->at[i].action == FW_CONTINUE) {
			rules->at[i].action = action;
			rules->at[i].target = target;
		}
}

void nft_rules_affect(struct nft_rules *rules, enum fw_effect effect, uint32_t mask, uint32_t value)
{
	for (size_t i = 0; i < rules->count; i++) {
		struct fw_rule *rule = &rules->at[i];

		rule->effect = rule->effect == FW_LEAVES ? effect : FW_LOSES_MARK;
		rule->mask = mask;
		rule->value = value;
	}
}

/* Boxes of one dimension with the same verdict are one. */
static size_t unite(struct arena *arena, const struct nft_box *boxes, size_t count,
		    struct nft_box *ret_united)
{
	struct fw_range *ranges;
	size_t n = 0, k;

	for (size_t i = 0; i < count; i++) {
		for (k = 0; k < n; k++)
			if (ret_united[k].action == boxes[i].action &&
			    ret_united[k].is_rest == boxes[i].is_rest &&
			    str_eq(ret_united[k].target, boxes[i].target))
				break;
		if (k == n)
			ret_united[n++] = boxes[i];
		if (n > MOST_ALTERNATIVES)
			return n;
	}
	ranges = arena_alloc(arena, (count + 1) * sizeof(*ranges));
	for (k = 0; k < n; k++) {
		size_t found = 0;

		for (size_t i = 0; i < count; i++)
			if (!boxes[i].is_rest && boxes[i].sets[0].count == 1 &&
			    ret_united[k].action == boxes[i].action && !ret_united[k].is_rest &&
			    str_eq(ret_united[k].target, boxes[i].target))
				ranges[found++] = boxes[i].sets[0].at[0];
		ret_united[k].sets[0] = fw_set_make(arena, ranges, found);
	}
	return n;
}

static void apply(struct fw_model *model, struct fw_rule *rule, const struct nft_box *box)
{
	for (size_t i = 0; i < box->count; i++)
		fw_match_set(model, rule, box->dims[i], box->sets[i], box->is_rest);
	if (box->action != FW_CONTINUE) {
		rule->action = box->action;
		rule->target = box->target;
	}
}

static void multiply(struct nft_rules *rules, const struct nft_box *boxes, size_t count)
{
	struct fw_model *model = rules->model;
	struct fw_rule *all;

	if (rules->count * count > MOST_ALTERNATIVES) {
		nft_rules_doubt(rules, FW_OTHER, false, "a set with too many elements");
		nft_rules_act(rules, FW_UNCERTAIN, "a map with too many elements");
		return;
	}
	all = arena_alloc(model->arena, (rules->count * count + 1) * sizeof(*all));
	/* The rest of a map is what comes behind all of its elements. */
	for (size_t k = 0, n = 0; k < count; k++)
		for (size_t i = 0; i < rules->count; i++, n++) {
			all[n] = rules->at[i];
			apply(model, &all[n], &boxes[k]);
		}
	rules->at = all;
	rules->count *= count;
}

/* What has no element of its own: with one property, all other values of it. */
static void complete_rest(struct arena *arena, struct nft_box *boxes, size_t count)
{
	struct fw_set keys = {0};

	for (size_t i = 0; i < count; i++)
		if (!boxes[i].is_rest)
			keys = fw_set_or(arena, keys, boxes[i].sets[0]);
	for (size_t i = 0; i < count; i++)
		if (boxes[i].is_rest && count > 1) {
			boxes[i].dims[0] = boxes[!i].dims[0];
			boxes[i].sets[0] = keys;
			boxes[i].count = 1;
		}
}

/* The rest may follow the others only if nothing comes back from them. */
static bool is_sequence(const struct nft_box *boxes, size_t count)
{
	bool comes_back = false;

	for (size_t i = 0; i < count; i++) {
		if (boxes[i].is_rest && comes_back)
			return false;
		comes_back |= boxes[i].action == FW_JUMP || boxes[i].action == FW_CONTINUE;
	}
	return true;
}

void nft_rules_boxes(struct nft_rules *rules, const struct nft_box *boxes, size_t count,
		     bool negated, bool is_map)
{
	struct arena *arena = rules->model->arena;
	struct nft_box *united = arena_alloc(arena, (count + 2) * sizeof(*united));
	size_t dims = 0, n;

	for (size_t i = 0; i < count; i++)
		dims = boxes[i].count > dims ? boxes[i].count : dims;
	/* Nothing is in an empty set. */
	if (!count) {
		if (!negated)
			nft_rules_match(rules, (struct fw_match){.kind = FW_NEVER});
		return;
	}
	if (dims > 1 && negated) {
		nft_rules_doubt(rules, FW_SELECTIVE, true, "not in a set of several properties");
		return;
	}
	if (dims > 1) {
		if (!is_sequence(boxes, count))
			nft_rules_doubt(rules, FW_OTHER, false, "the rest of a map");
		multiply(rules, boxes, count);
		return;
	}
	n = unite(arena, boxes, count, united);
	complete_rest(arena, united, n);
	if (negated || !is_map) {
		nft_rules_set(rules, united[0].dims[0], united[0].sets[0], negated);
		return;
	}
	multiply(rules, united, n);
}

void nft_rules_finish(struct nft_rules *rules, struct fw_chain *chain)
{
	for (size_t i = 0; i < rules->count; i++) {
		const char *source = rules->at[i].source;

		*fw_rule_add(rules->model, chain, source) = rules->at[i];
	}
}

unsigned nft_rules_families(const struct nft_rules *rules, unsigned families)
{
	const struct fw_range numbers[] = {{4, 4}, {6, 6}};

	for (size_t i = 0; i < rules->at->n_matches; i++) {
		const struct fw_match *match = &rules->at->matches[i];

		if (match->kind != FW_IN || match->dim != FW_FAMILY)
			continue;
		for (unsigned k = 0; k < 2; k++)
			if (!fw_set_meets(match->set, (struct fw_set){&numbers[k], 1}))
				families &= ~(k ? FW_IP6 : FW_IP4);
	}
	return families;
}

bool nft_rules_icmp(const struct nft_rules *rules)
{
	const struct fw_range numbers[] = {{IPPROTO_ICMP, IPPROTO_ICMP},
					   {IPPROTO_ICMPV6, IPPROTO_ICMPV6}};

	for (size_t i = 0; i < rules->at->n_matches; i++)
		if (rules->at->matches[i].kind == FW_IN && rules->at->matches[i].dim == FW_PROTO &&
		    fw_set_within(rules->at->matches[i].set, (struct fw_set){numbers, 2}))
			return true;
	return false;
}
