/* Sockets of TCP and UDP that wait for others: on which address, whose, and who can reach them. */
#include "host/sockets/sockets.h"
#include "host/users.h"
#include "probes/probe.h"

enum { ADDRESS, PORT, PROTOCOL, EXPOSED, UNIT, PROCESS, USER };

static const struct field fields[] = {
	[ADDRESS] = {"address", VALUE_STRING, ASPECT_BOTH,
		     "0.0.0.0, ::, 127.0.0.1, fe80::1%eth0, ..."},
	[PORT] = {"port", VALUE_SCALAR, ASPECT_BOTH, "its number"},
	[PROTOCOL] = {"protocol", VALUE_STRING, ASPECT_BOTH, "tcp or udp"},
	[EXPOSED] = {"exposed", VALUE_BOOL, ASPECT_BOTH, "it is not bound to the loopback"},
	[UNIT] = {"unit", VALUE_STRING, ASPECT_BOTH, "the unit that opened it"},
	[PROCESS] = {"process", VALUE_STRING, ASPECT_RUNNING, "the process that has it open"},
	[USER] = {"user", VALUE_STRING, ASPECT_RUNNING, "the user it belongs to"},
	{0},
};

/* What the subject asks for. */
struct subject {
	const char *protocol; /* NULL: any */
	unsigned port;        /* 0: any */
	bool exposed, loopback;
};

static const char *read_port(const char *text, unsigned *ret_port)
{
	long long port;

	if (str_eq(text, "*"))
		return NULL;
	if (*text < '1' || *text > '9' || str_to_number(text, &port) || port > 65535)
		return "a port is a number up to 65535, or `*`";
	*ret_port = (unsigned)port;
	return NULL;
}

/* Takes the subject apart. Returns why it is wrong, or NULL. */
static const char *read_subject(struct arena *arena, const char *text, struct subject *ret_subject)
{
	const char *at = strchr(text, '@');
	const char *port = arena_strndup(arena, text, at ? (size_t)(at - text) : strlen(text));
	struct subject subject = {.exposed = at && str_eq(at, "@exposed"),
				  .loopback = at && str_eq(at, "@loopback")};
	const char *why;

	if (at && !subject.exposed && !subject.loopback)
		return "behind the `@` stands `exposed` or `loopback`";
	if (str_starts(port, "tcp:"))
		subject.protocol = "tcp";
	else if (str_starts(port, "udp:"))
		subject.protocol = "udp";
	else if (strchr(port, ':') && !str_starts(port, "*:"))
		return "the protocol is tcp, udp, or `*`";
	port = strchr(port, ':') ? strchr(port, ':') + 1 : port;
	why = read_port(port, &subject.port);
	*ret_subject = subject;
	return why;
}

static const char *refuse(const char *text)
{
	struct arena arena = {0};
	const char *why = read_subject(&arena, text, &(struct subject){0});

	arena_free(&arena);
	return why;
}

static bool is_asked(const struct subject *subject, const struct listener *listener)
{
	return (!subject->protocol || str_eq(subject->protocol, listener->protocol)) &&
	       (!subject->port || subject->port == listener->port) &&
	       (!subject->exposed || listener->exposed) &&
	       (!subject->loopback || !listener->exposed);
}

/* "tcp 0.0.0.0:22", "tcp [::]:22" */
static const char *describe(struct arena *arena, const struct listener *listener)
{
	bool v6 = strchr(listener->address, ':') != NULL;

	return arena_printf(arena, v6 ? "%s [%s]:%u" : "%s %s:%u", listener->protocol,
			    listener->address, listener->port);
}

static const char *user_of(struct host *host, const struct listener *listener)
{
	const struct accounts *users = users_get(host);
	const char *name;

	return account_name(host->arena, users, listener->user, &name) ? NULL : name;
}

static void tell_name(struct facts *facts, enum aspect aspect, const struct listener *listener,
		      const char *name, const char *why)
{
	const char *object = describe(facts->arena, listener);

	if (name)
		fact_value(facts, aspect, object, name, listener->source);
	else if (why)
		fact_unknown(facts, aspect, object, listener->source, "%s", why);
	else
		fact_absent(facts, aspect, object, listener->source);
}

static void tell(struct host *host, const struct question *question, enum aspect aspect,
		 const struct listener *listener, struct facts *facts)
{
	const char *object = describe(facts->arena, listener), *value = listener->address;
	long field = question->field ? question->field - fields : ADDRESS;

	if (listener->unsure) {
		fact_unknown(facts, aspect, object, listener->source, "%s", listener->unsure);
		return;
	}
	if (field == UNIT) {
		tell_name(facts, aspect, listener, listener->unit, listener->unit_why);
		return;
	}
	if (field == PROCESS) {
		tell_name(facts, aspect, listener, listener->process, listener->process_why);
		return;
	}
	if (field == USER) {
		tell_name(facts, aspect, listener, user_of(host, listener),
			  "the accounts cannot be read");
		return;
	}
	if (field == PORT)
		value = arena_printf(facts->arena, "%u", listener->port);
	else if (field == PROTOCOL)
		value = listener->protocol;
	else if (field == EXPOSED)
		value = listener->exposed ? "yes" : "no";
	fact_value(facts, aspect, object, value, listener->source);
}

/* Returns how many were told. */
static size_t tell_all(struct host *host, const struct question *question, enum aspect aspect,
		       const struct listeners *listeners, struct facts *facts)
{
	struct subject subject;
	size_t count = 0;

	if (read_subject(host->arena, question->subject, &subject))
		return 0;
	for (size_t i = 0; i < listeners->count; i++) {
		if (!is_asked(&subject, &listeners->at[i]))
			continue;
		tell(host, question, aspect, &listeners->at[i], facts);
		count++;
	}
	return count;
}

static void tell_running(struct host *host, const struct question *question, struct facts *facts)
{
	const struct listeners *now = listeners_now(host);
	size_t count = tell_all(host, question, ASPECT_RUNNING, now, facts);

	if (now->why)
		fact_unknown(facts, ASPECT_RUNNING, question->subject, now->source, "%s", now->why);
	else if (!count)
		fact_absent(facts, ASPECT_RUNNING, question->subject, now->source);
}

/*
 * Files tell of socket units alone; what services open by themselves only a running host shows.
 * There the other aspect has it, and no fact is better than one of half the truth.
 */
static void tell_configured(struct host *host, const struct question *question, struct facts *facts)
{
	const struct listeners *next = listeners_next(host);
	size_t count = tell_all(host, question, ASPECT_CONFIGURED, next, facts);
	struct subject subject = {0};
	bool all = !read_subject(host->arena, question->subject, &subject) && !subject.port;
	bool alone = !(question->aspects & ASPECT_RUNNING);

	if (next->why)
		fact_unknown(facts, ASPECT_CONFIGURED, question->subject, NULL, "%s", next->why);
	else if (alone && (all || !count))
		fact_unknown(facts, ASPECT_CONFIGURED, question->subject, next->source,
			     "what services open by themselves only a running host can tell");
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	if (question->aspects & ASPECT_RUNNING)
		tell_running(host, question, ret_facts);
	if (question->aspects & ASPECT_CONFIGURED)
		tell_configured(host, question, ret_facts);
}

const struct probe probe_socket = {
	.name = "socket",
	.summary = "sockets of TCP and UDP that wait for others",
	.subject = "[PROTOCOL:]PORT[@exposed|@loopback]",
	.example = "socket tcp:2375 absent",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
