/* Expectations: which make sense, and what holds for which value. */
#include "base/arena.h"
#include "judge/expect.h"
#include "judge/fact.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define BOTH ASPECT_BOTH
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct arena arena;

/* One field of each type. The default one is the scalar. */
static const struct field fields[] = {
	{"scalar", VALUE_SCALAR, BOTH, ""}, {"string", VALUE_STRING, BOTH, ""},
	{"bool", VALUE_BOOL, BOTH, ""},     {"list", VALUE_LIST, BOTH, ""},
	{"mode", VALUE_MODE, BOTH, ""},     {0},
};

static const struct field no_fields[] = {{0}};

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* Words between blanks; `_` is a blank within a word, and `""` the empty word. */
static struct strv words_of(const char *sentence)
{
	struct strv words = {0};

	strv_split(&words, &arena, sentence, " ");
	for (size_t i = 0; i < words.count; i++) {
		char *word = arena_strdup(&arena, words.at[i]);

		for (char *at = word; (at = strchr(at, '_'));)
			*at = ' ';
		words.at[i] = str_eq(word, "\"\"") ? "" : word;
	}
	return words;
}

static int parse(const char *sentence, const struct field *of, bool presence,
		 struct expect *ret_expect, const char **ret_error)
{
	struct strv words = words_of(sentence);

	return expect_parse(&arena, &words, of, presence, ret_expect, ret_error);
}

static enum held test_fact(const char *sentence, const struct fact *fact)
{
	struct expect expect = {0};
	const char *error = NULL, *why = NULL;
	enum held held;

	if (parse(sentence, fields, true, &expect, &error))
		fail_msg("%s: %s", sentence, error);
	held = expect_test(&expect, fact, &why);
	assert_int_equal(why != NULL, held == HELD_UNSURE);
	expect_release(&expect);
	assert_null(expect.regex);
	return held;
}

static void check(const char *sentence, const char *value, enum held wanted)
{
	const struct fact fact = {.state = FACT_VALUE, .object = "x", .value = value};
	enum held held = test_fact(sentence, &fact);

	if (held != wanted)
		fail_msg("'%s' of '%s': %d, not %d", sentence, value, held, wanted);
}

enum { YES = HELD_YES, NO = HELD_NO, UNSURE = HELD_UNSURE };

static const struct {
	const char *sentence, *value;
	int held;
} values[] = {
	/* Scalars are numbers where both sides are, and text otherwise. */
	{"= 1", "1", YES},
	{"= 1", "2", NO},
	{"= 1", "0x1", YES},
	{"= 010", "8", YES},
	{"= -1", "-1", YES},
	{"= 1", "1x", NO},
	{"= 1", "", NO},
	{"= \"\"", "", YES},
	{"= \"\"", "1", NO},
	{"= y", "y", YES},
	{"= y", "Y", NO},
	{"= |/bin/false", "|/bin/false", YES},
	{"= 4 4 1 7", "4\t4\t1\t7", YES},
	{"= 4_4_1_7", "4\t4\t1\t7", YES},
	{"= 4 4_1 7", "4 4 1 7", YES},
	{"= 4 4 1 7", " 4 4 1 7 ", YES},
	{"= 4 4 1 7", "4 4 1", NO},
	{"= 4 4 1", "4 4 1 7", NO},
	{"= 4 4 1 7", "4 4 1 70", NO},
	{"= 4 4 1 70", "4 4 1 7", NO},
	{"= 4 4 1 7", "4 4 17", NO},
	{"!= 1", "1", NO},
	{"!= 1", "2", YES},
	{"!= 1", "0x1", NO},
	{"!= 4 4 1 7", "4\t4\t1\t7", NO},
	{"!= 4_4_1_7", "4\t4\t1\t7", NO},
	{"!= 4 4 1 7", "4 4 1 8", YES},
	{"scalar = 1", "1", YES},
	{"< 2", "1", YES},
	{"< 2", "2", NO},
	{"< 2", "3", NO},
	{"<= 2", "1", YES},
	{"<= 2", "2", YES},
	{"<= 2", "3", NO},
	{"> 2", "1", NO},
	{"> 2", "2", NO},
	{"> 2", "3", YES},
	{">= 2", "1", NO},
	{">= 2", "2", YES},
	{">= 2", "3", YES},
	{">= 0x10", "16", YES},
	{"< -1", "-2", YES},
	{"< -1", "0", NO},
	{">= 10", "9", NO},
	{"< 10", "9", YES},
	/* What cannot be compared neither holds nor breaks. */
	{">= 1", "", UNSURE},
	{">= 1", "y", UNSURE},
	{"< 1", "1 2", UNSURE},
	{"<= 1", "1.5", UNSURE},
	{"> 1", "99999999999999999999", UNSURE},
	{"in 1 2", "2", YES},
	{"in 1 2", "0x2", YES},
	{"in 1 2", "3", NO},
	{"in 1 2", "12", NO},
	{"in 1 2", "1 2", NO},
	{"in 1_2 3", "1 2", YES},
	{"in y m", "m", YES},
	{"in y m", "", NO},
	{"has a", "a", YES},
	{"has a", "b a", YES},
	{"lacks a", "b a", NO},
	{"lacks a", "b", YES},
	{"~ ^[12]$", "2", YES},
	{"~ ^[12]$", "12", NO},
	{"~ a_b", "xa bx", YES},
	{"~ a b", "xa bx", YES},
	{"~ a|b", "b", YES},
	{"~ ^$", "", YES},
	{"!~ ^[12]$", "2", NO},
	{"!~ ^[12]$", "12", YES},
	{"!~ b", "a\nb", NO},
	{"~ ^b", "a\nb", NO},
	/* Text is text. */
	{"string = root", "root", YES},
	{"string = root", "Root", NO},
	{"string = 1", "01", NO},
	{"string = 1", "1", YES},
	{"string = a_b", "a b", YES},
	{"string = a_b", "a  b", NO},
	{"string = a", " a", NO},
	{"string != root", "root", NO},
	{"string != root", "core", YES},
	{"string != 1", "01", YES},
	{"string in root core", "core", YES},
	{"string in root core", "root core", NO},
	{"string in 1", "01", NO},
	{"string only root core", "core", YES},
	{"string only root core", "x", NO},
	{"string only root", "", NO},
	{"string only /usr/*/su", "/usr/bin/su", YES},
	{"string only /usr/*", "/usr/bin/su", NO},
	{"string only /usr/bin/?u", "/usr/bin/su", YES},
	{"string only /*/*/su", "/usr/bin/su", YES},
	{"string only [a-c]", "b", YES},
	{"string ~ oo", "root", YES},
	{"string ~ OO", "root", NO},
	{"string !~ oo", "root", NO},
	{"string !~ xx", "root", YES},
	{"bool", "yes", YES},
	{"bool", "no", NO},
	{"bool", "", NO},
	{"bool", "true", NO},
	{"not bool", "yes", NO},
	{"not bool", "no", YES},
	{"not bool", "", NO},
	{"not bool", "false", NO},
	/* Lists: tokens between blanks and commas. */
	{"list has nodev", "rw,nodev", YES},
	{"list has nodev", "rw nodev", YES},
	{"list has nodev", "rw,nodevx", NO},
	{"list has nodev", "rw,xnodev", NO},
	{"list has nodev", "rw,node", NO},
	{"list has nodev", "", NO},
	{"list has nodev rw", "rw,nodev", YES},
	{"list has nodev rw", "nodev", NO},
	{"list has nodev nosuid", "rw", NO},
	{"list has mode", "rw,mode=1777", YES},
	{"list has mode=1777", "rw,mode=1777", YES},
	{"list has mode=177", "rw,mode=1777", NO},
	{"list has mode=1777", "rw,mode", NO},
	{"list has mo", "rw,mode=1777", NO},
	{"list has mode=", "mode=1777", NO},
	{"list lacks nodev", "rw,nodev", NO},
	{"list lacks nodev", "rw", YES},
	{"list lacks nodev", "", YES},
	{"list lacks nodev nosuid", "rw,nosuid", NO},
	{"list lacks nodev nosuid", "rw,nodev", NO},
	{"list lacks nodev nosuid", "rw", YES},
	{"list lacks mode", "mode=1777", NO},
	{"list = rw,nodev", "rw,nodev", YES},
	{"list = rw nodev", "rw,nodev", YES},
	{"list = nodev,rw", "rw,nodev", NO},
	{"list = rw", "rw,nodev", NO},
	{"list != rw,nodev", "rw,nodev", NO},
	{"list != rw nodev", "rw,nodev", NO},
	{"list != rw", "rw,nodev", YES},
	{"list ~ (^|,)nodev(,|$)", "rw,nodev", YES},
	{"list !~ nodev", "rw,nodev", NO},
	/* Modes. */
	{"mode-within 0640", "0640", YES},
	{"mode-within 0640", "0600", YES},
	{"mode-within 0640", "0", YES},
	{"mode-within 0640", "0641", NO},
	{"mode-within 0640", "0644", NO},
	{"mode-within 0640", "4640", NO},
	{"mode-within 640", "0640", YES},
	{"mode-within 7777", "1777", YES},
	{"mode-within 0777", "1777", NO},
	{"mode mode-within 0", "0000", YES},
	{"mode mode-within 0", "0001", NO},
	{"mode mode-within 0640", "x", UNSURE},
	{"mode mode-within 0640", "", UNSURE},
	{"mode mode-within 0640", "0648", UNSURE},
	{"mode = 644", "0644", YES},
	{"mode = 0644", "644", YES},
	{"mode = 0644", "0645", NO},
	{"mode != 644", "0644", NO},
	{"mode != 644", "0600", YES},
	{"mode in 600 640", "0640", YES},
	{"mode in 600 640", "0644", NO},
	{"mode ~ ^0[46]", "0640", YES},
	{"mode !~ 7$", "0777", NO},
	{"present", "", YES},
	{"present", "x", YES},
	{"absent", "", NO},
	{"absent", "x", NO},
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(values); i++)
		check(values[i].sentence, values[i].value, (enum held)values[i].held);
}

/*
 * What is not there satisfies `absent` and `only`; what is not known satisfies nothing, nor does it
 * break it.
 */
static void test_states(void **state)
{
	static const struct fact absent = {.state = FACT_ABSENT, .object = "x"};
	static const struct fact unknown = {.state = FACT_UNKNOWN,
					    .object = "x",
					    .error = "because"};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		bool wants_absence = str_eq(values[i].sentence, "absent") ||
				     str_starts(values[i].sentence, "string only ");

		assert_int_equal(test_fact(values[i].sentence, &absent),
				 wants_absence ? HELD_YES : HELD_NO);
		assert_int_equal(test_fact(values[i].sentence, &unknown), HELD_UNSURE);
	}
}

/* Each operator with each type: allowed or refused. */
static void test_types(void **state)
{
	static const struct {
		const char *words;
		const char *types; /* of s(calar), t(ext), b(ool), l(ist), m(ode) */
	} table[] = {
		{"= 1", "stlm"},   {"!= 1", "stlm"}, {"< 1", "s"},      {"<= 1", "s"},
		{"> 1", "s"},      {">= 1", "s"},    {"in 1 2", "stm"}, {"has 1", "sl"},
		{"lacks 1", "sl"}, {"~ 1", "stlm"},  {"!~ 1", "stlm"},  {"mode-within 1", "m"},
		{"", "b"},
	};
	static const char letters[] = "stblm";

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		for (size_t k = 0; fields[k].name; k++) {
			const char *sentence = arena_printf(&arena, "%s %s", fields[k].name,
							    table[i].words);
			bool allowed = strchr(table[i].types, letters[k]) != NULL;
			struct expect expect = {.op = 99};
			const char *error = NULL;
			int answer = parse(sentence, fields, false, &expect, &error);

			if (answer != (allowed ? 0 : -EINVAL))
				fail_msg("%s: %s", sentence, error ? error : "allowed");
			assert_int_equal(error == NULL, allowed);
			if (allowed)
				assert_ptr_equal(expect.field, &fields[k]);
			else
				assert_int_equal(expect.op, 99); /* untouched */
			if (allowed)
				expect_release(&expect);
		}
	}
}

static void test_refused(void **state)
{
	static const char *const sentences[] = {
		"",
		"=",
		"scalar",
		"scalar =",
		"string",
		"nothing",
		"nothing = 1",
		"== 1",
		"1",
		"not",
		"not scalar",
		"not nothing",
		"not not bool",
		"bool = yes",
		"bool yes",
		"bool bool",
		"not bool yes",
		"not = 1",
		"present x",
		"absent x",
		"scalar present",
		"< x",
		"< 1 2",
		"<= 1.5",
		"> \"\"",
		">= 1_2",
		">= 99999999999999999999",
		"~ [",
		"~ (",
		"!~ a{2,1}",
		"mode = 888",
		"mode = 10000",
		"mode = -1",
		"mode = u+x",
		"mode = 0644_0600",
		"mode in 644 9",
		"mode-within 644 600",
		"mode-within rw",
		"mode-within \"\"",
		/* These would never be equal, so that != would always hold. */
		"mode = 644 600",
		"mode != 644 600",
		"string = root wheel",
		"string != root wheel",
		/* No list has these as one word, so that lacks would always hold. */
		"list lacks nodev,nosuid",
		"list has nodev,nosuid",
		"list lacks nodev_nosuid",
		"list lacks \"\"",
		"list lacks nodev \"\"",
		"has a,b",
	};

	(void)state;
	for (size_t i = 0; i < COUNT(sentences); i++) {
		struct expect expect = {.op = 99};
		const char *error = NULL;

		if (parse(sentences[i], fields, true, &expect, &error) != -EINVAL)
			fail_msg("'%s' is taken", sentences[i]);
		assert_non_null(error);
		assert_int_equal(expect.op, 99);
	}
}

static void test_presence(void **state)
{
	struct expect expect;
	const char *error;

	(void)state;
	assert_int_equal(parse("present", fields, true, &expect, &error), 0);
	assert_int_equal(expect.op, OP_PRESENT);
	assert_null(expect.field);
	assert_int_equal(parse("absent", no_fields, true, &expect, &error), 0);
	assert_int_equal(expect.op, OP_ABSENT);
	assert_int_equal(parse("present", fields, false, &expect, &error), -EINVAL);
	assert_int_equal(parse("absent", fields, false, &expect, &error), -EINVAL);
	assert_int_equal(parse("= 1", no_fields, true, &expect, &error), -EINVAL);
	assert_int_equal(parse("mode-within 1", no_fields, true, &expect, &error), -EINVAL);
	assert_int_equal(parse("not bool", no_fields, true, &expect, &error), -EINVAL);
}

static void test_default_field(void **state)
{
	struct expect expect;
	const char *error;

	(void)state;
	assert_int_equal(parse("= 1", fields, true, &expect, &error), 0);
	assert_ptr_equal(expect.field, &fields[0]);
	assert_int_equal(parse("mode-within 1", fields, true, &expect, &error), 0);
	assert_ptr_equal(expect.field, &fields[4]);
	/* Without a mode there is nothing that mode-within could mean. */
	assert_int_equal(parse("mode-within 1",
			       (const struct field[]){{"scalar", VALUE_SCALAR, BOTH, ""}, {0}},
			       true, &expect, &error),
			 -EINVAL);
}

static void test_describe(void **state)
{
	static const char *const pairs[][2] = {
		{"= 1", "1"},
		{"!= 1", "anything but 1"},
		{">= 1", "at least 1"},
		{"<= 1", "at most 1"},
		{"< 1", "less than 1"},
		{"> 1", "more than 1"},
		{"in 1 2", "one of 1 2"},
		{"list has a b", "with a b"},
		{"list lacks a", "without a"},
		{"~ x", "matching x"},
		{"!~ x", "not matching x"},
		{"mode-within 0640", "no permission beyond 0640"},
		{"bool", "bool"},
		{"not bool", "not bool"},
		{"present", "present"},
		{"absent", "absent"},
		{"string only a b*", "nothing but a b*"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		struct expect expect;
		const char *error;

		assert_int_equal(parse(pairs[i][0], fields, true, &expect, &error), 0);
		assert_string_equal(expect_describe(&arena, &expect), pairs[i][1]);
		expect_release(&expect);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_values, forget),
		cmocka_unit_test_teardown(test_states, forget),
		cmocka_unit_test_teardown(test_types, forget),
		cmocka_unit_test_teardown(test_refused, forget),
		cmocka_unit_test_teardown(test_presence, forget),
		cmocka_unit_test_teardown(test_default_field, forget),
		cmocka_unit_test_teardown(test_describe, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
