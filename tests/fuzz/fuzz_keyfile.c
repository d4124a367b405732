/* Files of keys and values; the first byte chooses the dialect. */
#include "host/settings/keyfile.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct keyfile keyfile = {0};

	if (!size)
		return 0;
	keyfile_parse(&arena, (enum keyfile_dialect)(data[0] % N_KEYFILE_DIALECTS),
		      arena_strndup(&arena, (const char *)data + 1, size - 1), &keyfile);
	for (size_t i = 0; i < keyfile.count; i++)
		if (!keyfile.at[i].key || (!keyfile.at[i].value && !keyfile.at[i].why))
			__builtin_trap();
	arena_free(&arena);
	return 0;
}
