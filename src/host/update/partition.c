/* GPT partitions by what udev keeps of them: the disk itself is never opened. */
#include "host/update/update.h"

#include <errno.h>

static unsigned long long hex(const char *text)
{
	char *end;
	unsigned long long value = strtoull(text, &end, 16);

	return *end ? 0 : value;
}

bool partition_parse(struct arena *arena, char *text, struct partition *ret_partition)
{
	struct partition partition = {.name = ""};
	bool gpt = false;
	char *line;

	while ((line = str_next_line(&text))) {
		char *value = strchr(line, '=');

		if (!str_starts(line, "E:ID_PART_ENTRY_") || !value)
			continue;
		*value++ = '\0';
		line += strlen("E:ID_PART_ENTRY_");
		if (str_eq(line, "SCHEME"))
			gpt = str_eq(value, "gpt");
		else if (str_eq(line, "UUID"))
			partition.uuid = arena_strdup(arena, value);
		else if (str_eq(line, "TYPE"))
			partition.type = arena_strdup(arena, value);
		else if (str_eq(line, "NAME"))
			partition.name = arena_strdup(arena, value);
		else if (str_eq(line, "FLAGS")) {
			partition.flags = hex(value);
			partition.flagged = true;
		}
	}
	if (!gpt || !partition.uuid || !partition.type)
		return false;
	*ret_partition = partition;
	return true;
}
