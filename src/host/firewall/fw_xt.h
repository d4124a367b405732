/*
 * Matches and targets of x_tables in the kernel's own layout, as the legacy tables have them, and
 * nf_tables where iptables-nft wrote them. Pure.
 */
#pragma once

#include "host/firewall/firewall.h"

#include <sys/types.h>

struct fw_xt {
	const char *name;
	unsigned revision;
	const void *data; /* of any alignment */
	size_t size;
	bool six; /* of IPv6 */
};

/* Appends what a match asks for; what is not understood is said so. */
void fw_xt_match(struct fw_model *model, struct fw_rule *rule, const struct fw_xt *xt);

/* Sets what becomes of a packet. */
void fw_xt_target(struct fw_model *model, struct fw_rule *rule, const struct fw_xt *xt);

/* What is known of matches and targets by their names alone, in text or in the kernel. */
enum fw_kind fw_xt_kind(const char *match);
enum fw_action fw_xt_action(const char *target);
