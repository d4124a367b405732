#include "host/kernel/modalias.h"

#include "host/kernel/modprobe.h"

#include <fnmatch.h>

/* Distributions with every driver there is have about 2 MiB of aliases. */
#define LIST_LIMIT ((size_t)8 * 1024 * 1024)

/* Most aliases are bus addresses such as "pci:v00008086d…": nearly nobody asks for them. */
static bool is_wanted(const char *name, const char *wanted)
{
	if (!strchr(wanted, ':'))
		return !strchr(name, ':');
	return !fnmatch(name, wanted, 0);
}

static void push(struct arena *arena, struct modalias_table *table, char *name, char *module)
{
	if (table->count == table->space) {
		size_t space = table->space ? table->space * 2 : 256;

		table->at = arena_grow(arena, table->at, table->count * sizeof(*table->at),
				       space * sizeof(*table->at));
		table->space = space;
	}
	table->at[table->count++] = (struct modalias){
		arena_strdup(arena, name),
		arena_strdup(arena, modprobe_name(module)),
	};
}

/* Lines such as "alias fs-cramfs cramfs". */
void modalias_parse(struct arena *arena, char *text, const char *wanted,
		    struct modalias_table *table)
{
	char *line;

	while ((line = str_next_line(&text))) {
		char *name, *module;

		if (!str_starts(line, "alias "))
			continue;
		name = line + strlen("alias ");
		module = strchr(name, ' ');
		if (!module)
			continue;
		*module++ = '\0';
		if (is_wanted(modprobe_name(name), wanted))
			push(arena, table, name, str_trim(module));
	}
}

/* Strings such as "cramfs.alias=fs-cramfs", each ended by a NUL. */
void modalias_parse_builtin(struct arena *arena, struct host_text *text, const char *wanted,
			    struct modalias_table *table)
{
	for (char *at = text->data, *next; at < text->data + text->size; at = next) {
		char *name = strchr(at, '.');

		next = at + strlen(at) + 1;
		if (!name || !str_starts(name, ".alias="))
			continue;
		*name = '\0';
		name += strlen(".alias=");
		if (is_wanted(modprobe_name(name), wanted))
			push(arena, table, name, at);
	}
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct modalias *)a)->name, ((const struct modalias *)b)->name);
}

void modalias_load(struct host *host, const char *dir, const char *wanted,
		   struct modalias_table *table)
{
	cleanup(text) struct host_text built = {0}, builtin = {0};
	const char *path = arena_printf(host->arena, "%s/modules.alias", dir);

	table->error = host_read(host, path, LIST_LIMIT, &built);
	if (!table->error)
		modalias_parse(host->arena, built.data, wanted, table);
	host_text_free(&built);
	if (!table->error) {
		path = arena_printf(host->arena, "%s/modules.builtin.modinfo", dir);
		table->error = host_read_bytes(host, path, LIST_LIMIT, &builtin);
	}
	if (!table->error)
		modalias_parse_builtin(host->arena, &builtin, wanted, table);
	if (table->count)
		qsort(table->at, table->count, sizeof(*table->at), compare);
}

void modalias_find(const struct modalias_table *table, const char *name, struct arena *arena,
		   struct strv *modules)
{
	for (size_t i = 0; i < table->count; i++) {
		const struct modalias *alias = &table->at[i];
		bool plain = !strpbrk(alias->name, "*?[");

		if ((plain ? str_eq(alias->name, name) : !fnmatch(alias->name, name, 0)) &&
		    !strv_has(modules, alias->module))
			strv_push(modules, arena, alias->module);
	}
}
