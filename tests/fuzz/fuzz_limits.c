/* limits.conf, tables of limits, and values of LimitX=; the first byte chooses. */
#include "host/settings/limits.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_lines(struct arena *arena, char *text, const struct limit_resource *resource)
{
	const char *groups[] = {"staff"}, *ids[] = {"2001"};
	const struct limit_user users[] = {
		{.name = NULL},
		{.name = "root"},
		{"alice", 1001, 2001, {groups, 1, 1}, {ids, 1, 1}},
	};
	struct limit_lines lines = {0};
	struct limit limit;

	limit_lines_parse(&lines, arena, "x", text);
	for (size_t i = 0; i < sizeof(users) / sizeof(users[0]); i++) {
		limit_of_user(arena, &lines, &users[i], resource, &limit);
		if (!limit.hard.source && !limit.hard.why)
			__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const names[] = {"core", "nofile", "nice", "cpu", "rttime", "maxlogins"};
	struct arena arena = {0};
	const struct limit_resource *resource;
	struct limit limit = {0};
	const char *soft, *hard;
	char *text;

	if (!size || memchr(data + 1, '\0', size - 1))
		return 0;
	resource = limit_resource_find(names[data[0] % 6]);
	text = arena_strndup(&arena, (const char *)data + 1, size - 1);
	if (data[0] & 0x80 && resource->shown) {
		if (limit_value_parse(&arena, resource, text, &soft, &hard) &&
		    !limit_table_parse(&arena, text, resource, &limit) && !limit.hard.value)
			__builtin_trap();
	} else {
		use_lines(&arena, text, resource);
	}
	arena_free(&arena);
	return 0;
}
