/* The files of sudo. */
#include "host/settings/sudoers.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct sudoers sudoers = {0};

	sudoers_parse(&arena, arena_strndup(&arena, (const char *)data, size), "/x", &sudoers);
	for (size_t i = 0; i < sudoers.count; i++)
		if (sudoers.at[i].kind == SUDOERS_OPTION ? !sudoers.at[i].name
							 : !sudoers.at[i].value)
			__builtin_trap();
	arena_free(&arena);
	return 0;
}
