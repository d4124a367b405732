/* The lines of chrony.conf. */
#include "host/settings/chrony.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct chrony_lines lines = {0};

	/* The door refuses text with a NUL in it. */
	if (memchr(data, '\0', size))
		return 0;
	chrony_parse(&lines, &arena, arena_strndup(&arena, (const char *)data, size));
	for (size_t i = 0; i < lines.count; i++)
		if (!*lines.at[i].word || strpbrk(lines.at[i].word, STR_BLANKS))
			__builtin_trap();
	arena_free(&arena);
	return 0;
}
