/* hostaudit check: audits a host or an image, and reports. */
#include "audit/audit.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/target.h"

/* What --fail-on takes: the severities, and `never`. */
static const char *const severities[] = {"low", "medium", "high", "critical", NULL};
static const char *const fail_severities[] = {"low", "medium", "high", "critical", "never", NULL};
enum { FAIL_NEVER = N_SEVERITIES };

static long long level;
static int severity, fail_on;

static const struct option_row rows[] = {
	{"level", 'l', OPTION_NUMBER, "LEVEL", &level, NULL,
	 "judge rules up to this level (1 or 2); default: as the profile says"},
	{"severity", 0, OPTION_CHOICE, "SEVERITY", &severity, severities,
	 "judge rules of at least this severity"},
	{"only", 0, OPTION_LIST, "GLOB", &target_options.selection.only, NULL,
	 "judge only rules whose names match; may be given again"},
	{"skip", 0, OPTION_LIST, "GLOB", &target_options.selection.skip, NULL,
	 "leave out rules whose names match; may be given again"},
	{"fail-on", 0, OPTION_CHOICE, "SEVERITY", &fail_on, fail_severities,
	 "exit 1 only for failures of at least this severity, or never"},
	{0},
};

static const struct option_row *const tables[] = {rows, output_rows, target_rows, NULL};

static enum exit_code exit_code(const struct audit *audit)
{
	bool unsure = !audit->count[OUTCOME_PASS];

	for (size_t i = 0; i < audit->result_count; i++) {
		const struct result *result = &audit->results[i];
		bool counts = fail_on != FAIL_NEVER && (int)result->rule->severity >= fail_on;

		if (result->outcome == OUTCOME_FAIL && counts)
			return EXIT_FAILS;
		if (result->outcome == OUTCOME_UNKNOWN ||
		    (result->outcome == OUTCOME_BLOCKED && counts))
			unsure = true;
	}
	return unsure ? EXIT_UNSURE : EXIT_HOLDS;
}

static enum exit_code audit_target(struct target *target)
{
	struct audit audit;

	audit_run(&target->host, &target->policy, &audit);
	audit.guard = target->guard;
	if (!audit.count[OUTCOME_PASS] && !audit.count[OUTCOME_FAIL] &&
	    !audit.count[OUTCOME_UNKNOWN])
		complain("no rule was evaluated: nothing that was selected applies to this host");
	if (output_write(target->arena, &audit))
		return EXIT_USAGE;
	return exit_code(&audit);
}

static int check_usage(struct arena *arena, const struct strv *operands)
{
	if (operands->count) {
		complain("check takes no operands, '%s' is too much; a root tree goes with --root",
			 operands->at[0]);
		return -1;
	}
	if (level < 0 || level > 2) {
		complain("--level takes 1 or 2");
		return -1;
	}
	target_options.selection.level = (unsigned)level;
	target_options.selection.severity = severity;
	return output_check(arena);
}

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct strv operands = {0};
	struct target target;
	enum exit_code code = EXIT_USAGE;

	if (!command_line(&arena, argc, argv, tables, &operands) &&
	    !check_usage(&arena, &operands)) {
		code = (enum exit_code)target_open(&arena, &target);
		if (!code) {
			code = audit_target(&target);
			target_close(&target);
		}
	}
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit check",
	"hostaudit check --profile flatcar --root image/",
	"hostaudit check --format text --format json=report.json",
	NULL,
};

const struct command command_check = {
	.name = "check",
	.arguments = "",
	.summary = "audit this host, or the root tree of an image",
	.options = tables,
	.examples = examples,
	.run = run,
};
