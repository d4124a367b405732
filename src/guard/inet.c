/*
 * The older tables of the packet filter are told of to sockets of the internet alone. One of each
 * family is opened before the filter of system calls falls, which then leaves it nothing to do but
 * to ask: it cannot connect, send, or change anything.
 */
#include "guard/parts.h"

#include <errno.h>
#include <sys/socket.h>

static int sockets[2] = {-1, -1};
static bool is_shut;

static int open_socket(bool six)
{
	int fd = socket(six ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : fd;
}

void guard_inet(const struct guard_request *request)
{
	for (unsigned six = 0; six < 2 && !is_shut; six++)
		sockets[six] = request->image ? -EPERM : open_socket(six);
	is_shut = true;
}

int guard_inet_socket(bool six)
{
	if (!is_shut && sockets[six] < 0)
		sockets[six] = open_socket(six);
	return sockets[six];
}
