/* The questions that are put to a packet filter, and what its rules answer. Pure. */
#pragma once

#include "host/firewall/firewall.h"

enum fw_question {
	FW_POLICY,   /* "accept", "drop" or "reject": packets that no rule singles out */
	FW_LOOPBACK, /* "yes": what comes and goes by the loopback interface passes */
	FW_SPOOFED,  /* "yes": loopback addresses that come in elsewhere are dropped */
	FW_NEW_PASSES,
	FW_ESTABLISHED_PASSES,
	FW_RELATED_PASSES,
	FW_OPEN_PORTS,   /* "tcp/22,udp/546", "any" or "none": open to anybody */
	FW_PUBLIC_PORTS, /* the same: open to public addresses */
	FW_OPEN,         /* "yes": one port is open to anybody */
	FW_PUBLIC,
};

struct fw_subject {
	enum fw_hook hook; /* FW_INPUT, FW_FORWARD or FW_OUTPUT */
	unsigned family;   /* FW_IP4 or FW_IP6 */
	unsigned proto;    /* with FW_OPEN and FW_PUBLIC */
	unsigned low, high;
};

struct fw_answer {
	const char *value;  /* NULL: it cannot be told */
	const char *source; /* what decides; may be NULL */
	const char *why;    /* why it cannot be told */
};

/* Strings belong to the arena. */
void fw_ask(struct arena *arena, const struct fw_model *model, const struct fw_subject *subject,
	    enum fw_question question, struct fw_answer *ret_answer);

/* The first base chain that filters at a hook, or NULL. */
const struct fw_chain *fw_base(const struct fw_model *model, const struct fw_subject *subject);
