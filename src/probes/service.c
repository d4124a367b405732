/* Units of the service manager, of any type: will the next boot start them, do they run now? */
#include "host/units/bus.h"
#include "host/units/units.h"
#include "probes/probe.h"

static const struct field fields[] = {
	{"enabled", VALUE_BOOL, ASPECT_CONFIGURED, "the next boot starts it by itself"},
	{"masked", VALUE_BOOL, ASPECT_CONFIGURED, "nothing can start it"},
	{"active", VALUE_BOOL, ASPECT_RUNNING, "it runs"},
	{"state", VALUE_STRING, ASPECT_CONFIGURED, "the word of systemctl is-enabled"},
	{"active-state", VALUE_STRING, ASPECT_RUNNING, "active, inactive, failed, ..."},
	{"sub-state", VALUE_STRING, ASPECT_RUNNING, "running, exited, listening, dead, ..."},
	{"preset", VALUE_STRING, ASPECT_CONFIGURED,
	 "what the presets want: enabled, disabled, ignored"},
	{0},
};

static void tell_configured(const struct unit *unit, const char *field, struct facts *facts)
{
	const enum aspect aspect = ASPECT_CONFIGURED;

	if (unit->error)
		fact_unknown(facts, aspect, unit->name, NULL, "%s", unit->why);
	else if (str_eq(field, "masked"))
		fact_bool(facts, aspect, unit->name, unit->masked, unit->state_source);
	else if (str_eq(field, "state"))
		fact_value(facts, aspect, unit->name, unit->state, unit->state_source);
	else if (str_eq(field, "preset") && unit->preset)
		fact_value(facts, aspect, unit->name, unit->preset, unit->preset_source);
	else if (str_eq(field, "preset"))
		fact_unknown(facts, aspect, unit->name, unit->preset_source, "cannot be read");
	else if (unit->unsure)
		fact_unknown(facts, aspect, unit->name, unit->source, "%s", unit->unsure);
	else
		fact_bool(facts, aspect, unit->name, unit->starts, unit->source);
}

/* The words for which `systemctl is-active` is content. */
static bool is_active(const char *state)
{
	return str_eq(state, "active") || str_eq(state, "reloading") || str_eq(state, "refreshing");
}

static void tell_running(struct host *host, const struct unit *unit, const char *field,
			 struct facts *facts)
{
	const enum aspect aspect = ASPECT_RUNNING;
	const char *source = "systemd, over the bus", *why;
	struct bus_unit now;

	if (bus_unit(host, unit->name, &now, &why))
		fact_unknown(facts, aspect, unit->name, source, "%s", why);
	else if (str_eq(field, "active"))
		fact_bool(facts, aspect, unit->name, is_active(now.active), source);
	else
		fact_value(facts, aspect, unit->name,
			   str_eq(field, "sub-state") ? now.sub : now.active, source);
}

/* Whether there is such a unit is a question about files, now as after the next boot. */
static void tell_presence(const struct unit *unit, enum aspect aspect, struct facts *facts)
{
	if (unit->error)
		fact_unknown(facts, aspect, unit->name, NULL, "%s", unit->why);
	else if (unit->exists)
		fact_value(facts, aspect, unit->name, unit->state, unit->state_source);
	else if (unit->unsure)
		fact_unknown(facts, aspect, unit->name, unit->source, "%s", unit->unsure);
	else
		fact_absent(facts, aspect, unit->name, unit->source);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct unit *unit = units_get(host, question->subject);

	if (!question->field) {
		tell_presence(unit, question->aspects, ret_facts);
		return;
	}
	if (question->aspects & ASPECT_RUNNING)
		tell_running(host, unit, question->field->name, ret_facts);
	if (question->aspects & ASPECT_CONFIGURED)
		tell_configured(unit, question->field->name, ret_facts);
}

static const char *refuse(const char *subject)
{
	return units_refuse(subject);
}

const struct probe probe_service = {
	.name = "service",
	.summary = "a unit of the service manager, of any type",
	.subject = "UNIT",
	.example = "service docker.socket not enabled",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
