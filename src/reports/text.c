/* The report for people: what fails first, the worst first, and what decides it. */
#include "base/arena.h"
#include "base/utf8.h"
#include "base/wrap.h"
#include "host/host.h"
#include "reports/report.h"

#define INDENT 8

struct text {
	FILE *out;
	const struct audit *audit;
	const struct report_style *style;
	struct arena arena; /* for this report alone */
};

/* The words at the beginning of a line, so that `grep ^FAIL` finds them, and their colours. */
static const struct word {
	const char *word, *color;
} words[N_OUTCOMES] = {
	[OUTCOME_PASS] = {"PASS", "\033[32m"},         [OUTCOME_FAIL] = {"FAIL", "\033[1;31m"},
	[OUTCOME_NOT_APPLICABLE] = {"N/A", "\033[2m"}, [OUTCOME_WAIVED] = {"WAIVED", "\033[36m"},
	[OUTCOME_MANUAL] = {"MANUAL", "\033[35m"},     [OUTCOME_BLOCKED] = {"BLOCKED", "\033[33m"},
	[OUTCOME_UNKNOWN] = {"UNKNOWN", "\033[1;33m"},
};

#define NO_COLOR "\033[0m"

static const char *safe(struct text *text, const char *string)
{
	return utf8_printable(&text->arena, string);
}

static void print_header(struct text *text)
{
	const struct audit *audit = text->audit;
	const struct profile *profile = &audit->policy->profile;
	const char *os = *audit->os.pretty_name ? audit->os.pretty_name : "an unnamed OS";

	fprintf(text->out, "%s%s%s: %s", *audit->host_name ? safe(text, audit->host_name) : "",
		*audit->host_name ? ", " : "", safe(text, audit->host->name), safe(text, os));
	fprintf(text->out, "%s\n", audit->host->live ? ", running" : ", image");
	fprintf(text->out, "profile %s, level %u", profile->os.id, audit->policy->level);
	if (profile->os.roles.count)
		fprintf(text->out, ", roles %s", strv_join(&profile->os.roles, &text->arena, " "));
	if (profile->chosen)
		fprintf(text->out, " (%s)", safe(text, profile->chosen));
	putc('\n', text->out);
	if (profile->note)
		wrap_print(text->out,
			   arena_printf(&text->arena, "note: %s", safe(text, profile->note)), 0,
			   text->style->width);
	putc('\n', text->out);
}

static void print_facts(struct text *text, const struct result *result)
{
	for (size_t i = 0; i < result->part_count; i++) {
		const struct part_result *part = &result->parts[i];

		fprintf(text->out, "%*s%s %s\n", INDENT, "", part_name(part->part->part),
			safe(text, part->part->check.text));
		for (const struct fact *fact = part->facts; fact; fact = fact->next) {
			const char *said = fact->state == FACT_VALUE     ? fact->value
					   : fact->state == FACT_UNKNOWN ? fact->error
									 : NULL;

			fprintf(text->out, "%*s%s: %s", INDENT + 2, "", aspect_name(fact->aspect),
				safe(text, fact->object));
			fprintf(text->out, " %s%s%s",
				fact->state == FACT_VALUE ? "is" : fact_state_name(fact->state),
				said ? " " : "", said ? safe(text, *said ? said : "\"\"") : "");
			if (fact->source)
				fprintf(text->out, " (%s)", safe(text, fact->source));
			putc('\n', text->out);
		}
	}
}

static void print_result(struct text *text, const struct result *result)
{
	const struct word *word = &words[result->outcome];
	const struct rule *rule = result->rule;
	bool color = text->style->color;

	fprintf(text->out, "%s%-7s%s %-8s %s\n", color ? word->color : "", word->word,
		color ? NO_COLOR : "", severity_name(rule->severity), rule->id);
	wrap_print(text->out, rule->title, INDENT, text->style->width);
	if (result->reason)
		wrap_print(text->out, safe(text, result->reason), INDENT, text->style->width);
	if (text->style->verbose) {
		if (rule->tailored)
			wrap_print(text->out,
				   arena_printf(&text->arena, "tailored: %s", rule->tailored),
				   INDENT, text->style->width);
		print_facts(text, result);
	}
}

/* All results of one outcome, the most severe first. */
static void print_outcome(struct text *text, enum outcome outcome)
{
	for (int severity = N_SEVERITIES; severity-- > 0;)
		for (size_t i = 0; i < text->audit->result_count; i++) {
			const struct result *result = &text->audit->results[i];

			if (result->outcome == outcome &&
			    result->rule->severity == (enum severity)severity)
				print_result(text, result);
		}
}

static void print_summary(struct text *text)
{
	const struct audit *audit = text->audit;
	unsigned failed[N_SEVERITIES] = {0};
	const char *comma = " (";

	fprintf(text->out, "\n%u pass, %u fail", audit->count[OUTCOME_PASS],
		audit->count[OUTCOME_FAIL]);
	for (size_t i = 0; i < audit->result_count; i++)
		if (audit->results[i].outcome == OUTCOME_FAIL)
			failed[audit->results[i].rule->severity]++;
	for (int severity = N_SEVERITIES; severity-- > 0;)
		if (failed[severity]) {
			fprintf(text->out, "%s%u %s", comma, failed[severity],
				severity_name((enum severity)severity));
			comma = ", ";
		}
	fprintf(text->out, "%s, %u unknown", audit->count[OUTCOME_FAIL] ? ")" : "",
		audit->count[OUTCOME_UNKNOWN]);
	if (audit->count[OUTCOME_BLOCKED])
		fprintf(text->out, ", %u blocked", audit->count[OUTCOME_BLOCKED]);
	if (audit->count[OUTCOME_WAIVED])
		fprintf(text->out, ", %u waived", audit->count[OUTCOME_WAIVED]);
	if (audit->count[OUTCOME_MANUAL])
		fprintf(text->out, ", %u manual", audit->count[OUTCOME_MANUAL]);
	fprintf(text->out, ", %u not applicable; %zu rules in %lld ms\n",
		audit->count[OUTCOME_NOT_APPLICABLE], audit->result_count, audit->duration_ms);
	if (audit->count[OUTCOME_FAIL] && !text->style->verbose)
		fputs("'hostaudit explain RULE' says why a rule matters and how to keep it\n",
		      text->out);
}

static void write_text(FILE *out, const struct audit *audit, const struct report_style *style)
{
	struct text text = {.out = out, .audit = audit, .style = style};

	if (!style->quiet)
		print_header(&text);
	print_outcome(&text, OUTCOME_FAIL);
	print_outcome(&text, OUTCOME_UNKNOWN);
	if (!style->quiet) {
		print_outcome(&text, OUTCOME_BLOCKED);
		print_outcome(&text, OUTCOME_WAIVED);
		print_outcome(&text, OUTCOME_MANUAL);
	}
	if (style->verbose) {
		print_outcome(&text, OUTCOME_NOT_APPLICABLE);
		print_outcome(&text, OUTCOME_PASS);
	}
	if (!style->quiet)
		print_summary(&text);
	arena_free(&text.arena);
}

const struct report report_text = {
	.name = "text",
	.summary = "what fails and what decides it, for people",
	.write = write_text,
};
