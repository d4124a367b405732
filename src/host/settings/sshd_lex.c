#include "host/settings/sshd_lex.h"

#include <errno.h>

#define BLANKS " \t\r\n"

/* Takes the quotes off a token; `quote` is the first. What follows the second is the rest. */
static char *quoted_token(char **text, char *token, char *quote)
{
	char *end = strchr(quote + 1, '"');

	if (!end) {
		*text = NULL;
		return NULL;
	}
	memmove(token + 1, token, (size_t)(quote - token));
	*end++ = '\0';
	*text = end + strspn(end, BLANKS);
	return token + 1;
}

char *sshd_token(char **text)
{
	char *token = *text, *end, was;

	if (!token)
		return NULL;
	end = token + strcspn(token, BLANKS "\"=");
	was = *end;
	if (was == '"')
		return quoted_token(text, token, end);
	if (!was) {
		*text = NULL;
		return token;
	}
	*end++ = '\0';
	end += strspn(end, BLANKS);
	if (was != '=' && *end == '=')
		end += 1 + strspn(end + 1, BLANKS);
	*text = end;
	return token;
}

static bool is_escape(const char *at, char quote)
{
	return at[0] == '\\' && at[1] && (strchr("'\"\\", at[1]) || (!quote && at[1] == ' '));
}

/*
 * Reads one argument to `*to`, which moves behind its NUL. Returns where it ends, or NULL with an
 * open quote.
 */
static const char *read_word(const char *at, char **ret_to)
{
	char quote = '\0', *to = *ret_to;

	for (; *at; at++) {
		if (is_escape(at, quote))
			*to++ = *++at;
		else if (!quote && (*at == ' ' || *at == '\t'))
			break;
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
		else if (quote && *at == quote)
			quote = '\0';
		else
			*to++ = *at;
	}
	*to++ = '\0';
	*ret_to = to;
	return quote ? NULL : at;
}

static int split_words(struct arena *arena, const char *text, struct strv *words)
{
	char *room = arena_alloc(arena, strlen(text) + 1);

	for (;;) {
		const char *word = room;

		text += strspn(text, " \t");
		if (!*text || *text == '#')
			return 0;
		text = read_word(text, &room);
		if (!text)
			return -EINVAL;
		strv_push(words, arena, word);
	}
}

static void push(struct arena *arena, struct sshd_lines *lines, const struct sshd_line *line)
{
	if (lines->count == lines->space) {
		size_t space = lines->space ? lines->space * 2 : 32;

		lines->at = arena_grow(arena, lines->at, lines->count * sizeof(*line),
				       space * sizeof(*line));
		lines->space = space;
	}
	lines->at[lines->count++] = *line;
}

static void lex_line(struct arena *arena, char *text, unsigned number, struct sshd_lines *lines)
{
	struct sshd_line line = {.number = number};
	size_t length;
	char *keyword, *rest;

	text += strspn(text, " \t\r");
	for (length = strlen(text); length && strchr(BLANKS "\f", text[length - 1]);)
		text[--length] = '\0';
	if (!length)
		return;
	rest = arena_strdup(arena, text);
	keyword = sshd_token(&rest);
	if (keyword && !*keyword)
		keyword = sshd_token(&rest);
	/* A quote that is not closed makes sshd take the line for an empty one. */
	if (!keyword || !*keyword || *keyword == '#')
		return;
	line.keyword = keyword;
	line.rest = rest ? rest : "";
	line.error = *line.rest ? split_words(arena, line.rest, &line.words) : -EINVAL;
	push(arena, lines, &line);
}

void sshd_lex(struct arena *arena, char *text, struct sshd_lines *lines)
{
	char *line;

	for (unsigned number = 1; (line = str_next_line(&text)); number++)
		lex_line(arena, line, number, lines);
}
