#include "host/firewall/fw_set.h"

#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
	const struct fw_range *left = a, *right = b;

	return left->low < right->low ? -1 : left->low > right->low;
}

/* Appends a range that begins where those before it do, or later. */
static size_t append(struct fw_range *at, size_t count, struct fw_range range)
{
	if (range.low > range.high)
		return count;
	if (count && (at[count - 1].high == FW_VALUE_MAX || range.low <= at[count - 1].high + 1)) {
		if (range.high > at[count - 1].high)
			at[count - 1].high = range.high;
		return count;
	}
	at[count] = range;
	return count + 1;
}

struct fw_set fw_set_make(struct arena *arena, const struct fw_range *ranges, size_t count)
{
	struct fw_range *at;
	size_t n = 0;

	if (!count)
		return (struct fw_set){0};
	at = arena_alloc(arena, count * sizeof(*at));
	memcpy(at, ranges, count * sizeof(*at));
	qsort(at, count, sizeof(*at), compare);
	for (size_t i = 0; i < count; i++)
		n = append(at, n, at[i]);
	return (struct fw_set){at, n};
}

struct fw_set fw_set_range(struct arena *arena, fw_value low, fw_value high)
{
	return fw_set_make(arena, &(struct fw_range){low, high}, 1);
}

struct fw_set fw_set_and(struct arena *arena, struct fw_set a, struct fw_set b)
{
	struct fw_range *at;
	size_t n = 0, i = 0, k = 0;

	if (fw_set_within(a, b))
		return a;
	if (!fw_set_meets(a, b))
		return (struct fw_set){0};
	at = arena_alloc(arena, (a.count + b.count) * sizeof(*at));
	while (i < a.count && k < b.count) {
		const struct fw_range *left = &a.at[i], *right = &b.at[k];
		struct fw_range both = {
			left->low > right->low ? left->low : right->low,
			left->high < right->high ? left->high : right->high,
		};

		n = append(at, n, both);
		if (left->high < right->high)
			i++;
		else
			k++;
	}
	return (struct fw_set){at, n};
}

struct fw_set fw_set_or(struct arena *arena, struct fw_set a, struct fw_set b)
{
	struct fw_range *at;
	size_t n = 0, i = 0, k = 0;

	if (!a.count || !b.count)
		return a.count ? a : b;
	at = arena_alloc(arena, (a.count + b.count) * sizeof(*at));
	while (i < a.count || k < b.count) {
		bool left = k == b.count || (i < a.count && a.at[i].low <= b.at[k].low);

		n = append(at, n, left ? a.at[i++] : b.at[k++]);
	}
	return (struct fw_set){at, n};
}

struct fw_set fw_set_minus(struct arena *arena, struct fw_set a, struct fw_set b)
{
	struct fw_range *at;
	size_t n = 0, k = 0;

	if (!fw_set_meets(a, b))
		return a;
	at = arena_alloc(arena, (a.count + b.count) * sizeof(*at));
	for (size_t i = 0; i < a.count; i++) {
		struct fw_range rest = a.at[i];
		bool gone = false;

		while (k < b.count && b.at[k].high < rest.low)
			k++;
		for (size_t m = k; m < b.count && b.at[m].low <= rest.high && !gone; m++) {
			if (b.at[m].low > rest.low)
				at[n++] = (struct fw_range){rest.low, b.at[m].low - 1};
			gone = b.at[m].high >= rest.high;
			if (!gone)
				rest.low = b.at[m].high + 1;
		}
		if (!gone)
			at[n++] = rest;
	}
	return (struct fw_set){at, n};
}

bool fw_set_equal(struct fw_set a, struct fw_set b)
{
	if (a.count != b.count)
		return false;
	return a.at == b.at || !a.count || !memcmp(a.at, b.at, a.count * sizeof(*a.at));
}

/* The first range of a set that ends at or behind a value. */
static size_t find(struct fw_set set, fw_value value)
{
	size_t low = 0, high = set.count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (set.at[middle].high < value)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool fw_set_meets(struct fw_set a, struct fw_set b)
{
	struct fw_set few = a.count < b.count ? a : b, many = a.count < b.count ? b : a;

	for (size_t i = 0; i < few.count; i++) {
		size_t at = find(many, few.at[i].low);

		if (at < many.count && many.at[at].low <= few.at[i].high)
			return true;
	}
	return false;
}

bool fw_set_within(struct fw_set a, struct fw_set b)
{
	if (a.at == b.at && a.count == b.count)
		return true;
	for (size_t i = 0; i < a.count; i++) {
		size_t at = find(b, a.at[i].low);

		if (at == b.count || b.at[at].low > a.at[i].low || b.at[at].high < a.at[i].high)
			return false;
	}
	return true;
}

struct fw_set fw_set_interface(struct arena *arena, const char *name, char star)
{
	size_t length = strnlen(name, sizeof(fw_value));
	bool open = length && star && name[length - 1] == star;
	fw_value low = 0, high = 0;

	if (open)
		length--;
	for (size_t i = 0; i < sizeof(fw_value); i++) {
		unsigned char byte = i < length ? (unsigned char)name[i] : 0;

		low = low << 8 | byte;
		high = high << 8 | (open && i >= length ? 0xff : byte);
	}
	return fw_set_range(arena, low, high);
}

struct fw_set fw_set_masked(struct arena *arena, unsigned bits, uint32_t mask, uint32_t value)
{
	size_t size = (size_t)1 << bits, n = 0;
	struct fw_range *at = arena_alloc(arena, (size / 2 + 1) * sizeof(*at));

	for (uint32_t v = 0; v < size; v++)
		if ((v & mask) == value)
			n = append(at, n, (struct fw_range){v, v});
	return (struct fw_set){at, n};
}
