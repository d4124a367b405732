/*
 * Stands in for the kernel when auditctl is run with it preloaded: what would be sent goes to
 * $AUDIT_LOG, one line each, and is refused where the kernel would.
 */
#include <errno.h>
#include <fcntl.h>
#include <libaudit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define RULES 1024

static struct {
	size_t size;
	unsigned char *bytes;
} rules[RULES];
static unsigned count, enabled;
static int asks_status;

static int put(const char *what, unsigned value)
{
	FILE *log = fopen(getenv("AUDIT_LOG"), "a");

	if (!log || (enabled == 2 && what[0] != '#')) {
		errno = EPERM;
		return -EPERM;
	}
	fprintf(log, "%s %u\n", what, value);
	fclose(log);
	return 1;
}

static unsigned char *bytes_of(struct audit_rule_data *rule, int flags, int action, size_t *size)
{
	unsigned char *bytes;

	rule->flags = (unsigned)flags;
	rule->action = (unsigned)action;
	*size = sizeof(*rule) + rule->buflen;
	bytes = malloc(*size);
	memcpy(bytes, rule, *size);
	/* Where it is put is no part of it. */
	((struct audit_rule_data *)bytes)->flags &= ~(unsigned)AUDIT_FILTER_PREPEND;
	return bytes;
}

static int find(const unsigned char *bytes, size_t size)
{
	for (unsigned i = 0; i < count; i++)
		if (rules[i].size == size && !memcmp(rules[i].bytes, bytes, size))
			return (int)i;
	return -1;
}

/* A rule is of one path. */
static int is_broken(const struct audit_rule_data *rule)
{
	unsigned paths = 0;

	for (unsigned i = 0; i < rule->field_count; i++)
		paths += rule->fields[i] == AUDIT_WATCH || rule->fields[i] == AUDIT_DIR;
	return paths > 1;
}

static void write_rule(const char *what, const unsigned char *bytes, size_t size)
{
	FILE *log = fopen(getenv("AUDIT_LOG"), "a");

	fprintf(log, "%s ", what);
	for (size_t i = 0; i < size; i++)
		fprintf(log, "%02x", bytes[i]);
	fprintf(log, "\n");
	fclose(log);
}

int audit_add_rule_data(int fd, struct audit_rule_data *rule, int flags, int action)
{
	size_t size;
	unsigned char *bytes = bytes_of(rule, flags, action, &size);

	(void)fd;
	errno = enabled == 2             ? EPERM
		: is_broken(rule)        ? EINVAL
		: find(bytes, size) >= 0 ? EEXIST
		: count == RULES         ? ENOMEM
					 : 0;
	if (errno)
		return -errno;
	rules[count].size = size;
	rules[count++].bytes = bytes;
	write_rule(flags & AUDIT_FILTER_PREPEND ? "prepend" : "append", bytes, size);
	return 1;
}

int audit_delete_rule_data(int fd, struct audit_rule_data *rule, int flags, int action)
{
	size_t size;
	unsigned char *bytes = bytes_of(rule, flags, action, &size);
	int at = find(bytes, size);

	(void)fd;
	errno = enabled == 2 ? EPERM : at < 0 ? ENOENT : 0;
	if (errno)
		return -errno;
	rules[at] = rules[--count];
	write_rule("delete", bytes, size);
	return 1;
}

int audit_set_enabled(int fd, uint32_t value)
{
	int done = put("enabled", value);

	(void)fd;
	if (done > 0)
		enabled = value;
	return done;
}

int audit_set_failure(int fd, uint32_t value)
{
	(void)fd;
	return put("failure", value);
}

int audit_set_rate_limit(int fd, uint32_t value)
{
	(void)fd;
	return put("rate_limit", value);
}

int audit_set_backlog_limit(int fd, uint32_t value)
{
	(void)fd;
	return put("backlog_limit", value);
}

int audit_set_backlog_wait_time(int fd, uint32_t value)
{
	(void)fd;
	return put("backlog_wait_time", value);
}

/* Only -D asks for the list in a file, to delete what is in it. */
int audit_request_rules_list_data(int fd)
{
	(void)fd;
	if (put("clear", 0) < 0)
		return -1;
	count = 0;
	return 1;
}

int audit_get_reply(int fd, struct audit_reply *reply, reply_t block, int peek)
{
	static struct nlmsghdr header = {.nlmsg_seq = 1};
	/* Of its features the library asks by itself. */
	static struct audit_status status = {.feature_bitmap = 0x7f};

	(void)fd, (void)block, (void)peek;
	reply->type = asks_status ? AUDIT_GET : NLMSG_DONE;
	reply->status = &status;
	asks_status = 0;
	reply->len = (int)sizeof(header);
	reply->nlh = &header;
	return 1;
}

int audit_open(void)
{
	int pair[2];

	return socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) ? -1 : pair[0];
}

void audit_close(int fd)
{
	(void)fd;
}

int audit_request_status(int fd)
{
	(void)fd;
	asks_status = 1;
	return 1;
}

int audit_is_enabled(int fd)
{
	(void)fd;
	errno = 0;
	return (int)enabled;
}

int audit_can_control(void)
{
	return 1;
}
