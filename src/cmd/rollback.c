/* hostaudit rollback: takes a run of fix back, or finishes what was cut off. */
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/show_plan.h"
#include "cli/state_dir.h"
#include "cli/target.h"
#include "fix/inverse.h"
#include "fix/run.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static bool force, quiet;

static const struct option_row rows[] = {
	{"force", 0, OPTION_FLAG, NULL, &force, NULL,
	 "take back also what somebody else has changed since"},
	{"quiet", 'q', OPTION_FLAG, NULL, &quiet, NULL, "print only what goes wrong"},
	{0},
};

static const struct option_row *const tables[] = {rows, state_rows, root_rows, NULL};

struct rolling {
	struct arena *arena;
	struct host host;
	const struct store *store;
	struct os os;
};

static enum exit_code failed(const struct run *run)
{
	if (run->why)
		complain("%s%s%s", run->path ? run->path : "", run->path ? ": " : "", run->why);
	for (size_t i = 0; i < run->left.count; i++)
		complain("could not be put back: %s", run->left.at[i]);
	if (!run->left.count) {
		complain("nothing was changed");
		return EXIT_ROLLED_BACK;
	}
	complain("the journal is kept; mend what is in the way and try again");
	return EXIT_INCOMPLETE;
}

/* How the tree is laid out, as it was when the run was made. */
static void set_os(struct rolling *rolling, const struct journal *journal)
{
	rolling->os = (struct os){.lower_mode = journal->lower_mode,
				  .lower_etc = journal->lower_etc};
	host_set_os(&rolling->host, &rolling->os);
}

static enum exit_code finish(struct rolling *rolling, const struct journal *journal)
{
	struct run run = {.host = &rolling->host, .store = rolling->store, .journal = journal};

	set_os(rolling, journal);
	if (run_undo(&run)) {
		failed(&run);
		return EXIT_INCOMPLETE;
	}
	if (!quiet)
		printf("the run %s, which was cut off, was taken back\n", journal->run);
	return EXIT_HOLDS;
}

static void show_departures(struct arena *arena, const struct departure *departures)
{
	for (; departures; departures = departures->next) {
		const char *path = utf8_printable(arena, departures->path);

		if (departures->why)
			complain("%s: %s", path, departures->why);
		else
			complain("%s was changed since: now it is %s", path,
				 show_state(arena, &departures->now));
	}
}

static enum exit_code take_back(struct rolling *rolling, const struct journal *done)
{
	struct departure *departures;
	struct timespec now;
	struct journal journal = {
		.root = done->root,
		.undoes = done->run,
		.lower_mode = done->lower_mode,
		.lower_etc = done->lower_etc,
	};
	struct run run = {.host = &rolling->host, .store = rolling->store, .journal = &journal};
	const char *path;
	int error;

	clock_gettime(CLOCK_REALTIME, &now);
	journal.run = run_name(rolling->arena, &now);
	journal.started = now.tv_sec;
	set_os(rolling, done);
	error = inverse_make(&rolling->host, rolling->store, done, &journal.changes, &departures,
			     &path);
	if (error) {
		complain("%s: what it held before is gone: %s", path, host_error(error));
		return EXIT_INCOMPLETE;
	}
	show_departures(rolling->arena, departures);
	if (departures && !force) {
		complain("nothing was taken back; --force does it anyway");
		return EXIT_FAILS;
	}
	if (run_apply(&run))
		return failed(&run);
	if (!quiet)
		printf("the run %s was taken back: %zu changes\n", done->run,
		       journal.changes.count);
	return EXIT_HOLDS;
}

static bool is_undone(const struct strv *undone, const struct journal *journal)
{
	return journal->undoes || strv_has(undone, journal->run);
}

/* The last run that was not taken back; or the one that was named. */
static int find_run(struct rolling *rolling, const char *name, struct journal *ret_journal)
{
	struct strv runs = {0}, undone = {0};
	int error;

	if (name) {
		error = state_journal(rolling->arena, rolling->store, name, ret_journal);
		if (error == -ENOENT || error == -EINVAL)
			complain("there is no run %s; 'hostaudit history' lists them", name);
		return error;
	}
	error = store_runs(rolling->store, rolling->arena, &runs);
	for (size_t i = runs.count; i-- > 0 && !error;) {
		error = state_journal(rolling->arena, rolling->store, runs.at[i], ret_journal);
		if (!error && ret_journal->undoes)
			strv_push(&undone, rolling->arena, ret_journal->undoes);
		if (!error && !is_undone(&undone, ret_journal))
			return 0;
	}
	if (!error)
		complain("there is no run that could be taken back");
	return error ? error : -ENOENT;
}

static enum exit_code roll_back(struct rolling *rolling, const char *name)
{
	struct journal journal;
	int error = state_journal(rolling->arena, rolling->store, NULL, &journal);

	if (!error)
		return finish(rolling, &journal);
	if (error != -ENOENT)
		return EXIT_INCOMPLETE;
	if (find_run(rolling, name, &journal))
		return EXIT_USAGE;
	return take_back(rolling, &journal);
}

static enum exit_code open_and_roll_back(struct arena *arena, const char *name)
{
	bool live = target_options.live || str_eq(target_options.root, "/");
	cleanup(store) struct store store = {-1, -1, -1};
	struct rolling rolling = {.arena = arena, .store = &store};
	struct guard_state guard;
	int code = state_open(arena, true, &store);

	if (code)
		return (enum exit_code)code;
	strv_push(&target_options.changed, arena, target_options.root);
	strv_push(&target_options.changed, arena, state_dir_for(arena, target_options.root, live));
	code = host_open_confined(arena, &rolling.host, &guard);
	if (code)
		return (enum exit_code)code;
	code = roll_back(&rolling, name);
	host_close(&rolling.host);
	return (enum exit_code)code;
}

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct strv operands = {0};
	enum exit_code code = EXIT_USAGE;

	if (!command_line(&arena, argc, argv, tables, &operands)) {
		if (operands.count > 1)
			complain("rollback takes one run; '%s' is too much", operands.at[1]);
		else
			code = open_and_roll_back(&arena, operands.count ? operands.at[0] : NULL);
	}
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit rollback",
	"hostaudit rollback --root image/",
	"hostaudit rollback 20261124-003412-517223 --force",
	NULL,
};

const struct command command_rollback = {
	.name = "rollback",
	.arguments = "[RUN]",
	.summary = "take a run of fix back, the last one first",
	.options = tables,
	.examples = examples,
	.run = run,
};
