/* The files of pam.d: text in, lines out. */
#include "host/settings/pam.h"

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

/* "TYPE/CONTROL/MODULE/ARGUMENTS@LINE" for each line; includes have a `+`. */
static const char *show(const char *text)
{
	struct pam_lines lines = {0};
	struct strv all = {0};

	pam_parse(&arena, arena_strdup(&arena, text), &lines);
	for (size_t i = 0; i < lines.count; i++) {
		const struct pam_line *line = &lines.at[i];

		strv_push(&all, &arena,
			  arena_printf(&arena, "%s/%s/%s/%s%s@%u", line->type ? line->type : "",
				       line->control, line->module, line->arguments,
				       line->include ? "+" : "", line->number));
	}
	return strv_join(&all, &arena, "|");
}

static void test_lines(void **state)
{
	static const char *const rows[][2] = {
		{"auth required pam_unix.so", "auth/required/pam_unix.so/@1"},
		{"\n# x\n -Auth\tREQUIRED /lib/x.so a  b\r\n", "auth/required//lib/x.so/a b@3"},
		{"auth [a=1 b=2] x.so [c \\] d] e", "auth/[a=1 b=2]/x.so/c \\] d e@1"},
		{"auth [a", ""},
		{"auth [a b.so", ""},
		{"auth required", ""},
		{"auth", ""},
		{"login auth required x.so", ""},
		{"@include x y", "/@include/x/y+@1"},
		{"@include", ""},
		{"auth include x", "auth/include/x/+@1"},
		{"auth substack x # y", "auth/substack/x/+@1"},
		{"auth \\\nrequired \\\n x.so\nauth required y.so",
		 "auth/required/x.so/@1|auth/required/y.so/@4"},
		{"auth required x.so # a \\\nauth required y.so",
		 "auth/required/x.so/@1|auth/required/y.so/@2"},
		{"auth required x.so \\", "auth/required/x.so/@1"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(show(rows[i][0]), rows[i][1]);
}

static void test_modules(void **state)
{
	const struct pam_line line = {.module = "/usr/lib/security/pam_unix.so"};

	(void)state;
	assert_true(pam_is_module(&line, "pam_unix"));
	assert_true(pam_is_module(&line, "pam_unix.so"));
	assert_true(pam_is_module(&line, "/usr/lib/security/pam_unix.so"));
	assert_false(pam_is_module(&line, "pam_uni"));
	assert_false(pam_is_module(&line, "unix.so"));
	assert_false(pam_is_module(&line, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_lines, forget),
		cmocka_unit_test_teardown(test_modules, forget),
	};

	return cmocka_run_group_tests_name("pam", tests, NULL, NULL);
}
