/* ListenAddress of sshd_config, spelt as `sshd -T` does. */
#include "host/settings/sshd_keyword.h"

#include <arpa/inet.h>

/* Every address with every port: nobody has more than a few. */
#define MOST_ADDRESSES 1024

/* IPv6 in brackets and in its shortest form; anything else as it is. */
static const char *print_address(struct arena *arena, const char *address)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr bytes;

	if (inet_pton(AF_INET6, address, &bytes) != 1)
		return address;
	inet_ntop(AF_INET6, &bytes, text, sizeof(text));
	return arena_printf(arena, "[%s]", text);
}

static bool is_bare_ipv6(const char *word)
{
	const char *colon = strchr(word, ':');

	return colon && !strchr(word, '[') && strchr(colon + 1, ':');
}

/* Takes HOST, HOST:PORT, [HOST] or [HOST]:PORT apart. The port is NULL where none is given. */
static bool split_address(struct arena *arena, const char *word, const char **ret_host,
			  const char **ret_port)
{
	bool bracket = *word == '[';
	size_t length = bracket ? strcspn(word, "]") : strcspn(word, ":/");
	const char *rest = word + length;

	if (is_bare_ipv6(word)) {
		*ret_host = word;
		*ret_port = NULL;
		return true;
	}
	if (bracket && !*rest++)
		return false;
	if (*rest && (*rest != ':' || !rest[1]))
		return false;
	*ret_host = arena_strndup(arena, word + bracket, length - bracket);
	*ret_port = *rest ? rest + 1 : NULL;
	return true;
}

const char *sshd_listen(struct arena *arena, const char *addresses, const char *ports)
{
	struct strv words = {0}, numbers = {0}, all = {0};

	strv_split(&words, arena, addresses, " ");
	strv_split(&numbers, arena, ports, " ");
	if (words.count > MOST_ADDRESSES / (numbers.count + 1))
		return NULL;
	for (size_t i = 0; i < words.count; i++) {
		const char *host, *port;

		if (!split_address(arena, words.at[i], &host, &port))
			return NULL;
		host = print_address(arena, host);
		for (size_t k = 0; k < (port ? 1 : numbers.count); k++)
			strv_push(&all, arena,
				  arena_printf(arena, "%s:%s", host, port ? port : numbers.at[k]));
	}
	return strv_join(&all, arena, " ");
}
