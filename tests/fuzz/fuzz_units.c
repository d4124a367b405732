/* Unit files, the words and specifiers in their values, the names in them; and presets. */
#include "base/arena.h"
#include "host/units/presets.h"
#include "host/units/units_file.h"
#include "host/units/units_name.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed_name(struct arena *arena, const char *name)
{
	const char *full = unit_full_name(arena, arena_strdup(arena, name));

	if (unit_kind(full) == UNIT_INVALID)
		return;
	if (!unit_type(full) || !unit_prefix(arena, full))
		__builtin_trap();
	for (const char *at = full; at; at = unit_family(arena, at))
		if (unit_kind(at) == UNIT_INVALID)
			__builtin_trap();
	unit_to_path(arena, full);
	unit_may_alias_to(full, name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	const char *text = arena_strndup(&arena, (const char *)data, size);
	struct unit_lines lines = {0};
	struct preset_rules presets = {0};
	struct strv words = {0};

	(void)!unit_lines_parse(&lines, &arena, "/x", text);
	for (size_t i = 0; i < lines.count; i++) {
		if (!lines.at[i].section || !*lines.at[i].key || !lines.at[i].value)
			__builtin_trap();
		unit_words(&words, &arena, lines.at[i].value);
		unit_expand(&arena, lines.at[i].value, "a-b@c\\x2dd.service");
	}
	unit_lines_install(&lines, &arena, "WantedBy", &words);
	for (size_t i = 0; i < words.count; i++)
		feed_name(&arena, words.at[i]);
	presets_parse(&presets, &arena, "/x", text);
	presets_find(&presets, &arena, "x@1.service");
	arena_free(&arena);
	return 0;
}
