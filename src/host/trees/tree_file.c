/* Files of the host, each read once. */
#include "host/host.h"
#include "host/trees/tree.h"

#include <errno.h>

struct loaded {
	struct loaded *next;
	enum tree_syntax syntax;
	struct tree_file file;
};

struct loads {
	struct loaded *first;
};

static const void *load(struct host *host)
{
	return arena_new(host->arena, struct loads);
}

static void read_file(struct host *host, enum tree_syntax syntax, const char *path,
		      struct tree_file *ret_file)
{
	cleanup(text) struct host_text text = {0};
	struct tree_file file = {.path = arena_strdup(host->arena, path)};

	file.error = host_read(host, path, 0, &text);
	if (file.error) {
		file.why = host_error(file.error);
		*ret_file = file;
	} else {
		tree_read(host->arena, syntax, path, text.data, ret_file);
	}
}

const struct tree_file *tree_file_get(struct host *host, enum tree_syntax syntax, const char *path)
{
	struct loads *loads = (struct loads *)host_view(host, load);
	struct loaded *at = loads->first;

	while (at && !(at->syntax == syntax && str_eq(at->file.path, path)))
		at = at->next;
	if (!at) {
		at = arena_new(host->arena, struct loaded);
		at->syntax = syntax;
		read_file(host, syntax, path, &at->file);
		at->next = loads->first;
		loads->first = at;
	}
	return &at->file;
}
