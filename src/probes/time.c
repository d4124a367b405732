/* The clock: is it right, who keeps it so, and by which servers? */
#include "host/settings/clock.h"
#include "probes/tell.h"

enum { SYNCHRONISED, MAX_ERROR, CLIENTS, SERVERS };

static const struct field fields[] = {
	[SYNCHRONISED] = {"synchronised", VALUE_BOOL, ASPECT_RUNNING,
			  "somebody keeps it right; as timedatectl has it"},
	[MAX_ERROR] = {"max-error", VALUE_SCALAR, ASPECT_RUNNING,
		       "what the kernel thinks it may be wrong by, in microseconds"},
	[CLIENTS] = {"clients", VALUE_LIST, ASPECT_BOTH,
		     "chronyd, ntpd, systemd-timesyncd, phc2sys, ..."},
	[SERVERS] = {"servers", VALUE_LIST, ASPECT_CONFIGURED,
		     "names of servers, pools and peers, one fact a client"},
	{0},
};

static void tell_kernel(const struct question *question, struct facts *facts)
{
	struct clock_state state;
	int error = clock_now(&state);

	if (error)
		fact_unknown(facts, ASPECT_RUNNING, "clock", "adjtimex", "%s", host_error(error));
	else if (question->field == &fields[MAX_ERROR])
		fact_value(facts, ASPECT_RUNNING, "clock",
			   arena_printf(facts->arena, "%ld", state.error), "adjtimex");
	else
		fact_bool(facts, ASPECT_RUNNING, "clock", state.synchronised, "adjtimex");
}

static void tell_clients(struct host *host, enum aspect aspect, struct facts *facts)
{
	const struct finding finding = clock_clients(host, aspect == ASPECT_RUNNING);

	tell_finding(facts, aspect, "clock", &finding);
}

static void tell_servers(struct host *host, struct facts *facts)
{
	struct clock_servers servers[CLOCK_CLIENTS];
	const char *why = NULL;
	size_t count = clock_servers(host, servers, &why);

	for (size_t i = 0; i < count; i++)
		tell_finding(facts, ASPECT_CONFIGURED, servers[i].client, &servers[i].servers);
	if (why)
		fact_unknown(facts, ASPECT_CONFIGURED, "clock", NULL, "%s", why);
	else if (!count)
		fact_absent(facts, ASPECT_CONFIGURED, "clock", "no unit that a boot starts");
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct field *field = question->field;

	if (field == &fields[CLIENTS] && question->aspects & ASPECT_RUNNING)
		tell_clients(host, ASPECT_RUNNING, ret_facts);
	else if (field != &fields[SERVERS] && question->aspects & ASPECT_RUNNING)
		tell_kernel(question, ret_facts);
	if (!(question->aspects & ASPECT_CONFIGURED))
		return;
	if (field == &fields[CLIENTS])
		tell_clients(host, ASPECT_CONFIGURED, ret_facts);
	else if (field == &fields[SERVERS])
		tell_servers(host, ret_facts);
}

static const char *refuse(const char *subject)
{
	return str_eq(subject, "clock") ? NULL : "the subject is clock";
}

const struct probe probe_time = {
	.name = "time",
	.summary = "the clock: whether it is right, who keeps it so, and by which servers",
	.subject = "clock",
	.example = "time clock synchronised",
	.fields = fields,
	.refuse = refuse,
	.look = look,
};
