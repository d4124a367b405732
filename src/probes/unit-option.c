/* Settings of units and their drop-ins, as the next boot finds them: systemd.exec(5) and others. */
#include "host/units/units.h"
#include "host/units/units_file.h"
#include "host/units/units_setting.h"
#include "probes/probe.h"

enum { VALUE, VALUES, ENABLED };

static const struct field fields[] = {
	[VALUE] = {"value", VALUE_SCALAR, ASPECT_CONFIGURED,
		   "the last one, or systemd's default; yes or no where it is a switch"},
	[VALUES] = {"values", VALUE_LIST, ASPECT_CONFIGURED,
		    "the words of all, but for those that an empty one takes back"},
	[ENABLED] = {"enabled", VALUE_BOOL, ASPECT_CONFIGURED, "it is set to yes, on, true or 1"},
	{0},
};

struct subject {
	const char *unit, *section, *key;
};

/* Takes the subject apart. Returns why it is wrong, or NULL. */
static const char *read_subject(struct arena *arena, const char *text, struct subject *ret_subject)
{
	const char *colon = strrchr(text, ':'), *dot = colon ? strchr(colon, '.') : NULL;
	struct subject subject;

	if (!dot || dot == colon + 1 || !dot[1])
		return "behind the unit stands a `:`, and Section.Key";
	subject.unit = arena_strndup(arena, text, (size_t)(colon - text));
	subject.section = arena_strndup(arena, colon + 1, (size_t)(dot - colon - 1));
	subject.key = dot + 1;
	*ret_subject = subject;
	return units_refuse(subject.unit);
}

static const char *refuse(const char *text)
{
	struct arena arena = {0};
	const char *why = read_subject(&arena, text, &(struct subject){0});

	arena_free(&arena);
	return why;
}

static void tell(const struct field *field, const char *object, const struct unit_setting *setting,
		 struct facts *facts)
{
	const char *value = setting->value, *source = setting->source;
	bool all = field == &fields[VALUES];

	if (setting->why || (all && setting->all_why))
		fact_unknown(facts, ASPECT_CONFIGURED, object, source, "%s",
			     setting->why ? setting->why : setting->all_why);
	else if (!value || (!field && !setting->given))
		fact_absent(facts, ASPECT_CONFIGURED, object, source);
	else if (all)
		fact_value(facts, ASPECT_CONFIGURED, object,
			   strv_join(&setting->values, facts->arena, " "), source);
	else if (field != &fields[ENABLED])
		fact_value(facts, ASPECT_CONFIGURED, object, value, source);
	else if (unit_boolean(value) < 0)
		fact_unknown(facts, ASPECT_CONFIGURED, object, source, "'%s' is no yes or no",
			     value);
	else
		fact_bool(facts, ASPECT_CONFIGURED, object, unit_boolean(value), source);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const char *object = question->subject;
	struct unit_setting setting;
	struct subject subject;
	const char *why = read_subject(host->arena, question->subject, &subject);

	if (!(question->aspects & ASPECT_CONFIGURED))
		return;
	if (why) {
		fact_unknown(ret_facts, ASPECT_CONFIGURED, object, NULL, "%s", why);
		return;
	}
	unit_setting(host, subject.unit, subject.section, subject.key, &setting);
	tell(question->field, object, &setting, ret_facts);
}

const struct probe probe_unit_option = {
	.name = "unit-option",
	.summary = "settings of units, drop-ins and systemd's defaults heeded",
	.subject = "UNIT:SECTION.KEY",
	.example = "unit-option docker.service:Service.NoNewPrivileges enabled",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
