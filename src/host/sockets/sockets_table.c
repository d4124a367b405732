/* /proc/net/tcp and its sisters, as text: proc(5). */
#include "host/sockets/sockets.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>

enum { LISTENS = 0x0a, CLOSED = 0x07 }; /* states of TCP; of UDP, the second is not connected */

/* "0100007F": words of the machine's own order, each in hexadecimal. */
static int parse_address(struct arena *arena, const char *text, size_t length,
			 const char **ret_address)
{
	int family = length == 8 ? AF_INET : AF_INET6;
	char word[9] = "", address[INET6_ADDRSTRLEN];
	uint32_t words[4] = {0};

	if ((length != 8 && length != 32) || strspn(text, "0123456789ABCDEFabcdef") != length)
		return -EBADMSG;
	for (size_t i = 0; i < length / 8; i++) {
		memcpy(word, text + i * 8, 8);
		words[i] = (uint32_t)strtoul(word, NULL, 16);
	}
	if (!inet_ntop(family, words, address, sizeof(address)))
		return -EBADMSG;
	*ret_address = arena_strdup(arena, address);
	return 0;
}

/* A number that ends where the text or the word does. */
static int parse_number(const char *text, int base, unsigned *ret_number)
{
	char *end;
	unsigned long number;

	if (!text || !isxdigit((unsigned char)*text))
		return -EBADMSG;
	errno = 0;
	number = strtoul(text, &end, base);
	if (errno || *end || number > UINT32_MAX)
		return -EBADMSG;
	*ret_number = (unsigned)number;
	return 0;
}

enum { NUMBER, LOCAL, REMOTE, STATE, QUEUES, TIMER, RETRIES, USER, TIMEOUT, INODE, N_WORDS };

static int parse_line(struct listeners *listeners, struct arena *arena, const char *name,
		      char *line)
{
	struct listener listener = {.protocol = str_starts(name, "tcp") ? "tcp" : "udp"};
	char *words[N_WORDS], *rest = line, *port;
	unsigned state;

	for (size_t i = 0; i < N_WORDS; i++) {
		words[i] = strtok_r(rest, " ", &rest);
		if (!words[i])
			return -EBADMSG;
	}
	port = strchr(words[LOCAL], ':');
	if (!port || parse_number(words[STATE], 16, &state) ||
	    parse_number(port + 1, 16, &listener.port) ||
	    parse_number(words[USER], 10, &listener.user) ||
	    parse_number(words[INODE], 10, &listener.inode))
		return -EBADMSG;
	if (state != (*listener.protocol == 't' ? LISTENS : CLOSED) || !listener.port)
		return 0;
	*port = '\0';
	if (listener.port > 65535 ||
	    parse_address(arena, words[LOCAL], strlen(words[LOCAL]), &listener.address))
		return -EBADMSG;
	listener.exposed = listener_is_exposed(listener.address);
	listener.source = arena_printf(arena, "/proc/1/net/%s", name);
	listeners_push(listeners, arena, listener);
	return 0;
}

int listeners_parse(struct listeners *listeners, struct arena *arena, const char *name, char *text)
{
	char *line = str_next_line(&text);
	int error = line && strstr(line, "local_address") ? 0 : -EBADMSG;

	while (!error && (line = str_next_line(&text)))
		if (*line)
			error = parse_line(listeners, arena, name, line);
	return error;
}
