/* The only file that knows inih. hostaudit-benchmark(5) says what is refused. */
#include "policy/ini.h"

#include "base/arena.h"
#include "base/str.h"
#include "base/utf8.h"

#include <ini.h>
#include <stdlib.h>

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

struct reader {
	struct problems *problems;
	char *rest;           /* of the text */
	struct origin origin; /* of the line that inih has in its hands */
	bool indented;        /* that line is an indented one */
	bool dropped;         /* what an indented line would continue has been refused */
	struct ini_section *first, *section;
	struct ini_entry *entry, **entry_tail;
	struct ini_line **line_tail;
};

#define refuse(reader, ...) (problem_add((reader)->problems, (reader)->origin, __VA_ARGS__), true)

static bool is_blank(char c)
{
	return c && strchr(STR_BLANKS, c);
}

/* Controls, invisible characters and bytes that are no UTF-8 have no business in a policy. */
static bool refuse_bytes(struct reader *reader, const char *line)
{
	size_t length;

	for (const char *at = line; *at; at += length) {
		unsigned char byte = (unsigned char)*at;
		char character[8] = "";
		const char *shown;

		length = 1;
		if (byte == '\t' || (byte >= 0x20 && byte < 0x7f))
			continue;
		length = utf8_length(at);
		if (!length)
			return refuse(reader, "the byte 0x%02x is no UTF-8", byte);
		memcpy(character, at, length);
		shown = utf8_printable(reader->problems->arena, character);
		if (shown != character)
			return refuse(reader, "the invisible character %s", shown);
	}
	return false;
}

static bool refuse_comment(struct reader *reader, const char *line)
{
	for (const char *at = line; (at = strchr(at, ';')); at++)
		if (at > line && is_blank(at[-1]))
			return refuse(reader,
				      "a ';' behind a blank would begin a comment in the line; "
				      "write comments on lines of their own");
	return false;
}

static void open_section(struct reader *reader, const char *name, bool refused)
{
	struct ini_section *section = arena_new(reader->problems->arena, struct ini_section);

	section->name = name;
	section->origin = reader->origin;
	section->refused = section->damaged = refused;
	if (reader->section)
		reader->section->next = section;
	else
		reader->first = section;
	reader->section = section;
	reader->entry_tail = &section->entries;
	reader->entry = NULL;
	reader->dropped = refused;
}

/* Also a refused header opens a section, so that the mistakes below it are found in this run. */
static bool refuse_header(struct reader *reader, const char *line, bool refused)
{
	size_t length = strcspn(line + 1, "]");
	char *name = arena_strndup(reader->problems->arena, line + 1, length);
	const char *behind = line + 1 + length, *trimmed = str_trim(name);

	if (!*behind)
		refused = refuse(reader, "the '[' is not closed");
	else if (behind[1 + strspn(behind + 1, STR_BLANKS)])
		refused = refuse(reader, "text behind the ']'");
	else if (strlen(trimmed) != length)
		refused = refuse(reader, "blanks around the section's name");
	if (!*trimmed)
		refused = refuse(reader, "the section has no name");
	if (length > INI_LONGEST_NAME)
		refused = refuse(reader, "the section's name is %zu bytes long, %d are read",
				 length, INI_LONGEST_NAME);
	open_section(reader, trimmed, refused);
	return refused;
}

static bool refuse_key(struct reader *reader, const char *line)
{
	size_t length = strcspn(line, "=:");
	bool colon = line[length] == ':';

	if (!strchr(line, '='))
		return refuse(reader, colon ? "write '=' instead of ':' between key and value"
					    : "neither a [section] nor KEY = VALUE");
	if (colon)
		return refuse(reader, "a ':' in the key would end it");
	while (length && is_blank(line[length - 1]))
		length--;
	if (!length)
		return refuse(reader, "a key is missing in front of the '='");
	if (length > INI_LONGEST_NAME)
		return refuse(reader, "the key is %zu bytes long, %d are read", length,
			      INI_LONGEST_NAME);
	if (!reader->section)
		return refuse(reader, "a key before the first [section]");
	return false;
}

static bool refuse_indented(struct reader *reader, const char *text)
{
	if (*text == '[' && strchr(text, ']'))
		return refuse(reader, "an indented [section] would continue the value above");
	if (!reader->entry && !reader->dropped)
		return refuse(reader, "an indented line with nothing before it to continue");
	return !reader->entry;
}

/* Is there anything in a line that inih would not give back as it stands here? */
static bool refuse_line(struct reader *reader, const char *line)
{
	size_t length = strlen(line), blanks = strspn(line, STR_BLANKS);
	bool refused = false;

	reader->indented = blanks > 0;
	if (length > INI_LONGEST_LINE)
		refused = refuse(reader,
				 "the line is %zu bytes long, %d are read; go on in an "
				 "indented line",
				 length, INI_LONGEST_LINE);
	else
		refused = refuse_bytes(reader, line);
	if (*line == '[')
		return refuse_header(reader, line, refused);
	if (refused)
		return true;
	if (!line[blanks] || line[blanks] == ';' || line[blanks] == '#')
		return false;
	if (refuse_comment(reader, line))
		return true;
	return blanks ? refuse_indented(reader, line + blanks) : refuse_key(reader, line);
}

/* Hands inih the next line; of a refused one only that there was a line. */
static char *next_line(char *line, int size, void *stream)
{
	struct reader *reader = stream;
	const char *next = str_next_line(&reader->rest);

	(void)size; /* 200, which no line comes near that was not refused */
	if (!next)
		return NULL;
	reader->origin.line++;
	if (refuse_line(reader, next)) {
		next = "";
		if (reader->section)
			reader->section->damaged = true;
		if (!reader->indented) {
			reader->entry = NULL;
			reader->dropped = true;
		}
	}
	stpcpy(stpcpy(line, next), "\n");
	return line;
}

static void take_key(struct reader *reader, const char *key)
{
	struct arena *arena = reader->problems->arena;
	struct ini_entry *entry = arena_new(arena, struct ini_entry);

	entry->key = arena_strdup(arena, key);
	entry->origin = reader->origin;
	*reader->entry_tail = entry;
	reader->entry_tail = &entry->next;
	reader->line_tail = &entry->lines;
	reader->entry = entry;
	reader->dropped = false;
}

/* What inih found in the line that it was just given. */
static int take(void *user, const char *section, const char *key, const char *value)
{
	struct reader *reader = user;
	struct arena *arena = reader->problems->arena;
	struct ini_line *line;

	/* Below a refused header inih is still in the section before it. */
	if (!reader->section->refused && !str_eq(section, reader->section->name))
		return !refuse(reader, "inih takes this for a line of [%s]", section);
	if (!reader->indented)
		take_key(reader, key);
	if (!*value)
		return 1;
	line = arena_new(arena, struct ini_line);
	line->text = arena_strdup(arena, value);
	line->origin = reader->origin;
	*reader->line_tail = line;
	reader->line_tail = &line->next;
	return 1;
}

/* Names that have to differ: those of the sections of a file, or of the keys of a section. */
struct name {
	const char *name;
	struct origin origin;
	struct ini_section *section; /* NULL for a key */
};

static int compare_names(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	return order ? order
		     : (x->origin.line > y->origin.line) - (x->origin.line < y->origin.line);
}

static void refuse_twins(struct problems *problems, struct name *names, size_t count)
{
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count; i++) {
		const struct name *before = &names[i - 1], *now = &names[i];

		if (!str_eq(before->name, now->name))
			continue;
		if (now->section)
			now->section->refused = true;
		problem_add(problems, now->origin, "%s '%s' stands in line %u already",
			    now->section ? "section" : "key", now->name, before->origin.line);
	}
}

static void refuse_twin_keys(struct problems *problems, const struct ini_section *section)
{
	struct name few[32], *names = few;
	size_t count = 0, i = 0;

	for (const struct ini_entry *entry = section->entries; entry; entry = entry->next)
		count++;
	if (count > sizeof(few) / sizeof(few[0]))
		names = arena_alloc(problems->arena, count * sizeof(*names));
	for (const struct ini_entry *entry = section->entries; entry; entry = entry->next)
		names[i++] = (struct name){entry->key, entry->origin, NULL};
	refuse_twins(problems, names, count);
}

static void refuse_twin_sections(struct problems *problems, struct ini_section *sections)
{
	size_t count = 0, i = 0;
	struct name *names;

	for (struct ini_section *section = sections; section; section = section->next)
		count++;
	names = arena_alloc(problems->arena, count * sizeof(*names));
	for (struct ini_section *section = sections; section; section = section->next)
		names[i++] = (struct name){section->name, section->origin, section};
	refuse_twins(problems, names, count);
}

struct ini_section *ini_read(struct problems *problems, const char *file, char *text)
{
	struct reader reader = {.problems = problems, .rest = text, .origin = {.file = file}};
	size_t before = problems->count;
	int error;

	if (str_starts(text, BYTE_ORDER_MARK)) {
		problem_add(problems, (struct origin){file, 1}, "a byte order mark");
		reader.rest += strlen(BYTE_ORDER_MARK);
	}
	error = ini_parse_stream(next_line, &reader, take, &reader);
	if (error && problems->count == before)
		problem_add(problems, (struct origin){file, error > 0 ? (unsigned)error : 0},
			    "inih cannot read this line");
	for (struct ini_section *section = reader.first; section; section = section->next)
		refuse_twin_keys(problems, section);
	refuse_twin_sections(problems, reader.first);
	return reader.first;
}

struct ini_section *ini_section(struct ini_section *sections, const char *name)
{
	for (; sections; sections = sections->next)
		if (str_eq(sections->name, name))
			return sections;
	return NULL;
}

struct ini_entry *ini_entry(const struct ini_section *section, const char *key)
{
	for (struct ini_entry *entry = section->entries; entry; entry = entry->next)
		if (str_eq(entry->key, key))
			return entry;
	return NULL;
}

const char *ini_text(struct arena *arena, const struct ini_entry *entry)
{
	struct strv lines = {0};

	if (entry->lines && !entry->lines->next)
		return entry->lines->text;
	for (const struct ini_line *line = entry->lines; line; line = line->next)
		strv_push(&lines, arena, line->text);
	return strv_join(&lines, arena, " ");
}
