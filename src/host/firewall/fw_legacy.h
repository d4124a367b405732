/*
 * The tables of ip_tables and ip6_tables: the block of entries that the kernel hands out, and how
 * it is got. Asking for a table that is not there would make it: others are never asked for.
 */
#pragma once

#include "host/firewall/firewall.h"

struct fw_blob {
	const void *data; /* entries, one behind the other */
	size_t size;
	unsigned hooks;                  /* a bit for each hook that the table has */
	uint32_t entry[5], underflow[5]; /* where the chain of a hook begins, and its policy */
	bool six;
};

/* Reads a table into the model. Returns 0, or -EBADMSG for a block that makes no sense. Pure. */
int fw_legacy_read(struct fw_model *model, const char *name, const struct fw_blob *blob);

/* Gets a table of the kernel by its name, and reads it. 0 or a negative errno. */
int fw_legacy_get(struct fw_model *model, const char *name, bool six);
