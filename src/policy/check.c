#include "policy/check.h"

#include "base/arena.h"
#include "base/nearest.h"
#include "probes/probe.h"

#include <errno.h>

/* One word, with its quotes taken off. Returns where the next begins, or NULL with an error. */
static const char *next_word(struct arena *arena, const char *at, struct strv *words)
{
	char *word = arena_alloc(arena, strlen(at) + 1), *end = word;
	bool quoted = *at == '"';

	if (quoted)
		at++;
	while (*at && (quoted ? *at != '"' : !strchr(STR_BLANKS, *at))) {
		if (quoted && *at == '\\' && (at[1] == '"' || at[1] == '\\'))
			at++;
		*end++ = *at++;
	}
	if (quoted && *at++ != '"')
		return NULL;
	if (quoted && *at && !strchr(STR_BLANKS, *at))
		return NULL;
	strv_push(words, arena, word);
	return at + strspn(at, STR_BLANKS);
}

static int split(struct arena *arena, const char *sentence, struct strv *words,
		 const char **ret_error)
{
	const char *at = sentence + strspn(sentence, STR_BLANKS);

	while (at && *at)
		at = next_word(arena, at, words);
	if (!at) {
		*ret_error = "a quote is not closed, or closed within a word";
		return -EINVAL;
	}
	return 0;
}

/* The sentence with one blank between words, as reports show it. */
static const char *fold(struct arena *arena, const char *sentence)
{
	char *folded = arena_strdup(arena, sentence), *end = folded;

	for (const char *at = str_trim(folded); *at; at++) {
		bool blank = strchr(STR_BLANKS, *at);

		if (!blank)
			*end++ = *at;
		else if (!strchr(STR_BLANKS, end[-1]))
			*end++ = ' ';
	}
	*end = '\0';
	return folded;
}

static const char *no_probe(struct arena *arena, const char *name)
{
	struct strv names = {0};
	const char *nearest;

	for (const struct probe *const *probe = probes; *probe; probe++)
		strv_push(&names, arena, (*probe)->name);
	nearest = nearest_word(name, &names);
	if (nearest)
		return arena_printf(arena, "there is no probe '%s'; did you mean '%s'?", name,
				    nearest);
	return arena_printf(arena, "there is no probe '%s'", name);
}

static int refuse(struct arena *arena, const struct check *check, const char **ret_error)
{
	const char *why = check->probe->refuse ? check->probe->refuse(check->subject) : NULL;

	if (!why)
		return 0;
	*ret_error = arena_printf(arena, "'%s' is no subject for %s: %s", check->subject,
				  check->probe->name, why);
	return -EINVAL;
}

int check_parse(struct arena *arena, const char *sentence, struct check *ret_check,
		const char **ret_error)
{
	struct check check = {.text = fold(arena, sentence)};
	struct strv words = {0}, expectation;
	int error;

	error = split(arena, sentence, &words, ret_error);
	if (error)
		return error;
	if (words.count < 3) {
		*ret_error = "a check is PROBE SUBJECT EXPECTATION";
		return -EINVAL;
	}
	check.probe = probe_find(words.at[0]);
	if (!check.probe) {
		*ret_error = no_probe(arena, words.at[0]);
		return -EINVAL;
	}
	check.subject = words.at[1];
	error = refuse(arena, &check, ret_error);
	if (error)
		return error;
	expectation = (struct strv){.at = words.at + 2, .count = words.count - 2};
	error = expect_parse(arena, &expectation, check.probe->fields, check.probe->presence,
			     &check.expect, ret_error);
	if (!error)
		*ret_check = check;
	return error;
}

void check_release(struct check *check)
{
	expect_release(&check->expect);
}
