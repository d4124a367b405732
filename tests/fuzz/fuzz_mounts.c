/* Tables of mounts; the first byte chooses between mountinfo and fstab. */
#include "host/mounts/mount_options.h"
#include "host/mounts/mounts.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct mount_table table = {0};
	struct host_text text;

	/* The door refuses text with a NUL in it. */
	if (!size || memchr(data + 1, '\0', size - 1))
		return 0;
	text = (struct host_text){arena_strndup(&arena, (const char *)data + 1, size - 1),
				  size - 1};
	if (data[0] & 1)
		mountinfo_parse(&arena, &text, &table);
	else
		fstab_parse(&arena, text.data, &table);
	for (size_t i = 0; i < table.count; i++) {
		struct strv effective = {0};

		if (!table.at[i].target || !table.at[i].type || !table.at[i].source)
			__builtin_trap();
		mount_options_effective(&arena, &table.at[i].options, &effective);
		if (!effective.count)
			__builtin_trap();
	}
	arena_free(&arena);
	return 0;
}
