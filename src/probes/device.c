/* Devices by subsystem, properties and attributes, as udev and sysfs have them. */
#include "host/devices/sysfs.h"
#include "host/devices/usb_next.h"
#include "probes/tell.h"

#include <fnmatch.h>

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_BOTH, "the attribute, or the name of the device"},
	{0},
};

#define MOST_TERMS 8

/* KEY=PATTERN, or ATTR{NAME}=PATTERN. */
struct term {
	const char *key, *attribute, *pattern;
};

/* SUBSYSTEM[:TERM[,TERM…]][@ATTRIBUTE] */
struct subject {
	const char *subsystem, *attribute;
	struct term terms[MOST_TERMS];
	size_t count;
};

static const char *read_term(struct arena *arena, const char *text, struct term *ret_term)
{
	static const char prefix[] = "ATTR{", key_bytes[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							    "abcdefghijklmnopqrstuvwxyz"
							    "0123456789_.";
	const char *equals = strchr(text, '=');
	struct term term = {0};
	size_t length = equals ? (size_t)(equals - text) : 0;

	if (!length)
		return "a term is KEY=PATTERN or ATTR{NAME}=PATTERN";
	term.pattern = equals + 1;
	if (str_starts(text, prefix) && equals[-1] == '}') {
		term.attribute = arena_strndup(arena, text + strlen(prefix),
					       length - strlen(prefix) - 1);
		if (!sysfs_is_attribute(term.attribute))
			return "it is no name of an attribute";
	} else {
		term.key = arena_strndup(arena, text, length);
		if (term.key[strspn(term.key, key_bytes)])
			return "it is no name of a property";
	}
	*ret_term = term;
	return NULL;
}

/* Returns why it makes no sense, or NULL. */
static const char *read_subject(struct arena *arena, const char *text, struct subject *ret_subject)
{
	const char *at = strrchr(text, '@'), *why = NULL;
	const char *head = at ? arena_strndup(arena, text, (size_t)(at - text)) : text;
	const char *colon = strchr(head, ':');
	struct strv terms = {0};

	*ret_subject = (struct subject){
		.attribute = at ? at + 1 : NULL,
		.subsystem = colon ? arena_strndup(arena, head, (size_t)(colon - head)) : head,
	};
	if (!sysfs_is_name(ret_subject->subsystem))
		return "it does not begin with the name of a subsystem";
	if (at && !sysfs_is_attribute(ret_subject->attribute))
		return "behind the `@` stands no name of an attribute";
	if (colon)
		strv_split(&terms, arena, colon + 1, ",");
	if ((colon && !terms.count) || terms.count > MOST_TERMS)
		return "behind the `:` stand one to eight terms";
	for (size_t i = 0; i < terms.count && !why; i++)
		why = read_term(arena, terms.at[i], &ret_subject->terms[ret_subject->count++]);
	return why;
}

static const char *refuse(const char *text)
{
	struct arena arena = {0};
	struct subject subject;
	const char *why = read_subject(&arena, text, &subject);

	arena_free(&arena);
	return why;
}

/* Do all terms hold? One that does not is enough for a no, whatever is not known of others. */
static bool matches(struct host *host, const struct sysfs_devices *devices, const char *name,
		    const struct subject *subject, struct finding *ret_doubt)
{
	*ret_doubt = (struct finding){0};
	for (size_t i = 0; i < subject->count; i++) {
		const struct term *term = &subject->terms[i];
		struct finding value = term->attribute
					       ? sysfs_attribute(host, devices, name,
								 term->attribute)
					       : sysfs_property(host, devices, name, term->key);

		if (value.why)
			*ret_doubt = value;
		else if (!value.value || fnmatch(term->pattern, value.value, 0))
			return false;
	}
	return true;
}

/* One device. Returns whether there was something to tell. */
static bool tell_device(struct host *host, const struct sysfs_devices *devices, const char *name,
			const struct subject *subject, struct facts *facts)
{
	const char *object = name;
	struct finding value, doubt;

	if (!matches(host, devices, name, subject, &doubt))
		return false;
	value = found(name, arena_printf(facts->arena, "%s/%s", devices->folder, name));
	if (subject->attribute) {
		object = arena_printf(facts->arena, "%s@%s", name, subject->attribute);
		value = sysfs_attribute(host, devices, name, subject->attribute);
	}
	if (!value.value && !value.why)
		return false;
	if (doubt.why)
		value = doubt;
	tell_finding(facts, ASPECT_RUNNING, object, &value);
	return true;
}

static void tell_now(struct host *host, const char *text, const struct subject *subject,
		     struct facts *facts)
{
	const struct sysfs_devices *devices = sysfs_devices(host, subject->subsystem);
	bool any = false;

	if (devices->why) {
		fact_unknown(facts, ASPECT_RUNNING, text, devices->folder, "%s", devices->why);
		return;
	}
	for (size_t i = 0; i < devices->names.count; i++)
		any = tell_device(host, devices, devices->names.at[i], subject, facts) || any;
	if (!any)
		fact_absent(facts, ASPECT_RUNNING, text, devices->folder);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const char *text = question->subject;
	struct subject subject;
	struct finding finding;

	if (read_subject(host->arena, text, &subject))
		return;
	if (question->aspects & ASPECT_RUNNING)
		tell_now(host, text, &subject, ret_facts);
	/* Of all attributes, this one is set by arguments and rules at each boot. */
	if (question->aspects & ASPECT_CONFIGURED && str_eq(subject.subsystem, "usb") &&
	    !subject.count && subject.attribute &&
	    str_eq(subject.attribute, "authorized_default")) {
		finding = usb_authorized_next(host);
		tell_finding(ret_facts, ASPECT_CONFIGURED, text, &finding);
	}
}

const struct probe probe_device = {
	.name = "device",
	.summary = "devices by subsystem, and their properties and attributes",
	.subject = "SUBSYSTEM[:KEY=PATTERN,…][@ATTRIBUTE]",
	.example = "device usb@authorized_default = 0",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
