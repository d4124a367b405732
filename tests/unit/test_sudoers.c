/* The files of sudo: text in, items out. */
#include "host/settings/sudoers.h"

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

/* Options as "SCOPE[!]NAME[OP]=VALUE", others as "KIND VALUE", each with its line. */
static const char *show(const char *text)
{
	static const char *const kinds[] = {"", "grant", "file", "dir"};
	struct sudoers sudoers = {0};
	struct strv all = {0};

	sudoers_parse(&arena, arena_strdup(&arena, text), "x", &sudoers);
	for (size_t i = 0; i < sudoers.count; i++) {
		const struct sudoers_item *item = &sudoers.at[i];
		char op[2] = {item->op, '\0'};

		if (item->kind != SUDOERS_OPTION)
			strv_push(&all, &arena,
				  arena_printf(&arena, "%s <%s> %s", kinds[item->kind], item->value,
					       item->source));
		else
			strv_push(&all, &arena,
				  arena_printf(&arena, "%s %s%s%s%s %s",
					       item->scope ? item->scope : "",
					       item->negated ? "!" : "", item->name, op,
					       item->value ? item->value : "", item->source));
	}
	return strv_join(&all, &arena, "|");
}

static void test_lines(void **state)
{
	static const char *const rows[][2] = {
		{"Defaults a, !b ,! ! c", " a x:1| !b x:1| c x:1"},
		{"Defaults a=1,b = \"x, \\\"y\\\" # z\", c", " a=1 x:1| b=x, \"y\" # z x:1| c x:1"},
		{"Defaults a+=x\\ y,b-=z", " a+x y x:1| b-z x:1"},
		{"Defaults:u , v a", ":u , v a x:1"},
		{"Defaults:u,\tv !a", ":u,\tv !a x:1"},
		{"Defaults!/bin/x !a", "!/bin/x !a x:1"},
		{"Defaults:\"a b\" c", ":\"a b\" c x:1"},
		{"Defaults", ""},
		{"Defaultsx a", ""},
		{"Defaults =x", ""},
		{"Defaults a=", " a= x:1"},
		{"Defaults a=\"x", " a=x x:1"},
		{"\nDefaults \\\n a\nDefaults b", " a x:2| b x:4"},
		{"# x \\\nDefaults a", " a x:2"},
		{"Defaults a # b \\\nDefaults c", " a x:1| c x:2"},
		{"Defaults a, \\ \nb", " a x:1| b x:1"},
		{"#include /a b\n  @include \"/c d\"\n#includedir e\\ f\n#includedi x",
		 "file </a> x:1|file </c d> x:2|dir <e f> x:3"},
		{"u ALL = NOPASSWD: ALL", "grant <u ALL = NOPASSWD: ALL> x:1"},
		{"#1000 ALL=NOPASSWD:ALL", "grant <#1000 ALL=NOPASSWD:ALL> x:1"},
		{"#u ALL=NOPASSWD:ALL", ""},
		{"u ALL = XNOPASSWD: ALL", ""},
		{"u ALL = \"NOPASSWD:\" ALL", ""},
		{"u ALL = /x NOPASSWD\\: y", ""},
		{"u ALL = NOPASSWD", ""},
		{"Cmnd_Alias X = NOPASSWD: x", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(show(rows[i][0]), rows[i][1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_lines, forget),
	};

	return cmocka_run_group_tests_name("sudoers", tests, NULL, NULL);
}
