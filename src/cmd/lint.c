/* hostaudit lint: every mistake in policy files, as FILE:LINE: MESSAGE. */
#include "base/arena.h"
#include "cli/command.h"
#include "cli/target.h"

static const char *as;

static const struct option_row rows[] = {
	{"as", 0, OPTION_STRING, "FOLDER", &as, NULL,
	 "what the files are: benchmarks, os-profiles, waivers, site or remediations"},
	{0},
};

static const struct option_row *const tables[] = {rows, target_rows, NULL};

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct problems problems = {.arena = &arena};
	struct strv files = {0};
	enum exit_code code = EXIT_USAGE;

	if (!command_line(&arena, argc, argv, tables, &files)) {
		if (!policy_lint(&target_options.selection, &files, as, &problems))
			code = EXIT_HOLDS;
		complain_problems(&problems);
	}
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit lint",
	"hostaudit lint /etc/hostaudit/waivers/*.ini",
	"hostaudit lint --as site draft.txt",
	NULL,
};

const struct command command_lint = {
	.name = "lint",
	.arguments = "[FILE...]",
	.summary = "find the mistakes in policy files",
	.options = tables,
	.examples = examples,
	.run = run,
};
