/*
 * nf_tables as the kernel tells of it by netlink: its messages make a model. nft_tables.c and
 * nft_expr.c are pure; nft_kernel.c gets the messages.
 */
#pragma once

#include "host/firewall/firewall.h"
#include "host/firewall/nft_message.h"

struct nft_element {
	const unsigned char *key, *key_end; /* `key_end` may be NULL */
	size_t size;
	bool ends_interval, is_rest, has_verdict;
	int verdict;
	const char *chain;
};

struct nft_set {
	const struct fw_table *table;
	const char *name;
	unsigned flags;
	bool has_elements; /* somebody told which there are */
	struct nft_element *at;
	size_t count, space;
	struct nft_set *next;
};

/* One reading of all messages. */
struct nft_reading {
	struct fw_model *model;
	const char *(*interface)(struct arena *arena, unsigned index); /* its name, or NULL */
	struct nft_table *tables;
	struct nft_set *sets[FW_BUCKETS];
};

/*
 * Reads messages, one behind the other, as the kernel sends them: tables, chains, sets, elements
 * and rules, in this order. Returns 0 or -EBADMSG.
 */
int nft_read(struct nft_reading *reading, const void *messages, size_t size);

struct nft_set *nft_set_find(const struct nft_reading *reading, const struct fw_table *table,
			     const char *name);

/* What the expressions of a rule come to: one rule or several. */
void nft_read_rule(struct nft_reading *reading, struct fw_chain *chain, const struct nla *list,
		   const char *source);

/* Gets all tables of the kernel, and reads them. Returns 0 or a negative errno. */
int nft_get(struct fw_model *model);
