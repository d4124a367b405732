/* The files of sudoers(5), put together as sudo reads them. */
#include "host/settings/sudoers.h"

#include <errno.h>

/* As sudo has it. */
#define DEEPEST 128

/* More than anybody has. */
#define MOST_FILES 1024
#define MOST_ITEMS ((size_t)100000)

static const char *const places[] = {
	"/etc/sudoers",
	"/usr/etc/sudoers",              /* SUSE */
	"/usr/share/baselayout/sudoers", /* Flatcar */
	NULL,
};

struct loader {
	struct host *host;
	struct sudoers *sudoers;
	size_t files;
};

static void add(struct loader *loader, const struct sudoers_item *item)
{
	struct sudoers *sudoers = loader->sudoers;

	if (sudoers->count == sudoers->space) {
		size_t space = sudoers->space ? sudoers->space * 2 : 16;

		sudoers->at = arena_grow(loader->host->arena, sudoers->at,
					 sudoers->count * sizeof(*item), space * sizeof(*item));
		sudoers->space = space;
	}
	sudoers->at[sudoers->count++] = *item;
}

static void fail(struct loader *loader, const char *source, int error)
{
	add(loader,
	    &(struct sudoers_item){.kind = SUDOERS_UNREADABLE, .error = error, .source = source});
}

static void load_file(struct loader *loader, const char *path, unsigned depth);

/* A path in a file is one from that file's directory. */
static const char *full_path(struct arena *arena, const char *from, const char *path)
{
	if (*path == '/')
		return path;
	return arena_printf(arena, "%.*s%s", (int)(strrchr(from, '/') + 1 - from), from, path);
}

/* Names with a dot in them, or a tilde at their end, are left out. */
static void load_dir(struct loader *loader, const char *path, unsigned depth)
{
	struct strv names = {0};
	int error = host_list(loader->host, path, &names);

	if (error == -ENOENT)
		return;
	if (error) {
		fail(loader, path, error);
		return;
	}
	for (size_t i = 0; i < names.count; i++) {
		const char *name = names.at[i], *file;
		struct statx stat;

		if (strchr(name, '.') || str_ends(name, "~"))
			continue;
		file = arena_printf(loader->host->arena, "%s/%s", path, name);
		if (!host_stat(loader->host, file, true, &stat) && !S_ISREG(stat.stx_mode))
			continue;
		load_file(loader, file, depth);
	}
}

static void load_item(struct loader *loader, const struct sudoers_item *item, const char *from,
		      unsigned depth)
{
	const char *path;

	if (item->kind != SUDOERS_INCLUDE && item->kind != SUDOERS_INCLUDE_DIR) {
		add(loader, item);
		return;
	}
	/* `%h` is the host's name at that time. */
	if (strchr(item->value, '%')) {
		fail(loader, item->source, -ENOTSUP);
		return;
	}
	path = full_path(loader->host->arena, from, item->value);
	if (item->kind == SUDOERS_INCLUDE)
		load_file(loader, path, depth + 1);
	else
		load_dir(loader, path, depth + 1);
}

static void load_text(struct loader *loader, char *text, const char *path, unsigned depth)
{
	struct sudoers own = {0};

	sudoers_parse(loader->host->arena, text, path, &own);
	for (size_t i = 0; i < own.count; i++)
		load_item(loader, &own.at[i], path, depth);
}

static void load_file(struct loader *loader, const char *path, unsigned depth)
{
	cleanup(text) struct host_text text = {0};
	int error;

	if (depth > DEEPEST || loader->files >= MOST_FILES ||
	    loader->sudoers->count >= MOST_ITEMS) {
		/* Once is enough. */
		if (loader->files < MOST_FILES + 1)
			fail(loader, path, -ELOOP);
		loader->files = MOST_FILES + 1;
		return;
	}
	loader->files++;
	error = host_read(loader->host, path, 0, &text);
	if (error && error != -ENOENT)
		fail(loader, path, error);
	else if (!error)
		load_text(loader, text.data, path, depth);
}

static const void *load(struct host *host)
{
	struct sudoers *sudoers = arena_new(host->arena, struct sudoers);
	struct loader loader = {.host = host, .sudoers = sudoers};

	for (const char *const *place = places; *place && !sudoers->path; place++)
		if (host_exists(host, *place))
			sudoers->path = *place;
	if (sudoers->path)
		load_file(&loader, sudoers->path, 0);
	return sudoers;
}

const struct sudoers *sudoers_get(struct host *host)
{
	return host_view(host, load);
}
