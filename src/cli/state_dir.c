#include "cli/state_dir.h"

#include "base/arena.h"
#include "base/digest.h"
#include "cli/command.h"

#include <errno.h>
#include <limits.h>

#define STANDARD "/var/lib/hostaudit"

const char *state_dir;

const struct option_row state_rows[] = {
	{"state-dir", 0, OPTION_STRING, "DIR", &state_dir, NULL,
	 "remember runs here instead of /var/lib/hostaudit"},
	{0},
};

const char *state_dir_for(struct arena *arena, const char *root, bool live)
{
	char real[PATH_MAX], digest[65];

	if (state_dir)
		return state_dir;
	if (live)
		return str_eq(root, "/") ? STANDARD : arena_printf(arena, "%s%s", root, STANDARD);
	if (!realpath(root, real))
		return STANDARD "/images/unknown";
	digest_bytes(real, strlen(real), digest);
	return arena_printf(arena, STANDARD "/images/%.16s", digest);
}

int state_open(struct arena *arena, bool change, struct store *ret_store)
{
	bool live = target_options.live || str_eq(target_options.root, "/");
	const char *path = state_dir_for(arena, target_options.root, live);
	int error = store_open(path, change, ret_store);

	if (!error)
		return 0;
	*ret_store = (struct store){-1, -1, -1};
	if (error == -ENOENT && !change)
		return 0;
	if (error == -EBUSY)
		complain("%s: somebody else is changing this host just now", path);
	else
		complain("cannot keep what is needed for a rollback in %s: %s; --state-dir names "
			 "another place",
			 path, host_error(error));
	return error == -EBUSY ? EXIT_UNSURE : EXIT_USAGE;
}

int state_journal(struct arena *arena, const struct store *store, const char *run,
		  struct journal *ret_journal)
{
	cleanup(text) struct host_text text = {0};
	const char *why;
	int error = store_journal(store, run, &text);

	if (error == -ENOENT)
		return error;
	if (!error && strlen(text.data) != text.size)
		error = -EILSEQ;
	why = error ? host_error(error) : NULL;
	if (!error)
		error = journal_parse(arena, arena_strdup(arena, text.data), ret_journal, &why);
	if (error)
		complain("the journal of %s cannot be read: %s",
			 run ? run : "the run that was cut off", why);
	return error;
}
