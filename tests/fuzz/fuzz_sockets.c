/* Tables and messages of sockets, and addresses of socket units; the first byte chooses. */
#include "host/processes/process_status.h"
#include "host/processes/processes.h"
#include "host/sockets/sockets.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_text(struct arena *arena, int kind, char *text)
{
	static const char *const tables[] = {"tcp", "tcp6", "udp", "udp6"};
	struct listeners listeners = {0};
	struct process process;
	struct process_status status;
	const char *address;
	unsigned port = 0;

	if (kind == 0 && !listen_address_parse(arena, text, &address, &port) &&
	    (!port || port > 65535 || !*address))
		__builtin_trap();
	if (kind == 1 && !process_parse(arena, text, &process) && !process.name)
		__builtin_trap();
	if (kind == 2 && process_status_parse(arena_strdup(arena, text), &status))
		process_cgroup_parse(arena, text);
	if (kind >= 4 && !listeners_parse(&listeners, arena, tables[kind - 4], text))
		listeners_sort(&listeners);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct listeners listeners = {0};
	int kind = size ? data[0] & 7 : 0;

	if (!size)
		return 0;
	if (kind == 3) {
		if (!listeners_take(&listeners, &arena, "tcp", data + 1, size - 1))
			listeners_sort(&listeners);
	} else if (!memchr(data + 1, '\0', size - 1)) {
		use_text(&arena, kind, arena_strndup(&arena, (const char *)data + 1, size - 1));
	}
	arena_free(&arena);
	return 0;
}
