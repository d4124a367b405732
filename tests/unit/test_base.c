/* The arena, strings, UTF-8, JSON, the nearest word, folded text. */
#include "base/arena.h"
#include "base/json.h"
#include "base/nearest.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/wrap.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	assert_null(arena.block);
	return 0;
}

static void test_arena(void **state)
{
	char *last = NULL;

	(void)state;
	for (size_t size = 0; size < 300; size++) {
		char *memory = arena_alloc(&arena, size);

		assert_int_equal((uintptr_t)memory % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(memory[i], 0);
		memset(memory, 0xff, size);
		assert_ptr_not_equal(memory, last);
		last = memory;
	}
	/* Larger than any block. */
	last = arena_alloc(&arena, 1000000);
	assert_int_equal(last[999999], 0);
	assert_string_equal(arena_strndup(&arena, "abcdef", 3), "abc");
	assert_string_equal(arena_strdup(&arena, ""), "");
	assert_memory_equal(arena_grow(&arena, "abc", 3, 10), "abc\0\0\0\0\0\0\0", 10);
	assert_non_null(arena_grow(&arena, NULL, 0, 10));
}

/* Strings of every length, so that some just fit into what is left of a block and some do not. */
static void test_arena_printf(void **state)
{
	char text[600];
	const char *kept[COUNT(text)];

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 0; i < COUNT(kept); i++)
		kept[i] = arena_printf(&arena, "%.*s|%d", (int)i, text, 7);
	for (size_t i = 0; i < COUNT(kept); i++) {
		assert_int_equal(strlen(kept[i]), i + 2);
		assert_int_equal(strspn(kept[i], "x"), i);
		assert_string_equal(kept[i] + i, "|7");
	}
	/* What was tried and did not fit is zeroed again. */
	for (int i = 0; i < 2000; i++) {
		char *memory;

		arena_printf(&arena, "%.*s", 500 + i % 99, text);
		memory = arena_alloc(&arena, 64);
		for (int k = 0; k < 64; k++)
			assert_int_equal(memory[k], 0);
	}
}

static void test_ends(void **state)
{
	(void)state;
	assert_true(str_ends("a.conf", ".conf"));
	assert_true(str_ends(".conf", ".conf"));
	assert_true(str_ends("x", ""));
	assert_false(str_ends("conf", ".conf"));
	assert_false(str_ends("a.confx", ".conf"));
	assert_true(str_starts("abc", "ab"));
	assert_false(str_starts("a", "ab"));
}

static void test_trim(void **state)
{
	static const char *const pairs[][2] = {
		{"a", "a"}, {" a ", "a"}, {"\t\r\n\f\v a b \t", "a b"}, {"", ""}, {" \t ", ""},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++)
		assert_string_equal(str_trim(arena_strdup(&arena, pairs[i][0])), pairs[i][1]);
}

static void test_lines(void **state)
{
	char *text = arena_strdup(&arena, "a\n\nb\r\nc");

	(void)state;
	assert_string_equal(str_next_line(&text), "a");
	assert_string_equal(str_next_line(&text), "");
	assert_string_equal(str_next_line(&text), "b\r");
	assert_string_equal(str_next_line(&text), "c");
	assert_null(str_next_line(&text));
	assert_null(str_next_line(&text));
	text = arena_strdup(&arena, "a\n");
	assert_string_equal(str_next_line(&text), "a");
	assert_null(str_next_line(&text));
}

static void test_numbers(void **state)
{
	static const struct {
		const char *text;
		long long number;
		int error;
	} cases[] = {
		{"0", 0, 0},
		{"10", 10, 0},
		{"-1", -1, 0},
		{"+1", 1, 0},
		{"0x1F", 31, 0},
		{"010", 8, 0},
		{"9223372036854775807", LLONG_MAX, 0},
		{"-9223372036854775808", LLONG_MIN, 0},
		{"9223372036854775808", 0, -EINVAL},
		{"", 0, -EINVAL},
		{" 1", 0, -EINVAL},
		{"1 ", 0, -EINVAL},
		{"1x", 0, -EINVAL},
		{"x", 0, -EINVAL},
		{"08", 0, -EINVAL},
		{"0x", 0, -EINVAL},
		{"-", 0, -EINVAL},
		{"1.5", 0, -EINVAL},
		{"\n1", 0, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		long long number = 77;

		if (str_to_number(cases[i].text, &number) != cases[i].error)
			fail_msg("'%s'", cases[i].text);
		assert_int_equal(number, cases[i].error ? 77 : cases[i].number);
	}
}

static void test_lists(void **state)
{
	struct strv list = {0}, many = {0};

	(void)state;
	assert_string_equal(strv_join(&list, &arena, ","), "");
	strv_sort(&list);
	strv_split(&list, &arena, ",b,,a c,\xff,", ",");
	assert_int_equal(list.count, 3);
	assert_true(strv_has(&list, "a c"));
	assert_false(strv_has(&list, "a"));
	assert_false(strv_has(&list, ""));
	strv_sort(&list);
	assert_string_equal(strv_join(&list, &arena, ", "), "a c, b, \xff");
	for (size_t i = 0; i < 1000; i++)
		strv_push(&many, &arena, arena_printf(&arena, "%zu", i));
	assert_int_equal(many.count, 1000);
	for (size_t i = 0; i < 1000; i++)
		assert_int_equal(strtoul(many.at[i], NULL, 10), i);
}

static void test_utf8(void **state)
{
	static const struct {
		const char *text;
		size_t length;
	} cases[] = {
		{"", 0},
		{"a", 1},
		{"\x7f", 1},
		{"\x80", 0},
		{"\xbf", 0},
		{"\xc3\xa9", 2},
		{"\xc3", 0},
		{"\xc3x", 0},
		{"\xc0\x80", 0}, /* too long for NUL */
		{"\xc1\xbf", 0},
		{"\xe2\x82\xac", 3},
		{"\xe2\x82", 0},
		{"\xe0\x9f\xbf", 0}, /* too long */
		{"\xed\x9f\xbf", 3},
		{"\xed\xa0\x80", 0}, /* a surrogate */
		{"\xf0\x9f\x98\x80", 4},
		{"\xf0\x8f\xbf\xbf", 0}, /* too long */
		{"\xf4\x8f\xbf\xbf", 4},
		{"\xf4\x90\x80\x80", 0}, /* beyond Unicode */
		{"\xf8\x88\x80\x80\x80", 0},
		{"\xff", 0},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++)
		if (utf8_length(cases[i].text) != cases[i].length)
			fail_msg("case %zu: %zu", i, utf8_length(cases[i].text));
}

static void test_printable(void **state)
{
	static const char *const pairs[][2] = {
		{"plain \xc3\xa9", NULL},
		{"", NULL},
		{"a\nb", "a\\x0ab"},
		{"\x1b[2J", "\\x1b[2J"},
		{"\x7f", "\\x7f"},
		{"\xff\xfe", "\\xff\\xfe"},
		{"\xc2\x9b", "\\xc2\\x9b"},          /* CSI */
		{"\xe2\x80\xae", "\\xe2\\x80\\xae"}, /* turns the direction */
		{"\xe2\x81\xa6", "\\xe2\\x81\\xa6"}, /* the same, isolated */
		{"\xe2\x80\x8b", "\\xe2\\x80\\x8b"}, /* no width */
		{"\xef\xbb\xbf", "\\xef\\xbb\\xbf"},
		{"\xd8\x9c", "\\xd8\\x9c"},                   /* Arabic letter mark */
		{"\xc2\xad", "\\xc2\\xad"},                   /* soft hyphen */
		{"\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"}, /* a tag */
		{"\xe2\x80\x90", NULL},                       /* a hyphen that is seen */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(pairs); i++) {
		const char *printable = utf8_printable(&arena, pairs[i][0]);

		if (pairs[i][1])
			assert_string_equal(printable, pairs[i][1]);
		else
			assert_ptr_equal(printable, pairs[i][0]);
	}
	/* Of every byte there is: nothing that a terminal obeys. */
	for (int byte = 1; byte < 256; byte++) {
		char text[2] = {(char)byte, '\0'};

		for (const char *at = utf8_printable(&arena, text); *at; at++)
			assert_in_range(*at, 0x20, 0x7e);
	}
}

static void test_json(void **state)
{
	static const char wanted[] =
		"{\n\t\"a\\\"\\\\\": \"x\\u000a\\u001b\\ufffd\\u007f\xc3\xa9\",\n"
		"\t\"none\": null,\n\t\"list\": [\n\t\t-7,\n\t\ttrue,\n\t\t[]\n"
		"\t],\n\t\"empty\": {}\n}\n";
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct json json = {.out = out};

	(void)state;
	json_open(&json, NULL, '{');
	json_string(&json, "a\"\\", "x\n\x1b\xff\x7f\xc3\xa9");
	json_string(&json, "none", NULL);
	json_open(&json, "list", '[');
	json_number(&json, NULL, -7);
	json_bool(&json, NULL, true);
	json_open(&json, NULL, '[');
	json_close(&json, ']');
	json_close(&json, ']');
	json_open(&json, "empty", '{');
	json_close(&json, '}');
	json_close(&json, '}');
	fclose(out);
	assert_string_equal(text, wanted);
	free(text);
}

static void test_nearest(void **state)
{
	static const char *const pairs[][2] = {
		{"chekc", "check"},    {"check", "check"},    {"chec", "check"},
		{"xplain", "explain"}, {"zzzzz", NULL},       {"", NULL},
		{"x", NULL},           {"profil", "profile"}, {"listt", "list"},
		{"prfile", "profile"},
	};
	char huge[400];
	struct strv words = {0};

	(void)state;
	strv_split(&words, &arena, "check explain list profile", " ");
	for (size_t i = 0; i < COUNT(pairs); i++) {
		const char *nearest = nearest_word(pairs[i][0], &words);

		if (!pairs[i][1])
			assert_null(nearest);
		else
			assert_string_equal(nearest, pairs[i][1]);
	}
	memset(huge, 'x', sizeof(huge));
	huge[399] = '\0';
	assert_null(nearest_word(huge, &words));
}

static const char *folded(const char *text, unsigned indent, unsigned width)
{
	char *made = NULL;
	size_t size;
	FILE *out = open_memstream(&made, &size);

	wrap_print(out, text, indent, width);
	fclose(out);
	text = arena_strdup(&arena, made);
	free(made);
	return text;
}

static void test_wrap(void **state)
{
	(void)state;
	assert_string_equal(folded("a b c", 0, 0), "a b c\n");
	assert_string_equal(folded("  a\n  b  c ", 2, 0), "  a b c\n");
	assert_string_equal(folded("aa bb cc", 0, 5), "aa bb\ncc\n");
	assert_string_equal(folded("aa bb cc", 1, 5), " aa\n bb\n cc\n");
	assert_string_equal(folded("longer a", 0, 3), "longer\na\n");
	assert_string_equal(folded("\xc3\xa9\xc3\xa9 bb", 0, 5), "\xc3\xa9\xc3\xa9 bb\n");
	assert_string_equal(folded("", 2, 5), "\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_arena, forget),
		cmocka_unit_test_teardown(test_arena_printf, forget),
		cmocka_unit_test_teardown(test_ends, forget),
		cmocka_unit_test_teardown(test_trim, forget),
		cmocka_unit_test_teardown(test_lines, forget),
		cmocka_unit_test_teardown(test_numbers, forget),
		cmocka_unit_test_teardown(test_lists, forget),
		cmocka_unit_test_teardown(test_utf8, forget),
		cmocka_unit_test_teardown(test_printable, forget),
		cmocka_unit_test_teardown(test_json, forget),
		cmocka_unit_test_teardown(test_nearest, forget),
		cmocka_unit_test_teardown(test_wrap, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
