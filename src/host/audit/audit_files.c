#include "host/audit/audit_files.h"

#include <ctype.h>
#include <errno.h>

#define DIRECTORY "/etc/audit/rules.d"

static void push(struct audit_text *text, struct arena *arena, char *line, const char *source)
{
	if (text->count == text->space) {
		size_t space = text->space ? text->space * 2 : 64;

		text->at = arena_grow(arena, text->at, text->count * sizeof(*text->at),
				      space * sizeof(*text->at));
		text->space = space;
	}
	text->at[text->count++] = (struct audit_text_line){line, source};
}

void audit_text_add(struct audit_text *text, struct arena *arena, char *data, const char *path)
{
	size_t size = strlen(data);
	bool open = size && data[size - 1] != '\n';
	unsigned number = 1;
	char *line;

	if (text->open && size) {
		struct audit_text_line *last = &text->at[text->count - 1];

		line = str_next_line(&data);
		last->text = arena_printf(arena, "%s%s", last->text, line);
		number++;
	}
	for (; (line = str_next_line(&data)); number++)
		push(text, arena, line, arena_printf(arena, "%s:%u", path, number));
	if (size)
		text->open = open;
}

/* Does a line begin with an option, and has nothing behind it if it has to stand alone? */
static bool is_option(const char *line, const char *option, bool alone)
{
	line += strspn(line, STR_BLANKS);
	if (!str_starts(line, option))
		return false;
	line += strlen(option);
	return !alone || !line[strspn(line, STR_BLANKS)];
}

void audit_text_generate(struct audit_text *text, struct arena *arena)
{
	static const char *const heads[] = {"-D", "-b", "-f"};
	struct audit_text_line head[3] = {{0}}, end = {0};
	struct audit_text made = {.error = text->error, .problem = text->problem}, rest = {0};

	for (size_t i = 0; i < text->count; i++) {
		struct audit_text_line *line = &text->at[i];

		if (!*line->text || is_option(line->text, "#", false))
			continue;
		if (is_option(line->text, "-e", false))
			end = *line;
		else if (is_option(line->text, "-D", true))
			head[0] = *line;
		else if (is_option(line->text, "-f", false))
			head[2] = *line;
		else if (is_option(line->text, "-b", false))
			head[1] = *line;
		else
			push(&rest, arena, line->text, line->source);
	}
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (head[i].text)
			push(&made, arena, head[i].text, head[i].source);
	for (size_t i = 0; i < rest.count; i++)
		push(&made, arena, rest.at[i].text, rest.at[i].source);
	if (end.text)
		push(&made, arena, end.text, end.source);
	*text = made;
}

/* Where the endings of a name begin: .rules, .d.rules; but each begins with a letter or tilde. */
static size_t stem_length(const char *name)
{
	size_t length = strlen(name), end = length;

	for (size_t i = length; i-- > 0;) {
		unsigned char byte = (unsigned char)name[i];

		if (byte == '.') {
			if (i && (isalpha((unsigned char)name[i + 1]) || name[i + 1] == '~'))
				end = i;
			else
				break;
		} else if (!isalnum(byte) && byte != '~') {
			break;
		}
	}
	return end;
}

/* Digits weigh nothing, letters less than signs, and a tilde less than the end. */
static int weight(const char *name, size_t at, size_t length)
{
	unsigned char byte = at < length ? (unsigned char)name[at] : 0;

	if (at >= length)
		return -1;
	if (isdigit(byte))
		return 0;
	if (isalpha(byte))
		return byte;
	return byte == '~' ? -2 : byte + 256;
}

static bool digit_at(const char *name, size_t at, size_t length)
{
	return at < length && isdigit((unsigned char)name[at]);
}

/* Compares two numbers, and moves both places behind them. */
static int compare_numbers(const char *a, size_t *i, size_t a_length, const char *b, size_t *k,
			   size_t b_length)
{
	int difference = 0;

	while (*i < a_length && a[*i] == '0')
		++*i;
	while (*k < b_length && b[*k] == '0')
		++*k;
	for (; digit_at(a, *i, a_length) && digit_at(b, *k, b_length); ++*i, ++*k)
		if (!difference)
			difference = a[*i] - b[*k];
	if (digit_at(a, *i, a_length))
		return 1;
	if (digit_at(b, *k, b_length))
		return -1;
	return difference;
}

static int compare_parts(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t i = 0, k = 0;

	while (i < a_length || k < b_length) {
		int difference;

		while ((i < a_length && !digit_at(a, i, a_length)) ||
		       (k < b_length && !digit_at(b, k, b_length))) {
			difference = weight(a, i, a_length) - weight(b, k, b_length);
			if (difference)
				return difference;
			i++;
			k++;
		}
		difference = compare_numbers(a, &i, a_length, b, &k, b_length);
		if (difference)
			return difference;
	}
	return 0;
}

int audit_name_compare(const char *a, const char *b)
{
	int difference = compare_parts(a, stem_length(a), b, stem_length(b));

	if (!difference)
		difference = compare_parts(a, strlen(a), b, strlen(b));
	return difference ? difference : strcmp(a, b);
}

static int compare_names(const void *a, const void *b)
{
	return audit_name_compare(*(const char *const *)a, *(const char *const *)b);
}

static int fail(struct host *host, struct audit_text *text, const char *path, int error)
{
	if (!text->error) {
		text->error = error;
		text->problem = arena_printf(host->arena, "cannot read %s: %s", path,
					     host_error(error));
	}
	return error;
}

int audit_text_file(struct host *host, const char *path, struct audit_text *text)
{
	struct host_text data; /* its lines are kept for the run */
	int error = host_read(host, path, 0, &data);

	if (error)
		return fail(host, text, path, error);
	audit_text_add(text, host->arena, arena_strdup(host->arena, data.data), path);
	host_text_free(&data);
	return 0;
}

/* What cat passes over with a message: a directory, and a link that leads nowhere. */
static bool is_skipped(struct host *host, const char *path)
{
	struct statx stat;
	int error = host_stat(host, path, true, &stat);

	return error == -ENOENT || (!error && S_ISDIR(stat.stx_mode));
}

int audit_text_directory(struct host *host, struct audit_text *text)
{
	struct strv names = {0};
	int error = host_list(host, DIRECTORY, &names);

	if (error)
		return error == -ENOENT || error == -ENOTDIR ? -ENOENT
							     : fail(host, text, DIRECTORY, error);
	if (names.count)
		qsort(names.at, names.count, sizeof(*names.at), compare_names);
	for (size_t i = 0; i < names.count; i++) {
		const char *path = arena_printf(host->arena, DIRECTORY "/%s", names.at[i]);

		if (names.at[i][0] == '.' || !str_ends(names.at[i], ".rules"))
			continue;
		/* The shell takes such a name for several, or for a pattern. */
		if (strpbrk(names.at[i], STR_BLANKS "*?[\\"))
			return fail(host, text, path, -EINVAL);
		if (!is_skipped(host, path) && audit_text_file(host, path, text))
			return text->error;
	}
	audit_text_generate(text, host->arena);
	return 0;
}
