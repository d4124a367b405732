/* The files of pam.d. */
#include "host/settings/pam.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct pam_lines lines = {0};

	pam_parse(&arena, arena_strndup(&arena, (const char *)data, size), &lines);
	for (size_t i = 0; i < lines.count; i++)
		if (!lines.at[i].control || !lines.at[i].arguments ||
		    (pam_is_module(&lines.at[i], "pam_unix") &&
		     pam_is_module(&lines.at[i], "pam_deny")))
			__builtin_trap();
	arena_free(&arena);
	return 0;
}
