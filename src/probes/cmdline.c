/* A parameter of the kernel's command line. */
#include "host/cmdline.h"

#include "probes/probe.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_BOTH, "the last one counts; \"\" without '='"},
	{"values", VALUE_LIST, ASPECT_BOTH, "of all parameters of that name, in order"},
	{0},
};

static const char *refuse(const char *subject)
{
	if (strchr(subject, '='))
		return "the name of a parameter has no '='";
	return subject[strcspn(subject, STR_BLANKS "\"")] ? "it is no name of a parameter" : NULL;
}

static void look_at_aspect(const struct cmdline *cmdline, const struct question *question,
			   enum aspect aspect, struct facts *facts)
{
	const struct cmdline_arg *arg = NULL;
	struct strv values = {0};
	const char *why = NULL, *value = NULL;
	int found;

	if (question->field == &fields[1]) {
		found = cmdline_find_all(facts->arena, cmdline, question->subject, &values, &why);
		value = found > 0 ? strv_join(&values, facts->arena, " ") : NULL;
	} else {
		found = cmdline_find(facts->arena, cmdline, question->subject, &arg, &why);
		if (found > 0)
			value = arg->value ? arg->value : "";
	}
	if (found < 0)
		fact_unknown(facts, aspect, question->subject, cmdline->source, "%s", why);
	else if (found)
		fact_value(facts, aspect, question->subject, value,
			   arg ? arg->source : cmdline->source);
	else
		fact_absent(facts, aspect, question->subject, cmdline->source);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	if (question->aspects & ASPECT_RUNNING)
		look_at_aspect(cmdline_running(host), question, ASPECT_RUNNING, ret_facts);
	if (question->aspects & ASPECT_CONFIGURED)
		look_at_aspect(cmdline_configured(host), question, ASPECT_CONFIGURED, ret_facts);
}

const struct probe probe_cmdline = {
	.name = "cmdline",
	.summary = "a parameter of the kernel's command line",
	.subject = "PARAMETER",
	.example = "cmdline mitigations != off",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
