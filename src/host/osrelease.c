#include "host/osrelease.h"

#include "host/host.h"

#include <errno.h>

/*
 * Takes off shell quotes: '…' as it is; "…" with \ before " $ ` \ ; and a bare \ before anything.
 */
static const char *unquote(struct arena *arena, const char *text)
{
	char *value = arena_alloc(arena, strlen(text) + 1), *end = value;
	char quote = '\0';

	for (; *text; text++) {
		if (quote ? *text == quote : (*text == '"' || *text == '\'')) {
			quote = quote ? '\0' : *text;
			continue;
		}
		if (*text == '\\' && quote != '\'' && text[1] &&
		    (!quote || strchr("\"$`\\", text[1])))
			text++;
		*end++ = *text;
	}
	return value;
}

void osrelease_parse(struct arena *arena, char *text, struct osrelease *osrelease)
{
	char *line;

	while ((line = str_next_line(&text))) {
		char *equals;

		line = str_trim(line);
		equals = strchr(line, '=');
		if (*line == '#' || !equals || equals == line)
			continue;
		*equals = '\0';
		strv_push(&osrelease->keys, arena, arena_strdup(arena, line));
		strv_push(&osrelease->values, arena, unquote(arena, equals + 1));
	}
}

static const void *load(struct host *host)
{
	static const char *const paths[] = {"/etc/os-release", "/usr/lib/os-release"};
	struct osrelease *osrelease = arena_new(host->arena, struct osrelease);

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		cleanup(text) struct host_text text = {0};

		osrelease->error = host_read(host, paths[i], 0, &text);
		if (osrelease->error == -ENOENT || osrelease->error == -ENOTDIR)
			continue;
		osrelease->path = paths[i];
		if (!osrelease->error)
			osrelease_parse(host->arena, text.data, osrelease);
		return osrelease;
	}
	osrelease->error = 0;
	return osrelease;
}

const struct osrelease *osrelease(struct host *host)
{
	return host_view(host, load);
}

const char *osrelease_get(struct host *host, const char *key)
{
	const struct osrelease *found = osrelease(host);

	for (size_t i = found->keys.count; i-- > 0;)
		if (str_eq(found->keys.at[i], key))
			return found->values.at[i];
	return "";
}
