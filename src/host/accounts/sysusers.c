#include "host/accounts/sysusers.h"

#include "host/units/units.h"

#include <errno.h>

/* More than any system has: what is made is searched for one by one. */
#define MOST_LINES 1024

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"

enum { TYPE, NAME, ID, GECOS, HOME, SHELL, N_WORDS };

/*
 * The next word of a line, cut off in place, without its quotes and backslashes. NULL at the end;
 * `*at` is NULL then where the quotes do not end.
 */
static char *take_word(char **at)
{
	char *from = *at + strspn(*at, " \t"), *word = from, *to = from;
	char quote = '\0';
	bool ends = !*from;

	for (; *from && (quote || !strchr(" \t", *from)); from++) {
		if (quote ? *from == quote : *from == '\'' || *from == '"')
			quote = quote ? '\0' : *from;
		else if (*from != '\\')
			*to++ = *from;
		else if (from[1])
			*to++ = *++from;
		else
			quote = '\\';
	}
	*at = quote ? NULL : from + (*from != '\0');
	*to = '\0';
	return quote || ends ? NULL : word;
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 127)
			return true;
	return false;
}

static bool is_name(const char *name)
{
	size_t length = strlen(name);

	return length && length < 32 && strchr(LETTERS, *name) &&
	       strspn(name, LETTERS "0123456789-") == length;
}

/* Without slashes too many; NULL where it is no path that passwd can hold. */
static const char *clean_path(struct arena *arena, const char *path)
{
	struct strv parts = {0};

	if (*path != '/' || strchr(path, ':') || has_control(path))
		return NULL;
	strv_split(&parts, arena, path, "/");
	for (size_t i = 0; i < parts.count; i++)
		if (str_eq(parts.at[i], "..") || str_eq(parts.at[i], "."))
			return NULL;
	return arena_printf(arena, "/%s", strv_join(&parts, arena, "/"));
}

/* A uid or gid; those that stand for none are none. */
static bool read_id(const char *text, long long *ret_id)
{
	long long id;

	if (!*text || text[strspn(text, "0123456789")] || (*text == '0' && text[1]) ||
	    str_to_number(text, &id) || id == 65535 || id >= 4294967295)
		return false;
	*ret_id = id;
	return true;
}

/* UID, UID:GID, UID:GROUP, and `-` in place of the first. */
static bool read_ids(struct arena *arena, const char *text, struct sysusers_line *line)
{
	const char *colon = line->type == 'u' ? strchr(text, ':') : NULL;
	const char *first = colon ? arena_strndup(arena, text, (size_t)(colon - text)) : text;

	if (line->type == 'g')
		return read_id(text, &line->gid);
	if (colon && !read_id(colon + 1, &line->gid)) {
		if (!is_name(colon + 1))
			return false;
		line->group = colon + 1;
	}
	return (colon && str_eq(first, "-")) || read_id(first, &line->uid);
}

/* `-` and nothing at all are the same. */
static const char *given(const char *word)
{
	return word && *word && !str_eq(word, "-") ? word : NULL;
}

static bool read_words(struct arena *arena, char *const words[], struct sysusers_line *line)
{
	const char *id = given(words[ID]), *gecos = given(words[GECOS]);
	const char *home = given(words[HOME]), *shell = given(words[SHELL]);

	line->name = words[NAME];
	if (!is_name(line->name) || (line->type != 'u' && (gecos || home || shell)))
		return false;
	if (line->type == 'm') {
		line->group = id;
		return id && is_name(id);
	}
	if (gecos && (strchr(gecos, ':') || has_control(gecos)))
		return false;
	line->home = home ? clean_path(arena, home) : NULL;
	line->shell = shell ? clean_path(arena, shell) : NULL;
	return (!home || line->home) && (!shell || line->shell) &&
	       (!id || read_ids(arena, id, line));
}

static void keep(struct arena *arena, struct sysusers *sysusers, const struct sysusers_line *line)
{
	if (sysusers->count == sysusers->space) {
		size_t space = sysusers->space ? sysusers->space * 2 : 64;

		sysusers->at = arena_grow(arena, sysusers->at,
					  sysusers->count * sizeof(*sysusers->at),
					  space * sizeof(*sysusers->at));
		sysusers->space = space;
	}
	sysusers->at[sysusers->count++] = *line;
}

static void add_hole(struct arena *arena, struct sysusers *sysusers, const char *where,
		     const char *what)
{
	strv_push(&sysusers->holes, arena, arena_printf(arena, "%s %s", where, what));
}

/* What the boot alone could work out: specifiers, and ids that files have. */
static bool is_open(char *const words[])
{
	for (size_t i = NAME; i < N_WORDS; i++)
		if (words[i] && strchr(words[i], '%'))
			return true;
	return words[ID] && *words[ID] == '/';
}

static void read_line(struct arena *arena, char *text, const char *source,
		      struct sysusers *sysusers)
{
	struct sysusers_line line = {.uid = -1, .gid = -1, .source = source};
	char *words[N_WORDS] = {NULL};

	for (size_t i = 0; i < N_WORDS && text; i++)
		words[i] = take_word(&text);
	/* A line with more words, or with an end missing, is refused. */
	if (!text || text[strspn(text, " \t")] || !words[TYPE] || !words[NAME])
		return;
	/* `u!` is for users whose account has expired, too. */
	if (!strchr("ugmr", *words[TYPE]) || (words[TYPE][1] && !str_eq(words[TYPE], "u!")))
		return;
	line.type = *words[TYPE];
	if (line.type == 'r')
		sysusers->ranged = true;
	else if (is_open(words))
		add_hole(arena, sysusers, source, "has to be worked out at boot");
	else if (read_words(arena, words, &line))
		keep(arena, sysusers, &line);
}

void sysusers_parse(struct arena *arena, const char *file, char *text, struct sysusers *sysusers)
{
	unsigned number = 0;
	char *line;

	while ((line = str_next_line(&text))) {
		number++;
		line = str_trim(line);
		if (!*line || *line == '#')
			continue;
		if (sysusers->count == MOST_LINES || sysusers->holes.count == MOST_LINES) {
			add_hole(arena, sysusers, file, "has too many lines");
			return;
		}
		read_line(arena, line, arena_printf(arena, "%s:%u", file, number), sysusers);
	}
}

/* Dangling links and links to /dev/null are how a vendor's file is put out of force. */
static bool is_masked(struct host *host, const char *path, int error)
{
	char *target;

	if (error == -ENOENT)
		return true;
	return error == -EOPNOTSUPP && !host_readlink(host, path, &target) &&
	       str_eq(target, "/dev/null");
}

static void read_file(struct host *host, const char *path, struct sysusers *sysusers)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (!error)
		sysusers_parse(host->arena, path, arena_strndup(host->arena, text.data, text.size),
			       sysusers);
	else if (!is_masked(host, path, error))
		add_hole(host->arena, sysusers, path, host_error(error));
}

/* ConditionNeedsUpdate=/etc: the stamp of the last update is older than the system. */
static bool needs_update(struct host *host)
{
	struct statx etc, usr;

	if (host_stat(host, "/etc/.updated", true, &etc) || host_stat(host, "/usr", true, &usr))
		return true;
	if (etc.stx_mtime.tv_sec != usr.stx_mtime.tv_sec)
		return etc.stx_mtime.tv_sec < usr.stx_mtime.tv_sec;
	return etc.stx_mtime.tv_nsec < usr.stx_mtime.tv_nsec;
}

static const void *load(struct host *host)
{
	static const char *const dirs[] = {"/etc/sysusers.d", "/run/sysusers.d",
					   "/usr/local/lib/sysusers.d", "/usr/lib/sysusers.d",
					   NULL};
	struct sysusers *sysusers = arena_new(host->arena, struct sysusers);
	const struct unit *unit;
	struct strv paths = {0};
	int error;

	if (host->live)
		return sysusers;
	error = host_dropins(host, dirs, ".conf", &paths);
	if (error)
		add_hole(host->arena, sysusers, "sysusers.d:", host_error(error));
	if (error || !paths.count || !needs_update(host))
		return sysusers;
	unit = units_get(host, "systemd-sysusers.service");
	if (unit->error || unit->unsure)
		add_hole(host->arena, sysusers,
			 "systemd-sysusers.service:", unit->error ? unit->why : unit->unsure);
	else if (unit->starts)
		for (size_t i = 0; i < paths.count; i++)
			read_file(host, paths.at[i], sysusers);
	return sysusers;
}

const struct sysusers *sysusers_get(struct host *host)
{
	return host_view(host, load);
}
