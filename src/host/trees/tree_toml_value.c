/* The words of TOML: keys, strings, numbers and times. */
#include "base/str.h"
#include "host/trees/tree_toml.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#define BARE "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-"

static bool is_control(char byte)
{
	return ((unsigned char)byte < ' ' && byte != '\t') || byte == 0x7f;
}

/* The bytes of a line's end, or 0. */
static size_t newline(const char *at)
{
	if (*at == '\n')
		return 1;
	return at[0] == '\r' && at[1] == '\n' ? 2 : 0;
}

bool toml_end_line(struct tree_reader *reader)
{
	size_t length;

	if (*reader->at == '#')
		while (!is_control(*reader->at))
			reader->at++;
	length = newline(reader->at);
	reader->at += length;
	reader->line += length > 0;
	return length || !*reader->at;
}

/* What stands behind a backslash. Returns the end, or NULL for what means nothing. */
static char *read_escape(struct tree_reader *reader, char *end)
{
	static const char letters[] = "btnfr\"\\", meanings[] = "\b\t\n\f\r\"\\";
	const char *letter = *reader->at ? strchr(letters, *reader->at) : NULL;
	unsigned long point = 0;
	size_t digits = 0;

	if (letter) {
		reader->at++;
		*end = meanings[letter - letters];
		return end + 1;
	}
	if (*reader->at == 'u' || *reader->at == 'U')
		digits = *reader->at++ == 'u' ? 4 : 8;
	if (!digits)
		return NULL;
	for (; digits; digits--, reader->at++) {
		int digit = (unsigned char)*reader->at;

		if (!isxdigit(digit))
			return NULL;
		point = point << 4 |
			(unsigned)(isdigit(digit) ? digit - '0' : tolower(digit) - 'a' + 10);
	}
	return tree_put_point(end, point);
}

/* A backslash at the end of a line takes away all blanks and lines behind it. */
static bool skip_continuation(struct tree_reader *reader)
{
	const char *at = reader->at + strspn(reader->at, TOML_BLANKS);
	size_t length = newline(at);

	if (!length)
		return false;
	while (length) {
		reader->line++;
		at += length;
		at += strspn(at, TOML_BLANKS);
		length = newline(at);
	}
	reader->at = at;
	return true;
}

/* One piece of a string: NULL with a fault, or where the text has grown to. */
static char *read_piece(struct tree_reader *reader, char quote, bool lines, char *end)
{
	size_t length = lines ? newline(reader->at) : 0;

	if (length) {
		reader->at += length;
		reader->line++;
		*end++ = '\n';
		return end;
	}
	if (is_control(*reader->at)) {
		tree_fail(reader, *reader->at ? "a control character or line's end in a string"
					      : "a string without its end");
		return NULL;
	}
	if (*reader->at != '\\' || quote == '\'') {
		*end++ = *reader->at++;
		return end;
	}
	reader->at++;
	if (lines && skip_continuation(reader))
		return end;
	end = read_escape(reader, end);
	if (!end)
		tree_fail(reader, "a wrong escape in a string");
	return end;
}

/* Three quotes end it; one or two before them belong to it. */
static bool at_end(const char *at, char quote, bool lines)
{
	if (*at != quote)
		return false;
	return !lines || (at[1] == quote && at[2] == quote && at[3] != quote);
}

/* The most that a string's text can come to: all up to its closing quotes, or up to the end. */
static size_t room_for(const char *at, char quote, bool lines)
{
	const char *start = at;

	while (*at && !at_end(at, quote, lines) && (lines || *at != '\n'))
		at += *at == '\\' && quote == '"' && at[1] ? 2 : 1;
	return (size_t)(at - start) + 4;
}

const char *toml_read_string(struct tree_reader *reader)
{
	char quote = *reader->at;
	bool lines = reader->at[1] == quote && reader->at[2] == quote;
	char *text, *end;
	size_t length;

	reader->at += lines ? 3 : 1;
	length = lines ? newline(reader->at) : 0;
	reader->at += length;
	reader->line += length > 0;
	text = end = arena_alloc(reader->arena, room_for(reader->at, quote, lines));
	while (end && !at_end(reader->at, quote, lines)) {
		/* Six quotes and more: the string has two at its end, and what follows is wrong. */
		if (lines && end - text > 1 && end[-1] == quote && end[-2] == quote &&
		    *reader->at == quote && reader->at[1] == quote && reader->at[2] == quote &&
		    reader->at[-1] == quote && reader->at[-2] == quote)
			break;
		end = read_piece(reader, quote, lines, end);
	}
	reader->at += !end ? 0 : lines ? 3 : 1;
	return end ? text : NULL;
}

static bool read_part(struct tree_reader *reader, struct strv *parts)
{
	size_t length = strspn(reader->at, BARE);
	const char *part = NULL;

	if (length) {
		part = arena_strndup(reader->arena, reader->at, length);
		reader->at += length;
	} else if ((*reader->at == '"' || *reader->at == '\'') &&
		   !(reader->at[1] == *reader->at && reader->at[2] == *reader->at)) {
		part = toml_read_string(reader);
	}
	if (part)
		strv_push(parts, reader->arena, part);
	else
		tree_fail(reader, "no key stands where one should");
	return part;
}

bool toml_read_key(struct tree_reader *reader, struct strv *ret_parts)
{
	for (;;) {
		if (!read_part(reader, ret_parts))
			return false;
		reader->at += strspn(reader->at, TOML_BLANKS);
		if (*reader->at != '.')
			return true;
		if (ret_parts->count >= TREE_DEPTH) {
			tree_fail(reader, "values within too many others");
			return false;
		}
		reader->at++;
		reader->at += strspn(reader->at, TOML_BLANKS);
	}
}

/* Digits with single underscores between them: how far they go. 0 for none. */
static size_t count_digits(const char *at, const char *digits)
{
	size_t length = 0;

	while (at[length] && strchr(digits, at[length])) {
		length++;
		if (at[length] == '_' && at[length + 1] && strchr(digits, at[length + 1]))
			length++;
	}
	return length;
}

#define DECIMAL "0123456789"

/* The number without its underscores. */
static char *plain(struct arena *arena, const char *at, size_t length)
{
	char *text = arena_strndup(arena, at, length), *end = text;

	for (size_t i = 0; i < length; i++)
		if (at[i] != '_')
			*end++ = at[i];
	*end = '\0';
	return text;
}

/* 0x, 0o and 0b: -1 with a fault, 0 if it is none of them, or the length. */
static long read_based(struct tree_reader *reader, struct tree **ret_tree)
{
	static const struct {
		char letter;
		int base;
		const char *digits;
	} bases[] = {
		{'x', 16, "0123456789abcdefABCDEF"},
		{'o', 8, "01234567"},
		{'b', 2, "01"},
	};
	char *text, *end;
	long long value;
	size_t length;

	for (size_t i = 0; i < 3; i++) {
		if (reader->at[0] != '0' || reader->at[1] != bases[i].letter)
			continue;
		length = count_digits(reader->at + 2, bases[i].digits);
		text = plain(reader->arena, reader->at + 2, length);
		errno = 0;
		value = strtoll(text, &end, bases[i].base);
		if (!length || errno) {
			tree_fail(reader, "a wrong number, or one that is too large");
			return -1;
		}
		*ret_tree = tree_new(reader, TREE_INTEGER,
				     arena_printf(reader->arena, "%lld", value));
		return (long)length + 2;
	}
	return 0;
}

/* The bytes of `.5`, `e10` and the like behind a whole number; 0 without them, or where wrong. */
static size_t count_fraction(const char *at)
{
	size_t length = 0, digits;

	if (at[0] == '.') {
		digits = count_digits(at + 1, DECIMAL);
		if (!digits)
			return 0;
		length = 1 + digits;
	}
	if (at[length] == 'e' || at[length] == 'E') {
		size_t sign = at[length + 1] == '+' || at[length + 1] == '-';

		digits = count_digits(at + length + 1 + sign, DECIMAL);
		if (digits)
			length += 1 + sign + digits;
	}
	return length;
}

static struct tree *read_number(struct tree_reader *reader)
{
	const char *at = reader->at + (*reader->at == '+' || *reader->at == '-');
	size_t digits = count_digits(at, DECIMAL), fraction;
	long long value;
	struct tree *tree = NULL;
	char *text;
	long based = read_based(reader, &tree);

	if (based) {
		reader->at += based > 0 ? based : 0;
		return tree;
	}
	if (!strncmp(at, "inf", 3) || !strncmp(at, "nan", 3))
		digits = 3;
	else if (!digits || (*at == '0' && digits > 1))
		return tree_fail(reader, "no value stands where one should, or a wrong number");
	fraction = isdigit((unsigned char)*at) ? count_fraction(at + digits) : 0;
	text = plain(reader->arena, reader->at, (size_t)(at - reader->at) + digits + fraction);
	reader->at = at + digits + fraction;
	if (fraction || !isdigit((unsigned char)*at))
		return tree_new(reader, TREE_FLOAT, text);
	errno = 0;
	value = strtoll(text, NULL, 10);
	if (errno)
		return tree_fail(reader, "a number that is too large");
	return tree_new(reader, TREE_INTEGER, arena_printf(reader->arena, "%lld", value));
}

/* So many digits, of a number within bounds. */
static bool take(const char **at, int digits, int least, int most, int *ret_value)
{
	int value = 0;

	for (int i = 0; i < digits; i++, (*at)++) {
		if (!isdigit((unsigned char)**at))
			return false;
		value = value * 10 + (**at - '0');
	}
	*ret_value = value;
	return value >= least && value <= most;
}

static bool take_date(const char **at)
{
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	int year, month, day, leap;

	if (!take(at, 4, 1, 9999, &year) || *(*at)++ != '-' || !take(at, 2, 1, 12, &month) ||
	    *(*at)++ != '-' || !take(at, 2, 1, 31, &day))
		return false;
	leap = month == 2 && !(year % 4) && (year % 100 || !(year % 400));
	return day <= days[month - 1] + leap;
}

static bool take_time(const char **at)
{
	int value;

	if (!take(at, 2, 0, 23, &value) || *(*at)++ != ':' || !take(at, 2, 0, 59, &value) ||
	    *(*at)++ != ':' || !take(at, 2, 0, 59, &value))
		return false;
	if (**at == '.' && isdigit((unsigned char)(*at)[1]))
		*at += 1 + strspn(*at + 1, DECIMAL);
	return true;
}

static void take_offset(const char **at)
{
	const char *end = *at + 1;
	int value;

	if (**at == 'Z' || **at == 'z')
		*at = end;
	else if ((**at == '+' || **at == '-') && take(&end, 2, 0, 23, &value) && *end++ == ':' &&
		 take(&end, 2, 0, 59, &value))
		*at = end;
}

/* A date, a time, or both: how long they are; 0 if it is none. */
static size_t count_time(const char *start)
{
	const char *at = start, *time;

	if (start[0] && start[1] && start[2] == ':')
		return take_time(&at) ? (size_t)(at - start) : 0;
	if (!take_date(&at))
		return 0;
	time = at + 1;
	if (*at && strchr("Tt ", *at) && take_time(&time)) {
		at = time;
		take_offset(&at);
	}
	return (size_t)(at - start);
}

struct tree *toml_read_word(struct tree_reader *reader)
{
	size_t length = count_time(reader->at);
	enum tree_type type = TREE_TIME;
	const char *text;

	if (!strncmp(reader->at, "true", 4) || !strncmp(reader->at, "false", 5)) {
		type = TREE_BOOL;
		length = *reader->at == 't' ? 4 : 5;
	}
	if (!length)
		return read_number(reader);
	text = arena_strndup(reader->arena, reader->at, length);
	reader->at += length;
	return tree_new(reader, type, text);
}
