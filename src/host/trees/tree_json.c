/*
 * JSON by RFC 8259, to the letter. A library would do, but those that there are tell no lines. A
 * key that stands twice is refused: programs differ in which of the two they take.
 */
#include "host/trees/tree_build.h"

#include <ctype.h>
#include <string.h>

static struct tree *read_value(struct tree_reader *reader);

static void skip_blanks(struct tree_reader *reader)
{
	for (; *reader->at && strchr(" \t\r\n", *reader->at); reader->at++)
		reader->line += *reader->at == '\n';
}

/* Four hexadecimal digits, or -1. */
static long read_unit(const char *at)
{
	long unit = 0;

	for (int i = 0; i < 4; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *digit = at[i] ? strchr(digits, tolower((unsigned char)at[i])) : NULL;

		if (!digit)
			return -1;
		unit = unit << 4 | (digit - digits);
	}
	return unit;
}

/* What stands behind `\u`: one unit, or two that make a pair. Returns the end, or NULL. */
static char *read_point(struct tree_reader *reader, char *end)
{
	long point = read_unit(reader->at), low;

	if (point < 0)
		return NULL;
	reader->at += 4;
	if (point >= 0xd800 && point <= 0xdbff) {
		if (reader->at[0] != '\\' || reader->at[1] != 'u')
			return NULL;
		low = read_unit(reader->at + 2);
		if (low < 0xdc00 || low > 0xdfff)
			return NULL;
		reader->at += 6;
		point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
	}
	return tree_put_point(end, (unsigned long)point);
}

static char *read_escape(struct tree_reader *reader, char *end)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	const char *letter = *reader->at ? strchr(letters, *reader->at) : NULL;

	if (letter) {
		reader->at++;
		*end = meanings[letter - letters];
		return end + 1;
	}
	if (*reader->at != 'u')
		return NULL;
	reader->at++;
	return read_point(reader, end);
}

/* A string, from its quote on. NULL with a fault. What it means is never longer than its text. */
static const char *read_string(struct tree_reader *reader)
{
	const char *close = ++reader->at;
	char *text, *end;

	while (*close && *close != '"')
		close += *close == '\\' && close[1] ? 2 : 1;
	text = end = arena_alloc(reader->arena, (size_t)(close - reader->at) + 1);
	while (*reader->at != '"') {
		if ((unsigned char)*reader->at < ' ') {
			tree_fail(reader, *reader->at ? "a control character in a string"
						      : "a string without its end");
			return NULL;
		}
		if (*reader->at != '\\') {
			*end++ = *reader->at++;
			continue;
		}
		reader->at++;
		end = read_escape(reader, end);
		if (!end) {
			tree_fail(reader, "a wrong escape in a string");
			return NULL;
		}
	}
	reader->at++;
	return text;
}

static size_t count_digits(const char *at)
{
	return strspn(at, "0123456789");
}

static struct tree *read_number(struct tree_reader *reader)
{
	const char *at = reader->at + (*reader->at == '-');
	size_t digits = count_digits(at);
	enum tree_type type = TREE_INTEGER;
	struct tree *tree;

	if (!digits || (*at == '0' && digits > 1))
		return tree_fail(reader, "a wrong number");
	at += digits;
	if (*at == '.') {
		type = TREE_FLOAT;
		digits = count_digits(++at);
		at += digits;
	}
	if (digits && (*at == 'e' || *at == 'E')) {
		type = TREE_FLOAT;
		at++;
		at += *at == '+' || *at == '-';
		digits = count_digits(at);
		at += digits;
	}
	if (!digits)
		return tree_fail(reader, "a wrong number");
	tree = tree_new(reader, type,
			arena_strndup(reader->arena, reader->at, (size_t)(at - reader->at)));
	reader->at = at;
	return tree;
}

static struct tree *read_word(struct tree_reader *reader)
{
	static const struct {
		const char *word;
		enum tree_type type;
	} words[] = {{"true", TREE_BOOL}, {"false", TREE_BOOL}, {"null", TREE_NULL}};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		size_t length = strlen(words[i].word);

		if (!strncmp(reader->at, words[i].word, length)) {
			reader->at += length;
			return tree_new(reader, words[i].type, words[i].word);
		}
	}
	return tree_fail(reader, *reader->at ? "no value stands where one should"
					     : "the end stands where a value should");
}

/* Behind a value within brackets: true if another one comes. Otherwise the closing one is taken. */
static bool read_comma(struct tree_reader *reader, char close)
{
	skip_blanks(reader);
	if (*reader->at == ',') {
		reader->at++;
		skip_blanks(reader);
		return true;
	}
	if (*reader->at == close)
		reader->at++;
	else
		tree_fail(reader, "a comma or a closing bracket is missing");
	return false;
}

static bool read_member(struct tree_reader *reader, struct tree *map)
{
	const char *key = NULL;
	unsigned line = reader->line;
	struct tree *value;

	if (*reader->at == '"')
		key = read_string(reader);
	else
		tree_fail(reader, "no quoted key stands where one should");
	if (!key)
		return false;
	skip_blanks(reader);
	if (*reader->at != ':') {
		tree_fail(reader, "a colon is missing");
		return false;
	}
	reader->at++;
	value = read_value(reader);
	if (!value)
		return false;
	if (!tree_put(reader->arena, map, key, value))
		tree_fail_at(reader, line,
			     arena_printf(reader->arena, "the key %s stands twice", key));
	return !reader->why;
}

static struct tree *read_map(struct tree_reader *reader)
{
	struct tree *map = tree_new(reader, TREE_MAP, NULL);
	bool more = map != NULL;

	reader->at++;
	skip_blanks(reader);
	if (*reader->at == '}') {
		reader->at++;
		return map;
	}
	while (more && read_member(reader, map))
		more = read_comma(reader, '}');
	return reader->why ? NULL : map;
}

static struct tree *read_list(struct tree_reader *reader)
{
	struct tree *list = tree_new(reader, TREE_LIST, NULL), *value;
	bool more = list != NULL;

	reader->at++;
	skip_blanks(reader);
	if (*reader->at == ']') {
		reader->at++;
		return list;
	}
	while (more && (value = read_value(reader))) {
		tree_push(list, value);
		more = read_comma(reader, ']');
	}
	return reader->why ? NULL : list;
}

static struct tree *read_text(struct tree_reader *reader)
{
	unsigned line = reader->line;
	const char *text = read_string(reader);
	struct tree *tree = text ? tree_new(reader, TREE_STRING, text) : NULL;

	if (tree)
		tree->line = line;
	return tree;
}

static struct tree *read_value(struct tree_reader *reader)
{
	struct tree *value;

	if (!tree_enter(reader))
		return NULL;
	skip_blanks(reader);
	if (*reader->at == '{')
		value = read_map(reader);
	else if (*reader->at == '[')
		value = read_list(reader);
	else if (*reader->at == '"')
		value = read_text(reader);
	else if (*reader->at == '-' || isdigit((unsigned char)*reader->at))
		value = read_number(reader);
	else
		value = read_word(reader);
	reader->depth--;
	return value;
}

struct tree *tree_read_json(struct tree_reader *reader)
{
	struct tree *value = read_value(reader);

	skip_blanks(reader);
	if (value && *reader->at)
		return tree_fail(reader, "something stands behind the value");
	return value;
}
