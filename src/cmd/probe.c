/* hostaudit probe: judges one check sentence, and shows what it was judged by. */
#include "audit/look.h"
#include "base/json.h"
#include "base/utf8.h"
#include "cli/command.h"
#include "cli/target.h"
#include "judge/factjson.h"
#include "judge/verdict.h"

enum { FORMAT_TEXT, FORMAT_JSON };

static const char *const formats[] = {"text", "json", NULL};
static int format;

static const struct option_row rows[] = {
	{"format", 'f', OPTION_CHOICE, "FORMAT", &format, formats, "text or json"},
	{0},
};

static const struct option_row *const tables[] = {rows, target_rows, NULL};

static void print_json(const struct check *check, const struct verdict *verdict,
		       const struct fact *facts)
{
	struct json json = {.out = stdout};

	json_open(&json, NULL, '{');
	json_string(&json, "check", check->text);
	json_string(&json, "outcome", outcome_name(verdict->outcome));
	json_string(&json, "reason", verdict->reason);
	facts_write(&json, facts);
	json_close(&json, '}');
}

static void print_text(struct arena *arena, const struct check *check,
		       const struct verdict *verdict, const struct fact *facts)
{
	printf("%s: %s\n", outcome_name(verdict->outcome), utf8_printable(arena, check->text));
	if (verdict->reason)
		printf("  %s\n", utf8_printable(arena, verdict->reason));
	for (const struct fact *fact = facts; fact; fact = fact->next) {
		const char *value = fact->state == FACT_VALUE     ? fact->value
				    : fact->state == FACT_UNKNOWN ? fact->error
								  : NULL;

		printf("  %-10s %-7s %s%s%s%s%s\n", aspect_name(fact->aspect),
		       fact_state_name(fact->state), utf8_printable(arena, fact->object),
		       value ? " = " : "", value ? utf8_printable(arena, value) : "",
		       fact->source ? "  # " : "",
		       fact->source ? utf8_printable(arena, fact->source) : "");
	}
}

static enum exit_code exit_code(enum outcome outcome)
{
	switch (outcome) {
	case OUTCOME_PASS:
		return EXIT_HOLDS;
	case OUTCOME_FAIL:
		return EXIT_FAILS;
	default:
		return EXIT_UNSURE;
	}
}

static enum exit_code judge(struct target *target, const struct check *check)
{
	struct look look = {.host = &target->host};
	const struct fact *facts = look_at_check(&look, check, ASPECT_BOTH);
	struct verdict verdict;

	verdict = verdict_of_check(target->arena, &check->expect, facts, ASPECT_BOTH);
	if (format == FORMAT_JSON)
		print_json(check, &verdict, facts);
	else
		print_text(target->arena, check, &verdict, facts);
	look_release(&look);
	return exit_code(verdict.outcome);
}

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct target target;
	struct strv words = {0};
	struct check check;
	const char *message;
	enum exit_code code;

	if (command_line(&arena, argc, argv, tables, &words)) {
		arena_free(&arena);
		return EXIT_USAGE;
	}
	if (check_parse(&arena, strv_join(&words, &arena, " "), &check, &message)) {
		complain("%s", message);
		arena_free(&arena);
		return EXIT_USAGE;
	}
	target_options.selection.optional = true;
	code = (enum exit_code)target_open(&arena, &target);
	if (!code) {
		code = judge(&target, &check);
		target_close(&target);
	}
	check_release(&check);
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit probe 'sysctl kernel.kptr_restrict >= 1'",
	"hostaudit probe --root image/ --format json 'mount /tmp has nodev nosuid'",
	NULL,
};

const struct command command_probe = {
	.name = "probe",
	.arguments = "CHECK",
	.summary = "judge one check sentence, and show its facts",
	.options = tables,
	.examples = examples,
	.run = run,
};
