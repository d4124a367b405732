/*
 * Private to nft_*.c: a rule being read. Expressions load registers, change them and compare them;
 * what a register holds is a property of the packet, or something that is not known. Pure.
 */
#pragma once

#include "host/firewall/nft_rule.h"
#include "host/firewall/nft_tables.h"

#define NFT_SLOTS 20

enum nft_source {
	NFT_NOTHING,
	NFT_PROPERTY, /* one dimension, or its first bytes */
	NFT_PAYLOAD,  /* bytes of a header that are several properties, or none */
	NFT_STATES,   /* bits of connection tracking */
	NFT_STATUS,   /* whether it is under nat, among others */
	NFT_MARK,
	NFT_NO_WAY_BACK, /* the interface of the way back: 0 for none */
	NFT_CONSTANT,
	NFT_UNCLEAR,
};

struct nft_slot {
	enum nft_source source;
	enum fw_dim dim;
	unsigned size;   /* bytes in the register */
	unsigned whole;  /* bytes of the property, of which these are the first */
	bool host_order; /* a number as this machine has it */
	bool masked;
	fw_value mask, flip;
	enum fw_kind kind; /* of what is NFT_UNCLEAR */
	const char *what;
	unsigned base, offset; /* of NFT_PAYLOAD */
};

struct nft_rule_reading {
	struct nft_reading *from;
	struct fw_chain *chain;
	struct nft_rules rules;
	struct nft_slot slots[NFT_SLOTS];
	bool ended;
};

/* Properties in the headers of packets. */
struct nft_field {
	unsigned base, families, offset, size;
	enum fw_dim dim;
};

#define N_NFT_FIELDS 9
extern const struct nft_field nft_fields[N_NFT_FIELDS];

bool nft_has_field(const struct nft_field *field, unsigned base, unsigned families);

unsigned nft_slot_of(unsigned reg);
struct nft_slot *nft_load(struct nft_rule_reading *reading, const struct nla *reg,
			  struct nft_slot slot);
struct nft_slot nft_unclear(enum fw_kind kind, const char *what);
struct nft_slot nft_property(enum fw_dim dim, unsigned size, bool host_order);
fw_value nft_value(const unsigned char *data, size_t size, bool host_order);

/* The value within an attribute with nested data. */
struct nla nft_value_in(const struct nla *nested);

/* The values of a property whose first `size` bytes lie in a range. */
struct fw_set nft_range_of(struct nft_rule_reading *reading, const struct nft_slot *slot,
			   struct fw_range range, unsigned size);

enum fw_action nft_action_of(int verdict);

/* Expressions. */
void nft_do_cmp(struct nft_rule_reading *reading, const struct nla *at);
void nft_do_range(struct nft_rule_reading *reading, const struct nla *at);
void nft_do_lookup(struct nft_rule_reading *reading, const struct nla *at);
