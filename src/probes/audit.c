/* The settings of the kernel's audit. */
#include "host/audit/audit_state.h"
#include "probes/probe.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_BOTH, "a number; of yes or no, 1 or 0"},
	{0},
};

enum special { PLAIN, IS_ON, IS_LOCKED, LOST, BACKLOG, PID };

/* The words of `auditctl -s`, and `immutable` for what it shows as enabled 2. */
static const struct setting {
	const char *name;
	enum special special;
	enum audit_setting setting;
} settings[] = {
	{"enabled", IS_ON, AUDIT_SET_ENABLED},
	{"immutable", IS_LOCKED, AUDIT_SET_ENABLED},
	{"failure", PLAIN, AUDIT_SET_FAILURE},
	{"backlog_limit", PLAIN, AUDIT_SET_BACKLOG},
	{"rate_limit", PLAIN, AUDIT_SET_RATE},
	{"backlog_wait_time", PLAIN, AUDIT_SET_WAIT},
	{"lost", LOST, 0},
	{"backlog", BACKLOG, 0},
	{"pid", PID, 0},
};

static const struct setting *find(const char *name)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (str_eq(settings[i].name, name))
			return &settings[i];
	return NULL;
}

static const char *refuse(const char *subject)
{
	if (find(subject))
		return NULL;
	return "the settings are enabled, immutable, failure, backlog_limit, rate_limit, "
	       "backlog_wait_time, lost, backlog and pid";
}

static uint32_t number_of(const struct setting *setting, const struct audit_state *state)
{
	uint32_t value = state->values[setting->setting].value;

	switch (setting->special) {
	case IS_ON:
		return value != 0;
	case IS_LOCKED:
		return value == 2;
	case LOST:
		return state->lost;
	case BACKLOG:
		return state->backlog;
	case PID:
		return state->pid;
	default:
		return value;
	}
}

static void tell(struct facts *facts, enum aspect aspect, const struct setting *setting,
		 const struct audit_state *state)
{
	const struct audit_value *value = &state->values[setting->setting];
	bool counts = setting->special >= LOST;

	if (state->unknown)
		fact_unknown(facts, aspect, setting->name, state->source, "%s", state->unknown);
	else if (state->absent && setting->setting != AUDIT_SET_ENABLED)
		fact_unknown(facts, aspect, setting->name, state->source,
			     "audit is switched off for good");
	else if (!counts && !value->known)
		fact_unknown(facts, aspect, setting->name, value->source, "%s", value->why);
	else
		fact_value(facts, aspect, setting->name,
			   arena_printf(facts->arena, "%u", number_of(setting, state)),
			   counts ? state->source : value->source);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct setting *setting = find(question->subject);

	if (question->aspects & ASPECT_RUNNING)
		tell(ret_facts, ASPECT_RUNNING, setting, audit_now(host));
	/* What is counted is told of now alone. */
	if (question->aspects & ASPECT_CONFIGURED && setting->special < LOST)
		tell(ret_facts, ASPECT_CONFIGURED, setting, audit_next(host));
}

const struct probe probe_audit = {
	.name = "audit",
	.summary = "a setting of the kernel's audit",
	.subject = "SETTING",
	.example = "audit enabled = 1",
	.fields = fields,
	.refuse = refuse,
	.look = look,
};
