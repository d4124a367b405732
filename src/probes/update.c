/* Is the operating system up to date, and does something keep it so? */
#include "host/update/update.h"
#include "probes/probe.h"

#include <time.h>

static const struct field fields[] = {
	{"state", VALUE_STRING, ASPECT_RUNNING,
	 "current, or pending-reboot: an update waits for the next boot"},
	{"automatic", VALUE_BOOL, ASPECT_CONFIGURED, "something installs updates by itself"},
	{"active", VALUE_BOOL, ASPECT_RUNNING, "what does so runs"},
	{"version", VALUE_SCALAR, ASPECT_BOTH, "the build, as os-release names it"},
	{"built", VALUE_STRING, ASPECT_BOTH, "the day of the build, YYYY-MM-DD"},
	{"age", VALUE_SCALAR, ASPECT_BOTH, "days since then"},
	{"supported", VALUE_BOOL, ASPECT_BOTH, "the release still gets updates"},
	{"support-end", VALUE_STRING, ASPECT_BOTH, "the last day on which it does, YYYY-MM-DD"},
	{"support-days", VALUE_SCALAR, ASPECT_BOTH, "days until then; less than 0 once it is over"},
	{0},
};

static const char *refuse(const char *subject)
{
	if (str_eq(subject, "os"))
		return NULL;
	for (const char *const *at = updaters; *at; at++)
		if (str_eq(*at, subject))
			return NULL;
	return "the subject is `os`, or an updater: apt, bootc, dnf-automatic, hawkbit, "
	       "rpm-ostree, snapd, sysupdate, tdnf-automatic, transactional-update, "
	       "update-engine, zincati";
}

static void tell(const struct question *question, unsigned aspects,
		 const struct update_answer *answer, struct facts *facts)
{
	const char *object = question->subject;
	enum aspect aspect = (enum aspect)aspects;

	if (!aspects)
		return;
	if (answer->value)
		fact_value(facts, aspect, object, answer->value, answer->source);
	else
		fact_unknown(facts, aspect, object, answer->source, "%s", answer->why);
}

static void doubt(struct update_answer *answer, const char *why)
{
	answer->value = NULL;
	answer->why = why;
}

/* From a day to days: how old, or how long. */
static void count_days(struct arena *arena, bool until, struct update_answer *answer)
{
	day_t today = (day_t)(time(NULL) / 86400), day;

	if (!answer->value || date_parse(answer->value, &day))
		return;
	if (!until && day > today + 1)
		doubt(answer, "the clock is before the day of the build");
	else
		answer->value = arena_printf(arena, "%ld", until ? day - today : today - day);
}

static void ask_release(struct host *host, const char *field, struct update_answer *answer)
{
	if (str_eq(field, "version")) {
		update_version(host, answer);
	} else if (str_eq(field, "built")) {
		update_built(host, answer);
	} else if (str_eq(field, "age")) {
		update_built(host, answer);
		count_days(host->arena, false, answer);
	} else {
		update_support_end(host, answer);
		if (!str_eq(field, "support-end"))
			count_days(host->arena, true, answer);
		if (str_eq(field, "supported") && answer->value)
			answer->value = *answer->value == '-' ? "no" : "yes";
	}
}

/* What is told of the release is true after the next boot as well, unless that brings another. */
static void tell_release(struct host *host, const struct question *question, struct facts *facts)
{
	struct update_answer answer, state = {0};
	unsigned aspects = question->aspects;

	ask_release(host, question->field->name, &answer);
	if (aspects == ASPECT_BOTH)
		update_state(host, &state);
	if (!state.value || !str_eq(state.value, "pending-reboot")) {
		tell(question, aspects, &answer, facts);
		return;
	}
	tell(question, ASPECT_RUNNING, &answer, facts);
	fact_unknown(facts, ASPECT_CONFIGURED, question->subject, state.source,
		     "the next boot brings another build");
}

static void tell_presence(struct host *host, const struct question *question, struct facts *facts)
{
	struct update_answer answer;

	if (str_eq(question->subject, "os"))
		update_version(host, &answer);
	else
		updater_present(host, question->subject, &answer);
	if (answer.value && str_eq(answer.value, "absent"))
		fact_absent(facts, (enum aspect)question->aspects, question->subject,
			    answer.source);
	else
		tell(question, question->aspects, &answer, facts);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const char *field = question->field ? question->field->name : NULL;
	bool os = str_eq(question->subject, "os");
	struct update_answer answer;

	if (!field) {
		tell_presence(host, question, ret_facts);
		return;
	}
	if (str_eq(field, "automatic")) {
		updater_automatic(host, os ? NULL : question->subject, &answer);
		tell(question, question->aspects & ASPECT_CONFIGURED, &answer, ret_facts);
	} else if (str_eq(field, "active")) {
		updater_active(host, os ? NULL : question->subject, &answer);
		tell(question, question->aspects & ASPECT_RUNNING, &answer, ret_facts);
	} else if (!os) {
		answer = (struct update_answer){.why = "this is asked of `os` alone"};
		tell(question, question->aspects, &answer, ret_facts);
	} else if (str_eq(field, "state")) {
		update_state(host, &answer);
		tell(question, question->aspects & ASPECT_RUNNING, &answer, ret_facts);
	} else {
		tell_release(host, question, ret_facts);
	}
}

const struct probe probe_update = {
	.name = "update",
	.summary = "the build of the operating system, and what brings newer ones",
	.subject = "os|UPDATER",
	.example = "update os state = current",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
