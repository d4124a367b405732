#include "host/units/units_file.h"

#include "base/arena.h"
#include "host/units/units_name.h"

#include <errno.h>
#include <strings.h>

static void push(struct unit_lines *lines, struct arena *arena, const struct unit_line *line)
{
	if (lines->count == lines->space) {
		size_t space = lines->space ? lines->space * 2 : 16;

		lines->at = arena_grow(arena, lines->at, lines->count * sizeof(*lines->at),
				       space * sizeof(*lines->at));
		lines->space = space;
	}
	lines->at[lines->count++] = *line;
}

/* An odd number of backslashes at its end carries a line on. */
static bool is_continued(const char *line)
{
	size_t length = strlen(line), slashes = 0;

	while (slashes < length && line[length - 1 - slashes] == '\\')
		slashes++;
	return slashes % 2;
}

/*
 * The next logical line, joined in place: comments between its parts are dropped, and each part
 * loses the blanks it begins with. `*number` counts the lines of the file.
 */
static char *next_line(char **text, unsigned *number, unsigned *ret_first)
{
	char *joined = NULL, *end = NULL, *line;

	while ((line = str_next_line(text))) {
		size_t length;

		++*number;
		line += strspn(line, STR_BLANKS);
		if (*line == '#' || *line == ';')
			continue;
		if (!joined) {
			joined = end = line;
			*ret_first = *number;
		}
		length = strlen(line);
		memmove(end, line, length + 1);
		if (!is_continued(end))
			return joined;
		end += length;
		end[-1] = ' ';
		*end = '\0';
	}
	return joined;
}

static int parse_line(struct unit_lines *lines, struct arena *arena, struct unit_line *at,
		      char *line)
{
	size_t length;
	char *equals;

	line = str_trim(line);
	length = strlen(line);
	if (!length)
		return 0;
	if (*line == '[') {
		if (line[length - 1] != ']')
			return -EBADMSG;
		line[length - 1] = '\0';
		at->section = line + 1;
		return 0;
	}
	equals = strchr(line, '=');
	if (!equals || equals == line || !at->section)
		return 0;
	*equals = '\0';
	at->key = str_trim(line);
	at->value = str_trim(equals + 1);
	push(lines, arena, at);
	return 0;
}

int unit_lines_parse(struct unit_lines *lines, struct arena *arena, const char *file,
		     const char *text)
{
	static const char byte_order_mark[] = "\xef\xbb\xbf";
	struct unit_line at = {.file = file};
	char *rest, *line;
	unsigned number = 0;
	int error;

	if (str_starts(text, byte_order_mark))
		text += strlen(byte_order_mark);
	rest = arena_strdup(arena, text);
	while ((line = next_line(&rest, &number, &at.line))) {
		error = parse_line(lines, arena, &at, line);
		if (error)
			return error;
	}
	return 0;
}

static bool is_option(const struct unit_line *line, const char *section, const char *key)
{
	return str_eq(line->key, key) && str_eq(line->section, section);
}

void unit_lines_values(const struct unit_lines *lines, struct arena *arena, const char *section,
		       const char *key, struct strv *ret_values, const struct unit_line **ret_last)
{
	struct strv values = {0};

	for (size_t i = 0; i < lines->count; i++) {
		const struct unit_line *line = &lines->at[i];

		if (!is_option(line, section, key))
			continue;
		if (*line->value)
			strv_push(&values, arena, line->value);
		else
			values.count = 0;
		if (ret_last)
			*ret_last = line;
	}
	*ret_values = values;
}

void unit_lines_install(const struct unit_lines *lines, struct arena *arena, const char *key,
			struct strv *ret_words)
{
	struct strv words = {0};

	for (size_t i = 0; i < lines->count; i++) {
		const struct unit_line *line = &lines->at[i];

		if (!is_option(line, "Install", key))
			continue;
		if (!*line->value && !str_eq(key, "Also"))
			words.count = 0;
		unit_words(&words, arena, line->value);
	}
	*ret_words = words;
}

const char *unit_lines_last(const struct unit_lines *lines, const char *section, const char *key)
{
	for (size_t i = lines->count; i-- > 0;)
		if (is_option(&lines->at[i], section, key))
			return lines->at[i].value;
	return NULL;
}

int unit_boolean(const char *value)
{
	static const char *const words[] = {"0",     "1",    "no", "yes", "n",   "y",
					    "false", "true", "f",  "t",   "off", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (!strcasecmp(value, words[i]))
			return i % 2;
	return -1;
}

/* The length of the word that a text begins with, quotes included. */
static size_t word_length(const char *text)
{
	const char *end = text;
	char quote = 0;

	for (; *end && (quote || !strchr(STR_BLANKS, *end)); end++) {
		if (quote && *end == quote)
			quote = 0;
		else if (!quote && (*end == '"' || *end == '\''))
			quote = *end;
	}
	return (size_t)(end - text);
}

void unit_words(struct strv *words, struct arena *arena, const char *value)
{
	size_t length;

	for (;; value += length) {
		char *word, *end, quote = 0;

		value += strspn(value, STR_BLANKS);
		if (!*value)
			return;
		length = word_length(value);
		word = end = arena_alloc(arena, length + 1);
		for (size_t i = 0; i < length; i++) {
			if (quote ? value[i] == quote : value[i] == '"' || value[i] == '\'')
				quote = quote ? 0 : value[i];
			else
				*end++ = value[i];
		}
		strv_push(words, arena, word);
	}
}

/* Behind the last dash of the prefix. */
static const char *last_part(const char *prefix)
{
	const char *dash = strrchr(prefix, '-');

	return dash ? dash + 1 : prefix;
}

/* Escaped blanks and slashes come out: "a-b" as "a/b". */
static const char *unescaped(struct arena *arena, const char *escaped)
{
	const char *path = unit_to_path(arena, arena_printf(arena, "%s.mount", escaped));

	return path ? path + 1 : NULL;
}

static const char *specifier(struct arena *arena, char letter, const char *unit)
{
	const char *instance = unit_instance(arena, unit);
	const char *prefix = unit_prefix(arena, unit);

	switch (letter) {
	case '%':
		return "%";
	case 'n':
		return unit;
	case 'N':
		return arena_strndup(arena, unit, (size_t)(strrchr(unit, '.') - unit));
	case 'p':
		return prefix;
	case 'P':
		return unescaped(arena, prefix);
	case 'i':
		return instance ? instance : "";
	case 'I':
		return instance ? unescaped(arena, instance) : "";
	case 'j':
		return last_part(prefix);
	case 'J':
		return unescaped(arena, last_part(prefix));
	case 'f':
		return unit_to_path(arena,
				    arena_printf(arena, "%s.mount", instance ? instance : prefix));
	default:
		return NULL;
	}
}

const char *unit_expand(struct arena *arena, const char *text, const char *unit)
{
	struct strv parts = {0};

	if (!strchr(text, '%'))
		return text;
	if (unit_kind(unit) == UNIT_INVALID)
		return NULL;
	while (*text) {
		size_t plain = strcspn(text, "%");
		const char *filled;

		strv_push(&parts, arena, arena_strndup(arena, text, plain));
		text += plain;
		if (!*text)
			break;
		filled = text[1] ? specifier(arena, text[1], unit) : NULL;
		if (!filled)
			return NULL;
		strv_push(&parts, arena, filled);
		text += 2;
	}
	return strv_join(&parts, arena, "");
}
