#include "host/firewall/firewall.h"

#include "base/str.h"

/* More than this is no packet filter that anybody wrote. */
#define MOST_RULES ((size_t)500000)
#define MOST_CHAINS ((size_t)100000)

/* Chains that container runtimes and their networks make for themselves. */
static const char *const runtimes[] = {
	"DOCKER",      "KUBE-",    "CNI-",     "CNI_",     "cali-",    "CILIUM_",
	"OLD_CILIUM_", "NETAVARK", "LIBVIRT_", "FLANNEL-", "WEAVE-",   "ANTREA-",
	"AWS-",        "nv_",      "kube-",    "cilium",   "netavark", "libvirt",
};

static bool is_runtime(const char *name)
{
	for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
		if (str_starts(name, runtimes[i]))
			return true;
	return false;
}

static size_t hash_of(const struct fw_table *table, const char *name)
{
	size_t hash = (size_t)(uintptr_t)table / 16;

	while (*name)
		hash = hash * 31 + (unsigned char)*name++;
	return hash % FW_BUCKETS;
}

struct fw_table *fw_table_new(struct fw_model *model, const char *label, const char *name,
			      unsigned families)
{
	struct fw_table *table = arena_new(model->arena, struct fw_table);

	table->name = name;
	table->label = label;
	table->families = families;
	return table;
}

struct fw_chain *fw_chain_find(const struct fw_model *model, const struct fw_table *table,
			       const char *name)
{
	struct fw_chain *chain = model->buckets[hash_of(table, name)];

	while (chain && (chain->table != table || !str_eq(chain->name, name)))
		chain = chain->next;
	return chain;
}

struct fw_chain *fw_chain_get(struct fw_model *model, const struct fw_table *table,
			      const char *name)
{
	struct fw_chain *chain = fw_chain_find(model, table, name), **bucket;

	if (chain)
		return chain;
	if (model->n_chains >= MOST_CHAINS)
		model->unknown = "there are too many chains";
	if (model->n_chains == model->space) {
		size_t space = model->space ? model->space * 2 : 32;

		model->chains = arena_grow(model->arena, model->chains,
					   model->space * sizeof(struct fw_chain *),
					   space * sizeof(struct fw_chain *));
		model->space = space;
	}
	chain = arena_new(model->arena, struct fw_chain);
	chain->table = table;
	chain->name = name;
	chain->policy = FW_ACCEPT;
	chain->number = model->n_chains;
	chain->is_runtime = is_runtime(name) || is_runtime(table->name);
	chain->source = arena_printf(model->arena, "%s %s", table->label, name);
	bucket = &model->buckets[hash_of(table, name)];
	chain->next = *bucket;
	*bucket = chain;
	model->chains[model->n_chains++] = chain;
	return chain;
}

struct fw_rule *fw_rule_add(struct fw_model *model, struct fw_chain *chain, const char *source)
{
	if (model->n_rules++ >= MOST_RULES)
		model->unknown = "there are too many rules";
	if (chain->n_rules == chain->space) {
		size_t space = chain->space ? chain->space * 2 : 4;

		chain->rules = arena_grow(model->arena, chain->rules,
					  chain->space * sizeof(*chain->rules),
					  space * sizeof(*chain->rules));
		chain->space = space;
	}
	chain->rules[chain->n_rules] = (struct fw_rule){.source = source};
	return &chain->rules[chain->n_rules++];
}

void fw_match_add(struct fw_model *model, struct fw_rule *rule, struct fw_match match)
{
	size_t size = rule->n_matches * sizeof(match);

	rule->matches = arena_grow(model->arena, rule->matches, size, size + sizeof(match));
	rule->matches[rule->n_matches++] = match;
}

void fw_match_set(struct fw_model *model, struct fw_rule *rule, enum fw_dim dim, struct fw_set set,
		  bool negated)
{
	struct fw_match match = {
		.kind = FW_IN,
		.dim = dim,
		.negated = negated,
		.set = set,
		.named = set,
	};

	if (negated)
		match.set = fw_set_minus(model->arena, fw_everything(model->arena, dim), set);
	fw_match_add(model, rule, match);
}

void fw_match_range(struct fw_model *model, struct fw_rule *rule, enum fw_dim dim, fw_value low,
		    fw_value high)
{
	fw_match_set(model, rule, dim, fw_set_range(model->arena, low, high), false);
}

struct fw_set fw_everything(struct arena *arena, enum fw_dim dim)
{
	static const fw_value most[N_FW_DIMS] = {
		[FW_FAMILY] = 255,
		[FW_IIF] = FW_VALUE_MAX,
		[FW_OIF] = FW_VALUE_MAX,
		[FW_SADDR] = FW_VALUE_MAX,
		[FW_DADDR] = FW_VALUE_MAX,
		[FW_PROTO] = 255,
		[FW_SPORT] = 65535,
		[FW_DPORT] = 65535,
		[FW_FLAGS] = 255,
		[FW_ICMP] = 255,
		[FW_STATE] = N_FW_STATES * 4 - 1,
		[FW_STYPE] = 255,
		[FW_DTYPE] = 255,
		[FW_PKTTYPE] = 255,
	};

	return fw_set_range(arena, 0, most[dim]);
}

struct fw_set fw_states(struct arena *arena, unsigned states)
{
	struct fw_range ranges[N_FW_STATES];
	size_t n = 0;

	for (unsigned state = 0; state < N_FW_STATES; state++)
		if (states & 1U << state)
			ranges[n++] = (struct fw_range){state * 4, state * 4 + 3};
	return fw_set_make(arena, ranges, n);
}

struct fw_set fw_natted(struct arena *arena, unsigned nat)
{
	struct fw_range ranges[N_FW_STATES * 4];
	size_t n = 0;

	for (unsigned value = 0; value < N_FW_STATES * 4; value++)
		if (value & 3 & nat)
			ranges[n++] = (struct fw_range){value, value};
	return fw_set_make(arena, ranges, n);
}

void fw_link(struct fw_model *model)
{
	for (size_t i = 0; i < model->n_chains; i++)
		for (size_t k = 0; k < model->chains[i]->n_rules; k++) {
			struct fw_rule *rule = &model->chains[i]->rules[k];

			if ((rule->action != FW_JUMP && rule->action != FW_GOTO) || rule->chain)
				continue;
			rule->chain = fw_chain_find(model, model->chains[i]->table, rule->target);
			if (!rule->chain)
				model->unknown = arena_printf(model->arena,
							      "%s: there is no chain %s",
							      rule->source, rule->target);
		}
}
