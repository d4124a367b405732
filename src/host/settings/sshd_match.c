#include "host/settings/sshd_match.h"

#include "host/settings/sshd_lex.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

/* One pattern of a list: `*` and `?`, and nothing else. */
static bool match_pattern(const char *text, const char *pattern, size_t length)
{
	const char *end = pattern + length, *star = NULL, *mark = NULL;

	while (*text) {
		if (pattern < end && *pattern == '*') {
			star = ++pattern;
			mark = text;
		} else if (pattern < end && (*pattern == '?' || *pattern == *text)) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star;
			text = ++mark;
		} else {
			return false;
		}
	}
	while (pattern < end && *pattern == '*')
		pattern++;
	return pattern == end;
}

bool sshd_match_patterns(const char *text, const char *patterns)
{
	bool found = false;

	for (const char *at = patterns; *at;) {
		bool negated = *at == '!';
		size_t length = strcspn(at += negated, ",");

		if (match_pattern(text, at, length)) {
			if (negated)
				return false;
			found = true;
		}
		at += length;
		at += *at == ',';
	}
	return found;
}

static char *lower(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	for (char *at = copy; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return copy;
}

struct address {
	int family;
	unsigned bits;
	unsigned char bytes[16];
};

static bool read_address(const char *text, struct address *ret_address)
{
	struct address address = {.family = AF_INET, .bits = 32};

	if (inet_pton(AF_INET, text, address.bytes) != 1) {
		address = (struct address){.family = AF_INET6, .bits = 128};
		if (inet_pton(AF_INET6, text, address.bytes) != 1)
			return false;
	}
	*ret_address = address;
	return true;
}

static bool bit(const struct address *address, unsigned at)
{
	return address->bytes[at / 8] >> (7 - at % 8) & 1;
}

/* Reads ADDRESS[/BITS]: 1, 0 where it is none, or -1 where bits are set behind the mask. */
static int read_network(struct arena *arena, const char *text, struct address *ret_network,
			unsigned *ret_bits)
{
	char *copy = arena_strdup(arena, text), *slash = strchr(copy, '/'), *end;
	unsigned long bits = 0;

	if (slash) {
		*slash++ = '\0';
		bits = strtoul(slash, &end, 10);
		if (!isdigit((unsigned char)*slash) || *end || bits > 128)
			return 0;
	}
	if (!read_address(copy, ret_network))
		return 0;
	if (!slash)
		bits = ret_network->bits;
	if (bits > ret_network->bits)
		return -1;
	for (unsigned at = (unsigned)bits; at < ret_network->bits; at++)
		if (bit(ret_network, at))
			return -1;
	*ret_bits = (unsigned)bits;
	return 1;
}

static bool is_within(const struct address *address, const struct address *network, unsigned bits)
{
	if (address->family != network->family)
		return false;
	for (unsigned at = 0; at < bits; at++)
		if (bit(address, at) != bit(network, at))
			return false;
	return true;
}

/* One element of a list of networks and patterns; without `text` only its form is looked at. */
static enum sshd_matched match_network(struct arena *arena, const char *text, const char *element)
{
	struct address address, network;
	unsigned bits;
	int found;

	if (!*element)
		return SSHD_MATCH_WRONG;
	found = read_network(arena, element, &network, &bits);
	if (found < 0)
		return SSHD_MATCH_WRONG;
	if (!text || !read_address(text, &address))
		return SSHD_MATCH_NO;
	if (found ? is_within(&address, &network, bits)
		  : match_pattern(text, element, strlen(element)))
		return SSHD_MATCH_YES;
	return SSHD_MATCH_NO;
}

/* sshd stops at the first element that is wrong, or that is negated and matches. */
static enum sshd_matched match_networks(struct arena *arena, const char *text, const char *list)
{
	enum sshd_matched found = SSHD_MATCH_NO;

	for (;;) {
		size_t length = strcspn(list, ",");
		const char *element = arena_strndup(arena, list, length);
		bool negated = *element == '!';
		enum sshd_matched one = match_network(arena, text, element + negated);

		if (one == SSHD_MATCH_WRONG)
			return one;
		if (one == SSHD_MATCH_YES && negated)
			return SSHD_MATCH_NO;
		if (one == SSHD_MATCH_YES)
			found = one;
		list += length;
		if (!*list++)
			return found;
	}
}

static enum sshd_matched yes_if(bool yes)
{
	return yes ? SSHD_MATCH_YES : SSHD_MATCH_NO;
}

static enum sshd_matched match_user(struct arena *arena, const struct sshd_connection *connection,
				    const char *patterns)
{
	(void)arena;
	return yes_if(connection->user && sshd_match_patterns(connection->user, patterns));
}

static enum sshd_matched match_group(struct arena *arena, const struct sshd_connection *connection,
				     const char *patterns)
{
	const struct strv *groups = connection->groups;
	bool found = false;

	(void)arena;
	if (!connection->user)
		return SSHD_MATCH_NO;
	if (!groups)
		return SSHD_MATCH_UNSURE;
	/* One group that a negated pattern takes spoils it for all. */
	for (size_t i = 0; i < groups->count; i++) {
		const char *rest = patterns;

		for (; *rest; rest += *rest == ',') {
			bool negated = *rest == '!';
			size_t length = strcspn(rest += negated, ",");

			if (match_pattern(groups->at[i], rest, length) && negated)
				return SSHD_MATCH_NO;
			rest += length;
		}
		found = found || sshd_match_patterns(groups->at[i], patterns);
	}
	return yes_if(found);
}

static enum sshd_matched match_host(struct arena *arena, const struct sshd_connection *connection,
				    const char *patterns)
{
	if (!connection->host)
		return SSHD_MATCH_NO;
	return yes_if(sshd_match_patterns(lower(arena, connection->host), lower(arena, patterns)));
}

static enum sshd_matched match_address(struct arena *arena,
				       const struct sshd_connection *connection, const char *list)
{
	return match_networks(arena, connection->address, list);
}

static enum sshd_matched
match_local_address(struct arena *arena, const struct sshd_connection *connection, const char *list)
{
	return match_networks(arena, connection->local_address, list);
}

static enum sshd_matched
match_local_port(struct arena *arena, const struct sshd_connection *connection, const char *port)
{
	long number = strtol(port, NULL, 10);

	(void)arena;
	/* The name of a service: what number it has, sshd would ask /etc/services. */
	if (port[strspn(port, "0123456789")])
		return connection->local_port ? SSHD_MATCH_UNSURE : SSHD_MATCH_NO;
	if (number > 65535)
		return SSHD_MATCH_WRONG;
	return yes_if(connection->local_port && strtol(connection->local_port, NULL, 10) == number);
}

static enum sshd_matched match_domain(struct arena *arena, const struct sshd_connection *connection,
				      const char *patterns)
{
	(void)arena;
	return yes_if(connection->domain && sshd_match_patterns(connection->domain, patterns));
}

static const struct criterion {
	const char *name;
	enum sshd_matched (*match)(struct arena *arena, const struct sshd_connection *connection,
				   const char *argument);
} criteria[] = {
	{"user", match_user},
	{"group", match_group},
	{"host", match_host},
	{"address", match_address},
	{"localaddress", match_local_address},
	{"localport", match_local_port},
	{"rdomain", match_domain},
};

/* A criterion with its argument. What we do not know, newer versions may. */
static enum sshd_matched match_one(struct arena *arena, const struct sshd_connection *connection,
				   const char *name, const char *argument)
{
	for (size_t i = 0; i < sizeof(criteria) / sizeof(criteria[0]); i++)
		if (!strcasecmp(criteria[i].name, name))
			return criteria[i].match(arena, connection, argument);
	return SSHD_MATCH_UNSURE;
}

/* A wrong one outweighs all, then one that does not hold. */
static enum sshd_matched both(enum sshd_matched a, enum sshd_matched b)
{
	if (a == SSHD_MATCH_WRONG || b == SSHD_MATCH_WRONG)
		return SSHD_MATCH_WRONG;
	if (a == SSHD_MATCH_NO || b == SSHD_MATCH_NO)
		return SSHD_MATCH_NO;
	return a == SSHD_MATCH_YES ? b : a;
}

static bool is_end(const char *token)
{
	return !token || !*token || *token == '#';
}

enum sshd_matched sshd_match(struct arena *arena, const char *condition,
			     const struct sshd_connection *connection)
{
	char *rest = arena_strdup(arena, condition);
	enum sshd_matched found = SSHD_MATCH_YES;
	const char *name = sshd_token(&rest), *argument;

	if (is_end(name))
		return SSHD_MATCH_WRONG;
	if (!strcasecmp(name, "all"))
		return is_end(sshd_token(&rest)) ? SSHD_MATCH_YES : SSHD_MATCH_WRONG;
	for (; !is_end(name); name = sshd_token(&rest)) {
		if (!strcasecmp(name, "all"))
			return SSHD_MATCH_WRONG;
		if (!strcasecmp(name, "invalid-user")) {
			found = both(found, SSHD_MATCH_UNSURE);
			continue;
		}
		argument = sshd_token(&rest);
		if (is_end(argument))
			return SSHD_MATCH_WRONG;
		found = both(found, match_one(arena, connection, name, argument));
	}
	return found;
}

bool sshd_match_is_all(struct arena *arena, const char *condition)
{
	char *rest = arena_strdup(arena, condition);
	const char *name = sshd_token(&rest);

	return name && !strcasecmp(name, "all");
}
