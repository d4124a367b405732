#include "base/utf8.h"

#include "base/arena.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct lead {
	unsigned char mask, bits;
	size_t length;
	uint32_t least; /* a smaller one is written too long */
};

static const struct lead leads[] = {
	{0x80, 0x00, 1, 0},
	{0xe0, 0xc0, 2, 0x80},
	{0xf0, 0xe0, 3, 0x800},
	{0xf8, 0xf0, 4, 0x10000},
};

static size_t decode(const char *string, uint32_t *ret_point)
{
	const unsigned char *byte = (const unsigned char *)string;

	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++) {
		const struct lead *lead = &leads[i];
		uint32_t point = byte[0] & (uint32_t)~lead->mask & 0xff;

		if ((byte[0] & lead->mask) != lead->bits)
			continue;
		for (size_t n = 1; n < lead->length; n++) {
			if ((byte[n] & 0xc0) != 0x80)
				return 0;
			point = point << 6 | (byte[n] & 0x3f);
		}
		if (point < lead->least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
			return 0;
		*ret_point = point;
		return lead->length;
	}
	return 0;
}

size_t utf8_length(const char *string)
{
	uint32_t point;

	return *string ? decode(string, &point) : 0;
}

/* Controls, and what turns the direction of writing, hides text, or is not seen itself. */
static bool harmless(uint32_t point)
{
	static const struct {
		uint32_t first, last;
	} harmful[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0xad, 0xad},     {0x61c, 0x61c},
		{0x180b, 0x180f}, {0x200b, 0x200f}, {0x2028, 0x202e}, {0x2060, 0x206f},
		{0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff9, 0xfffb}, {0xe0000, 0xe0fff},
	};

	for (size_t i = 0; i < sizeof(harmful) / sizeof(harmful[0]); i++)
		if (point >= harmful[i].first && point <= harmful[i].last)
			return false;
	return true;
}

const char *utf8_printable(struct arena *arena, const char *string)
{
	char *copy, *end;
	bool changed = false;

	end = copy = arena_alloc(arena, strlen(string) * 4 + 1);
	for (const char *at = string; *at;) {
		uint32_t point;
		size_t length = decode(at, &point);

		if (length && harmless(point)) {
			memcpy(end, at, length);
			end += length;
		} else {
			length = length ? length : 1;
			for (size_t i = 0; i < length; i++)
				end += snprintf(end, 5, "\\x%02x", (unsigned char)at[i]);
			changed = true;
		}
		at += length;
	}
	return changed ? copy : string;
}
