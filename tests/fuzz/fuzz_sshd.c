/* sshd_config: lines, values, and conditions of Match. */
#include "host/settings/sshd_config.h"
#include "host/settings/sshd_match.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct arena *arena, const struct sshd_line *line)
{
	const struct sshd_keyword *keyword = sshd_keyword_find(line->keyword);
	const char *group[] = {"wheel"};
	const struct strv groups = {.at = group, .count = 1};
	const struct sshd_connection connection = {
		.user = "root",
		.host = "a.b",
		.address = "10.1.2.3",
		.local_address = "::1",
		.local_port = "22",
		.domain = "x",
		.groups = &groups,
	};

	if (line->error)
		return;
	sshd_match(arena, line->rest, &connection);
	sshd_listen(arena, line->rest, "22 23");
	if (keyword && sshd_value(arena, keyword, line))
		sshd_keyword_is_dead(line->keyword);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct sshd_lines lines = {0};

	sshd_lex(&arena, arena_strndup(&arena, (const char *)data, size), &lines);
	for (size_t i = 0; i < lines.count; i++)
		use(&arena, &lines.at[i]);
	arena_free(&arena);
	return 0;
}
