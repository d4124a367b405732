/* sock_diag(7): sockets that wait, as the kernel tells over netlink. */
#include "host/sockets/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

/* How long the kernel may think, how many sockets may wait, and how often they may change. */
#define PATIENCE_MS 2000
#define MOST_LISTENERS 65536
#define TRIES 4

/* Linux 5.8; Debian 12's headers have it, older ones do not. */
#define DIAG_CGROUP_ID 21

struct diag_request {
	struct nlmsghdr header;
	struct inet_diag_req_v2 question;
};

static int send_request(int fd, int family, int protocol)
{
	const struct diag_request request = {
		.header =
			{
				.nlmsg_len = sizeof(request),
				.nlmsg_type = SOCK_DIAG_BY_FAMILY,
				.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
				.nlmsg_seq = 1,
			},
		.question =
			{
				.sdiag_family = (uint8_t)family,
				.sdiag_protocol = (uint8_t)protocol,
				/* A socket of UDP that is not connected is told to be closed. */
				.idiag_states = 1U << (protocol == IPPROTO_TCP ? TCP_LISTEN
									       : TCP_CLOSE),
			},
	};
	const struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent;

	do
		sent = sendto(fd, &request, sizeof(request), 0, (const struct sockaddr *)&kernel,
			      sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

static uint64_t cgroup_of(const char *attributes, size_t size)
{
	struct nlattr attribute;
	uint64_t id = 0;

	while (size >= sizeof(attribute)) {
		memcpy(&attribute, attributes, sizeof(attribute));
		if (attribute.nla_len < sizeof(attribute) || attribute.nla_len > size)
			break;
		if (attribute.nla_type == DIAG_CGROUP_ID &&
		    attribute.nla_len == sizeof(attribute) + sizeof(id))
			memcpy(&id, attributes + sizeof(attribute), sizeof(id));
		if ((size_t)NLA_ALIGN(attribute.nla_len) >= size)
			break;
		attributes += NLA_ALIGN(attribute.nla_len);
		size -= NLA_ALIGN(attribute.nla_len);
	}
	return id;
}

int listeners_take(struct listeners *listeners, struct arena *arena, const char *protocol,
		   const void *message, size_t size)
{
	char address[INET6_ADDRSTRLEN], interface[IF_NAMESIZE];
	struct listener listener = {.protocol = protocol};
	struct inet_diag_msg told;

	if (size < sizeof(told))
		return -EBADMSG;
	memcpy(&told, message, sizeof(told));
	if (!inet_ntop(told.idiag_family, told.id.idiag_src, address, sizeof(address)))
		return -EBADMSG;
	listener.address = arena_strdup(arena, address);
	if (told.id.idiag_if != 0)
		listener.address = if_indextoname(told.id.idiag_if, interface)
					   ? arena_printf(arena, "%s%%%s", address, interface)
					   : arena_printf(arena, "%s%%%u", address,
							  told.id.idiag_if);
	listener.exposed = listener_is_exposed(listener.address);
	listener.port = ntohs(told.id.idiag_sport);
	listener.user = told.idiag_uid;
	listener.inode = told.idiag_inode;
	listener.cgroup = cgroup_of((const char *)message + NLMSG_ALIGN(sizeof(told)),
				    size - NLMSG_ALIGN(sizeof(told)));
	listener.source = "the kernel, over netlink";
	/* A socket of UDP that is bound to no port is nobody's to reach. */
	if (listener.port)
		listeners_push(listeners, arena, listener);
	return 0;
}

/* One datagram of the kernel. Returns 1 behind the last message, 0 if there are more. */
static int take_all(struct listeners *listeners, struct arena *arena, const char *protocol,
		    const char *data, size_t size)
{
	struct nlmsghdr header;

	while (size >= sizeof(header)) {
		int error = 0;

		memcpy(&header, data, sizeof(header));
		if (header.nlmsg_len < sizeof(header) || header.nlmsg_len > size)
			return -EBADMSG;
		/* The sockets changed while they were told. */
		if (header.nlmsg_flags & NLM_F_DUMP_INTR)
			return -EAGAIN;
		if (header.nlmsg_type == NLMSG_DONE)
			return 1;
		if (header.nlmsg_type == NLMSG_ERROR) {
			memcpy(&error, data + NLMSG_HDRLEN,
			       header.nlmsg_len >= NLMSG_HDRLEN + sizeof(error) ? sizeof(error)
										: 0);
			return error < 0 ? error : -EBADMSG;
		}
		if (header.nlmsg_type == SOCK_DIAG_BY_FAMILY)
			error = listeners_take(listeners, arena, protocol, data + NLMSG_HDRLEN,
					       header.nlmsg_len - NLMSG_HDRLEN);
		if (error)
			return error;
		if (listeners->count > MOST_LISTENERS)
			return -E2BIG;
		if (NLMSG_ALIGN(header.nlmsg_len) >= size)
			break;
		data += NLMSG_ALIGN(header.nlmsg_len);
		size -= NLMSG_ALIGN(header.nlmsg_len);
	}
	return 0;
}

static int receive(int fd, char *data, size_t space, size_t *ret_size)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	struct iovec part = {.iov_base = data, .iov_len = space};
	struct sockaddr_nl sender = {0};
	struct msghdr message = {
		.msg_name = &sender,
		.msg_namelen = sizeof(sender),
		.msg_iov = &part,
		.msg_iovlen = 1,
	};
	ssize_t size;
	int ready;

	do
		ready = poll(&wait, 1, PATIENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return ready < 0 ? -errno : -ETIMEDOUT;
	size = recvmsg(fd, &message, MSG_DONTWAIT);
	if (size < 0)
		return -errno;
	if (sender.nl_pid || (message.msg_flags & MSG_TRUNC))
		return -EBADMSG;
	*ret_size = (size_t)size;
	return 0;
}

static int ask(int family, int protocol, struct listeners *listeners, struct arena *arena)
{
	cleanup(fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
	const char *name = protocol == IPPROTO_TCP ? "tcp" : "udp";
	_Alignas(struct nlmsghdr) char data[32768];
	size_t size = 0;
	int done = fd < 0 ? -errno : send_request(fd, family, protocol);

	while (!done) {
		done = receive(fd, data, sizeof(data), &size);
		if (done == -EAGAIN || done == -EINTR)
			done = 0;
		else if (!done)
			done = take_all(listeners, arena, name, data, size);
	}
	return done < 0 ? done : 0;
}

static int ask_again(int family, int protocol, struct listeners *listeners, struct arena *arena)
{
	size_t count = listeners->count;
	int error = -EAGAIN;

	for (int i = 0; i < TRIES && error == -EAGAIN; i++) {
		listeners->count = count;
		error = ask(family, protocol, listeners, arena);
	}
	return error;
}

int listeners_ask(struct listeners *listeners, struct arena *arena)
{
	static const int families[] = {AF_INET, AF_INET6}, protocols[] = {IPPROTO_TCP, IPPROTO_UDP};
	int error = 0;

	for (size_t i = 0; i < 4 && !error; i++) {
		error = ask_again(families[i / 2], protocols[i % 2], listeners, arena);
		/* A kernel without IPv6 has no such sockets. */
		if (error == -ENOENT && families[i / 2] == AF_INET6)
			error = 0;
	}
	listeners->source = "the kernel, over netlink";
	return error;
}
