/* YAML: a tree whose values have lines of the text, or a reason. */
#include "host/trees/tree.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const struct tree *tree, unsigned lines)
{
	size_t count = 0;

	if (!tree->line || tree->line > lines || (tree->type < TREE_LIST) != (tree->text != NULL))
		__builtin_trap();
	for (const struct tree *at = tree->first; at; at = at->next, count++) {
		if (tree->type == TREE_MAP && tree_get(tree, at->key) != at)
			__builtin_trap();
		check(at, lines);
	}
	if (count != tree->count)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct tree_file file;
	char *text = strndup((const char *)data, size); /* with nothing readable behind it */
	unsigned lines = 1;

	for (size_t i = 0; i < size; i++)
		lines += data[i] == '\n';
	tree_read(&arena, TREE_YAML, "f", text, &file);
	free(text);
	if (!file.root == !file.why)
		__builtin_trap();
	if (file.root)
		check(file.root, lines);
	arena_free(&arena);
	return 0;
}
