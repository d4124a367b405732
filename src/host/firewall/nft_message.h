/* Attributes of netlink messages, read with bounds. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct nla {
	unsigned type;
	const unsigned char *data; /* NULL: it is not there */
	size_t size;
};

/* The next attribute at `*at`, which moves behind it; false at the end, or where nothing fits. */
static inline bool nla_next(const struct nla *within, size_t *at, struct nla *ret_nla)
{
	uint16_t head[2];

	if (within->size < *at + sizeof(head))
		return false;
	memcpy(head, within->data + *at, sizeof(head));
	if (head[0] < sizeof(head) || head[0] > within->size - *at)
		return false;
	ret_nla->type = head[1] & 0x3fff;
	ret_nla->data = within->data + *at + sizeof(head);
	ret_nla->size = head[0] - sizeof(head);
	*at += (head[0] + 3U) & ~3U;
	return true;
}

/* The attributes by their types, below `count`; those that are not there stay zero. */
static inline void nla_table(const struct nla *within, struct nla *table, size_t count)
{
	struct nla nla;
	size_t at = 0;

	memset(table, 0, count * sizeof(*table));
	while (within->data && nla_next(within, &at, &nla))
		if (nla.type < count)
			table[nla.type] = nla;
}

/* Numbers in the order of the network; 0 where they are not there. */
static inline uint32_t nla_number(const struct nla *nla)
{
	uint32_t number = 0;

	for (size_t i = 0; nla->data && i < nla->size && i < 4; i++)
		number = number << 8 | nla->data[i];
	return number;
}
