/*
 * Rules of a packet filter, wherever they come from: the kernel's nf_tables, its older tables, or
 * files. Tables hold chains, chains hold rules; a rule has matches, all of which have to hold, and
 * an action. What a match or a target means that is not known here is said so, never guessed.
 */
#pragma once

#include "base/arena.h"
#include "host/firewall/fw_set.h"

/* What is known of a packet. */
enum fw_dim {
	FW_FAMILY, /* 4 or 6 */
	FW_IIF,    /* where it comes in: fw_set_interface(); 0: nowhere, it is our own */
	FW_OIF,    /* where it goes out; 0: nowhere, it is for us */
	FW_SADDR,
	FW_DADDR,
	FW_PROTO,
	FW_SPORT,
	FW_DPORT,
	FW_FLAGS, /* of TCP */
	FW_ICMP,  /* the type */
	FW_STATE, /* enum fw_state * 4 + 1 with source nat + 2 with destination nat */
	FW_STYPE, /* of the source address: RTN_UNICAST, … */
	FW_DTYPE,
	FW_PKTTYPE, /* PACKET_HOST, … */
	N_FW_DIMS,
};

enum fw_state { FW_INVALID, FW_ESTABLISHED, FW_RELATED, FW_NEW, FW_UNTRACKED, N_FW_STATES };

enum fw_kind {
	FW_IN,        /* a dimension is in a set */
	FW_MARK_IS,   /* (mark & mask) == value, or not */
	FW_RPFILTER,  /* no way back leads out where the packet came in */
	FW_SOMETIMES, /* depends on what came before it: a rate, a count */
	FW_SELECTIVE, /* singles out packets by what is not known here: an owner, a text */
	FW_OTHER,     /* not understood at all */
	FW_NEVER,     /* no whole packet is like this */
};

struct fw_match {
	enum fw_kind kind;
	enum fw_dim dim;
	bool negated;
	struct fw_set set;   /* what makes it hold, the negation included */
	struct fw_set named; /* the values that stand there */
	uint32_t mask, value;
	const char *what; /* what was not understood */
};

enum fw_action {
	FW_CONTINUE,
	FW_ACCEPT,
	FW_DROP,
	FW_REJECT,
	FW_JUMP,
	FW_GOTO,
	FW_RETURN,
	FW_UNCERTAIN, /* anything may become of the packet */
};

/* What a rule does to a packet before that. */
enum fw_effect {
	FW_LEAVES,
	FW_SETS_MARK,  /* mark = (mark & ~mask) ^ value */
	FW_LOSES_MARK, /* what it is then cannot be told */
	FW_UNTRACKS,
};

struct fw_rule {
	struct fw_match *matches;
	size_t n_matches;
	enum fw_effect effect;
	enum fw_action action;
	const char *target; /* a chain's name; or what was not understood */
	struct fw_chain *chain;
	uint32_t mask, value;
	const char *source; /* "FILE:LINE", or where the kernel has it */
};

/* In the order in which a packet comes to them. */
enum fw_hook {
	FW_NO_HOOK,
	FW_INGRESS,
	FW_PREROUTING,
	FW_INPUT,
	FW_FORWARD,
	FW_OUTPUT,
	FW_POSTROUTING,
	FW_EGRESS,
};

struct fw_table {
	const char *name, *label; /* "filter", "nf_tables inet filter" */
	unsigned families;        /* FW_IP4 | FW_IP6; 0: of frames and the like */
	bool dormant;
};

enum { FW_IP4 = 1, FW_IP6 = 2 };

struct fw_chain {
	const struct fw_table *table;
	const char *name;
	enum fw_hook hook; /* of a base chain */
	int priority;
	size_t number;           /* in the order in which they were made */
	bool is_nat, is_runtime; /* made by a container runtime */
	struct fw_set devices;   /* of ingress and egress chains; empty: any */
	enum fw_action policy;
	const char *source; /* what set the policy */
	struct fw_rule *rules;
	size_t n_rules, space;
	struct fw_chain *next; /* with the same hash */
};

#define FW_BUCKETS 1024

struct fw_model {
	struct arena *arena;
	struct fw_chain **chains; /* in the order in which they were made */
	size_t n_chains, space, n_rules;
	const char *source;  /* what made it all */
	const char *unknown; /* nothing can be told: why */
	struct fw_chain *buckets[FW_BUCKETS];
};

/* A table of that family and name, new. */
struct fw_table *fw_table_new(struct fw_model *model, const char *label, const char *name,
			      unsigned families);

/* The chain of that name, or a new one. */
struct fw_chain *fw_chain_get(struct fw_model *model, const struct fw_table *table,
			      const char *name);
struct fw_chain *fw_chain_find(const struct fw_model *model, const struct fw_table *table,
			       const char *name);

/* A new rule at the end of a chain. Good until the next one is added there. */
struct fw_rule *fw_rule_add(struct fw_model *model, struct fw_chain *chain, const char *source);

/* Appends a match to a rule. */
void fw_match_add(struct fw_model *model, struct fw_rule *rule, struct fw_match match);
void fw_match_set(struct fw_model *model, struct fw_rule *rule, enum fw_dim dim, struct fw_set set,
		  bool negated);
void fw_match_range(struct fw_model *model, struct fw_rule *rule, enum fw_dim dim, fw_value low,
		    fw_value high);

/* All values that a dimension can have. */
struct fw_set fw_everything(struct arena *arena, enum fw_dim dim);

/* The set of FW_STATE for a mask of states (1 << enum fw_state), with or without nat. */
struct fw_set fw_states(struct arena *arena, unsigned states);

/* The set of FW_STATE with source (1) or destination nat (2). */
struct fw_set fw_natted(struct arena *arena, unsigned nat);

/* Finds the chains that rules lead to. What leads nowhere makes the model unknown. */
void fw_link(struct fw_model *model);
