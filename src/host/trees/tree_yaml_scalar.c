/*
 * YAML 1.1 with the changes of go-yaml, which kubelet and most others use: `y` and `off` are bools,
 * 017 and 0o17 are octal, and nothing is read to base 60.
 */
#include "base/str.h"
#include "host/trees/tree_yaml.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

#define DECIMAL "0123456789"

static const struct {
	const char *words; /* with blanks around each */
	enum tree_type type;
	const char *text;
} known[] = {
	{" ~ null Null NULL ", TREE_NULL, "null"},
	{" y Y yes Yes YES true True TRUE on On ON ", TREE_BOOL, "true"},
	{" n N no No NO false False FALSE off Off OFF ", TREE_BOOL, "false"},
	{" .nan .NaN .NAN ", TREE_FLOAT, "nan"},
	{" .inf .Inf .INF +.inf +.Inf +.INF ", TREE_FLOAT, "inf"},
	{" -.inf -.Inf -.INF ", TREE_FLOAT, "-inf"},
};

static bool has_word(const char *words, const char *word)
{
	const char *found = words;
	size_t length = strlen(word);

	while (length < 6 && (found = strstr(found, word))) {
		if (found[-1] == ' ' && found[length] == ' ')
			return true;
		found++;
	}
	return false;
}

/* A whole number of any base, with underscores anywhere. */
static bool read_integer(struct arena *arena, const char *plain, const char **ret_text)
{
	const char *digits = plain + (*plain == '-' || *plain == '+');
	bool negative = *plain == '-';
	unsigned long long value;
	int base = 10;
	char *end;

	if (digits[0] == '0' && digits[1]) {
		int letter = tolower((unsigned char)digits[1]);

		base = letter == 'x' ? 16 : letter == 'b' ? 2 : 8;
		digits += isdigit(letter)                                   ? 1
			  : letter == 'x' || letter == 'b' || letter == 'o' ? 2
									    : 0;
	}
	if (!isxdigit((unsigned char)*digits))
		return false;
	errno = 0;
	value = strtoull(digits, &end, base);
	if (*end || errno || (negative && value > 1ULL << 63))
		return false;
	*ret_text = arena_printf(arena, "%s%llu", negative && value ? "-" : "", value);
	return true;
}

/* [-+]? ( .5 | 5 | 5. | 5.5 ) ( e[-+]?5 )? */
static bool is_float(const char *at)
{
	size_t whole, part = 0;

	at += *at == '-' || *at == '+';
	whole = strspn(at, DECIMAL);
	at += whole;
	if (*at == '.') {
		part = strspn(++at, DECIMAL);
		at += part;
	}
	if (!whole && !part)
		return false;
	if (*at == 'e' || *at == 'E') {
		at++;
		at += *at == '-' || *at == '+';
		part = strspn(at, DECIMAL);
		at += part;
		return part && !*at;
	}
	return !*at;
}

static bool take(const char **at, size_t least, size_t most)
{
	size_t digits = strspn(*at, DECIMAL);

	*at += digits;
	return digits >= least && digits <= most;
}

/* A day, or a day and a time. */
static bool is_time(const char *at)
{
	bool exact;
	const char *day;

	if (!take(&at, 4, 4) || *at++ != '-' || !take(&at, 1, 2) || *at++ != '-')
		return false;
	day = at;
	if (!take(&at, 1, 2))
		return false;
	exact = day[-3] != '-' && at - day == 2;
	if (!*at)
		return exact;
	if (*at == 'T' || *at == 't')
		at++;
	else if (*at == ' ' || *at == '\t')
		at += strspn(at, " \t");
	else
		return false;
	if (!take(&at, 1, 2) || *at++ != ':' || !take(&at, 2, 2) || *at++ != ':' ||
	    !take(&at, 2, 2))
		return false;
	if (*at == '.')
		at += 1 + strspn(at + 1, DECIMAL);
	at += strspn(at, " \t");
	if (*at == 'Z')
		return !at[1];
	if (*at != '+' && *at != '-')
		return !*at;
	at++;
	return take(&at, 1, 2) && (!*at || (*at++ == ':' && take(&at, 2, 2) && !*at));
}

enum tree_type yaml_resolve(struct arena *arena, const char *text, const char **ret_text)
{
	char *plain, *end;

	*ret_text = text;
	if (!*text) {
		*ret_text = "null";
		return TREE_NULL;
	}
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strpbrk(text, STR_BLANKS) && has_word(known[i].words, text)) {
			*ret_text = known[i].text;
			return known[i].type;
		}
	if (!strchr("+-.0123456789", *text))
		return TREE_STRING;
	if (is_time(text))
		return TREE_TIME;
	plain = end = arena_strdup(arena, text);
	for (const char *at = text; *at; at++)
		if (*at != '_' || *text == '.')
			*end++ = *at;
	*end = '\0';
	if (*text != '.' && read_integer(arena, plain, ret_text))
		return TREE_INTEGER;
	if (!is_float(plain))
		return TREE_STRING;
	*ret_text = plain;
	return TREE_FLOAT;
}
