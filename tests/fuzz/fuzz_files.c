/* Searches: their subjects, names against patterns, and the settings of container runtimes. */
#include "host/files/predicate.h"
#include "host/files/runtimes.h"
#include "host/files/search.h"

#include <stdint.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever holds is also what the first and the last byte of the name say. */
static void use(const struct predicate *predicate, const char *name)
{
	unsigned char first = predicate_first(predicate), last = predicate_last(predicate);

	if (!*name || !predicate_holds(predicate, name, S_IFREG | 0644, 0))
		return;
	if ((first && first != (unsigned char)name[0]) ||
	    (last && last != (unsigned char)name[strlen(name) - 1]))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	const char *text = arena_strndup(&arena, (const char *)data, size), *why;
	const char *rest = text + strcspn(text, "\n");
	const char *first = arena_strndup(&arena, text, (size_t)(rest - text));
	struct predicate predicate;

	search_refuse(first);
	rest += *rest == '\n';
	/* Patterns come from rules; one with many stars takes its time, and that is known. */
	if (strlen(first) < 40 && !predicate_parse(&arena, first, &predicate, &why))
		use(&predicate, arena_strndup(&arena, rest, strcspn(rest, "\n")));
	argument_value(&arena, text, "--root");
	toml_string(&arena, text, NULL, "root");
	toml_string(&arena, text, "storage", "graphroot");
	arena_free(&arena);
	return 0;
}
