/* A parameter of the kernel's command line. */
#include "host/boot/cmdline.h"

#include "probes/probe.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_BOTH, "the last one counts; \"\" without '='"},
	{"values", VALUE_LIST, ASPECT_BOTH, "of all parameters of that name, in order"},
	{0},
};

static const char *refuse(const char *subject)
{
	bool named = *subject && *subject != '=';

	return named && !subject[strcspn(subject, STR_BLANKS "\"")]
		       ? NULL
		       : "it is no name of a parameter";
}

/* Of a subject NAME=VALUE, the name; `*ret_wanted` is the value, or NULL without one. */
static const char *split(struct arena *arena, const char *subject, const char **ret_wanted)
{
	const char *equals = strchr(subject, '=');

	*ret_wanted = equals ? equals + 1 : NULL;
	return equals ? arena_strndup(arena, subject, (size_t)(equals - subject)) : subject;
}

static void look_at_aspect(const struct cmdline *cmdline, const struct question *question,
			   enum aspect aspect, struct facts *facts)
{
	const struct cmdline_arg *arg = NULL;
	struct strv values = {0};
	const char *why = NULL, *value = NULL, *wanted;
	const char *name = split(facts->arena, question->subject, &wanted);
	int found;

	if (question->field == &fields[1]) {
		found = cmdline_find_all(facts->arena, cmdline, name, &values, &why);
		value = found > 0 ? strv_join(&values, facts->arena, " ") : NULL;
	} else {
		found = cmdline_find(facts->arena, cmdline, name, &arg, &why);
		if (found > 0)
			value = arg->value ? arg->value : "";
		if (found > 0 && wanted && !str_eq(value, wanted))
			found = 0;
	}
	if (found < 0)
		fact_unknown(facts, aspect, question->subject, cmdline->source, "%s", why);
	else if (found)
		fact_value(facts, aspect, question->subject, value,
			   arg ? arg->source : cmdline->source);
	else
		fact_absent(facts, aspect, question->subject, arg ? arg->source : cmdline->source);
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
	.subject = "PARAMETER[=VALUE]",
	.example = "cmdline mitigations != off",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
