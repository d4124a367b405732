/*
 * The rule that is being made of expressions. It is several rules where a set has elements that are
 * not one range each, or a map leads to several verdicts. Shared by those who read what the kernel
 * sends and those who read files. Pure.
 */
#pragma once

#include "host/firewall/firewall.h"

#define MOST_ALTERNATIVES ((size_t)1024)

struct nft_rules {
	struct fw_model *model;
	struct fw_rule *at;
	size_t count;
};

void nft_rules_start(struct nft_rules *rules, struct fw_model *model, const char *source);

/* Adds a match to all of them. */
void nft_rules_match(struct nft_rules *rules, struct fw_match match);
void nft_rules_set(struct nft_rules *rules, enum fw_dim dim, struct fw_set set, bool negated);
void nft_rules_doubt(struct nft_rules *rules, enum fw_kind kind, bool negated, const char *what);

/* Sets what those do that have no verdict yet. */
void nft_rules_act(struct nft_rules *rules, enum fw_action action, const char *target);

/* Sets what all of them do to a packet: of several effects only the loss of the mark is sure. */
void nft_rules_affect(struct nft_rules *rules, enum fw_effect effect, uint32_t mask,
		      uint32_t value);

/* One element of a set or a map: a range in each of some dimensions, and perhaps a verdict. */
struct nft_box {
	enum fw_dim dims[8];
	struct fw_set sets[8];
	size_t count;
	enum fw_action action;
	const char *target;
	bool is_rest; /* the verdict for all that has no element of its own */
};

/* The packets of any of these boxes; with a map each gets its verdict. */
void nft_rules_boxes(struct nft_rules *rules, const struct nft_box *boxes, size_t count,
		     bool negated, bool is_map);

/* Appends them to a chain. */
void nft_rules_finish(struct nft_rules *rules, struct fw_chain *chain);

/* Families that the matches so far leave: FW_IP4 | FW_IP6. */
unsigned nft_rules_families(const struct nft_rules *rules, unsigned families);

/* Do the matches so far leave ICMP alone? */
bool nft_rules_icmp(const struct nft_rules *rules);
