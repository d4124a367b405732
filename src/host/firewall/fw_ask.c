#include "host/firewall/fw_ask.h"

#include "base/str.h"
#include "host/firewall/fw_eval.h"

#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#define SYN 0x02
#define ECN_SYN 0xc2

/* The bridges of container runtimes and their kin. */
static const char *const bridges[] = {
	"docker*",  "br-*",     "cni*",  "cali*",  "cilium*",      "lxc*",          "veth*",
	"virbr*",   "podman*",  "vnet*", "cbr*",   "flannel*",     "kube-*",        "weave*",
	"nerdctl*", "antrea-*", "tunl0", "lxdbr*", "vxlan.calico", "nodelocaldns*",
};

static const struct fw_range private4[] = {
	{0x00000000, 0x00ffffff}, {0x0a000000, 0x0affffff}, {0x64400000, 0x647fffff},
	{0x7f000000, 0x7fffffff}, {0xa9fe0000, 0xa9feffff}, {0xac100000, 0xac1fffff},
	{0xc0a80000, 0xc0a8ffff}, {0xe0000000, 0xffffffff},
};

#define SIX(high) ((fw_value)(high) << 112)

/* One question being answered. */
struct asking {
	struct arena *arena;
	const struct fw_model *model;
	const struct fw_subject *subject;
	bool plain;
	struct fw_region packets;
};

static const enum fw_hook ways[][4] = {
	[FW_INPUT] = {FW_INGRESS, FW_PREROUTING, FW_INPUT},
	[FW_FORWARD] = {FW_INGRESS, FW_PREROUTING, FW_FORWARD, FW_NO_HOOK},
	[FW_OUTPUT] = {FW_OUTPUT, FW_POSTROUTING, FW_EGRESS},
};

static struct fw_set loopback_addresses(const struct asking *asking)
{
	return asking->subject->family == FW_IP6
		       ? fw_set_range(asking->arena, 1, 1)
		       : fw_set_range(asking->arena, 0x7f000000, 0x7fffffff);
}

static struct fw_set all_addresses(const struct asking *asking)
{
	return fw_set_range(asking->arena, 0,
			    asking->subject->family == FW_IP6 ? FW_VALUE_MAX : 0xffffffff);
}

static struct fw_set public_addresses(const struct asking *asking)
{
	struct arena *arena = asking->arena;
	struct fw_set all = all_addresses(asking);

	if (asking->subject->family == FW_IP4)
		return fw_set_minus(arena, all,
				    fw_set_make(arena, private4,
						sizeof(private4) / sizeof(private4[0])));
	return fw_set_minus(arena, fw_set_range(arena, SIX(0x2000), SIX(0x4000) - 1),
			    fw_set_range(arena, (fw_value)0x20010db8 << 96,
					 ((fw_value)0x20010db9 << 96) - 1));
}

static struct fw_set values(struct arena *arena, const unsigned *numbers, size_t count)
{
	struct fw_range ranges[8];

	for (size_t i = 0; i < count; i++)
		ranges[i] = (struct fw_range){numbers[i], numbers[i]};
	return fw_set_make(arena, ranges, count);
}

static void set_interfaces(struct asking *asking)
{
	struct arena *arena = asking->arena;
	struct fw_set some = fw_set_range(arena, 1, FW_VALUE_MAX);
	struct fw_set none = fw_set_range(arena, 0, 0);
	enum fw_hook hook = asking->subject->hook;

	some = fw_set_minus(arena, some, fw_set_interface(arena, "lo", 0));
	asking->packets.at[FW_IIF] = hook == FW_OUTPUT ? none : some;
	asking->packets.at[FW_OIF] = hook == FW_INPUT ? none : some;
}

/* Whole packets from one machine to another, of all kinds, with these states. */
static void set_packets(struct asking *asking, unsigned states)
{
	static const unsigned acks[] = {0x10, 0x18, 0x11, 0x19, 0x14, 0x04},
			      syns[] = {SYN, ECN_SYN};
	struct arena *arena = asking->arena;
	struct fw_set *at = asking->packets.at;
	enum fw_hook hook = asking->subject->hook;

	for (enum fw_dim dim = 0; dim < N_FW_DIMS; dim++)
		at[dim] = fw_everything(arena, dim);
	at[FW_FAMILY] = fw_set_range(arena, asking->subject->family == FW_IP6 ? 6 : 4,
				     asking->subject->family == FW_IP6 ? 6 : 4);
	set_interfaces(asking);
	at[FW_SADDR] = at[FW_DADDR] = fw_set_minus(arena, all_addresses(asking),
						   loopback_addresses(asking));
	at[FW_STATE] = fw_set_minus(arena, fw_states(arena, states), fw_natted(arena, 3));
	at[FW_FLAGS] = states & (1U << FW_NEW) ? values(arena, syns, 2) : values(arena, acks, 6);
	at[FW_PKTTYPE] = fw_set_range(arena, PACKET_HOST, PACKET_HOST);
	at[FW_STYPE] = hook == FW_OUTPUT ? fw_set_range(arena, RTN_LOCAL, RTN_LOCAL)
					 : fw_set_range(arena, RTN_UNICAST, RTN_UNICAST);
	at[FW_DTYPE] = hook == FW_INPUT ? fw_set_range(arena, RTN_LOCAL, RTN_LOCAL)
					: fw_set_range(arena, RTN_UNICAST, RTN_UNICAST);
}

/* What rules name of a property, in all chains. */
static struct fw_set named(const struct asking *asking, enum fw_dim dim)
{
	struct fw_range *ranges = NULL;
	size_t count = 0, space = 0;

	for (size_t i = 0; i < asking->model->n_chains; i++) {
		const struct fw_chain *chain = asking->model->chains[i];
		size_t n = 0;

		if (!(chain->table->families & asking->subject->family))
			continue;
		for (size_t k = 0; k < chain->n_rules; k++)
			for (n = 0; n < chain->rules[k].n_matches; n++) {
				const struct fw_match *match = &chain->rules[k].matches[n];

				if (match->kind != FW_IN || match->dim != dim)
					continue;
				if (count + match->named.count > space) {
					size_t more = (count + match->named.count) * 2;

					ranges = arena_grow(asking->arena, ranges,
							    count * sizeof(*ranges),
							    more * sizeof(*ranges));
					space = more;
				}
				if (ranges)
					memcpy(ranges + count, match->named.at,
					       match->named.count * sizeof(*ranges));
				count += match->named.count;
			}
	}
	return fw_set_make(asking->arena, ranges, count);
}

/* Leaves only what no rule names; where rules name all, nothing is left out. */
static void leave_named(struct asking *asking, enum fw_dim dim)
{
	struct fw_set rest = fw_set_minus(asking->arena, asking->packets.at[dim],
					  named(asking, dim));

	if (rest.count)
		asking->packets.at[dim] = rest;
}

static void leave_all_named(struct asking *asking)
{
	static const enum fw_dim dims[] = {FW_IIF, FW_OIF, FW_SADDR, FW_DADDR, FW_SPORT, FW_DPORT};

	for (size_t i = 0; i < sizeof(dims) / sizeof(dims[0]); i++)
		leave_named(asking, dims[i]);
	asking->plain = true;
}

static struct fw_course follow(const struct asking *asking)
{
	struct fw_course course = {
		.arena = asking->arena,
		.families = asking->subject->family,
		.plain = asking->plain,
	};
	enum fw_hook hooks[5] = {0};

	memcpy(hooks, ways[asking->subject->hook], sizeof(ways[0]));
	fw_follow(asking->model, hooks, &asking->packets, &course);
	return course;
}

/* What the chains of a container runtime let in from its own bridges is its business. */
static bool is_counted(const struct asking *asking, const struct fw_region *region)
{
	struct fw_set theirs = {0};

	if (!region->by_runtime)
		return true;
	for (size_t i = 0; i < sizeof(bridges) / sizeof(bridges[0]); i++)
		theirs = fw_set_or(asking->arena, theirs,
				   fw_set_interface(asking->arena, bridges[i], '*'));
	return !fw_set_within(region->at[FW_IIF], theirs);
}

/* What became of all packets. */
struct tally {
	const struct fw_region *passes, *stops, *rejected; /* for certain */
	const struct fw_region *doubtful[2];               /* dropped, let through */
	bool gave_up;
};

static struct tally count(const struct asking *asking)
{
	struct fw_course course = follow(asking);
	struct tally tally = {.gave_up = course.gave_up};

	for (const struct fw_outcome *outcome = course.outcomes; outcome; outcome = outcome->next) {
		const struct fw_region *region = &outcome->region;
		bool passes = outcome->verdict == FW_ACCEPT;

		if (passes && !is_counted(asking, region))
			continue;
		if (region->doubtful)
			tally.doubtful[passes] = region;
		else if (passes)
			tally.passes = region;
		else
			tally.stops = region;
		if (outcome->verdict == FW_REJECT)
			tally.rejected = region;
	}
	return tally;
}

static struct fw_answer doubtful(const struct fw_region *region)
{
	return (struct fw_answer){.source = region->source, .why = region->what};
}

static struct fw_answer too_much(void)
{
	return (struct fw_answer){.why = "the rules are too many to follow"};
}

static struct fw_answer told(const char *value, const struct fw_region *region)
{
	return (struct fw_answer){
		.value = value,
		.source = region && region->source ? region->source : "no rule stands in the way",
	};
}

/* Do all of them pass? */
static struct fw_answer all_pass(const struct asking *asking)
{
	struct tally tally = count(asking);

	if (tally.gave_up)
		return too_much();
	if (tally.stops)
		return told("no", tally.stops);
	/* Where all that is in doubt ends the same way, there is none. */
	if (tally.doubtful[0] && !tally.doubtful[1])
		return told("no", tally.doubtful[0]);
	if (tally.doubtful[0])
		return doubtful(tally.doubtful[0]);
	return told("yes", tally.passes ? tally.passes : tally.doubtful[1]);
}

/* Does any of them pass? `yes` and `no` are the words for it. */
static struct fw_answer any_passes(const struct asking *asking, const char *yes, const char *no)
{
	struct tally tally = count(asking);

	if (tally.gave_up)
		return too_much();
	if (tally.passes)
		return told(yes, tally.passes);
	if (tally.doubtful[1] && !tally.doubtful[0])
		return told(yes, tally.doubtful[1]);
	if (tally.doubtful[1])
		return doubtful(tally.doubtful[1]);
	return told(no, tally.stops ? tally.stops : tally.doubtful[0]);
}

static struct fw_answer policy(struct asking *asking)
{
	static const unsigned pings[] = {IPPROTO_ICMP, IPPROTO_ICMPV6};
	struct arena *arena = asking->arena;
	struct tally tally;

	set_packets(asking, 1U << FW_NEW);
	asking->packets.at[FW_PROTO] = fw_set_minus(arena, asking->packets.at[FW_PROTO],
						    values(arena, pings, 2));
	leave_all_named(asking);
	leave_named(asking, FW_PROTO);
	tally = count(asking);
	if (!tally.gave_up && !tally.passes && !tally.doubtful[1] && tally.rejected)
		return told("reject", tally.rejected);
	return any_passes(asking, "accept", "drop");
}

static struct fw_answer both(struct fw_answer first, struct fw_answer second)
{
	if (first.value && str_eq(first.value, "no"))
		return first;
	if (second.value && str_eq(second.value, "no"))
		return second;
	return first.value ? second : first;
}

static void set_loopback(struct asking *asking, unsigned states)
{
	struct fw_set *at = asking->packets.at;
	struct fw_set lo = fw_set_interface(asking->arena, "lo", 0);

	set_packets(asking, states);
	at[FW_SADDR] = at[FW_DADDR] = loopback_addresses(asking);
	at[FW_STYPE] = at[FW_DTYPE] = fw_set_range(asking->arena, RTN_LOCAL, RTN_LOCAL);
	at[asking->subject->hook == FW_OUTPUT ? FW_OIF : FW_IIF] = lo;
}

static struct fw_answer loopback(struct asking *asking)
{
	struct fw_answer first;

	set_loopback(asking, 1U << FW_NEW);
	first = all_pass(asking);
	set_loopback(asking, 1U << FW_ESTABLISHED | 1U << FW_RELATED);
	return both(first, all_pass(asking));
}

static struct fw_answer spoofed(struct asking *asking)
{
	set_packets(asking, 1U << FW_NEW | 1U << FW_INVALID);
	asking->packets.at[FW_SADDR] = loopback_addresses(asking);
	/* Whatever the kernel makes of such an address, the rules have to stand alone. */
	asking->packets.at[FW_STYPE] = fw_everything(asking->arena, FW_STYPE);
	return any_passes(asking, "no", "yes");
}

/* TCP, UDP and ICMP of a state, unless rules single it out by something else. */
static struct fw_answer passes(struct asking *asking, enum fw_state state)
{
	bool six = asking->subject->family == FW_IP6;
	const unsigned protos[] = {IPPROTO_TCP, IPPROTO_UDP, six ? IPPROTO_ICMPV6 : IPPROTO_ICMP};

	set_packets(asking, 1U << state);
	leave_all_named(asking);
	asking->packets.at[FW_PROTO] = values(asking->arena, protos, 3);
	if (state == FW_NEW)
		leave_named(asking, FW_ICMP);
	return all_pass(asking);
}

static void set_new(struct asking *asking, bool public_, unsigned proto)
{
	set_packets(asking, 1U << FW_NEW);
	asking->packets.at[FW_PROTO] = fw_set_range(asking->arena, proto, proto);
	if (public_)
		asking->packets.at[FW_SADDR] = public_addresses(asking);
}

static struct fw_answer is_open(struct asking *asking, bool public_)
{
	const struct fw_subject *subject = asking->subject;

	set_new(asking, public_, subject->proto);
	asking->packets.at[FW_DPORT] = fw_set_range(asking->arena, subject->low, subject->high);
	return any_passes(asking, "yes", "no");
}

static void print(const struct asking *asking, const char *name, struct fw_set ports,
		  struct strv *list)
{
	for (size_t i = 0; i < ports.count; i++) {
		unsigned low = (unsigned)ports.at[i].low, high = (unsigned)ports.at[i].high;

		if (low == 0 && high == 65535)
			strv_push(list, asking->arena, arena_printf(asking->arena, "%s/any", name));
		else
			strv_push(list, asking->arena,
				  low == high ? arena_printf(asking->arena, "%s/%u", name, low)
					      : arena_printf(asking->arena, "%s/%u-%u", name, low,
							     high));
	}
}

/* The ports of a protocol that let something in; false with the answer when it cannot be told. */
static bool find_ports(struct asking *asking, struct fw_set *ret_ports,
		       struct fw_answer *ret_answer)
{
	struct fw_course course = follow(asking);
	const struct fw_region *doubt = NULL;
	struct fw_set open = {0}, perhaps = {0}, stopped = {0};

	for (const struct fw_outcome *outcome = course.outcomes; outcome; outcome = outcome->next) {
		const struct fw_region *region = &outcome->region;
		struct fw_set *to = region->doubtful ? &perhaps : &open;

		if (outcome->verdict != FW_ACCEPT && region->doubtful)
			stopped = fw_set_or(asking->arena, stopped, region->at[FW_DPORT]);
		if (outcome->verdict != FW_ACCEPT || !is_counted(asking, region))
			continue;
		*to = fw_set_or(asking->arena, *to, region->at[FW_DPORT]);
		if (region->doubtful)
			doubt = region;
		if (!ret_answer->source && region->source)
			ret_answer->source = region->source;
	}
	/* Where all that is in doubt gets in, there is none. */
	open = fw_set_or(asking->arena, open, fw_set_minus(asking->arena, perhaps, stopped));
	*ret_ports = open;
	if (course.gave_up)
		*ret_answer = too_much();
	else if (!fw_set_within(perhaps, open))
		*ret_answer = doubtful(doubt);
	return !ret_answer->why;
}

static struct fw_answer open_ports(struct asking *asking, bool public_)
{
	struct fw_answer answer = {0};
	struct strv list = {0};
	struct fw_set tcp, udp;

	set_new(asking, public_, IPPROTO_TCP);
	if (!find_ports(asking, &tcp, &answer))
		return answer;
	set_new(asking, public_, IPPROTO_UDP);
	if (!find_ports(asking, &udp, &answer))
		return answer;
	print(asking, "tcp", tcp, &list);
	print(asking, "udp", udp, &list);
	answer.value = list.count ? strv_join(&list, asking->arena, ",") : "none";
	if (str_eq(answer.value, "tcp/any,udp/any"))
		answer.value = "any";
	return answer;
}

static struct fw_answer answer_to(struct asking *asking, enum fw_question question)
{
	switch (question) {
	case FW_POLICY:
		return policy(asking);
	case FW_LOOPBACK:
		return loopback(asking);
	case FW_SPOOFED:
		return spoofed(asking);
	case FW_NEW_PASSES:
		return passes(asking, FW_NEW);
	case FW_ESTABLISHED_PASSES:
		return passes(asking, FW_ESTABLISHED);
	case FW_RELATED_PASSES:
		return passes(asking, FW_RELATED);
	case FW_OPEN_PORTS:
	case FW_PUBLIC_PORTS:
		return open_ports(asking, question == FW_PUBLIC_PORTS);
	default:
		return is_open(asking, question == FW_PUBLIC);
	}
}

void fw_ask(struct arena *arena, const struct fw_model *model, const struct fw_subject *subject,
	    enum fw_question question, struct fw_answer *ret_answer)
{
	struct arena scratch = {0};
	struct asking asking = {.arena = &scratch, .model = model, .subject = subject};
	struct fw_answer answer = {.source = model->source, .why = model->unknown};

	if (!model->unknown)
		answer = answer_to(&asking, question);
	if (answer.value)
		answer.value = arena_strdup(arena, answer.value);
	if (answer.source)
		answer.source = arena_strdup(arena, answer.source);
	if (answer.why)
		answer.why = arena_strdup(arena, answer.why);
	arena_free(&scratch);
	*ret_answer = answer;
}

const struct fw_chain *fw_base(const struct fw_model *model, const struct fw_subject *subject)
{
	for (size_t i = 0; i < model->n_chains; i++)
		if (fw_counts(model->chains[i], subject->hook, subject->family))
			return model->chains[i];
	return NULL;
}
