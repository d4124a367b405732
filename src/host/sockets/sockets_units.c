/* The sockets that systemd opens at boot for its socket units: systemd.socket(5). */
#include "host/sockets/sockets.h"
#include "host/units/units.h"
#include "host/units/units_file.h"

#include <arpa/inet.h>
#include <errno.h>

/* As strtoul(3) has it: "22", "+22", "0x16", and "026", which is 22 as well. */
static int parse_port(const char *text, unsigned *ret_port)
{
	long long port;

	if (*text == '-' || str_to_number(text, &port) || port < 1 || port > 65535)
		return -EINVAL;
	*ret_port = (unsigned)port;
	return 0;
}

/* An address as the kernel writes it, with the interface that stands behind. */
static const char *normal(struct arena *arena, int family, const char *text, const char *interface)
{
	char address[INET6_ADDRSTRLEN];
	struct in6_addr bytes;

	if (inet_pton(family, text, &bytes) != 1)
		return NULL;
	inet_ntop(family, &bytes, address, sizeof(address));
	return *interface ? arena_printf(arena, "%s%%%s", address, interface)
			  : arena_strdup(arena, address);
}

/* The pieces of "[fe80::1]:22%eth0" and of "127.0.0.1:22". */
struct pieces {
	const char *address, *port, *interface;
	int family;
};

static int take_apart(struct arena *arena, const char *value, struct pieces *ret_pieces)
{
	bool v6 = *value == '[';
	struct pieces pieces = {.family = v6 ? AF_INET6 : AF_INET, .interface = ""};
	char *text = arena_strdup(arena, value + v6), *percent = strrchr(text, '%'), *end;

	if (percent) {
		pieces.interface = percent + 1;
		*percent = '\0';
	}
	end = v6 ? strchr(text, ']') : strchr(text, ':');
	if (!end || (v6 && end[1] != ':'))
		return -EINVAL;
	pieces.address = text;
	pieces.port = end + 1 + v6;
	*end = '\0';
	*ret_pieces = pieces;
	return 0;
}

int listen_address_parse(struct arena *arena, const char *value, const char **ret_address,
			 unsigned *ret_port)
{
	struct pieces pieces;

	if (*value == '/' || *value == '@' || str_starts(value, "vsock:"))
		return -ENOENT;
	if (!parse_port(value, ret_port)) {
		*ret_address = "::";
		return 0;
	}
	if (take_apart(arena, value, &pieces) || parse_port(pieces.port, ret_port))
		return -EINVAL;
	/* systemd has no use for the interface of an address of IPv4. */
	*ret_address = normal(arena, pieces.family, pieces.address,
			      pieces.family == AF_INET6 ? pieces.interface : "");
	return *ret_address ? 0 : -EINVAL;
}

/* One unit, and what is said of its sockets as a whole. */
struct socket_unit {
	const struct unit *unit;
	const char *protocol, *interface; /* SocketProtocol=, BindToDevice= */
	struct listeners *listeners;
	size_t first; /* of its own in the list */
};

static void add(struct host *host, struct socket_unit *socket, const struct unit_line *line)
{
	bool stream = str_eq(line->key, "ListenStream");
	struct listener listener = {
		.protocol = stream ? "tcp" : "udp",
		.unit = socket->unit->name,
		.unsure = socket->unit->unsure,
		.source = arena_printf(host->arena, "%s:%u", line->file, line->line),
	};
	const char *value = unit_expand(host->arena, line->value, socket->unit->name);

	/* What is no path, but depends on the machine, may be any port. */
	if (!value && !strchr(line->value, '/'))
		socket->listeners->why = arena_printf(host->arena,
						      "what %s becomes (%s:%u) is not known",
						      line->value, line->file, line->line);
	if (!value || listen_address_parse(host->arena, value, &listener.address, &listener.port))
		return;
	/* A number stands for IPv4 alone on a host without IPv6, which nobody can tell. */
	if (socket->interface && !strchr(listener.address, '%'))
		listener.address = arena_printf(host->arena, "%s%%%s", listener.address,
						socket->interface);
	listener.exposed = listener_is_exposed(listener.address);
	listeners_push(socket->listeners, host->arena, listener);
}

/* Each of these keys, given no value, takes back what all of them said. */
static bool is_listening(const char *key)
{
	static const char *const keys[] = {
		"ListenStream",  "ListenDatagram", "ListenSequentialPacket", "ListenFIFO",
		"ListenNetlink", "ListenSpecial",  "ListenMessageQueue",     "ListenUSBFunction",
	};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
		if (str_eq(keys[i], key))
			return true;
	return false;
}

static const char *set_or_null(const struct unit_lines *lines, const char *key)
{
	const char *value = unit_lines_last(lines, "Socket", key);

	return value && *value ? value : NULL;
}

static void read_unit(struct host *host, const struct unit *unit, struct listeners *listeners)
{
	struct socket_unit socket = {.unit = unit,
				     .listeners = listeners,
				     .first = listeners->count};
	struct unit_lines lines;
	int error = unit_assignments(host, unit->name, &lines);

	if (error) {
		listeners->why = arena_printf(host->arena, "cannot read %s: %s", unit->name,
					      host_error(error));
		return;
	}
	socket.interface = set_or_null(&lines, "BindToDevice");
	socket.protocol = set_or_null(&lines, "SocketProtocol");
	for (size_t i = 0; i < lines.count; i++) {
		const struct unit_line *line = &lines.at[i];

		if (!str_eq(line->section, "Socket") || !is_listening(line->key))
			continue;
		if (!*line->value)
			listeners->count = socket.first;
		else if (str_eq(line->key, "ListenStream") || str_eq(line->key, "ListenDatagram"))
			add(host, &socket, line);
	}
	/* SCTP and UDP-Lite have ports of their own. */
	if (socket.protocol && !str_eq(socket.protocol, "mptcp"))
		listeners->count = socket.first;
}

static const void *load_next(struct host *host)
{
	struct listeners *listeners = arena_new(host->arena, struct listeners);
	struct strv names = {0};
	int error;

	listeners->source = "no socket unit that a boot starts";
	error = units_started(host, "socket", &names, &listeners->why);
	if (error)
		listeners->why = arena_printf(host->arena, "the units cannot be told: %s",
					      host_error(error));
	for (size_t i = 0; i < names.count; i++) {
		const struct unit *unit = units_get(host, names.at[i]);

		if (unit->error)
			listeners->why = unit->why;
		else if (unit->starts || unit->unsure)
			read_unit(host, unit, listeners);
	}
	listeners_sort(listeners);
	return listeners;
}

const struct listeners *listeners_next(struct host *host)
{
	return host_view(host, load_next);
}
