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

	return decode(string, &point);
}

/*
 * Controls (C0, C1, DEL), and what reorders or hides text: U+200B-200F, 2028-202E, 2060-206F, FEFF.
 */
static bool harmless(uint32_t point)
{
	if (point < 0x20 || (point >= 0x7f && point < 0xa0))
		return false;
	if ((point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e))
		return false;
	return !(point >= 0x2060 && point <= 0x206f) && point != 0xfeff;
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
