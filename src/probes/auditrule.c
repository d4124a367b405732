/* Rules of the kernel's audit: are they loaded, and does nothing silence them? */
#include "host/audit/audit_state.h"
#include "probes/probe.h"

enum { STATE, EFFECTIVE };

static const struct field fields[] = {
	[STATE] = {"state", VALUE_STRING, ASPECT_BOTH, "loaded, silenced or absent"},
	[EFFECTIVE] = {"effective", VALUE_BOOL, ASPECT_BOTH,
		       "it is loaded, nothing silences it, and audit is on"},
	{0},
};

struct answer {
	const char *state, *source, *why; /* without a state: unknown, and why */
};

static struct answer of_finding(struct arena *arena, const struct audit_state *state,
				const struct audit_finding *finding)
{
	const char *source = finding->rule ? finding->rule->source : state->source;

	switch (finding->effect) {
	case AUDIT_IN_FORCE:
		return (struct answer){"loaded", source, NULL};
	case AUDIT_SILENCED:
		return (struct answer){"silenced", arena_printf(arena, "silenced by %s", source),
				       NULL};
	default:
		if (state->stopped)
			source = arena_printf(arena, "loading stops at %s", state->stopped);
		return (struct answer){"absent", source, NULL};
	}
}

static const char *first_doubt(const struct audit_state *state)
{
	for (size_t i = 0; i < state->rules.count; i++)
		if (state->rules.at[i].maybe)
			return state->rules.at[i].maybe;
	return state->doubt;
}

static struct answer ask(struct arena *arena, const struct audit_state *state,
			 const struct audit_rule *rule)
{
	struct audit_finding certain, possible;

	if (state->unknown)
		return (struct answer){.why = state->unknown, .source = state->source};
	if (state->absent)
		return (struct answer){"absent", state->source, NULL};
	certain = audit_rules_find(&state->rules, rule, state->arch, false);
	possible = audit_rules_find(&state->rules, rule, state->arch, true);
	/* What is not certain may not make a difference. */
	if (certain.effect != possible.effect || (certain.effect == AUDIT_MISSING && state->doubt))
		return (struct answer){.why = first_doubt(state), .source = state->source};
	return of_finding(arena, state, &certain);
}

static void tell_effective(struct facts *facts, enum aspect aspect, const char *subject,
			   const struct audit_state *state, const struct answer *answer)
{
	const struct audit_value *enabled = &state->values[AUDIT_SET_ENABLED];

	if (!str_eq(answer->state, "loaded"))
		fact_bool(facts, aspect, subject, false, answer->source);
	else if (!enabled->known)
		fact_unknown(facts, aspect, subject, enabled->source,
			     "it is loaded, but is audit on? %s", enabled->why);
	else if (!enabled->value)
		fact_bool(facts, aspect, subject, false, enabled->source);
	else
		fact_bool(facts, aspect, subject, true, answer->source);
}

static void tell(struct facts *facts, const struct question *question, enum aspect aspect,
		 const struct audit_state *state, const struct audit_rule *rule)
{
	struct answer answer = ask(facts->arena, state, rule);
	const char *subject = question->subject;

	if (!answer.state)
		fact_unknown(facts, aspect, subject, answer.source, "%s", answer.why);
	else if (question->field == &fields[EFFECTIVE])
		tell_effective(facts, aspect, subject, state, &answer);
	else if (!question->field && !str_eq(answer.state, "loaded"))
		fact_absent(facts, aspect, subject, answer.source);
	else
		fact_value(facts, aspect, subject, answer.state, answer.source);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	struct audit_rule rule;
	const char *why;

	if (audit_ask_rule(host, question->subject, &rule, &why)) {
		fact_unknown(ret_facts, (enum aspect)question->aspects, question->subject, NULL,
			     "%s", why);
		return;
	}
	if (question->aspects & ASPECT_RUNNING)
		tell(ret_facts, question, ASPECT_RUNNING, audit_now(host), &rule);
	if (question->aspects & ASPECT_CONFIGURED)
		tell(ret_facts, question, ASPECT_CONFIGURED, audit_next(host), &rule);
}

/* Names of accounts are the host's; all else can be told without one. */
static const char *refuse(const char *subject)
{
	struct arena arena = {0};
	struct audit_names names = {.arena = &arena, .arch = AUDIT_ARCH_X86_64};
	struct audit_line line;
	const char *why;

	audit_line_parse(&names, arena_strdup(&arena, subject), &line);
	why = line.error                ? line.error
	      : line.adds || line.doubt ? NULL
					: "a rule is written as for auditctl, with -a or -w";
	arena_free(&arena);
	return why;
}

const struct probe probe_auditrule = {
	.name = "auditrule",
	.summary = "a rule of the kernel's audit",
	.subject = "\"RULE\"",
	.example = "auditrule \"-w /etc/passwd -p wa\" present",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
