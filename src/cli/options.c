#include "cli/options.h"

#include "base/arena.h"

#include <errno.h>
#include <getopt.h>

/* Long options without a letter get values above all letters. */
#define FIRST_VALUE 256

static size_t count_rows(const struct option_row *const *tables)
{
	size_t count = 0;

	for (; *tables; tables++)
		for (const struct option_row *row = *tables; row->name; row++)
			count++;
	return count;
}

static const struct option_row *row_at(const struct option_row *const *tables, size_t index)
{
	for (; *tables; tables++)
		for (const struct option_row *row = *tables; row->name; row++)
			if (!index--)
				return row;
	return NULL;
}

static int choose(struct arena *arena, const struct option_row *row, const char *word,
		  const char **ret_error)
{
	struct strv words = {0};

	for (int i = 0; row->choices[i]; i++) {
		if (str_eq(row->choices[i], word)) {
			*(int *)row->value = i;
			return 0;
		}
		strv_push(&words, arena, row->choices[i]);
	}
	*ret_error = arena_printf(arena, "--%s takes one of %s, not '%s'", row->name,
				  strv_join(&words, arena, ", "), word);
	return -EINVAL;
}

static int store(struct arena *arena, const struct option_row *row, const char *word,
		 const char **ret_error)
{
	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)row->value = true;
		return 0;
	case OPTION_STRING:
		*(const char **)row->value = word;
		return 0;
	case OPTION_LIST:
		strv_push(row->value, arena, word);
		return 0;
	case OPTION_NUMBER:
		if (!str_to_number(word, row->value))
			return 0;
		*ret_error = arena_printf(arena, "--%s takes a whole number, not '%s'", row->name,
					  word);
		return -EINVAL;
	case OPTION_CHOICE:
		break;
	}
	return choose(arena, row, word, ret_error);
}

/* What getopt_long refused: `optopt` and argv[optind - 1] say why. */
static const char *complain(struct arena *arena, const struct option_row *const *tables,
			    const char *word, int letter)
{
	struct strv names = {0};
	const char *nearest;

	if (letter >= FIRST_VALUE)
		return arena_printf(arena, "--%s does not go with '%s'",
				    row_at(tables, (size_t)letter - FIRST_VALUE)->name, word);
	/* Of "-xy" the word is the one before, as long as letters are left. */
	if (letter)
		return arena_printf(arena, "there is no option -%c", letter);
	for (size_t i = 0; i < count_rows(tables); i++)
		strv_push(&names, arena, row_at(tables, i)->name);
	nearest = nearest_word(arena_strndup(arena, word + 2, strcspn(word + 2, "=")), &names);
	if (nearest)
		return arena_printf(arena, "there is no option %s; did you mean --%s?", word,
				    nearest);
	return arena_printf(arena, "there is no option %s", word);
}

static const struct option_row *find_row(const struct option_row *const *tables, int value)
{
	if (value >= FIRST_VALUE)
		return row_at(tables, (size_t)value - FIRST_VALUE);
	for (size_t i = 0; i < count_rows(tables); i++)
		if (row_at(tables, i)->letter == value)
			return row_at(tables, i);
	return NULL;
}

/* The tables as getopt_long wants them. */
static struct option *to_getopt(struct arena *arena, const struct option_row *const *tables,
				char **ret_letters)
{
	size_t count = count_rows(tables);
	struct option *options = arena_alloc(arena, (count + 1) * sizeof(*options));
	char *letters = arena_alloc(arena, count * 2 + 2), *end = letters;

	*end++ = ':';
	for (size_t i = 0; i < count; i++) {
		const struct option_row *row = row_at(tables, i);

		options[i].name = row->name;
		options[i].has_arg = row->argument ? required_argument : no_argument;
		options[i].val = FIRST_VALUE + (int)i;
		if (row->letter)
			*end++ = row->letter;
		if (row->letter && row->argument)
			*end++ = ':';
	}
	*ret_letters = letters;
	return options;
}

int options_parse(struct arena *arena, int argc, char **argv,
		  const struct option_row *const *tables, struct strv *ret_operands,
		  const char **ret_error)
{
	char *letters;
	const struct option *options = to_getopt(arena, tables, &letters);
	int value, error;

	optind = 0;
	while ((value = getopt_long(argc, argv, letters, options, NULL)) != -1) {
		const char *word = argv[optind - 1];

		if (value == ':') {
			*ret_error = arena_printf(arena, "an argument is missing behind %s", word);
			return -EINVAL;
		}
		if (value == '?') {
			*ret_error = complain(arena, tables, word, optopt);
			return -EINVAL;
		}
		error = store(arena, find_row(tables, value), optarg, ret_error);
		if (error)
			return error;
	}
	for (int i = optind; i < argc; i++)
		strv_push(ret_operands, arena, argv[i]);
	return 0;
}

void options_help(FILE *out, const struct option_row *rows)
{
	for (; rows->name; rows++) {
		char words[64];

		snprintf(words, sizeof(words), "--%s%s%s", rows->name, rows->argument ? " " : "",
			 rows->argument ? rows->argument : "");
		if (rows->letter)
			fprintf(out, "  -%c, %-24s %s\n", rows->letter, words, rows->help);
		else
			fprintf(out, "      %-24s %s\n", words, rows->help);
	}
}
