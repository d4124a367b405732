#include "host/firewall/fw_xt.h"

#include "base/str.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_conntrack_common.h>
#include <linux/netfilter/xt_CT.h>
#include <linux/netfilter/xt_MARK.h>
#include <linux/netfilter/xt_addrtype.h>
#include <linux/netfilter/xt_connmark.h>
#include <linux/netfilter/xt_conntrack.h>
#include <linux/netfilter/xt_iprange.h>
#include <linux/netfilter/xt_mac.h>
#include <linux/netfilter/xt_mark.h>
#include <linux/netfilter/xt_multiport.h>
#include <linux/netfilter/xt_owner.h>
#include <linux/netfilter/xt_physdev.h>
#include <linux/netfilter/xt_pkttype.h>
#include <linux/netfilter/xt_rpfilter.h>
#include <linux/netfilter/xt_state.h>
#include <linux/netfilter/xt_tcpudp.h>
#include <netinet/in.h>

/* The layout that icmp and icmp6 share. */
struct icmp_info {
	uint8_t type, code[2], invert;
};

/* The beginning of all revisions of the match on an ipset. */
struct set_info {
	uint16_t index;
	uint8_t dimensions, flags;
};

#define SET_INVERTED 4

struct decoding {
	struct fw_model *model;
	struct fw_rule *rule;
	const struct fw_xt *xt;
	const char *what;
};

static void add(const struct decoding *d, enum fw_kind kind, bool negated)
{
	fw_match_add(d->model, d->rule,
		     (struct fw_match){.kind = kind, .negated = negated, .what = d->what});
}

/* Copies what the kernel has to a structure of it. False when it is shorter than that. */
static bool take(const struct decoding *d, void *to, size_t size)
{
	if (d->xt->size < size) {
		add(d, FW_OTHER, false);
		return false;
	}
	memcpy(to, d->xt->data, size);
	return true;
}

static void add_ports(const struct decoding *d, enum fw_dim dim, const uint16_t ports[2],
		      bool negated)
{
	if (negated || ports[0] != 0 || ports[1] != 65535)
		fw_match_set(d->model, d->rule, dim,
			     fw_set_range(d->model->arena, ports[0], ports[1]), negated);
}

static void decode_tcp(const struct decoding *d)
{
	struct xt_tcp tcp;

	if (!take(d, &tcp, sizeof(tcp)))
		return;
	add_ports(d, FW_SPORT, tcp.spts, tcp.invflags & XT_TCP_INV_SRCPT);
	add_ports(d, FW_DPORT, tcp.dpts, tcp.invflags & XT_TCP_INV_DSTPT);
	if (tcp.flg_mask || tcp.flg_cmp)
		fw_match_set(d->model, d->rule, FW_FLAGS,
			     fw_set_masked(d->model->arena, 8, tcp.flg_mask, tcp.flg_cmp),
			     tcp.invflags & XT_TCP_INV_FLAGS);
	if (tcp.option)
		add(d, FW_SELECTIVE, tcp.invflags & XT_TCP_INV_OPTION);
}

static void decode_udp(const struct decoding *d)
{
	struct xt_udp udp;

	if (!take(d, &udp, sizeof(udp)))
		return;
	add_ports(d, FW_SPORT, udp.spts, udp.invflags & XT_UDP_INV_SRCPT);
	add_ports(d, FW_DPORT, udp.dpts, udp.invflags & XT_UDP_INV_DSTPT);
}

static void decode_multiport(const struct decoding *d)
{
	struct xt_multiport_v1 ports = {0};
	struct fw_range ranges[XT_MULTI_PORTS];
	size_t n = 0;
	size_t size = d->xt->revision ? sizeof(ports) : sizeof(struct xt_multiport);

	if (!take(d, &ports, size))
		return;
	if (ports.count > XT_MULTI_PORTS || ports.flags > XT_MULTIPORT_DESTINATION) {
		add(d, ports.flags == XT_MULTIPORT_EITHER ? FW_SELECTIVE : FW_OTHER, ports.invert);
		return;
	}
	for (size_t i = 0; i < ports.count; i++) {
		bool range = ports.pflags[i] && i + 1 < ports.count;

		ranges[n++] = (struct fw_range){ports.ports[i], ports.ports[i + range]};
		i += range;
	}
	fw_match_set(d->model, d->rule, ports.flags == XT_MULTIPORT_SOURCE ? FW_SPORT : FW_DPORT,
		     fw_set_make(d->model->arena, ranges, n), ports.invert);
}

static void add_states(const struct decoding *d, unsigned mask, bool negated)
{
	static const struct {
		unsigned bit, state;
	} bits[] = {
		{XT_CONNTRACK_STATE_INVALID, FW_INVALID},
		{XT_CONNTRACK_STATE_BIT(IP_CT_ESTABLISHED), FW_ESTABLISHED},
		{XT_CONNTRACK_STATE_BIT(IP_CT_RELATED), FW_RELATED},
		{XT_CONNTRACK_STATE_BIT(IP_CT_NEW), FW_NEW},
		{XT_CONNTRACK_STATE_UNTRACKED, FW_UNTRACKED},
	};
	struct arena *arena = d->model->arena;
	unsigned states = 0, nat = 0;

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++)
		if (mask & bits[i].bit)
			states |= 1U << bits[i].state;
	nat |= mask & XT_CONNTRACK_STATE_SNAT ? 1 : 0;
	nat |= mask & XT_CONNTRACK_STATE_DNAT ? 2 : 0;
	fw_match_set(d->model, d->rule, FW_STATE,
		     fw_set_or(arena, fw_states(arena, states), fw_natted(arena, nat)), negated);
}

static void decode_conntrack(const struct decoding *d)
{
	struct xt_conntrack_mtinfo2 info = {0};
	struct xt_conntrack_mtinfo1 old = {0};
	unsigned others;

	/* The third revision only has more at its end; the first has narrower masks. */
	if (d->xt->revision == 1 ? !take(d, &old, sizeof(old)) : !take(d, &info, sizeof(info)))
		return;
	if (d->xt->revision == 1) {
		info.match_flags = old.match_flags;
		info.invert_flags = old.invert_flags;
		info.state_mask = old.state_mask;
	}
	others = info.match_flags & ~(unsigned)(XT_CONNTRACK_STATE | XT_CONNTRACK_STATE_ALIAS);
	if (info.match_flags & XT_CONNTRACK_STATE)
		add_states(d, info.state_mask, info.invert_flags & XT_CONNTRACK_STATE);
	if (others)
		add(d, others & info.invert_flags ? FW_OTHER : FW_SELECTIVE, false);
}

static void decode_state(const struct decoding *d)
{
	struct xt_state_info info;

	if (take(d, &info, sizeof(info)))
		add_states(d, info.statemask, false);
}

static void add_types(const struct decoding *d, enum fw_dim dim, unsigned mask, bool negated)
{
	struct fw_range ranges[16];
	size_t n = 0;

	for (unsigned type = 0; type < 16; type++)
		if (mask & 1U << type)
			ranges[n++] = (struct fw_range){type, type};
	if (n)
		fw_match_set(d->model, d->rule, dim, fw_set_make(d->model->arena, ranges, n),
			     negated);
}

static void decode_addrtype(const struct decoding *d)
{
	struct xt_addrtype_info_v1 info;
	bool old = d->xt->revision == 0;
	struct xt_addrtype_info first = {0};

	if (old ? !take(d, &first, sizeof(first)) : !take(d, &info, sizeof(info)))
		return;
	if (old)
		info = (struct xt_addrtype_info_v1){first.source, first.dest,
						    (first.invert_source ? XT_ADDRTYPE_INVERT_SOURCE
									 : 0U) |
							    (first.invert_dest
								     ? XT_ADDRTYPE_INVERT_DEST
								     : 0U)};
	add_types(d, FW_STYPE, info.source, info.flags & XT_ADDRTYPE_INVERT_SOURCE);
	add_types(d, FW_DTYPE, info.dest, info.flags & XT_ADDRTYPE_INVERT_DEST);
	if (info.flags & (XT_ADDRTYPE_LIMIT_IFACE_IN | XT_ADDRTYPE_LIMIT_IFACE_OUT))
		add(d, FW_OTHER, false);
}

static void decode_mark(const struct decoding *d)
{
	struct xt_mark_mtinfo1 info;

	if (d->xt->revision == 1 && take(d, &info, sizeof(info)))
		fw_match_add(d->model, d->rule,
			     (struct fw_match){.kind = FW_MARK_IS,
					       .mask = info.mask,
					       .value = info.mark,
					       .negated = info.invert});
	else if (d->xt->revision != 1)
		add(d, FW_OTHER, false);
}

static void decode_icmp(const struct decoding *d)
{
	struct icmp_info info;
	bool any_code;

	if (!take(d, &info, sizeof(info)))
		return;
	any_code = info.code[0] == 0 && info.code[1] == 255;
	if (info.type == 255 && any_code && str_eq(d->xt->name, "icmp"))
		return;
	/* The negation is of type and code together. */
	if (any_code || !info.invert)
		fw_match_set(d->model, d->rule, FW_ICMP,
			     fw_set_range(d->model->arena, info.type, info.type), info.invert);
	if (!any_code)
		add(d, FW_SELECTIVE, info.invert);
}

static fw_value address_of(const union nf_inet_addr *address, bool six)
{
	fw_value value = 0;

	if (!six)
		return ntohl(address->ip);
	for (size_t i = 0; i < 16; i++)
		value = value << 8 | ((const uint8_t *)address)[i];
	return value;
}

static void decode_iprange(const struct decoding *d)
{
	struct arena *arena = d->model->arena;
	struct xt_iprange_mtinfo info;
	bool six = d->xt->six;

	if (d->xt->revision != 1 || !take(d, &info, sizeof(info))) {
		add(d, FW_OTHER, false);
		return;
	}
	if (info.flags & IPRANGE_SRC)
		fw_match_set(d->model, d->rule, FW_SADDR,
			     fw_set_range(arena, address_of(&info.src_min, six),
					  address_of(&info.src_max, six)),
			     info.flags & IPRANGE_SRC_INV);
	if (info.flags & IPRANGE_DST)
		fw_match_set(d->model, d->rule, FW_DADDR,
			     fw_set_range(arena, address_of(&info.dst_min, six),
					  address_of(&info.dst_max, six)),
			     info.flags & IPRANGE_DST_INV);
}

static void decode_pkttype(const struct decoding *d)
{
	struct xt_pkttype_info info;

	if (take(d, &info, sizeof(info)) && info.pkttype >= 0 && info.pkttype < 8)
		fw_match_set(d->model, d->rule, FW_PKTTYPE,
			     fw_set_range(d->model->arena, (unsigned)info.pkttype,
					  (unsigned)info.pkttype),
			     info.invert);
}

static void decode_rpfilter(const struct decoding *d)
{
	struct xt_rpfilter_info info;

	/* The match is on what passes the filter; ours on what does not. */
	if (take(d, &info, sizeof(info)))
		add(d, FW_RPFILTER, !(info.flags & XT_RPFILTER_INVERT));
}

static void decode_set(const struct decoding *d)
{
	struct set_info info;

	if (d->xt->revision && take(d, &info, sizeof(info)))
		add(d, FW_SELECTIVE, info.flags & SET_INVERTED);
	else if (!d->xt->revision)
		add(d, FW_OTHER, false);
}

static void decode_owner(const struct decoding *d)
{
	struct xt_owner_match_info info;

	if (take(d, &info, sizeof(info)))
		add(d, FW_SELECTIVE, info.invert);
}

static void decode_physdev(const struct decoding *d)
{
	struct xt_physdev_info info;

	if (take(d, &info, sizeof(info)))
		add(d, FW_SELECTIVE, info.invert);
}

static void decode_mac(const struct decoding *d)
{
	struct xt_mac_info info;

	if (take(d, &info, sizeof(info)))
		add(d, FW_SELECTIVE, info.invert);
}

static void decode_nothing(const struct decoding *d)
{
	(void)d;
}

static const struct {
	const char *name;
	void (*decode)(const struct decoding *d);
} decoders[] = {
	{"tcp", decode_tcp},
	{"udp", decode_udp},
	{"multiport", decode_multiport},
	{"conntrack", decode_conntrack},
	{"state", decode_state},
	{"addrtype", decode_addrtype},
	{"mark", decode_mark},
	{"icmp", decode_icmp},
	{"icmp6", decode_icmp},
	{"iprange", decode_iprange},
	{"pkttype", decode_pkttype},
	{"rpfilter", decode_rpfilter},
	{"set", decode_set},
	{"owner", decode_owner},
	{"physdev", decode_physdev},
	{"mac", decode_mac},
	{"comment", decode_nothing},
	{"nfacct", decode_nothing},
};

enum fw_kind fw_xt_kind(const char *match)
{
	static const char *const sometimes[] = {"limit",     "hashlimit", "connlimit", "quota",
						"statistic", "recent",    "time"};
	static const char *const selective[] = {
		"set",      "owner",      "physdev", "mac",    "string",   "length",    "ttl",
		"hl",       "dscp",       "tos",     "ecn",    "esp",      "ah",        "sctp",
		"dccp",     "helper",     "policy",  "realm",  "socket",   "cgroup",    "cpu",
		"devgroup", "bpf",        "u32",     "tcpmss", "frag",     "rt",        "hbh",
		"dst",      "ipv6header", "mh",      "eui64",  "connmark", "connbytes", "connlabel",
		"ipvs",     "osf",        "ipcomp",  "l2tp",   "rateest",  "cluster",
	};

	for (size_t i = 0; i < sizeof(sometimes) / sizeof(sometimes[0]); i++)
		if (str_eq(sometimes[i], match))
			return FW_SOMETIMES;
	for (size_t i = 0; i < sizeof(selective) / sizeof(selective[0]); i++)
		if (str_eq(selective[i], match))
			return FW_SELECTIVE;
	return FW_OTHER;
}

void fw_xt_match(struct fw_model *model, struct fw_rule *rule, const struct fw_xt *xt)
{
	struct decoding d = {.model = model, .rule = rule, .xt = xt};

	d.what = arena_printf(model->arena, "the match %s", xt->name);
	for (size_t i = 0; i < sizeof(decoders) / sizeof(decoders[0]); i++)
		if (str_eq(decoders[i].name, xt->name)) {
			decoders[i].decode(&d);
			return;
		}
	/* Without its layout nobody knows whether it is negated. */
	add(&d, fw_xt_kind(xt->name) == FW_SOMETIMES ? FW_SOMETIMES : FW_OTHER, false);
}

enum fw_action fw_xt_action(const char *target)
{
	static const struct {
		const char *name;
		enum fw_action action;
	} actions[] = {
		{"ACCEPT", FW_ACCEPT},    {"DROP", FW_DROP},         {"REJECT", FW_REJECT},
		{"RETURN", FW_RETURN},    {"NOTRACK", FW_CONTINUE},  {"LOG", FW_CONTINUE},
		{"NFLOG", FW_CONTINUE},   {"ULOG", FW_CONTINUE},     {"TRACE", FW_CONTINUE},
		{"TCPMSS", FW_CONTINUE},  {"CHECKSUM", FW_CONTINUE}, {"CLASSIFY", FW_CONTINUE},
		{"TTL", FW_CONTINUE},     {"HL", FW_CONTINUE},       {"DSCP", FW_CONTINUE},
		{"TOS", FW_CONTINUE},     {"SET", FW_CONTINUE},      {"AUDIT", FW_CONTINUE},
		{"SECMARK", FW_CONTINUE}, {"TEE", FW_CONTINUE},      {"CONNSECMARK", FW_CONTINUE},
		{"LED", FW_CONTINUE},     {"RATEEST", FW_CONTINUE},  {"IDLETIMER", FW_CONTINUE},
		{"ECN", FW_CONTINUE},     {"TPROXY", FW_ACCEPT},     {"DNAT", FW_ACCEPT},
		{"SNAT", FW_ACCEPT},      {"REDIRECT", FW_ACCEPT},   {"MASQUERADE", FW_ACCEPT},
		{"NETMAP", FW_ACCEPT},    {"HMARK", FW_CONTINUE},    {"TCPOPTSTRIP", FW_CONTINUE},
	};

	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (str_eq(actions[i].name, target))
			return actions[i].action;
	return FW_UNCERTAIN;
}

void fw_xt_target(struct fw_model *model, struct fw_rule *rule, const struct fw_xt *xt)
{
	struct xt_mark_tginfo2 mark;
	struct xt_connmark_tginfo1 connection;
	struct xt_ct_target_info tracking;

	rule->action = fw_xt_action(xt->name);
	rule->target = arena_printf(model->arena, "the target %s", xt->name);
	if (str_eq(xt->name, "MARK") && xt->revision == 2 && xt->size >= sizeof(mark)) {
		memcpy(&mark, xt->data, sizeof(mark));
		rule->action = FW_CONTINUE;
		rule->effect = FW_SETS_MARK;
		rule->mask = mark.mask;
		rule->value = mark.mark;
	} else if (str_eq(xt->name, "CONNMARK") && xt->size >= sizeof(connection)) {
		memcpy(&connection, xt->data, sizeof(connection));
		rule->action = FW_CONTINUE;
		rule->effect = connection.mode == XT_CONNMARK_RESTORE ? FW_LOSES_MARK : FW_LEAVES;
	} else if (str_eq(xt->name, "CT") && xt->size >= sizeof(tracking)) {
		memcpy(&tracking, xt->data, sizeof(tracking));
		rule->action = FW_CONTINUE;
		rule->effect = tracking.flags & XT_CT_NOTRACK ? FW_UNTRACKS : FW_LEAVES;
	} else if (str_eq(xt->name, "NOTRACK")) {
		rule->effect = FW_UNTRACKS;
	} else if (str_eq(xt->name, "HMARK")) {
		rule->effect = FW_LOSES_MARK;
	}
}
