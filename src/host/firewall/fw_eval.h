/*
 * What becomes of packets. Not of one by one: of all that have their properties in given sets,
 * which the rules split into those that they match and the others. Pure.
 */
#pragma once

#include "host/firewall/firewall.h"

struct fw_region {
	struct fw_set at[N_FW_DIMS];
	uint32_t mark;
	bool mark_lost;
	bool doubtful;      /* whether such packets get here depends on what was not understood */
	bool by_runtime;    /* let through by a chain of a container runtime */
	const char *what;   /* what was not understood */
	const char *source; /* what let it through, or not, last; NULL: nothing stood in its way */
};

struct fw_outcome {
	struct fw_outcome *next;
	enum fw_action verdict; /* FW_ACCEPT, FW_DROP or FW_REJECT */
	struct fw_region region;
};

struct fw_course {
	struct arena *arena;
	unsigned families;
	bool plain; /* the packets are none that a selective match singles out */
	struct fw_outcome *outcomes;
	bool gave_up; /* too much to follow: nothing can be told */
	size_t steps;
};

/* Sends packets through all base chains of these hooks. FW_NO_HOOK ends the list. */
void fw_follow(const struct fw_model *model, const enum fw_hook *hooks,
	       const struct fw_region *packets, struct fw_course *course);

/* Do packets of these families go through this base chain? */
bool fw_counts(const struct fw_chain *chain, enum fw_hook hook, unsigned families);
