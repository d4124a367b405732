/* What is mounted at a place, and how: now, and after the next boot. */
#include "host/mounts/mount_next.h"
#include "host/mounts/mounts.h"
#include "probes/probe.h"

enum { OPTIONS, TYPE, SOURCE };

static const struct field fields[] = {
	[OPTIONS] = {"options", VALUE_LIST, ASPECT_BOTH, "all options that are in force"},
	[TYPE] = {"type", VALUE_STRING, ASPECT_BOTH, "the file system"},
	[SOURCE] = {"source", VALUE_STRING, ASPECT_BOTH, "the device, or what stands for it"},
	{0},
};

static const char *refuse(const char *subject)
{
	return subject[0] == '/' ? NULL : "a mount point is an absolute path";
}

static const char *place_of(struct host *host, const char *subject, struct facts *facts,
			    const struct question *question)
{
	char *place;
	int error = host_canonical(host, subject, &place);

	if (!error)
		return place;
	for (unsigned aspect = ASPECT_RUNNING; aspect <= ASPECT_CONFIGURED; aspect <<= 1)
		if (question->aspects & aspect)
			fact_unknown(facts, (enum aspect)aspect, subject, NULL,
				     "cannot follow the path: %s", host_error(error));
	return NULL;
}

static void look_running(struct host *host, const struct question *question, const char *place,
			 struct facts *facts)
{
	const struct mount_table *table = mounts_now(host);
	const struct mount *mount = mount_last(table, place);
	const char *value;

	if (table->error) {
		fact_unknown(facts, ASPECT_RUNNING, place, table->path, "cannot read %s: %s",
			     table->path, host_error(table->error));
		return;
	}
	if (!mount) {
		fact_absent(facts, ASPECT_RUNNING, place, table->path);
		return;
	}
	if (str_eq(mount->type, "autofs") && question->field && question->field != &fields[TYPE]) {
		fact_unknown(facts, ASPECT_RUNNING, place, table->path,
			     "it will be mounted when somebody looks into it");
		return;
	}
	value = question->field == &fields[TYPE] ? mount->type
		: question->field == &fields[SOURCE]
			? mount->source
			: strv_join(&mount->options, facts->arena, ",");
	fact_value(facts, ASPECT_RUNNING, place, value, table->path);
}

static void look_configured(struct host *host, const struct question *question, const char *place,
			    struct facts *facts)
{
	struct mount_next next = mount_next(host, place);
	const char *value;

	if (next.state == MOUNT_UNKNOWN) {
		fact_unknown(facts, ASPECT_CONFIGURED, place, next.origin, "%s", next.why);
		return;
	}
	if (next.state == MOUNT_NONE) {
		fact_absent(facts, ASPECT_CONFIGURED, place, next.origin);
		return;
	}
	value = question->field == &fields[TYPE]     ? next.type
		: question->field == &fields[SOURCE] ? next.source
						     : strv_join(&next.options, facts->arena, ",");
	if (value)
		fact_value(facts, ASPECT_CONFIGURED, place, value, next.origin);
	else
		fact_unknown(facts, ASPECT_CONFIGURED, place, next.origin,
			     "nothing says what will be mounted there");
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const char *place = place_of(host, question->subject, ret_facts, question);

	if (place && question->aspects & ASPECT_RUNNING)
		look_running(host, question, place, ret_facts);
	if (place && question->aspects & ASPECT_CONFIGURED)
		look_configured(host, question, place, ret_facts);
}

const struct probe probe_mount = {
	.name = "mount",
	.summary = "what is mounted at a place, and with which options",
	.subject = "PATH",
	.example = "mount /tmp has nodev nosuid",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
