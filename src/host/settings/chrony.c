#include "host/settings/chrony.h"

#include "host/units/units.h"

#include <ctype.h>
#include <errno.h>

/* As chronyd has it: so deep may files include others, and so many directories has a line. */
#define DEEPEST 10
#define MOST_DIRS 10
#define MOST_FILES 1000

struct reading {
	struct host *host;
	struct chrony *chrony;
	unsigned depth, files;
};

static void read_file(struct reading *reading, const char *path, bool sources_only);

static void push(struct chrony_lines *lines, struct arena *arena, struct chrony_line line)
{
	if (lines->count == lines->space) {
		size_t space = lines->space ? lines->space * 2 : 32;

		lines->at = arena_grow(arena, lines->at, lines->count * sizeof(line),
				       space * sizeof(line));
		lines->space = space;
	}
	lines->at[lines->count++] = line;
}

void chrony_parse(struct chrony_lines *lines, struct arena *arena, char *text)
{
	char *at;

	for (unsigned number = 1; (at = str_next_line(&text)); number++) {
		struct chrony_line line = {.number = number};
		char *word;

		at = str_trim(at);
		/* A comment stands on a line of its own. */
		if (!*at || strchr("!;#%", *at))
			continue;
		word = arena_strndup(arena, at, strcspn(at, STR_BLANKS));
		for (char *letter = word; *letter; letter++)
			*letter = (char)tolower((unsigned char)*letter);
		line.word = word;
		line.rest = arena_strdup(arena, str_trim(at + strlen(word)));
		push(lines, arena, line);
	}
}

static void give_up(struct reading *reading, const char *why)
{
	if (!reading->chrony->why)
		reading->chrony->why = why;
}

static void read_all(struct reading *reading, const struct strv *paths, bool sources_only)
{
	for (size_t i = 0; i < paths->count; i++)
		read_file(reading, paths->at[i], sources_only);
}

/* A name without a pattern has to be there. */
static void include(struct reading *reading, const char *pattern)
{
	struct strv paths = {0};
	int error = 0;

	if (!strpbrk(pattern, "*?["))
		strv_push(&paths, reading->host->arena, pattern);
	else
		error = host_glob(reading->host, pattern, &paths);
	if (error)
		give_up(reading, arena_printf(reading->host->arena, "cannot look for %s: %s",
					      pattern, host_error(error)));
	read_all(reading, &paths, false);
}

/* Of files with the same name, that of the first directory counts. */
static void read_dirs(struct reading *reading, const char *rest, const char *suffix,
		      bool sources_only)
{
	const char *dirs[MOST_DIRS + 1] = {NULL};
	struct strv words = {0}, paths = {0};
	int error;

	strv_split(&words, reading->host->arena, rest, STR_BLANKS);
	if (!words.count || words.count > MOST_DIRS) {
		give_up(reading, "chronyd refuses a line with so many directories");
		return;
	}
	for (size_t i = 0; i < words.count; i++)
		dirs[i] = words.at[i];
	error = host_dropins(reading->host, dirs, suffix, &paths);
	if (error)
		give_up(reading, arena_printf(reading->host->arena, "cannot list %s: %s", rest,
					      host_error(error)));
	read_all(reading, &paths, sources_only);
}

static bool is_source(const char *word)
{
	return str_eq(word, "server") || str_eq(word, "pool") || str_eq(word, "peer");
}

static void take(struct reading *reading, const char *path, const struct chrony_line *line)
{
	struct arena *arena = reading->host->arena;
	struct chrony *chrony = reading->chrony;
	bool clock = str_eq(line->word, "refclock");
	struct strv words = {0};

	strv_split(&words, arena, line->rest, STR_BLANKS);
	if (words.count < (clock ? 2 : 1)) {
		give_up(reading, arena_printf(arena, "%s:%u: chronyd refuses a line without a name",
					      path, line->number));
		return;
	}
	strv_push(&chrony->sources, arena,
		  clock ? arena_printf(arena, "%s:%s", words.at[0], words.at[1]) : words.at[0]);
	chrony->source = arena_printf(arena, "%s:%u", path, line->number);
}

static void read_line(struct reading *reading, const char *path, const struct chrony_line *line,
		      bool sources_only)
{
	if (is_source(line->word) || (!sources_only && str_eq(line->word, "refclock")))
		take(reading, path, line);
	else if (sources_only)
		return;
	else if (str_eq(line->word, "include"))
		include(reading, line->rest);
	else if (str_eq(line->word, "confdir"))
		read_dirs(reading, line->rest, ".conf", false);
	else if (str_eq(line->word, "sourcedir"))
		read_dirs(reading, line->rest, ".sources", true);
}

/* As good as an empty file. */
static bool is_null(struct host *host, const char *path)
{
	char *target;

	return !host_readlink(host, path, &target) && str_eq(target, "/dev/null");
}

static void read_file(struct reading *reading, const char *path, bool sources_only)
{
	struct arena *arena = reading->host->arena;
	cleanup(text) struct host_text text = {0};
	struct chrony_lines lines = {0};
	int error;

	if (reading->depth > DEEPEST || ++reading->files > MOST_FILES) {
		give_up(reading, arena_printf(arena, "%s is included too deep", path));
		return;
	}
	if (is_null(reading->host, path))
		return;
	error = host_read(reading->host, path, 0, &text);
	if (error) {
		give_up(reading,
			arena_printf(arena, "cannot read %s: %s", path, host_error(error)));
		return;
	}
	chrony_parse(&lines, arena, text.data);
	reading->depth++;
	for (size_t i = 0; i < lines.count; i++)
		read_line(reading, path, &lines.at[i], sources_only);
	reading->depth--;
}

/* The file behind `-f` on the command line of the service, or NULL. */
static const char *named_file(struct host *host, const char *unit)
{
	struct strv commands = {0}, words = {0};
	const char *source;

	if (unit_option(host, unit, "Service", "ExecStart", &commands, &source))
		return NULL;
	for (size_t i = 0; i < commands.count; i++)
		strv_split(&words, host->arena, commands.at[i], STR_BLANKS);
	for (size_t i = 0; i + 1 < words.count; i++)
		if (str_eq(words.at[i], "-f"))
			return words.at[i + 1];
	return NULL;
}

const struct chrony *chrony_get(struct host *host, const char *unit)
{
	static const char *const paths[] = {"/etc/chrony/chrony.conf", "/etc/chrony.conf"};
	struct chrony *chrony = arena_new(host->arena, struct chrony);
	struct reading reading = {.host = host, .chrony = chrony};
	bool there[] = {host_exists(host, paths[0]), host_exists(host, paths[1])};

	chrony->source = named_file(host, unit);
	if (!chrony->source && there[0] && there[1]) {
		chrony->source = paths[0];
		chrony->why = "/etc/chrony.conf is there as well, and chronyd reads but one";
		return chrony;
	}
	if (!chrony->source)
		chrony->source = there[0] ? paths[0] : paths[1];
	chrony->absent = !host_exists(host, chrony->source);
	if (!chrony->absent)
		read_file(&reading, chrony->source, false);
	return chrony;
}
