/* hostaudit plan: what `fix` would do, and what it would not. Changes nothing. */
#include "cli/command.h"
#include "cli/plan_options.h"
#include "cli/show_plan.h"
#include "cli/target.h"

enum { FORMAT_TEXT, FORMAT_JSON };

static const char *const formats[] = {"text", "json", NULL};
static int format;

static const struct option_row rows[] = {
	{"format", 'f', OPTION_CHOICE, "FORMAT", &format, formats, "text or json"},
	{0},
};

static const struct option_row *const tables[] = {rows, plan_rows, target_rows, NULL};

static enum exit_code show(struct target *target, const struct plan_options *options)
{
	const char *path, *why;
	struct plan plan;

	if (plan_make(&target->host, &target->policy, options, &plan, &path, &why)) {
		complain("%s", why);
		return EXIT_UNSURE;
	}
	if (format == FORMAT_JSON)
		show_plan_json(&plan, target->arena);
	else
		show_plan(target->arena, &plan, true);
	return plan.count ? EXIT_FAILS : EXIT_HOLDS;
}

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct strv operands = {0};
	struct plan_options options;
	struct target target;
	enum exit_code code = EXIT_USAGE;

	if (!command_line(&arena, argc, argv, tables, &operands) &&
	    !plan_options_take(&operands, &options)) {
		code = (enum exit_code)target_open(&arena, &target);
		if (!code) {
			code = show(&target, &options);
			target_close(&target);
		}
	}
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit plan",
	"hostaudit plan --profile flatcar --root image/",
	"hostaudit plan --only 'kernel-*' --format json",
	NULL,
};

const struct command command_plan = {
	.name = "plan",
	.arguments = "",
	.summary = "show what fix would change, and what it would not",
	.options = tables,
	.examples = examples,
	.run = run,
};
