/* Asks the kernel for nf_tables. Only what it is asked for; nothing is ever set. */
#include "host/firewall/nft_tables.h"

#include "base/cleanup.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define PATIENCE_MS 5000
#define MOST_BYTES ((size_t)64 * 1024 * 1024)
#define CHUNK ((size_t)64 * 1024)

/* What the kernel sent so far. */
struct answers {
	int fd;
	unsigned char *data;
	size_t size, space;
	int generation; /* of the rules: -1 before the first answer */
	unsigned sequence;
};

static int make_room(struct answers *answers)
{
	if (answers->space - answers->size >= CHUNK)
		return 0;
	if (answers->space > MOST_BYTES)
		return -E2BIG;
	answers->space = answers->space * 2 + CHUNK;
	answers->data = realloc(answers->data, answers->space);
	if (!answers->data)
		abort();
	return 0;
}

static int receive(struct answers *answers, size_t *ret_size)
{
	struct pollfd wait = {.fd = answers->fd, .events = POLLIN};
	ssize_t size;
	int ready, error = make_room(answers);

	if (error)
		return error;
	do
		ready = poll(&wait, 1, PATIENCE_MS);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return ready < 0 ? -errno : -ETIMEDOUT;
	size = recv(answers->fd, answers->data + answers->size, CHUNK, MSG_TRUNC);
	if (size < 0)
		return -errno;
	if ((size_t)size > CHUNK)
		return -EMSGSIZE;
	*ret_size = (size_t)size;
	return 0;
}

/* 1: it was the last one; -EAGAIN: the rules changed meanwhile. */
static int check(struct answers *answers, const struct nlmsghdr *head, const unsigned char *body)
{
	struct nfgenmsg message;
	int error = 0;

	if (head->nlmsg_flags & NLM_F_DUMP_INTR)
		return -EAGAIN;
	if (head->nlmsg_type == NLMSG_DONE)
		return 1;
	if (head->nlmsg_type == NLMSG_ERROR) {
		if (head->nlmsg_len >= sizeof(*head) + sizeof(error))
			memcpy(&error, body, sizeof(error));
		return error ? error : 1;
	}
	if (head->nlmsg_len < sizeof(*head) + sizeof(message))
		return -EBADMSG;
	memcpy(&message, body, sizeof(message));
	if (answers->generation >= 0 && answers->generation != message.res_id)
		return -EAGAIN;
	answers->generation = message.res_id;
	return 0;
}

/* Keeps the messages of one datagram that answer. 1: that was all. */
static int take(struct answers *answers, size_t size)
{
	unsigned char *at = answers->data + answers->size;
	int last = 0;

	while (size >= sizeof(struct nlmsghdr) && !last) {
		struct nlmsghdr head;
		size_t whole;

		memcpy(&head, at, sizeof(head));
		if (head.nlmsg_len < sizeof(head) || head.nlmsg_len > size)
			return -EBADMSG;
		whole = NLMSG_ALIGN(head.nlmsg_len) < size ? NLMSG_ALIGN(head.nlmsg_len) : size;
		/* Of a question that was given up there may be something left. */
		if (head.nlmsg_seq == answers->sequence) {
			last = check(answers, &head, at + sizeof(head));
			if (!last) {
				memmove(answers->data + answers->size, at, whole);
				answers->size += whole;
			}
		}
		at += whole;
		size -= whole;
	}
	return last;
}

/* A question: the kind of things, and two names where they are needed. */
struct request {
	unsigned type, family;
	const char *table, *set;
};

static size_t put_name(unsigned char *message, size_t at, unsigned type, const char *name)
{
	uint16_t head[2] = {(uint16_t)(4 + strlen(name) + 1), (uint16_t)type};

	memcpy(message + at, head, sizeof(head));
	memcpy(message + at + sizeof(head), name, strlen(name) + 1);
	return at + NLMSG_ALIGN(head[0]);
}

static int dump(struct answers *answers, const struct request *request)
{
	unsigned char message[1024] = {0};
	struct nlmsghdr head = {
		.nlmsg_type = (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | request->type),
		.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP,
		.nlmsg_seq = ++answers->sequence,
	};
	struct nfgenmsg family = {.nfgen_family = (uint8_t)request->family};
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	size_t size = sizeof(head) + sizeof(family);
	int error = 0;

	if (request->table) {
		size = put_name(message, size, NFTA_SET_ELEM_LIST_TABLE, request->table);
		size = put_name(message, size, NFTA_SET_ELEM_LIST_SET, request->set);
	}
	head.nlmsg_len = (uint32_t)size;
	memcpy(message, &head, sizeof(head));
	memcpy(message + sizeof(head), &family, sizeof(family));
	if (sendto(answers->fd, message, size, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	while (!error) {
		size_t got = 0;

		error = receive(answers, &got);
		if (!error)
			error = take(answers, got);
	}
	return error > 0 ? 0 : error;
}

/* The elements of a set have to be asked for one set at a time. */
static int dump_elements(struct answers *answers, const struct nlmsghdr *head, size_t at)
{
	char names[2][NFT_NAME_MAXLEN + 1] = {{0}};
	struct nla body = {0, answers->data + at + sizeof(*head) + sizeof(struct nfgenmsg),
			   head->nlmsg_len - sizeof(*head) - sizeof(struct nfgenmsg)};
	struct nfgenmsg family;
	struct nla table[NFTA_SET_NAME + 1];
	struct request request;
	int error;

	memcpy(&family, answers->data + at + sizeof(*head), sizeof(family));
	nla_table(&body, table, NFTA_SET_NAME + 1);
	for (unsigned i = 0; i < 2; i++) {
		const struct nla *name = &table[i ? NFTA_SET_NAME : NFTA_SET_TABLE];

		if (!name->data || name->size > NFT_NAME_MAXLEN)
			return -EBADMSG;
		memcpy(names[i], name->data, name->size);
	}
	request = (struct request){NFT_MSG_GETSETELEM, family.nfgen_family, names[0], names[1]};
	error = dump(answers, &request);
	/* It is gone by now. */
	return error == -ENOENT ? -EAGAIN : error;
}

static int dump_all_elements(struct answers *answers)
{
	size_t end = answers->size;
	struct nlmsghdr head;
	int error = 0;

	for (size_t at = 0; at < end && !error; at += NLMSG_ALIGN(head.nlmsg_len)) {
		memcpy(&head, answers->data + at, sizeof(head));
		if ((head.nlmsg_type & 0xff) == NFT_MSG_NEWSET)
			error = dump_elements(answers, &head, at);
	}
	return error;
}

static int dump_everything(struct answers *answers)
{
	static const unsigned types[] = {NFT_MSG_GETTABLE, NFT_MSG_GETCHAIN, NFT_MSG_GETSET};
	int error = 0;

	answers->size = 0;
	answers->generation = -1;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]) && !error; i++)
		error = dump(answers, &(struct request){.type = types[i]});
	if (!error)
		error = dump_all_elements(answers);
	if (!error)
		error = dump(answers, &(struct request){.type = NFT_MSG_GETRULE});
	return error;
}

/* The name of an interface by its number: any socket answers. */
static const char *interface_name(struct arena *arena, unsigned index)
{
	cleanup(fd) int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct ifreq request = {.ifr_ifindex = (int)index};

	if (fd < 0 || ioctl(fd, SIOCGIFNAME, &request))
		return NULL;
	return arena_strndup(arena, request.ifr_name, strnlen(request.ifr_name, IFNAMSIZ));
}

int nft_get(struct fw_model *model)
{
	cleanup(fd) int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);
	struct nft_reading *reading = arena_new(model->arena, struct nft_reading);
	struct answers answers = {.fd = fd};
	int error = -EAGAIN;

	if (fd < 0)
		return -errno;
	reading->model = model;
	reading->interface = interface_name;
	for (unsigned tries = 0; tries < 5 && error == -EAGAIN; tries++)
		error = dump_everything(&answers);
	if (!error)
		error = nft_read(reading, answers.data, answers.size);
	free(answers.data);
	return error;
}
