#include "host/settings/sudoers.h"

#include <ctype.h>

static void push(struct arena *arena, struct sudoers *sudoers, struct sudoers_item item)
{
	if (sudoers->count == sudoers->space) {
		size_t space = sudoers->space ? sudoers->space * 2 : 16;

		sudoers->at = arena_grow(arena, sudoers->at, sudoers->count * sizeof(item),
					 space * sizeof(item));
		sudoers->space = space;
	}
	sudoers->at[sudoers->count++] = item;
}

static bool is_blank(char byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r';
}

static char *skip_blanks(char *text)
{
	return text + strspn(text, " \t\r");
}

/* Does `#` begin a comment? Before a number it is a user or group, at a line's start `#include`. */
static bool is_comment(const char *at, bool first)
{
	size_t length = strlen("#include");

	if (first && str_starts(at, "#include")) {
		length += str_starts(at + length, "dir") ? strlen("dir") : 0;
		if (is_blank(at[length]))
			return false;
	}
	return !isdigit((unsigned char)at[1 + (at[1] == '-')]);
}

/*
 * How much of a physical line counts. `*quoted` goes on from one to the next. A backslash at its
 * end joins it with the next, but not in a comment: `*ret_joined`.
 */
static size_t measure(const char *line, bool first, bool *quoted, bool *ret_joined)
{
	size_t blank = strspn(line, " \t\r"), at = 0;

	*ret_joined = false;
	for (; line[at]; at++) {
		if (line[at] == '\\') {
			*ret_joined = !line[at + 1 + strspn(line + at + 1, " \t\r")];
			if (*ret_joined)
				return at;
			at++;
		} else if (line[at] == '"') {
			*quoted = !*quoted;
		} else if (line[at] == '#' && !*quoted &&
			   is_comment(line + at, first && at == blank)) {
			break;
		}
	}
	return at;
}

/* The next logical line, joined in place, without its comment. NULL at the end. */
static char *next_line(char **text, unsigned *number, unsigned *ret_first)
{
	char *line = NULL, *end = NULL, *part;
	bool quoted = false, joined;

	while ((part = str_next_line(text))) {
		size_t length = measure(part, !line, &quoted, &joined);

		++*number;
		if (!line) {
			line = end = part;
			*ret_first = *number;
		}
		memmove(end, part, length);
		end += length;
		*end = '\0';
		if (!joined)
			return line;
	}
	return line;
}

/* Reads a value, quotes and backslashes taken off, in place. Returns what stands behind it. */
static char *read_value(char *text, const char **ret_value)
{
	bool quoted = *text == '"';
	char *from = text + quoted, *to = text;

	*ret_value = text;
	for (; *from; from++) {
		if (quoted ? *from == '"' : is_blank(*from) || *from == ',')
			break;
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	if (quoted && *from)
		from++;
	/* The NUL may fall on what has still to be looked at. */
	if (to == from) {
		char next = *from;

		*to = '\0';
		return next == '\0' ? from : from + 1;
	}
	*to = '\0';
	return from;
}

static char *read_operator(char *text, char *ret_op)
{
	char *at = skip_blanks(text);

	*ret_op = '\0';
	if ((*at == '+' || *at == '-') && at[1] == '=') {
		*ret_op = *at;
		return skip_blanks(at + 2);
	}
	if (*at == '=') {
		*ret_op = *at;
		return skip_blanks(at + 1);
	}
	return text;
}

/* The options of a Defaults line. */
static void parse_options(struct arena *arena, char *text, const struct sudoers_item *model,
			  struct sudoers *sudoers)
{
	for (;;) {
		struct sudoers_item item = *model;
		size_t length = 0;

		text += strspn(text, " \t\r,");
		for (; *text == '!'; text = skip_blanks(text + 1))
			item.negated = !item.negated;
		while (isalnum((unsigned char)text[length]) || text[length] == '_')
			length++;
		if (!length)
			return;
		item.name = arena_strndup(arena, text, length);
		text = read_operator(text + length, &item.op);
		if (item.op) {
			text = read_value(text, &item.value);
			item.value = arena_strdup(arena, item.value);
		}
		push(arena, sudoers, item);
	}
}

/* Users, hosts or commands that a Defaults line is for; blanks stand around commas only. */
static char *read_scope(struct arena *arena, char *text, const char **ret_scope)
{
	char *at = skip_blanks(text + 1), *next;
	bool quoted = false;

	for (; *at; at++) {
		if (*at == '\\' && at[1]) {
			at++;
			continue;
		}
		quoted = quoted != (*at == '"');
		if (quoted || !is_blank(*at))
			continue;
		next = skip_blanks(at);
		if (*next == ',')
			at = next;
		else if (at[-1] != ',')
			break;
	}
	*ret_scope = arena_strndup(arena, text, (size_t)(at - text));
	return at;
}

static void parse_defaults(struct arena *arena, char *text, const char *source,
			   struct sudoers *sudoers)
{
	struct sudoers_item item = {.kind = SUDOERS_OPTION, .source = source};

	if (*text && strchr(":@>!", *text))
		text = read_scope(arena, text, &item.scope);
	parse_options(arena, text, &item, sudoers);
}

static bool is_word(char byte)
{
	return isalnum((unsigned char)byte) || (byte && strchr("_/.-\\*", byte));
}

/* Does the tag NOPASSWD stand in a rule? */
static bool grants(const char *line)
{
	static const char tag[] = "NOPASSWD";
	bool quoted = false;

	for (const char *at = line; *at; at++) {
		if (*at == '\\' && at[1]) {
			at++;
			continue;
		}
		quoted = quoted != (*at == '"');
		if (quoted || !str_starts(at, tag) || at == line || is_word(at[-1]))
			continue;
		at += strlen(tag);
		if (at[strspn(at, " \t\r")] == ':')
			return true;
		at--;
	}
	return false;
}

static bool is_alias(const char *line)
{
	static const char *const words[] = {"User_Alias", "Runas_Alias", "Host_Alias", "Cmnd_Alias",
					    "Cmd_Alias"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (str_starts(line, words[i]) && is_blank(line[strlen(words[i])]))
			return true;
	return false;
}

/* #include, @include, #includedir, @includedir. */
static bool parse_include(struct arena *arena, char *line, const char *source,
			  struct sudoers *sudoers)
{
	struct sudoers_item item = {.kind = SUDOERS_INCLUDE, .source = source};
	char *rest;

	if (!str_starts(line + 1, "include"))
		return false;
	rest = line + 1 + strlen("include");
	if (str_starts(rest, "dir")) {
		item.kind = SUDOERS_INCLUDE_DIR;
		rest += strlen("dir");
	}
	if (!is_blank(*rest))
		return false;
	read_value(skip_blanks(rest), &item.value);
	item.value = arena_strdup(arena, item.value);
	push(arena, sudoers, item);
	return true;
}

static void parse_line(struct arena *arena, char *line, const char *source, struct sudoers *sudoers)
{
	static const char defaults[] = "Defaults";
	char *rest;

	line = str_trim(line);
	rest = line + strlen(defaults);
	if (!*line)
		return;
	if ((*line == '#' || *line == '@') && parse_include(arena, line, source, sudoers))
		return;
	if (str_starts(line, defaults) && (is_blank(*rest) || (*rest && strchr(":@>!", *rest))))
		parse_defaults(arena, rest, source, sudoers);
	else if (!is_alias(line) && grants(line))
		push(arena, sudoers,
		     (struct sudoers_item){
			     .kind = SUDOERS_NOPASSWD,
			     .source = source,
			     .value = arena_strdup(arena, line),
		     });
}

void sudoers_parse(struct arena *arena, char *text, const char *path, struct sudoers *sudoers)
{
	unsigned number = 0, first = 0;
	char *line;

	while ((line = next_line(&text, &number, &first)))
		parse_line(arena, line, arena_printf(arena, "%s:%u", path, first), sudoers);
}
