#include "host/kernel/modload.h"

#include "host/boot/cmdline.h"

#include <errno.h>

static const char *const dirs[] = {
	"/etc/modules-load.d",     "/run/modules-load.d", "/usr/local/lib/modules-load.d",
	"/usr/lib/modules-load.d", "/lib/modules-load.d", NULL,
};

static void push(struct arena *arena, struct modload *modload, const char *module,
		 const char *source)
{
	if (modload->count == modload->space) {
		size_t space = modload->space ? modload->space * 2 : 8;

		modload->at = arena_grow(arena, modload->at, modload->count * sizeof(*modload->at),
					 space * sizeof(*modload->at));
		modload->space = space;
	}
	modload->at[modload->count++] = (struct modload_line){module, source};
}

void modload_parse(struct arena *arena, char *text, const char *path, struct modload *modload)
{
	char *line;

	for (unsigned number = 1; (line = str_next_line(&text)); number++) {
		line = str_trim(line);
		if (*line && *line != '#' && *line != ';')
			push(arena, modload, arena_strdup(arena, line),
			     arena_printf(arena, "%s:%u", path, number));
	}
}

static void read_file(struct host *host, const char *path, struct modload *modload)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read_dropin(host, path, &text);

	if (!error) {
		modload_parse(host->arena, text.data, path, modload);
	} else {
		modload->error = error;
		modload->error_path = path;
	}
}

/* Arguments of the kernel that are not known are none: nearly nobody has these. */
static void read_arguments(struct host *host, const char *name, struct modload *modload)
{
	const struct cmdline *cmdline = cmdline_configured(host);
	struct strv values = {0}, names = {0};
	const char *why;

	if (cmdline_find_all(host->arena, cmdline, name, &values, &why) <= 0)
		return;
	for (size_t i = 0; i < values.count; i++)
		strv_split(&names, host->arena, values.at[i], ",");
	for (size_t i = 0; i < names.count; i++)
		push(host->arena, modload, names.at[i], cmdline->source);
}

static const void *load(struct host *host)
{
	struct modload *modload = arena_new(host->arena, struct modload);
	struct strv paths = {0};

	modload->error = host_dropins(host, dirs, ".conf", &paths);
	modload->error_path = "modules-load.d";
	for (size_t i = 0; i < paths.count; i++)
		read_file(host, paths.at[i], modload);
	read_arguments(host, "modules-load", modload);
	read_arguments(host, "rd.modules-load", modload);
	return modload;
}

const struct modload *modload_get(struct host *host)
{
	return host_view(host, load);
}
