/* The only file that knows libaudit. */
#include "host/audit/audit_lib.h"

#include "base/cleanup.h"

#include <errno.h>
#include <libaudit.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/utsname.h>

/* How long the kernel may think about an answer, and how many answers there are at most. */
#define PATIENCE_MS 2000
#define ANSWERS 65536

int audit_lib_list(const char *name)
{
	return audit_name_to_flag(name);
}

int audit_lib_field(const char *name)
{
	return audit_name_to_field(name);
}

int audit_lib_message(const char *name)
{
	return audit_name_to_msg_type(name);
}

int audit_lib_file_type(const char *name)
{
	return audit_name_to_ftype(name);
}

int audit_lib_file_system(const char *name)
{
	return audit_name_to_fstype(name);
}

int audit_lib_errno(const char *name)
{
	return audit_name_to_errno(name);
}

int audit_lib_syscall(const char *name, uint32_t elf)
{
	int machine = audit_elf_to_machine(elf);

	return machine < 0 ? -1 : audit_name_to_syscall(name, machine);
}

uint32_t audit_lib_arch(const char *name)
{
	int machine = audit_name_to_machine(name);

	return machine < 0 ? 0 : audit_machine_to_elf(machine);
}

uint32_t audit_lib_this_arch(void)
{
	struct utsname name;

	return uname(&name) ? 0 : audit_lib_arch(name.machine);
}

int audit_lib_knows(uint32_t elf)
{
	return audit_elf_to_machine(elf) >= 0;
}

static int send_request(int fd, uint16_t request)
{
	struct nlmsghdr message = {
		.nlmsg_len = NLMSG_LENGTH(0),
		.nlmsg_type = request,
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK,
		.nlmsg_seq = 1,
	};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	ssize_t sent;

	do
		sent = sendto(fd, &message, message.nlmsg_len, 0, (struct sockaddr *)&kernel,
			      sizeof(kernel));
	while (sent < 0 && errno == EINTR);
	return sent < 0 ? -errno : 0;
}

/* One message of the kernel: its size, 0 when there was none in time, or a negative errno. */
static int receive(int fd, struct audit_reply *reply)
{
	struct pollfd wait = {.fd = fd, .events = POLLIN};
	int ready;

	do
		ready = poll(&wait, 1, PATIENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return ready < 0 ? -errno : -ETIMEDOUT;
	return audit_get_reply(fd, reply, GET_REPLY_NONBLOCKING, 0);
}

/* A status is one message; a list is ended by one of its own. */
static int is_last(int type, uint16_t request)
{
	return type == NLMSG_DONE || (type == request && request == AUDIT_GET);
}

int audit_lib_ask(uint16_t request, void (*answer)(void *data, const void *message, size_t size),
		  void *data)
{
	cleanup(fd) int fd = -1;
	struct audit_reply reply = {0};
	int error;

	/* It says nothing of its own accord then. */
	set_aumessage_mode(MSG_QUIET, DBG_NO);
	errno = 0;
	fd = audit_open();
	if (fd < 0)
		return errno ? -errno : -EPROTONOSUPPORT;
	error = send_request(fd, request);
	for (unsigned i = 0; i < ANSWERS && !error; i++) {
		int size = receive(fd, &reply);

		if (size < 0 && size != -EAGAIN && size != -EINTR)
			return size;
		if (size <= 0)
			continue;
		if (reply.type == NLMSG_ERROR && reply.error->error)
			return reply.error->error;
		if (reply.type == request && reply.len >= (int)NLMSG_HDRLEN)
			answer(data, NLMSG_DATA(reply.nlh), (size_t)reply.len - NLMSG_HDRLEN);
		if (is_last(reply.type, request))
			return 0;
	}
	return error ? error : -E2BIG;
}
