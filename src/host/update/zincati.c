/* One setting of zincati(1)'s TOML, in the ways that people write it. */
#include "host/update/update.h"

#include <errno.h>

/* Cuts a comment off, and blanks. Inside strings there may be a `#`. */
static char *strip(char *line)
{
	char quote = '\0';

	for (char *at = line; *at; at++) {
		if (quote == '"' && *at == '\\' && at[1])
			at++;
		else if (quote)
			quote = *at == quote ? '\0' : quote;
		else if (*at == '"' || *at == '\'')
			quote = *at;
		else if (*at == '#')
			*at = '\0';
	}
	return str_trim(line);
}

/* Cuts `key = value` in two, blanks taken off; NULL when it is none. */
static char *cut(char *line)
{
	char *equals = strchr(line, '=');

	if (!equals)
		return NULL;
	*equals = '\0';
	str_trim(line);
	return str_trim(equals + 1);
}

static int to_bool(const char *value)
{
	if (str_eq(value, "true"))
		return 1;
	return str_eq(value, "false") ? 0 : -EINVAL;
}

/* A table, or a value over several lines, can hold anything. */
static bool is_hard(const char *line, const char *key, const char *value)
{
	return strstr(line, "\"\"\"") || strstr(line, "'''") || strpbrk(key, "\"'") ||
	       (str_eq(key, "updates") && *value == '{');
}

int zincati_enabled(char *text, unsigned *ret_line)
{
	char *line;
	int enabled = -ENOENT;
	bool top = true, inside = false;

	for (unsigned number = 1; (line = str_next_line(&text)); number++) {
		char *value;

		line = strip(line);
		if (*line == '[') {
			/* An array that goes on from line to line may look like a table: a table
			 * of the name is taken, whatever else it could be. */
			top = false;
			inside = str_eq(line, "[updates]") || str_eq(line, "[ updates ]");
			if (!inside && strpbrk(line, "\"'") && strstr(line, "updates"))
				return -EINVAL;
			continue;
		}
		value = cut(line);
		if (!value)
			continue;
		if (is_hard(value, line, value))
			return -EINVAL;
		if (!str_eq(line, inside ? "enabled" : top ? "updates.enabled" : ""))
			continue;
		*ret_line = number;
		enabled = to_bool(value);
		if (enabled < 0)
			return enabled;
	}
	return enabled;
}
