/* Days in versions, zincati's files, and udev's of partitions. */
#include "base/date.h"
#include "host/update/update.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	char *text = arena_strndup(&arena, (const char *)data, size);
	struct partition partition;
	unsigned line = 0;
	char day_text[16];
	day_t day, same;

	if (!date_find(text, &day)) {
		date_write(day, day_text);
		if (date_parse(day_text, &same) || same != day)
			abort();
	}
	if (partition_parse(&arena, arena_strdup(&arena, text), &partition) &&
	    partition_is_first(&partition, 1, partition.uuid) == 0 && partition.flags >> 56 & 1 &&
	    partition.flags >> 48 & 15)
		abort();
	if (zincati_enabled(text, &line) >= 0 && !line)
		abort();
	arena_free(&arena);
	return 0;
}
