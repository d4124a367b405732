/* Modules of PAM: do they run for a service, how, and with which arguments? */
#include "host/settings/pam.h"
#include "probes/probe.h"

enum { CONTROL, ARGUMENTS };

static const struct field fields[] = {
	[CONTROL] = {"control", VALUE_STRING, ASPECT_CONFIGURED, "required, [success=1 …], …"},
	[ARGUMENTS] = {"arguments", VALUE_LIST, ASPECT_CONFIGURED, "what the module is given"},
	{0},
};

struct subject {
	const char *service, *type, *module;
};

/* Takes the subject apart. Returns why it is wrong, or NULL. */
static const char *read_subject(struct arena *arena, const char *text, struct subject *ret_subject)
{
	static const char *const types[] = {"auth", "account", "password", "session"};
	struct strv words = {0};

	strv_split(&words, arena, text, ":");
	if (words.count != 3)
		return "it is SERVICE:TYPE:MODULE";
	if (strchr(words.at[0], '/'))
		return "a service is no path";
	*ret_subject = (struct subject){words.at[0], words.at[1], words.at[2]};
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (str_eq(types[i], words.at[1]))
			return NULL;
	return "the type is auth, account, password or session";
}

static const char *refuse(const char *text)
{
	struct arena arena = {0};
	const char *why = read_subject(&arena, text, &(struct subject){0});

	arena_free(&arena);
	return why;
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const char *object = question->subject;
	const char *why;
	struct pam_stack stack;
	struct subject subject;
	bool found = false;

	if (!(question->aspects & ASPECT_CONFIGURED))
		return;
	why = read_subject(host->arena, object, &subject);
	if (why) {
		fact_unknown(ret_facts, ASPECT_CONFIGURED, object, NULL, "%s", why);
		return;
	}
	pam_ask(host, subject.service, subject.type, &stack);
	for (size_t i = 0; i < stack.count; i++) {
		const struct pam_line *line = &stack.at[i].line;

		if (!pam_is_module(line, subject.module))
			continue;
		found = true;
		fact_value(ret_facts, ASPECT_CONFIGURED, object,
			   question->field == &fields[ARGUMENTS] ? line->arguments : line->control,
			   stack.at[i].source);
	}
	if (stack.why)
		fact_unknown(ret_facts, ASPECT_CONFIGURED, object, stack.why_source, "%s",
			     stack.why);
	else if (!found)
		fact_absent(ret_facts, ASPECT_CONFIGURED, object,
			    stack.source ? stack.source : "pam.d");
}

const struct probe probe_pam = {
	.name = "pam",
	.summary = "modules that PAM runs for a service, and their arguments",
	.subject = "SERVICE:TYPE:MODULE",
	.example = "pam system-auth:auth:pam_unix.so arguments lacks nullok",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
