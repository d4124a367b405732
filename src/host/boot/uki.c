#include "host/boot/uki.h"

#include <errno.h>
#include <string.h>

/* The layout of PE, in bytes. */
#define PE_OFFSET 0x3c   /* of the PE header, in the DOS header */
#define COFF_SECTIONS 2  /* their number, in the COFF header behind "PE\0\0" */
#define COFF_OPTIONAL 16 /* the size of the optional header */
#define COFF_SIZE 20
#define SECTION_SIZE 40
#define SECTION_NAME 8
#define SECTION_VIRTUAL 8 /* how much of it counts */
#define SECTION_RAW 16    /* how much of it is in the file */
#define SECTION_POINTER 20

static uint32_t get16(const unsigned char *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8;
}

static uint32_t get32(const unsigned char *at)
{
	return get16(at) | get16(at + 2) << 16;
}

int uki_find(const unsigned char *head, size_t size, const char *name,
	     struct uki_section *ret_section)
{
	char wanted[SECTION_NAME] = {0};
	size_t at, count;

	memcpy(wanted, name, strnlen(name, SECTION_NAME));
	if (size < PE_OFFSET + 4 || memcmp(head, "MZ", 2) != 0)
		return -EBADMSG;
	at = get32(head + PE_OFFSET);
	if (at > size || size - at < 4 + COFF_SIZE || memcmp(head + at, "PE\0\0", 4) != 0)
		return -EBADMSG;
	at += 4;
	count = get16(head + at + COFF_SECTIONS);
	at += COFF_SIZE + get16(head + at + COFF_OPTIONAL);
	for (size_t i = 0; i < count; i++, at += SECTION_SIZE) {
		uint32_t raw, used;

		if (at > size || size - at < SECTION_SIZE)
			return -EBADMSG;
		if (memcmp(head + at, wanted, SECTION_NAME) != 0)
			continue;
		raw = get32(head + at + SECTION_RAW);
		used = get32(head + at + SECTION_VIRTUAL);
		ret_section->offset = get32(head + at + SECTION_POINTER);
		ret_section->size = used < raw ? used : raw;
		return 0;
	}
	return -ENOENT;
}
