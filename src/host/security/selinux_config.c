#include "host/security/selinux_config.h"

#include <ctype.h>
#include <strings.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static const char *skip_blanks(const char *text)
{
	while (isspace((unsigned char)*text))
		text++;
	return text;
}

/* libselinux looks at the beginning of the value only: "enforcingly" is enforcing. */
static const char *mode_of(const char *line)
{
	static const char tag[] = "SELINUX=";
	static const char *const modes[] = {"enforcing", "permissive", "disabled"};
	const char *value;

	if (!str_starts(line, tag))
		return NULL;
	value = skip_blanks(line + strlen(tag));
	for (size_t i = 0; i < N(modes); i++)
		if (!strncasecmp(value, modes[i], strlen(modes[i])))
			return modes[i];
	return NULL;
}

/* The value of SELINUXTYPE, in any case and with blanks before it; or NULL. */
static const char *type_of(struct arena *arena, const char *line)
{
	static const char tag[] = "SELINUXTYPE=";
	size_t length;

	line = skip_blanks(line);
	if (strncasecmp(line, tag, strlen(tag)) != 0)
		return NULL;
	line = skip_blanks(line + strlen(tag));
	length = strlen(line);
	while (length > 1 && (isspace((unsigned char)line[length - 1]) ||
			      iscntrl((unsigned char)line[length - 1])))
		length--;
	return arena_strndup(arena, line, length);
}

/* The first line with a mode counts, and the last one with a type. */
void selinux_config_parse(struct arena *arena, char *text, struct selinux_config *ret_config)
{
	struct selinux_config config = {.type = "targeted"};
	const char *line, *type;

	for (unsigned number = 1; (line = str_next_line(&text)); number++) {
		if (!config.mode && (config.mode = mode_of(line)))
			config.mode_line = number;
		type = type_of(arena, line);
		if (type) {
			config.type = type;
			config.type_line = number;
		}
	}
	*ret_config = config;
}
