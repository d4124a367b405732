/* Limits: lines of limits.conf, tables of /proc, values of LimitX=. */
#include "host/settings/limits.h"

#include <errno.h>
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

static const char *show(const struct limit *limit)
{
	return arena_printf(&arena, "%s %s", limit->soft.value ? limit->soft.value : "-",
			    limit->hard.value ? limit->hard.value : "-");
}

/* What a text comes to for alice, 1001, of the groups staff (2001) and wheel (2002). */
static const char *of_alice(const char *name, const char *text)
{
	const char *groups[] = {"staff", "wheel"}, *ids[] = {"2001", "2002"};
	const struct limit_user user = {"alice", 1001, 2001, {groups, 2, 2}, {ids, 2, 2}};
	struct limit_lines lines = {0};
	struct limit limit;

	limit_lines_parse(&lines, &arena, "x", arena_strdup(&arena, text));
	limit_of_user(&arena, &lines, &user, limit_resource_find(name), &limit);
	return show(&limit);
}

static void test_sessions(void **state)
{
	static const char *const rows[][3] = {
		{"core", "* soft core 1\n* hard core 2", "1024 2048"},
		{"core", "* - core 1\n@staff - core 2\nalice - core 3\n* - core 4", "3072 3072"},
		{"core", "alice soft core 5\n* - core 1", "5120 -"},
		{"core", "alice hard core 5\n* - core 1", "1024 5120"},
		{"core", "ALICE - core 5", "- -"},
		{"core", "alice - CORE UNLIMITED", "unlimited unlimited"},
		{"core", "alice - core 18446744073709551615", "unlimited unlimited"},
		{"core", "alice - core 0x10 more words", "0 0"},
		{"core", "alice - core", "- -"},
		{"core", "alice # - core 1", "- -"},
		{"core", "@wheel - core 1\n@nobody - core 2", "1024 1024"},
		{"core", "1000:1001 - core 1", "1024 1024"},
		{"core", "1002: - core 1", "- -"},
		{"core", ":1001 - core 1", "1024 1024"},
		{"core", "@:2002 - core 1", "1024 1024"},
		{"core", "@2002:2003 - core 1", "- -"},
		{"core", "10x:1001 - core 1\n: - core 1", "- -"},
		{"core", "%staff - core 1\n% - core 1", "- -"},
		{"core", "* - core 1\nalice -\n", "- -"},
		{"core", "* -\n* - core 1", "1024 1024"},
		{"cpu", "* - cpu 2", "120 120"},
		{"nice", "* - nice -30", "40 40"},
		{"nice", "* - nice unlimited", "- -"},
		{"nofile", "* - nofile -1", "- -"},
		{"maxlogins", "* hard maxlogins 3\n%wheel - maxlogins 2", "2 2"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(of_alice(rows[i][0], rows[i][1]), rows[i][2]);
}

/* pam_limits has room for 1023 bytes, and reads the rest as a line of its own. */
static void test_long_lines(void **state)
{
	struct limit_lines lines = {0};
	char text[1100];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[1022] = '\0';
	limit_lines_parse(&lines, &arena, "f", arena_strdup(&arena, text));
	assert_null(lines.why);
	text[1022] = 'x';
	text[1023] = '\0';
	limit_lines_parse(&lines, &arena, "f", arena_strdup(&arena, text));
	assert_string_equal(lines.why, "f:1 is longer than pam_limits reads");
}

static void test_many_lines(void **state)
{
	const size_t count = 100000;
	struct limit_lines lines = {0};
	char *text = malloc(count * 15 + 1);

	(void)state;
	assert_non_null(text);
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * 15, "alice - core 1\n", 16);
	limit_lines_parse(&lines, &arena, "f", text);
	assert_int_equal(lines.count, count);
	free(text);
}

static void test_units(void **state)
{
	static const struct {
		const char *name, *value, *soft, *hard;
		int error;
	} rows[] = {
		{"nofile", "5", "5", "5", 0},
		{"nofile", "5:0x10", "5", "16", 0},
		{"nofile", "infinity", "unlimited", "unlimited", 0},
		{"nofile", "5:infinity", "5", "unlimited", 0},
		{"nofile", "6:5", NULL, NULL, -EINVAL},
		{"nofile", "", NULL, NULL, -EINVAL},
		{"nofile", "5:", NULL, NULL, -EINVAL},
		{"nofile", "5K", NULL, NULL, -ENOTSUP},
		{"nofile", "x", NULL, NULL, -ENOTSUP},
		{"core", "5K", "5120", "5120", 0},
		{"core", "010 M", "10485760", "10485760", 0},
		{"core", "99999999999T", NULL, NULL, -ENOTSUP},
		{"core", "1.5G", NULL, NULL, -ENOTSUP},
		{"cpu", "2min", "120", "120", 0},
		{"rttime", "2ms", "2000", "2000", 0},
		{"nice", "+19", "1", "1", 0},
		{"nice", "-20", "40", "40", 0},
		{"nice", "-21", NULL, NULL, -EINVAL},
		{"nice", "41", NULL, NULL, -EINVAL},
		{"nice", "infinity", NULL, NULL, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *soft = NULL, *hard = NULL;
		int error = limit_value_parse(&arena, limit_resource_find(rows[i].name),
					      rows[i].value, &soft, &hard);

		assert_int_equal(error, rows[i].error);
		if (error)
			continue;
		assert_string_equal(soft, rows[i].soft);
		assert_string_equal(hard, rows[i].hard);
	}
}

static void test_processes(void **state)
{
	const struct limit_resource *core = limit_resource_find("core");
	struct limit limit = {0};
	char text[] = "Limit      Soft Limit  Hard Limit  Units\n"
		      "Max core file size        0            unlimited   bytes \n";
	char broken[] = "Max core file size        0\n";

	(void)state;
	assert_int_equal(limit_table_parse(&arena, text, core, &limit), 0);
	assert_string_equal(show(&limit), "0 unlimited");
	assert_int_equal(limit_table_parse(&arena, broken, core, &limit), -EBADMSG);
	assert_int_equal(limit_table_parse(&arena, broken, limit_resource_find("cpu"), &limit),
			 -EBADMSG);
	assert_null(limit_resource_find("cores"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_sessions, forget),
		cmocka_unit_test_teardown(test_long_lines, forget),
		cmocka_unit_test_teardown(test_many_lines, forget),
		cmocka_unit_test_teardown(test_units, forget),
		cmocka_unit_test_teardown(test_processes, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
