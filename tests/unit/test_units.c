/* Names, files and presets of units: text in, tables out. */
#include "base/arena.h"
#include "host/presets.h"
#include "host/units_file.h"
#include "host/units_name.h"

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

static void test_kinds(void **state)
{
	static const struct {
		const char *name;
		enum unit_kind kind;
	} names[] = {
		{"sshd.service", UNIT_PLAIN},     {"getty@.service", UNIT_TEMPLATE},
		{"getty@tty1.service", UNIT_INSTANCE}, {"a@b@c.service", UNIT_INSTANCE},
		{"-.mount", UNIT_PLAIN},          {"dev-disk-by\\x2dlabel-x.swap", UNIT_PLAIN},
		{"a:b_c.d-e.target", UNIT_PLAIN}, {"", UNIT_INVALID},
		{"sshd", UNIT_INVALID},           {".service", UNIT_INVALID},
		{"@.service", UNIT_INVALID},      {"@x.service", UNIT_INVALID},
		{"sshd.services", UNIT_INVALID},  {"ss hd.service", UNIT_INVALID},
		{"a/b.service", UNIT_INVALID},    {"a\nb.service", UNIT_INVALID},
		{"sshd.", UNIT_INVALID},          {"sshd.wants", UNIT_INVALID},
	};
	char longest[300];

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_int_equal(unit_kind(names[i].name), names[i].kind);
	memset(longest, 'a', sizeof(longest));
	strcpy(longest + 247, ".service");
	assert_int_equal(unit_kind(longest), UNIT_PLAIN);
	strcpy(longest + 248, ".service");
	longest[247] = 'a';
	assert_int_equal(unit_kind(longest), UNIT_INVALID);
}

static void test_parts(void **state)
{
	(void)state;
	assert_string_equal(unit_type("a.b.socket"), "socket");
	assert_null(unit_type("a.b"));
	assert_string_equal(unit_instance(&arena, "a@b@c.service"), "b@c");
	assert_string_equal(unit_instance(&arena, "a@.service"), "");
	assert_null(unit_instance(&arena, "a.service"));
	assert_string_equal(unit_prefix(&arena, "a-b@x.service"), "a-b");
	assert_string_equal(unit_prefix(&arena, "a.b.service"), "a.b");
	assert_string_equal(unit_template(&arena, "a@x.y.service"), "a@.service");
	assert_null(unit_template(&arena, "a.service"));
	assert_string_equal(unit_with_instance(&arena, "a@.service", "1"), "a@1.service");
	assert_string_equal(unit_full_name(&arena, "sshd"), "sshd.service");
	assert_string_equal(unit_full_name(&arena, "a.b"), "a.b.service");
	assert_string_equal(unit_full_name(&arena, "a.timer"), "a.timer");
	assert_string_equal(unit_full_name(&arena, "/var/log"), "var-log.mount");
	assert_string_equal(unit_full_name(&arena, "/dev/sda"), "dev-sda.device");
}

static void test_paths(void **state)
{
	static const char *const paths[][2] = {
		{"/", "-.mount"},          {"/var/lib", "var-lib.mount"},
		{"//a//b/", "a-b.mount"},  {"/a-b", "a\\x2db.mount"},
		{"/.x/.y", "\\x2ex-.y.mount"}, {"/a b", "a\\x20b.mount"},
		{"/\xc3\xa4", "\\xc3\\xa4.mount"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_string_equal(unit_of_path(&arena, paths[i][0], "mount"), paths[i][1]);
	assert_string_equal(unit_to_path(&arena, "-.mount"), "/");
	assert_string_equal(unit_to_path(&arena, "a\\x2db-c.mount"), "/a-b/c");
	assert_null(unit_to_path(&arena, "a\\x2.mount"));
	assert_null(unit_to_path(&arena, "a\\.mount"));
}

static void test_families(void **state)
{
	static const char *const families[][2] = {
		{"a-b-c.service", "a-b-.service"}, {"a-b-.service", "a-.service"},
		{"a-b@x.service", "a-@x.service"}, {"a--b.service", "a--.service"},
		{"a-.service", NULL},              {"a.service", NULL},
		{"-a.service", NULL},              {"-.slice", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++) {
		const char *family = unit_family(&arena, families[i][0]);

		if (families[i][1])
			assert_string_equal(family, families[i][1]);
		else
			assert_null(family);
	}
}

static void test_aliases(void **state)
{
	static const struct {
		const char *link, *target;
		bool may;
	} pairs[] = {
		{"a.service", "b.service", true},     {"a.service", "b.socket", false},
		{"a.mount", "b.mount", false},        {"a@.service", "b@.service", true},
		{"a@1.service", "b@.service", true},  {"a@1.service", "b@1.service", true},
		{"a@1.service", "b@2.service", false}, {"a.service", "b@.service", false},
		{"a@.service", "b.service", false},   {"a.service", "b", false},
		{"a@1.service", "b@1.socket", false}, {"a.device", "b.device", true},
		{"a@.device", "b@.device", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(*pairs); i++)
		assert_int_equal(unit_may_alias_to(pairs[i].link, pairs[i].target), pairs[i].may);
}

static const char *joined(const struct strv *list)
{
	return strv_join(list, &arena, "|");
}

static const char *option(const struct unit_lines *lines, const char *section, const char *key,
			  bool resets, unsigned *ret_line)
{
	const struct unit_line *last = NULL;
	struct strv values;

	unit_lines_values(lines, &arena, section, key, resets, &values, &last);
	*ret_line = last ? last->line : 0;
	return joined(&values);
}

static void test_lines(void **state)
{
	static const char text[] = "\xef\xbb\xbfLost=1\n"
				   "[Unit]\n"
				   "# Wants=no\n"
				   "  ;Wants=no\n"
				   " Wants = a b \n"
				   "wants=no\n"
				   "nonsense\n"
				   "=no\n"
				   "Wants=c \\\n"
				   "  # no\n"
				   "\t d \\\n"
				   "e\n"
				   "[Service]\n"
				   "ExecStart=/bin/a\n"
				   "ExecStart=\n"
				   "ExecStart=/bin/b \"x y\"\n"
				   " [Unit] \n"
				   "Wants=f \\\\\n"
				   "Wants=g \\";
	struct unit_lines lines = {0};
	unsigned line;

	(void)state;
	assert_int_equal(unit_lines_parse(&lines, &arena, "/x", text), 0);
	assert_string_equal(option(&lines, "Unit", "Wants", true, &line),
			    "a b|c  d  e|f \\\\|g");
	assert_int_equal(line, 19);
	assert_string_equal(option(&lines, "Service", "ExecStart", true, &line),
			    "/bin/b \"x y\"");
	assert_int_equal(line, 16);
	assert_string_equal(option(&lines, "Service", "ExecStart", false, &line),
			    "/bin/a|/bin/b \"x y\"");
	assert_string_equal(option(&lines, "Unit", "Lost", true, &line), "");
	assert_int_equal(line, 0);
	assert_string_equal(unit_lines_last(&lines, "Service", "ExecStart"), "/bin/b \"x y\"");
	assert_null(unit_lines_last(&lines, "Service", "User"));
}

static void test_broken_lines(void **state)
{
	struct unit_lines lines = {0};

	(void)state;
	assert_int_equal(unit_lines_parse(&lines, &arena, "/x", "[Unit\nA=1\n"), -EBADMSG);
	assert_int_equal(unit_lines_parse(&lines, &arena, "/x", ""), 0);
	assert_int_equal(unit_lines_parse(&lines, &arena, "/x", "\\"), 0);
	assert_int_equal(unit_lines_parse(&lines, &arena, "/x", "[]\nA=1\n\n[U]A]\nB=2"), 0);
	assert_string_equal(unit_lines_last(&lines, "", "A"), "1");
	assert_string_equal(unit_lines_last(&lines, "U]A", "B"), "2");
}

/* A second file goes behind the first: drop-ins. */
static void test_reset_by_dropin(void **state)
{
	struct unit_lines lines = {0};
	unsigned line;

	(void)state;
	assert_int_equal(unit_lines_parse(&lines, &arena, "/a", "[S]\nX=1\nX=2\n"), 0);
	assert_int_equal(unit_lines_parse(&lines, &arena, "/b", "[S]\n\nX=\n"), 0);
	assert_string_equal(option(&lines, "S", "X", true, &line), "");
	assert_int_equal(line, 3);
	assert_int_equal(unit_lines_parse(&lines, &arena, "/c", "[S]\nX=3"), 0);
	assert_string_equal(option(&lines, "S", "X", true, &line), "3");
}

static void test_words(void **state)
{
	struct strv words = {0};

	(void)state;
	unit_words(&words, &arena, "  a \"b c\" 'd\"e'  f\"g h\"i  '' \"open end");
	assert_string_equal(joined(&words), "a|b c|d\"e|fg hi||open end");
}

static void test_specifiers(void **state)
{
	static const char *const texts[][3] = {
		{"x@%i.service", "a@1.service", "x@1.service"},
		{"%n %N %p %j", "a-b@c.service", "a-b@c.service a-b@c a-b b"},
		{"%I", "a@b\\x2dc-d.service", "b-c/d"},
		{"%f", "a@b-c.service", "/b/c"},
		{"%f", "a-b.service", "/a/b"},
		{"100%%", "a.service", "100%"},
		{"%i", "a.service", ""},
		{"plain", "a.service", "plain"},
		{"%m", "a.service", NULL},
		{"%", "a.service", NULL},
		{"%I", "a@b\\.service", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		const char *filled = unit_expand(&arena, texts[i][0], texts[i][1]);

		if (texts[i][2])
			assert_string_equal(filled, texts[i][2]);
		else
			assert_null(filled);
	}
}

static void test_booleans(void **state)
{
	(void)state;
	assert_int_equal(unit_boolean("yes"), 1);
	assert_int_equal(unit_boolean("ON"), 1);
	assert_int_equal(unit_boolean("f"), 0);
	assert_int_equal(unit_boolean("0"), 0);
	assert_int_equal(unit_boolean("2"), -1);
	assert_int_equal(unit_boolean(""), -1);
}

static void test_presets(void **state)
{
	static const char text[] = "# disable *\n"
				   "  disable b.service  \n"
				   "enable a*.service\n"
				   "enabled c.service\n"
				   "enable\n"
				   "enable\tx@.service 1 2\n"
				   "enable y.service 1\n"
				   "ignore d.service\n"
				   "disable [c-z]*\n";
	static const struct {
		const char *unit;
		unsigned line;
		enum preset preset;
	} answers[] = {
		{"b.service", 2, PRESET_DISABLE},   {"abc.service", 3, PRESET_ENABLE},
		{"c.service", 9, PRESET_DISABLE},   {"x@1.service", 6, PRESET_ENABLE},
		{"x@3.service", 9, PRESET_DISABLE}, {"x@.service", 6, PRESET_ENABLE},
		{"y.service", 9, PRESET_DISABLE},   {"d.service", 8, PRESET_IGNORE},
		{"a.socket", 0, PRESET_ENABLE},
	};
	struct preset_rules rules = {0};

	(void)state;
	presets_parse(&rules, &arena, "/x", text);
	for (size_t i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		const struct preset_rule *rule = presets_find(&rules, &arena, answers[i].unit);

		assert_int_equal(rule ? rule->line : 0, answers[i].line);
		assert_int_equal(rule ? rule->preset : PRESET_ENABLE, answers[i].preset);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_kinds, forget),
		cmocka_unit_test_teardown(test_parts, forget),
		cmocka_unit_test_teardown(test_paths, forget),
		cmocka_unit_test_teardown(test_families, forget),
		cmocka_unit_test_teardown(test_aliases, forget),
		cmocka_unit_test_teardown(test_lines, forget),
		cmocka_unit_test_teardown(test_broken_lines, forget),
		cmocka_unit_test_teardown(test_reset_by_dropin, forget),
		cmocka_unit_test_teardown(test_words, forget),
		cmocka_unit_test_teardown(test_specifiers, forget),
		cmocka_unit_test_teardown(test_booleans, forget),
		cmocka_unit_test_teardown(test_presets, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
