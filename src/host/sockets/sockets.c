#include "host/sockets/sockets.h"

#include "host/kernel/kconfig.h"
#include "host/kernel/modules.h"
#include "host/kernel/netns.h"

#include <errno.h>
#include <stdlib.h>

/* A line is 150 bytes: a host with four hundred thousand connections. */
#define TABLE_LIMIT ((size_t)64 * 1024 * 1024)

void listeners_push(struct listeners *listeners, struct arena *arena, struct listener listener)
{
	if (listeners->count == listeners->space) {
		size_t space = listeners->space ? listeners->space * 2 : 32;

		listeners->at = arena_grow(arena, listeners->at,
					   listeners->count * sizeof(listener),
					   space * sizeof(listener));
		listeners->space = space;
	}
	listeners->at[listeners->count++] = listener;
}

bool listener_is_exposed(const char *address)
{
	const char *interface = strchr(address, '%');

	if (interface && str_eq(interface, "%lo"))
		return false;
	return !str_starts(address, "127.") && !str_eq(address, "::1") &&
	       !str_starts(address, "::1%") && !str_starts(address, "::ffff:127.");
}

/*
 * Would a question over netlink have the kernel load a module for the answer? That would be a
 * change. Nothing is loaded by a kernel that has no modules, or that has the answer built in.
 */
static bool is_answering(struct host *host, const char *module, const char *symbol)
{
	const struct module_list *builtin = &kernel_running(host)->builtin;
	cleanup(text) struct host_text text = {0};
	const char *value, *why;

	if (module_list_has(modules_loaded(host), module) || module_list_has(builtin, module))
		return true;
	if (host_proc_read(host, "modules", 0, &text) == -ENOENT)
		return true;
	value = kconfig_value(host->arena, kconfig_running(host), symbol, &why);
	return value && str_eq(value, "y");
}

static int read_table(struct host *host, const char *name, struct listeners *listeners)
{
	cleanup(text) struct host_text text = {0};
	int error = host_proc_read(host, arena_printf(host->arena, "1/net/%s", name), TABLE_LIMIT,
				   &text);

	return error ? error : listeners_parse(listeners, host->arena, name, text.data);
}

/* Whichever namespace we are in, these are the sockets of the host's first process. */
static void read_tables(struct host *host, struct listeners *listeners)
{
	static const struct {
		const char *name;
		bool optional; /* a kernel without IPv6 */
	} tables[] = {{"tcp", false}, {"tcp6", true}, {"udp", false}, {"udp6", true}};

	listeners->source = "/proc/1/net/tcp";
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
		int error = read_table(host, tables[i].name, listeners);

		if (error && !(error == -ENOENT && tables[i].optional))
			listeners->why = arena_printf(host->arena, "cannot read /proc/1/net/%s: %s",
						      tables[i].name, host_error(error));
	}
}

static int compare_text(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare(const void *a, const void *b)
{
	const struct listener *one = a, *other = b;
	int order = strcmp(one->protocol, other->protocol);

	if (!order)
		order = (one->port > other->port) - (one->port < other->port);
	if (!order)
		order = strcmp(one->address, other->address);
	if (!order)
		order = compare_text(one->unit, other->unit);
	if (!order)
		order = compare_text(one->process, other->process);
	if (!order)
		order = (one->user > other->user) - (one->user < other->user);
	return order;
}

/* Workers that share a port have a socket each. */
void listeners_sort(struct listeners *listeners)
{
	size_t kept = 0;

	if (!listeners->count)
		return;
	qsort(listeners->at, listeners->count, sizeof(*listeners->at), compare);
	for (size_t i = 0; i < listeners->count; i++)
		if (!i || compare(&listeners->at[kept - 1], &listeners->at[i]))
			listeners->at[kept++] = listeners->at[i];
	listeners->count = kept;
}

static const void *load_now(struct host *host)
{
	struct listeners *listeners = arena_new(host->arena, struct listeners);
	bool asked = !netns_foreign(host) &&
		     is_answering(host, "tcp_diag", "CONFIG_INET_TCP_DIAG") &&
		     is_answering(host, "udp_diag", "CONFIG_INET_UDP_DIAG") &&
		     !listeners_ask(listeners, host->arena);

	if (!asked) {
		*listeners = (struct listeners){0};
		read_tables(host, listeners);
	}
	listeners_find_owners(host, listeners);
	listeners_sort(listeners);
	return listeners;
}

const struct listeners *listeners_now(struct host *host)
{
	return host_view(host, load_now);
}
