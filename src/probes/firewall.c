/* The packet filter: what it lets in and out, whatever its rules look like. */
#include "host/firewall/fw_ask.h"
#include "host/firewall/fw_state.h"
#include "probes/probe.h"

#include <netinet/in.h>

static const struct field fields[] = {
	[FW_POLICY] = {"policy", VALUE_SCALAR, ASPECT_BOTH,
		       "accept, drop or reject: packets that no rule singles out"},
	[FW_LOOPBACK] = {"loopback-accepted", VALUE_BOOL, ASPECT_BOTH,
			 "all that uses the loopback interface passes"},
	[FW_SPOOFED] = {"spoofed-loopback-dropped", VALUE_BOOL, ASPECT_BOTH,
			"loopback addresses are dropped on other interfaces"},
	[FW_NEW_PASSES] = {"new-accepted", VALUE_BOOL, ASPECT_BOTH,
			   "new TCP, UDP and ICMP connections pass"},
	[FW_ESTABLISHED_PASSES] = {"established-accepted", VALUE_BOOL, ASPECT_BOTH,
				   "packets of connections that stand pass"},
	[FW_RELATED_PASSES] = {"related-accepted", VALUE_BOOL, ASPECT_BOTH,
			       "packets that belong to one of those pass"},
	[FW_OPEN_PORTS] = {"open-ports", VALUE_STRING, ASPECT_BOTH,
			   "tcp/22,udp/67-68: ports that are open to anybody; any; none"},
	[FW_PUBLIC_PORTS] = {"public-ports", VALUE_STRING, ASPECT_BOTH,
			     "the same: open to public addresses"},
	[FW_OPEN] = {"open", VALUE_BOOL, ASPECT_BOTH, "of a port: anybody can connect to it"},
	[FW_PUBLIC] = {"public", VALUE_BOOL, ASPECT_BOTH,
		       "of a port: public addresses can connect to it"},
	{0},
};

static const struct {
	const char *name;
	enum fw_hook hook;
} hooks[] = {{"input", FW_INPUT}, {"forward", FW_FORWARD}, {"output", FW_OUTPUT}};

static const struct {
	const char *name;
	unsigned proto;
} protocols[] = {
	{"tcp/", IPPROTO_TCP},   {"udp/", IPPROTO_UDP},         {"sctp/", IPPROTO_SCTP},
	{"dccp/", IPPROTO_DCCP}, {"udplite/", IPPROTO_UDPLITE},
};

/* What the subject asks for. `name` is what stands behind the family. */
struct asked {
	unsigned families;
	const char *name;
	struct fw_subject subject;
};

/* 22, or 8000-8080. */
static bool read_ports(const char *text, unsigned *ret_low, unsigned *ret_high)
{
	unsigned ports[2] = {0};
	size_t n = 0;

	for (; n < 2; n++) {
		size_t digits = strspn(text, "0123456789");

		if (!digits || digits > 5)
			return false;
		for (size_t i = 0; i < digits; i++)
			ports[n] = ports[n] * 10 + (unsigned)(text[i] - '0');
		text += digits;
		if (n || *text != '-')
			break;
		text++;
	}
	*ret_low = ports[0];
	*ret_high = n ? ports[1] : ports[0];
	return !*text && *ret_high <= 65535 && *ret_low <= *ret_high;
}

static bool read_subject(const char *text, struct asked *ret_asked)
{
	struct asked asked = {.families = FW_IP4 | FW_IP6};

	if (str_starts(text, "ip:") || str_starts(text, "ip6:")) {
		asked.families = str_starts(text, "ip:") ? FW_IP4 : FW_IP6;
		text = strchr(text, ':') + 1;
	}
	asked.name = text;
	for (size_t i = 0; i < sizeof(hooks) / sizeof(hooks[0]); i++)
		if (str_eq(text, hooks[i].name))
			asked.subject.hook = hooks[i].hook;
	for (size_t i = 0; i < sizeof(protocols) / sizeof(protocols[0]); i++)
		if (str_starts(text, protocols[i].name) &&
		    read_ports(text + strlen(protocols[i].name), &asked.subject.low,
			       &asked.subject.high)) {
			asked.subject.hook = FW_INPUT;
			asked.subject.proto = protocols[i].proto;
		}
	*ret_asked = asked;
	return asked.subject.hook != FW_NO_HOOK;
}

static const char *refuse(const char *subject)
{
	struct asked asked;

	if (read_subject(subject, &asked))
		return NULL;
	return "it is input, forward or output, or a port such as tcp/22 or udp/8000-8080; "
	       "`ip:` or `ip6:` may stand before it";
}

/* Why a question makes no sense for a subject, or NULL. */
static const char *mismatch(const struct fw_subject *subject, enum fw_question question)
{
	bool of_port = question == FW_OPEN || question == FW_PUBLIC;

	if (of_port != (subject->proto != 0))
		return of_port ? "this is asked of a port, such as tcp/22"
			       : "this is asked of input, forward or output";
	if (question == FW_LOOPBACK && subject->hook == FW_FORWARD)
		return "nothing is forwarded by the loopback interface";
	if ((question == FW_SPOOFED || question == FW_OPEN_PORTS || question == FW_PUBLIC_PORTS) &&
	    subject->hook != FW_INPUT)
		return "this is asked of input";
	return NULL;
}

static void tell_presence(enum aspect aspect, const char *object, const struct fw_model *model,
			  const struct fw_subject *subject, struct facts *facts)
{
	const struct fw_chain *chain = model->unknown ? NULL : fw_base(model, subject);

	if (model->unknown)
		fact_unknown(facts, aspect, object, model->source, "%s", model->unknown);
	else if (!chain)
		fact_absent(facts, aspect, object, model->source);
	else
		fact_value(facts, aspect, object, chain->name, chain->source);
}

static void tell(const struct question *question, enum aspect aspect, struct asked *asked,
		 const struct fw_model *model, struct facts *facts)
{
	const struct fw_subject *subject = &asked->subject;
	const char *object = arena_printf(facts->arena, "%s %s",
					  subject->family == FW_IP6 ? "ip6" : "ip", asked->name);
	enum fw_question wanted = FW_POLICY;
	const char *wrong;
	struct fw_answer answer;

	if (!question->field) {
		tell_presence(aspect, object, model, subject, facts);
		return;
	}
	wanted = (enum fw_question)(question->field - fields);
	wrong = mismatch(subject, wanted);
	if (wrong) {
		fact_unknown(facts, aspect, object, NULL, "%s", wrong);
		return;
	}
	fw_ask(facts->arena, model, subject, wanted, &answer);
	if (answer.value)
		fact_value(facts, aspect, object, answer.value, answer.source);
	else
		fact_unknown(facts, aspect, object, answer.source, "%s", answer.why);
}

static void tell_families(const struct question *question, enum aspect aspect, struct asked *asked,
			  const struct fw_model *model, struct facts *facts)
{
	static const unsigned families[] = {FW_IP4, FW_IP6};

	for (size_t i = 0; i < 2; i++) {
		asked->subject.family = families[i];
		if (asked->families & families[i])
			tell(question, aspect, asked, model, facts);
	}
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	struct asked asked;

	if (!read_subject(question->subject, &asked))
		return;
	if (question->aspects & ASPECT_RUNNING)
		tell_families(question, ASPECT_RUNNING, &asked, firewall_now(host), ret_facts);
	if (question->aspects & ASPECT_CONFIGURED)
		tell_families(question, ASPECT_CONFIGURED, &asked, firewall_next(host), ret_facts);
}

const struct probe probe_firewall = {
	.name = "firewall",
	.summary = "what the packet filter lets in and out",
	.subject = "[ip:|ip6:]input|forward|output|PROTOCOL/PORT",
	.example = "firewall input policy in drop reject",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
