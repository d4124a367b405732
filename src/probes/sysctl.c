/* A parameter of the kernel below /proc/sys, or the same one of every network interface. */
#include "host/kernel/sysctls.h"

#include "probes/probe.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_BOTH, "what it is set to; blanks are folded"},
	{0},
};

/* Is one of the parts between separators bad? */
static bool has_part(const char *key, char separator, bool (*is_bad)(const char *, size_t))
{
	const char separators[] = {separator, '\0'};

	for (;; key++) {
		size_t length = strcspn(key, separators);

		if (is_bad(key, length))
			return true;
		key += length;
		if (!*key)
			return false;
	}
}

static bool is_empty(const char *part, size_t length)
{
	(void)part;
	return !length;
}

static bool is_dots(const char *part, size_t length)
{
	return length <= 2 && !strncmp(part, "..", length);
}

/* Only the interface can be left open. */
static bool is_bad_pattern(const char *path)
{
	static const char *const prefixes[] = {"net/ipv4/conf/*/", "net/ipv6/conf/*/"};

	if (!sysctl_is_pattern(path))
		return false;
	for (size_t i = 0; i < 2; i++)
		if (str_starts(path, prefixes[i]))
			return sysctl_is_pattern(path + strlen(prefixes[i]));
	return true;
}

static const char *refuse(const char *subject)
{
	struct arena arena = {0};
	const char *reason = NULL, *path;

	/* The first separator is the one that counts. */
	if (has_part(subject, subject[strcspn(subject, "./")], is_empty))
		return "a part of the key is empty";
	path = sysctl_path(&arena, subject);
	if (has_part(path, '/', is_dots))
		reason = "a part of the key is '.' or '..'";
	else if (is_bad_pattern(path))
		reason = "a pattern can only be net.ipv4.conf.*.KEY or net.ipv6.conf.*.KEY";
	arena_free(&arena);
	return reason;
}

static void tell(struct facts *facts, enum aspect aspect, const char *object,
		 const struct sysctl_value *value)
{
	switch (value->state) {
	case SYSCTL_SET:
		fact_value(facts, aspect, object, value->value, value->source);
		break;
	case SYSCTL_ABSENT:
		fact_absent(facts, aspect, object, value->source);
		break;
	default:
		fact_unknown(facts, aspect, object, value->source, "%s", value->reason);
	}
}

static void look_at_interfaces(struct host *host, const char *path, enum aspect aspect,
			       struct facts *facts)
{
	struct sysctl_interface interface = {
		.family = str_starts(path, "net/ipv4/") ? "ipv4" : "ipv6",
		.key = path + strlen("net/ipv4/conf/*/"),
		.running = aspect == ASPECT_RUNNING,
	};
	struct strv names = {0};
	int error = sysctl_interfaces(host, &interface, &names);

	if (error)
		fact_unknown(facts, aspect, sysctl_name(facts->arena, path), NULL,
			     "the interfaces cannot be listed: %s", host_error(error));
	for (size_t i = 0; i < names.count; i++) {
		const char *object = arena_printf(facts->arena, "net/%s/conf/%s/%s",
						  interface.family, names.at[i], interface.key);
		struct sysctl_value value;

		interface.name = names.at[i];
		sysctl_in_force(host, &interface, &value);
		tell(facts, aspect, sysctl_name(facts->arena, object), &value);
	}
}

static void look_at_aspect(struct host *host, const char *path, enum aspect aspect,
			   struct facts *facts)
{
	struct sysctl_value value;

	if (sysctl_is_pattern(path)) {
		look_at_interfaces(host, path, aspect, facts);
		return;
	}
	if (aspect == ASPECT_RUNNING)
		sysctl_running(host, path, &value);
	else
		sysctl_configured(host, path, &value);
	tell(facts, aspect, sysctl_name(facts->arena, path), &value);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const char *path = sysctl_path(host->arena, question->subject);

	if (question->aspects & ASPECT_RUNNING)
		look_at_aspect(host, path, ASPECT_RUNNING, ret_facts);
	if (question->aspects & ASPECT_CONFIGURED)
		look_at_aspect(host, path, ASPECT_CONFIGURED, ret_facts);
}

const struct probe probe_sysctl = {
	.name = "sysctl",
	.summary = "a parameter of the kernel, as sysctl(8) has them",
	.subject = "KEY",
	.example = "sysctl kernel.kptr_restrict >= 1",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
