/*
 * The kernel command line of the next boot: of the many places where boot loaders keep it, the first
 * that is there decides.
 */
#include "host/cmdline.h"

#include "host/bls.h"
#include "host/os.h"

#include <errno.h>
#include <fnmatch.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* One way to find it. Returns 1 when it was found, or known to be unknown; 0: go on looking. */
typedef int find_way(struct host *host, struct cmdline *cmdline);

static int give_up(struct host *host, struct cmdline *cmdline, const char *path, int error)
{
	cmdline->unknown = arena_printf(host->arena, "%s cannot be read: %s", path,
					host_error(error));
	return 1;
}

static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

/* What loader.conf and grubenv say of the entry to take: a pattern of its name, or NULL. */
static const char *chosen_entry(struct host *host, const char *path, const char *key)
{
	cleanup(text) struct host_text text = {0};
	char *rest, *line;

	if (host_read(host, path, 0, &text))
		return NULL;
	rest = text.data;
	while ((line = str_next_line(&rest))) {
		char *word = str_trim(line);
		size_t length = strlen(key);

		if (!strncmp(word, key, length) && word[length] && strchr(" \t=", word[length]))
			return arena_strdup(host->arena, str_trim(word + length + 1));
	}
	return NULL;
}

/* Both loaders name entries with or without ".conf"; systemd-boot takes patterns. */
static bool is_chosen(struct arena *arena, const char *pattern, const struct bls_entry *entry)
{
	return pattern && *pattern &&
	       (!fnmatch(pattern, entry->id, 0) ||
		!fnmatch(pattern, arena_printf(arena, "%s.conf", entry->id), 0));
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

static const struct bls_entry *pick(struct host *host, const char *dir,
				    const struct entries *entries)
{
	const char *patterns[] = {
		chosen_entry(host, arena_printf(host->arena, "%s/grub2/grubenv", dir),
			     "saved_entry"),
		chosen_entry(host, arena_printf(host->arena, "%s/grub/grubenv", dir),
			     "saved_entry"),
		chosen_entry(host, arena_printf(host->arena, "%s/loader/loader.conf", dir),
			     "default"),
	};
	const struct bls_entry *best = &entries->at[0];

	for (size_t i = 1; i < entries->count; i++)
		if (bls_compare(&entries->at[i], best) < 0)
			best = &entries->at[i];
	for (size_t k = 0; k < N(patterns); k++) {
		const struct bls_entry *named = NULL;

		for (size_t i = 0; i < entries->count; i++)
			if (is_chosen(host->arena, patterns[k], &entries->at[i]) &&
			    (!named || bls_compare(&entries->at[i], named) < 0))
				named = &entries->at[i];
		if (named)
			return named;
	}
	return best;
}

static int find_in_entries(struct host *host, struct cmdline *cmdline)
{
	static const char *const dirs[] = {"/boot", "/efi", "/boot/efi"};

	for (size_t i = 0; i < N(dirs); i++) {
		const struct bls_entry *entry;
		struct entries entries;
		int error = read_entries(host, dirs[i], &entries);

		if (error && !is_absent(error))
			return give_up(host, cmdline,
				       arena_printf(host->arena, "%s/loader/entries", dirs[i]),
				       error);
		if (error || !entries.count)
			continue;
		entry = pick(host, dirs[i], &entries);
		cmdline->source = entry->source ? entry->source : entry->id;
		if (entry->options)
			cmdline_parse(host->arena, entry->options, cmdline->source, false, cmdline);
		return 1;
	}
	return 0;
}

/* What kernel-install(8) makes loader entries from. */
static int find_in_kernel_install(struct host *host, struct cmdline *cmdline)
{
	static const char *const paths[] = {"/etc/kernel/cmdline", "/usr/lib/kernel/cmdline"};

	for (size_t i = 0; i < N(paths); i++) {
		cleanup(text) struct host_text text = {0};
		int error = host_read(host, paths[i], 0, &text);

		if (is_absent(error))
			continue;
		if (error)
			return give_up(host, cmdline, paths[i], error);
		cmdline->source = paths[i];
		cmdline_parse(host->arena, text.data, paths[i], false, cmdline);
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
	static find_way *const ways[] = {find_in_entries, find_in_kernel_install, find_running};
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
