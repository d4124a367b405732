/* hostaudit history: what fix has done, and what was taken back. */
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/show_plan.h"
#include "cli/state_dir.h"
#include "cli/target.h"

#include <errno.h>
#include <stdio.h>
#include <time.h>

static const struct option_row *const tables[] = {state_rows, root_rows, NULL};

static const char *date_of(struct arena *arena, long long seconds)
{
	char date[sizeof("YYYY-MM-DD HH:MM:SSZ")];
	time_t time = (time_t)seconds;
	struct tm tm;

	strftime(date, sizeof(date), "%Y-%m-%d %H:%M:%SZ", gmtime_r(&time, &tm));
	return arena_strdup(arena, date);
}

static const char *find_undo(const struct journal *journals, size_t count, const char *run)
{
	for (size_t i = 0; i < count; i++)
		if (journals[i].undoes && str_eq(journals[i].undoes, run))
			return journals[i].run;
	return NULL;
}

static void print_run(struct arena *arena, const struct journal *journal, const char *undone)
{
	printf("%s  %s  %zu changes", journal->run, date_of(arena, journal->started),
	       journal->changes.count);
	if (journal->undoes)
		printf(", takes %s back", journal->undoes);
	if (undone)
		printf(", taken back by %s", undone);
	putchar('\n');
}

static void warn_unfinished(struct arena *arena, const struct store *store)
{
	struct journal journal;

	if (!state_journal(arena, store, NULL, &journal))
		printf("%s  %s  was cut off: 'hostaudit rollback' takes it back\n", journal.run,
		       date_of(arena, journal.started));
}

static enum exit_code list(struct arena *arena, const struct store *store)
{
	struct journal *journals;
	struct strv runs = {0};
	int error = store_runs(store, arena, &runs);

	if (error) {
		complain("the runs cannot be listed: %s", host_error(error));
		return EXIT_UNSURE;
	}
	journals = arena_alloc(arena, runs.count * sizeof(*journals) + 1);
	for (size_t i = 0; i < runs.count; i++)
		if (state_journal(arena, store, runs.at[i], &journals[i]))
			return EXIT_UNSURE;
	for (size_t i = 0; i < runs.count; i++)
		print_run(arena, &journals[i], find_undo(journals, runs.count, journals[i].run));
	warn_unfinished(arena, store);
	return EXIT_HOLDS;
}

static enum exit_code show(struct arena *arena, const struct store *store, const char *run)
{
	struct journal journal;
	int error = state_journal(arena, store, run, &journal);

	if (error) {
		if (error == -ENOENT || error == -EINVAL)
			complain("there is no run %s; 'hostaudit history' lists them", run);
		return EXIT_USAGE;
	}
	print_run(arena, &journal, NULL);
	printf("root %s\n", utf8_printable(arena, journal.root));
	for (size_t i = 0; i < journal.changes.count; i++) {
		const struct change *change = &journal.changes.at[i];

		printf("%s\n        %s -> %s\n        %s\n", utf8_printable(arena, change->path),
		       show_state(arena, &change->before), show_state(arena, &change->after),
		       utf8_printable(arena, change->why));
	}
	return EXIT_HOLDS;
}

static enum exit_code look(struct arena *arena, const struct strv *operands)
{
	cleanup(store) struct store store = {-1, -1, -1};
	bool shows = operands->count && str_eq(operands->at[0], "show");
	int code;

	if ((operands->count && !shows) || operands->count > 2 || (shows && operands->count < 2)) {
		complain("history takes nothing, or 'show RUN'");
		return EXIT_USAGE;
	}
	code = state_open(arena, false, &store);
	if (code)
		return (enum exit_code)code;
	if (store.dir < 0) {
		complain("nothing was ever fixed here");
		return shows ? EXIT_USAGE : EXIT_HOLDS;
	}
	return shows ? show(arena, &store, operands->at[1]) : list(arena, &store);
}

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct strv operands = {0};
	enum exit_code code = EXIT_USAGE;

	if (!command_line(&arena, argc, argv, tables, &operands))
		code = look(&arena, &operands);
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit history",
	"hostaudit history show 20261124-003412-517223",
	NULL,
};

const struct command command_history = {
	.name = "history",
	.arguments = "[show RUN]",
	.summary = "list what fix has done",
	.options = tables,
	.examples = examples,
	.run = run,
};
