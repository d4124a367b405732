/*
 * The kernel command line of the next boot: of the many places where boot loaders keep it, the
 * first that is there decides.
 */
#include "host/boot/cmdline_ways.h"

#include "host/boot/bls.h"

#include <fnmatch.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* The value of a key in loader.conf or in an environment block of GRUB; NULL without one. */
static int read_key(struct host *host, const char *path, const char *key, const char **ret_value)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);
	size_t length = strlen(key);
	char *rest = text.data, *line;

	*ret_value = NULL;
	if (error)
		return cmdline_is_absent(error) ? 0 : error;
	while ((line = str_next_line(&rest))) {
		char *word = str_trim(line);

		if (!strncmp(word, key, length) && word[length] && strchr(" \t=", word[length]))
			*ret_value = arena_strdup(host->arena, str_trim(word + length + 1));
	}
	return 0;
}

struct entries {
	struct bls_entry *at;
	size_t count;
};

static int read_entries(struct host *host, const char *dir, struct entries *ret_entries)
{
	struct strv paths = {0};
	int error = host_glob(host, arena_printf(host->arena, "%s/loader/entries/*.conf", dir),
			      &paths);

	ret_entries->at = arena_alloc(host->arena, (paths.count + 1) * sizeof(*ret_entries->at));
	ret_entries->count = 0;
	for (size_t i = 0; !error && i < paths.count; i++) {
		cleanup(text) struct host_text text = {0};

		error = host_read(host, paths.at[i], 0, &text);
		if (!error)
			bls_parse(host->arena, paths.at[i], text.data,
				  &ret_entries->at[ret_entries->count++]);
	}
	return error;
}

static int compare(const void *a, const void *b)
{
	return bls_compare(a, b);
}

/* The entry that loader.conf or grubenv names, by a pattern of its name or by its place. */
static const struct bls_entry *named_entry(struct arena *arena, const struct entries *entries,
					   const char *name)
{
	long long number;

	if (!str_to_number(name, &number))
		return number >= 0 && (size_t)number < entries->count ? &entries->at[number] : NULL;
	for (size_t i = 0; i < entries->count; i++) {
		const char *id = entries->at[i].id;

		if (!fnmatch(name, id, 0) || !fnmatch(name, arena_printf(arena, "%s.conf", id), 0))
			return &entries->at[i];
	}
	return NULL;
}

/* Which of the sorted entries boots? NULL, and why in `unknown`, when that cannot be told. */
static const struct bls_entry *pick(struct host *host, const char *dir,
				    const struct entries *entries, struct cmdline *cmdline)
{
	static const char *const choosers[][2] = {
		{"grub2/grubenv", "saved_entry"},
		{"grub/grubenv", "saved_entry"},
		{"loader/loader.conf", "default"},
	};

	for (size_t i = 0; i < N(choosers) && entries->count > 1; i++) {
		const char *path = arena_printf(host->arena, "%s/%s", dir, choosers[i][0]), *name;
		const struct bls_entry *named;
		int error = read_key(host, path, choosers[i][1], &name);

		if (error) {
			cmdline_give_up(host, cmdline, path, error);
			return NULL;
		}
		if (name && *name == '@') {
			cmdline->unknown =
				arena_printf(host->arena,
					     "which entry boots is kept by the firmware (%s)",
					     path);
			return NULL;
		}
		named = name && *name ? named_entry(host->arena, entries, name) : NULL;
		if (named)
			return named;
	}
	return &entries->at[0];
}

/* Options may name variables of GRUB: $kernelopts, ${tuned_params}. */
static void use_entry(struct host *host, const char *dir, const struct bls_entry *entry,
		      struct cmdline *cmdline)
{
	cmdline->source = entry->source ? entry->source : entry->id;
	if (entry->options && strchr(entry->options, '$'))
		cmdline_expand(host, dir, entry, cmdline);
	else if (entry->options)
		cmdline_parse(host->arena, entry->options, cmdline->source, false, cmdline);
}

int cmdline_in_entries(struct host *host, struct cmdline *cmdline)
{
	static const char *const dirs[] = {"/boot", "/efi", "/boot/efi"};

	for (size_t i = 0; i < N(dirs); i++) {
		const struct bls_entry *entry;
		struct entries entries;
		int error = read_entries(host, dirs[i], &entries);

		if (error && !cmdline_is_absent(error))
			return cmdline_give_up(host, cmdline,
					       arena_printf(host->arena, "%s/loader/entries",
							    dirs[i]),
					       error);
		if (error || !entries.count)
			continue;
		qsort(entries.at, entries.count, sizeof(*entries.at), compare);
		entry = pick(host, dirs[i], &entries, cmdline);
		if (entry)
			use_entry(host, dirs[i], entry, cmdline);
		return 1;
	}
	return 0;
}

static int find_running(struct host *host, struct cmdline *cmdline)
{
	const struct cmdline *running;

	if (!host->live)
		return 0;
	running = cmdline_running(host);
	*cmdline = *running;
	cmdline->source = "/proc/cmdline (no loader configuration found)";
	cmdline->args = arena_grow(host->arena, running->args,
				   running->count * sizeof(*running->args),
				   running->space * sizeof(*running->args));
	for (size_t i = 0; i < cmdline->count; i++)
		cmdline->args[i].source = cmdline->source;
	return 1;
}

static const void *load_configured(struct host *host)
{
	/* What a loader reads comes before what its configuration is made from. */
	static int (*const ways[])(struct host *, struct cmdline *) = {
		cmdline_in_profile, cmdline_in_entries,        cmdline_in_images,
		cmdline_in_grub,    cmdline_in_kernel_install, cmdline_in_default_grub,
		find_running,
	};
	struct cmdline *cmdline = arena_new(host->arena, struct cmdline);

	for (size_t i = 0; i < N(ways); i++)
		if (ways[i](host, cmdline))
			return cmdline;
	cmdline->unknown = "the tree has no configuration of a boot loader";
	return cmdline;
}

const struct cmdline *cmdline_configured(struct host *host)
{
	return host_view(host, load_configured);
}
