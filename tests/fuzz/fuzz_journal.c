/* The journal of a run, and what a file of our own held before. */
#include "base/diff.h"
#include "fix/journal.h"
#include "host/change/sheet.h"

#include "base/arena.h"
#include "base/digest.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* With the right sum behind it, or nothing else would be reached. */
static char *with_sum(struct arena *arena, const char *text)
{
	char hex[65];

	digest_bytes(text, strlen(text), hex);
	return arena_printf(arena, "%ssum %s\n", text, hex);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sheet_kind kind = {.head = "[Mount]"};
	struct arena arena = {0};
	const char *text = arena_strndup(&arena, (const char *)data, size), *why, *again;
	struct state before = {0};
	struct sheet *sheet = sheet_new(&arena, "/x", &kind, &before);
	struct journal journal, copy;

	if (!journal_parse(&arena, with_sum(&arena, text), &journal, &why)) {
		again = journal_format(&arena, &journal);
		if (journal_parse(&arena, arena_strdup(&arena, again), &copy, &why) ||
		    !str_eq(again, journal_format(&arena, &copy)))
			abort();
	}
	if (!sheet_read(sheet, &arena, arena_strdup(&arena, text)))
		sheet_text(sheet, &arena, NULL, NULL);
	diff_unified(&arena, text, arena_strndup(&arena, text, strlen(text) / 2));
	arena_free(&arena);
	return 0;
}
