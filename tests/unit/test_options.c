/* Command line options: what is stored where, and what is said of mistakes. */
#include "base/arena.h"
#include "cli/options.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct arena arena;
static bool quiet, verbose;
static const char *root;
static struct strv roles;
static long long level;
static int color;

static const char *const colors[] = {"auto", "always", "never", NULL};

static const struct option_row first[] = {
	{"quiet", 'q', OPTION_FLAG, NULL, &quiet, NULL, "say less"},
	{"verbose", 0, OPTION_FLAG, NULL, &verbose, NULL, "say more"},
	{"root", 'r', OPTION_STRING, "DIR", &root, NULL, "look there"},
	{0},
};

static const struct option_row second[] = {
	{"role", 0, OPTION_LIST, "ROLE", &roles, NULL, "it has this role"},
	{"level", 'l', OPTION_NUMBER, "N", &level, NULL, "up to this level"},
	{"color", 0, OPTION_CHOICE, "WHEN", &color, colors, "use colours"},
	{0},
};

static const struct option_row *const tables[] = {first, second, NULL};

/* Parses a line; the operands joined by `|`, or the message. */
static const char *parse(const char *line)
{
	struct strv words = {0}, operands = {0};
	const char *error = NULL;
	char **argv;

	quiet = verbose = false;
	root = NULL;
	roles = (struct strv){0};
	level = color = 0;
	strv_push(&words, &arena, "command");
	strv_split(&words, &arena, line, " ");
	argv = arena_alloc(&arena, (words.count + 1) * sizeof(*argv));
	for (size_t i = 0; i < words.count; i++)
		argv[i] = arena_strdup(&arena, words.at[i]);
	if (options_parse(&arena, (int)words.count, argv, tables, &operands, &error) == -EINVAL) {
		assert_non_null(error);
		return error;
	}
	assert_null(error);
	return strv_join(&operands, &arena, "|");
}

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void test_stored(void **state)
{
	(void)state;
	assert_string_equal(parse(""), "");
	assert_string_equal(parse("a --quiet b -r x c"), "a|b|c");
	assert_true(quiet);
	assert_false(verbose);
	assert_string_equal(root, "x");
	assert_string_equal(parse("--root=a -rb --root c"), "");
	assert_string_equal(root, "c");
	assert_string_equal(parse("--role a --role=b,c --level 0x10 --color never"), "");
	assert_string_equal(strv_join(&roles, &arena, "|"), "a|b,c");
	assert_int_equal(level, 16);
	assert_int_equal(color, 2);
	assert_string_equal(parse("-ql -7"), "");
	assert_true(quiet);
	assert_int_equal(level, -7);
	assert_string_equal(parse("-- --quiet -x"), "--quiet|-x");
	assert_false(quiet);
	assert_string_equal(parse("-"), "-");
	assert_string_equal(parse("--verb"), "");
	assert_true(verbose);
}

static void test_mistakes(void **state)
{
	static const char *const pairs[][2] = {
		{"--rooot x", "there is no option --rooot; did you mean --root?"},
		{"--rooot=x", "there is no option --rooot=x; did you mean --root?"},
		{"--zzzzzzzz", "there is no option --zzzzzzzz"},
		{"-x", "there is no option -x"},
		{"-qx", "there is no option -x"},
		{"--quiet -xq", "there is no option -x"},
		{"--quiet=yes", "--quiet does not go with '--quiet=yes'"},
		{"--root", "an argument is missing behind --root"},
		{"-r", "an argument is missing behind -r"},
		{"--level x", "--level takes a whole number, not 'x'"},
		{"--color red", "--color takes one of auto, always, never, not 'red'"},
		{"--ro x", "there is no option --ro"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		if (!str_starts(parse(pairs[i][0]), pairs[i][1]))
			fail_msg("%s: %s", pairs[i][0], parse(pairs[i][0]));
}

static void test_help(void **state)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	options_help(out, first);
	fclose(out);
	assert_string_equal(text, "  -q, --quiet                  say less\n"
				  "      --verbose                say more\n"
				  "  -r, --root DIR               look there\n");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_stored, forget),
		cmocka_unit_test_teardown(test_mistakes, forget),
		cmocka_unit_test_teardown(test_help, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
