/* Variables in texts: what is put in, and what is complained about. */
#include "policy/variable.h"

#include "tree.h"

static struct arena arena;
static struct variables variables;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	variables = (struct variables){0};
	return 0;
}

static int define(void **state)
{
	static const struct variable some[] = {
		{.name = "one", .value = "1"},
		{.name = "long-name_2", .value = "a b"},
		{.name = "none", .value = ""},
		{.name = "dollar", .value = "$"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(some) / sizeof(some[0]); i++)
		variable_add(&variables, &arena, &some[i]);
	return 0;
}

static void test_expand(void **state)
{
	static const char *const texts[][2] = {
		{"", ""},
		{"nothing", "nothing"},
		{"${one}", "1"},
		{"x${one}y${long-name_2}z", "x1ya bz"},
		{"${none}${one}${none}", "1"},
		{"${dollar}{one}", "${one}"},
		{"$one $ {one} $$ a$", "$one $ {one} $$ a$"},
		{"$${one} ${one}", "${one} 1"},
		{"^a$|^b${one}$", "^a$|^b1$"},
		{"${other} ${", "${other} ${"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_string_equal(variables_expand(&variables, &arena, texts[i][0]), texts[i][1]);
}

static void test_check(void **state)
{
	static const char *const texts[][2] = {
		{"${one} $${other} $one", NULL},
		{"${oen}", "there is no variable 'oen'; did you mean 'one'?"},
		{"${something-else}", "there is no variable 'something-else'"},
		{"${}", "there is no variable ''"},
		{"${ one}", "there is no variable ' one'; did you mean 'one'?"},
		{"a ${one", "a '${' without its '}'; write '$${' for the two characters"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct problems problems = {.arena = &arena};

		variables_check(&variables, &problems, (struct origin){"f.ini", 3}, texts[i][0]);
		assert_int_equal(problems.count, texts[i][1] ? 1 : 0);
		if (!texts[i][1])
			continue;
		assert_string_equal(problems.head->message, texts[i][1]);
		assert_int_equal(problems.head->origin.line, 3);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_expand, define, forget),
		cmocka_unit_test_setup_teardown(test_check, define, forget),
	};

	return cmocka_run_group_tests_name("variable", tests, NULL, NULL);
}
