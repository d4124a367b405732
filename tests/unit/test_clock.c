/* The lines of chrony.conf; and what the kernel says of its clock. */
#include "host/settings/chrony.h"
#include "host/settings/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char *show(const char *text)
{
	struct chrony_lines lines = {0};
	struct strv all = {0};

	chrony_parse(&lines, &arena, arena_strdup(&arena, text));
	for (size_t i = 0; i < lines.count; i++)
		strv_push(&all, &arena,
			  arena_printf(&arena, "%s/%s@%u", lines.at[i].word, lines.at[i].rest,
				       lines.at[i].number));
	return strv_join(&all, &arena, "|");
}

static void test_lines(void **state)
{
	static const char *const rows[][2] = {
		{"", ""},
		{"server a", "server/a@1"},
		{"\n \tSeRVeR\t a  iburst \r\n", "server/a  iburst@2"},
		{"# a\n; b\n! c\n% d\n   # e\nrtcsync", "rtcsync/@6"},
		{"server a # b", "server/a # b@1"},
		{"\xff\xfe x", "\xff\xfe/x@1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(show(rows[i][0]), rows[i][1]);
}

static void test_many_lines(void **state)
{
	const size_t count = 200000;
	struct chrony_lines lines = {0};
	char *text = malloc(count * 9 + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * 9, "server a\n", 10);
	chrony_parse(&lines, &arena, text);
	assert_int_equal(lines.count, count);
	free(text);
}

static void test_kernel(void **state)
{
	struct clock_state now;

	(void)state;
	assert_int_equal(clock_now(&now), 0);
	assert_true(now.error >= 0);
	assert_int_equal(now.synchronised, now.error < 16000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_lines, forget),
		cmocka_unit_test_teardown(test_many_lines, forget),
		cmocka_unit_test_teardown(test_kernel, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
