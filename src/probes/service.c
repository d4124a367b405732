/* Units of the service manager, of any type: will the next boot start them, do they run now? */
#include "host/units.h"
#include "probes/probe.h"

static const struct field fields[] = {
	{"enabled", VALUE_BOOL, ASPECT_CONFIGURED, "the next boot starts it by itself"},
	{"masked", VALUE_BOOL, ASPECT_CONFIGURED, "nothing can start it"},
	{"state", VALUE_STRING, ASPECT_CONFIGURED, "the word of systemctl is-enabled"},
	{"preset", VALUE_STRING, ASPECT_CONFIGURED, "what the vendor or site wants: enabled, disabled"},
	{0},
};

static void tell(const struct unit *unit, const struct field *field, struct facts *facts)
{
	const enum aspect aspect = ASPECT_CONFIGURED;

	if (!field && unit->exists)
		fact_value(facts, aspect, unit->name, unit->state, unit->state_source);
	else if (!field)
		fact_absent(facts, aspect, unit->name, unit->source);
	else if (str_eq(field->name, "enabled") && unit->unsure)
		fact_unknown(facts, aspect, unit->name, unit->source, "%s", unit->unsure);
	else if (str_eq(field->name, "enabled"))
		fact_bool(facts, aspect, unit->name, unit->starts, unit->source);
	else if (str_eq(field->name, "masked"))
		fact_bool(facts, aspect, unit->name, unit->masked, unit->state_source);
	else if (str_eq(field->name, "state"))
		fact_value(facts, aspect, unit->name, unit->state, unit->state_source);
	else if (unit->preset)
		fact_value(facts, aspect, unit->name, unit->preset, unit->preset_source);
	else
		fact_unknown(facts, aspect, unit->name, unit->preset_source, "cannot read it");
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct unit *unit = units_get(host, question->subject);

	if (unit->error)
		fact_unknown(ret_facts, ASPECT_CONFIGURED, unit->name, NULL, "%s", unit->why);
	else
		tell(unit, question->field, ret_facts);
}

const struct probe probe_service = {
	.name = "service",
	.summary = "a unit of the service manager, of any type",
	.subject = "UNIT",
	.example = "service docker.socket not enabled",
	.fields = fields,
	.presence = true,
	.look = look,
};
