/* Names, files and presets of units: text in, tables out. And units of small trees. */
#include "tree.h"

#include "host/units/presets.h"
#include "host/units/units.h"
#include "host/units/units_file.h"
#include "host/units/units_name.h"
#include "host/units/units_setting.h"

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
		{"sshd.service", UNIT_PLAIN},
		{"getty@.service", UNIT_TEMPLATE},
		{"getty@tty1.service", UNIT_INSTANCE},
		{"a@b@c.service", UNIT_INSTANCE},
		{"-.mount", UNIT_PLAIN},
		{"dev-disk-by\\x2dlabel-x.swap", UNIT_PLAIN},
		{"a:b_c.d-e.target", UNIT_PLAIN},
		{"", UNIT_INVALID},
		{"sshd", UNIT_INVALID},
		{".service", UNIT_INVALID},
		{"@.service", UNIT_INVALID},
		{"@x.service", UNIT_INVALID},
		{"sshd.services", UNIT_INVALID},
		{"ss hd.service", UNIT_INVALID},
		{"a/b.service", UNIT_INVALID},
		{"a\nb.service", UNIT_INVALID},
		{"sshd.", UNIT_INVALID},
		{"sshd.wants", UNIT_INVALID},
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
		{"/", "-.mount"},
		{"/var/lib", "var-lib.mount"},
		{"//a//b/", "a-b.mount"},
		{"/a-b", "a\\x2db.mount"},
		{"/.x/.y", "\\x2ex-.y.mount"},
		{"/a b", "a\\x20b.mount"},
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
		{"a-b-c.service", "a-b-.service"},
		{"a-b-.service", "a-.service"},
		{"a-b@x.service", "a-@x.service"},
		{"a--b.service", "a--.service"},
		{"a-.service", NULL},
		{"a.service", NULL},
		{"-a.service", NULL},
		{"-.slice", NULL},
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
		{"a.service", "b.service", true},      {"a.service", "b.socket", false},
		{"a.mount", "b.mount", false},         {"a@.service", "b@.service", true},
		{"a@1.service", "b@.service", true},   {"a@1.service", "b@1.service", true},
		{"a@1.service", "b@2.service", false}, {"a.service", "b@.service", false},
		{"a@.service", "b.service", false},    {"a.service", "b", false},
		{"a@1.service", "b@1.socket", false},  {"a.device", "b.device", true},
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
			  unsigned *ret_line)
{
	const struct unit_line *last = NULL;
	struct strv values;

	unit_lines_values(lines, &arena, section, key, &values, &last);
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
	assert_string_equal(option(&lines, "Unit", "Wants", &line), "a b|c  d  e|f \\\\|g");
	assert_int_equal(line, 19);
	assert_string_equal(option(&lines, "Service", "ExecStart", &line), "/bin/b \"x y\"");
	assert_int_equal(line, 16);
	assert_string_equal(option(&lines, "Unit", "Lost", &line), "");
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
	assert_string_equal(option(&lines, "S", "X", &line), "");
	assert_int_equal(line, 3);
	assert_int_equal(unit_lines_parse(&lines, &arena, "/c", "[S]\nX=3"), 0);
	assert_string_equal(option(&lines, "S", "X", &line), "3");
}

static void test_install(void **state)
{
	struct unit_lines lines = {0};
	struct strv words;

	(void)state;
	assert_int_equal(unit_lines_parse(&lines, &arena, "/x",
					  "[Install]\nWantedBy=a 'b'\nAlso=a\nWantedBy=\n"
					  "Also=\nWantedBy=c\nAlso=b\n[X]\nWantedBy=d\n"),
			 0);
	unit_lines_install(&lines, &arena, "WantedBy", &words);
	assert_string_equal(joined(&words), "c");
	unit_lines_install(&lines, &arena, "Also", &words);
	assert_string_equal(joined(&words), "a|b");
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

#define USR "usr/lib/systemd/system/"
#define ETC "etc/systemd/system/"

static int set_up(void **state)
{
	static struct tree tree;

	tree_make(&tree);
	*state = &tree;
	return 0;
}

static int tear_down(void **state)
{
	tree_remove(*state);
	return 0;
}

static void expect_option(struct tree *tree, const char *unit, const char *key, const char *values,
			  const char *source)
{
	const char *seen_source = "";
	struct strv seen = {0};

	assert_int_equal(unit_option(&tree->host, unit, "Service", key, &seen, &seen_source), 0);
	assert_string_equal(strv_join(&seen, &tree->arena, "|"), values);
	if (source)
		assert_string_equal(seen_source, source);
	else
		assert_null(seen_source);
}

/* Drop-ins go by their file names; of one name the first directory wins. */
static void test_options(void **state)
{
	struct tree *tree = *state;

	tree_text(tree, USR "a-b@.service", "[Service]\nE=1\nE=2\nU=root\n");
	tree_text(tree, ETC "service.d/05-all.conf", "[Service]\nE=all\n");
	tree_text(tree, USR "a-@.service.d/20-x.conf", "[Service]\nE=family\n");
	tree_text(tree, USR "a-b@.service.d/30-y.conf", "[Service]\nE=\nE=usr\n");
	tree_text(tree, ETC "a-b@.service.d/30-y.conf", "[Service]\n\nE=etc\n");
	tree_text(tree, USR "a-b@1.service.d/40-z.conf", "[Service]\nE=one\n");
	tree_text(tree, USR "a-b@1.service.d/50-gone.conf", "[Service]\nE=gone\n");
	tree_link(tree, ETC "a-b@1.service.d/50-gone.conf", "/dev/null");
	tree_text(tree, USR "a-b@1.service.d/60-no.txt", "[Service]\nE=no\n");
	tree_text(tree, "run/systemd/system/a-b@1.service.d/90.conf", "[Service]\nE=run\n");
	expect_option(tree, "a-b@1.service", "E", "1|2|all|family|etc|one",
		      "/usr/lib/systemd/system/a-b@1.service.d/40-z.conf:2");
	expect_option(tree, "a-b@2", "E", "1|2|all|family|etc",
		      "/etc/systemd/system/a-b@.service.d/30-y.conf:3");
	expect_option(tree, "a-b@1", "U", "root", "/usr/lib/systemd/system/a-b@.service:4");
	expect_option(tree, "a-b@1", "Nothing", "", NULL);
}

static void test_options_refused(void **state)
{
	struct tree *tree = *state;
	struct strv values;
	const char *source;

	tree_text(tree, USR "a.service", "[Service]\nE=1\n");
	tree_link(tree, ETC "a.service", "/dev/null");
	tree_text(tree, USR "b.service", "[Service\nE=1\n");
	tree_file(tree, USR "c.service", "[Service]\n\0", 11);
	tree_link(tree, ETC "d.service", "/usr/lib/systemd/system/nosuch.service");
	assert_int_equal(unit_option(&tree->host, "a", "Service", "E", &values, &source), -ERFKILL);
	assert_int_equal(unit_option(&tree->host, "b", "Service", "E", &values, &source), -EBADMSG);
	assert_int_equal(unit_option(&tree->host, "c", "Service", "E", &values, &source), -EILSEQ);
	assert_int_equal(unit_option(&tree->host, "d", "Service", "E", &values, &source), -ENOENT);
	assert_int_equal(unit_option(&tree->host, "e", "Service", "E", &values, &source), -ENOENT);
}

/* An alias has the drop-ins of all its names. */
static void test_options_of_alias(void **state)
{
	struct tree *tree = *state;

	tree_text(tree, USR "a.service", "[Service]\nE=1\n");
	tree_link(tree, ETC "b.service", "/usr/lib/systemd/system/a.service");
	tree_text(tree, ETC "b.service.d/x.conf", "[Service]\nE=2\n");
	expect_option(tree, "a", "E", "1|2", "/etc/systemd/system/b.service.d/x.conf:2");
	expect_option(tree, "b", "E", "1|2", "/etc/systemd/system/b.service.d/x.conf:2");
}

static void test_list(void **state)
{
	struct tree *tree = *state;
	struct strv names;

	tree_text(tree, USR "b.mount", "[Mount]\n");
	tree_text(tree, ETC "a.mount", "[Mount]\n");
	tree_text(tree, ETC "b.mount", "[Mount]\n");
	tree_text(tree, ETC "c.service", "[Service]\n");
	tree_text(tree, ETC "README", "no unit\n");
	assert_int_equal(units_list(&tree->host, "mount", &names), 0);
	assert_string_equal(strv_join(&names, &tree->arena, "|"), "a.mount|b.mount");
	assert_int_equal(units_list(&tree->host, NULL, &names), 0);
	assert_string_equal(strv_join(&names, &tree->arena, "|"), "a.mount|b.mount|c.service");
}

/* Thousands of units that all want each other, by links that lead in circles. */
static void test_crowd(void **state)
{
	struct tree *tree = *state;
	char path[80], text[200];
	struct timespec start, end;

	for (unsigned i = 0; i < 1500; i++) {
		snprintf(path, sizeof(path), ETC "u%u.service", i);
		snprintf(text, sizeof(text),
			 "[Unit]\nWants=u%u.service u%u.service multi-user.target\n",
			 (i + 1) % 1500, (i * 7) % 1500);
		tree_text(tree, path, text);
		snprintf(path, sizeof(path), ETC "a%u.service", i);
		snprintf(text, sizeof(text), "%c%u.service", i % 2 ? 'a' : 'u', (i + 1) % 1500);
		tree_link(tree, path, text);
	}
	tree_text(tree, ETC "multi-user.target", "[Unit]\nWants=a0.service\n");
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_true(units_get(&tree->host, "u1499.service")->starts);
	assert_true(units_get(&tree->host, "a1498.service")->starts);
	assert_false(units_get(&tree->host, "nosuch.service")->starts);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - start.tv_sec < 20);
}

/* More names than anyone has: nothing is certain then, and nothing hangs. */
static void test_flood(void **state)
{
	struct tree *tree = *state;
	char path[80];

	for (unsigned i = 0; i < 33000; i++) {
		snprintf(path, sizeof(path), ETC "u%u.service", i);
		tree_link(tree, path, "/dev/null");
	}
	assert_int_equal(units_get(&tree->host, "u1.service")->error, -E2BIG);
	assert_non_null(units_get(&tree->host, "other.service")->why);
}

static const char *setting(struct tree *tree, const char *key)
{
	struct unit_setting answer;

	unit_setting(&tree->host, "a.service", "Service", key, &answer);
	assert_null(answer.why);
	return answer.value ? answer.value : "none";
}

static void test_settings(void **state)
{
	struct tree *tree = *state;
	struct unit_setting answer;

	tree_text(tree, USR "a.service",
		  "[Service]\nPrivateTmp=on\nPrivateTmp=\nUser=a\nUser=\nX=1 2\nX=3\n"
		  "ProtectSystem=full\nProtectSystem=0\nProcSubset=yes\nKeyringMode=shared\n");
	assert_string_equal(setting(tree, "PrivateTmp"), "yes");
	assert_string_equal(setting(tree, "PrivateUsers"), "no");
	assert_string_equal(setting(tree, "ProtectSystem"), "no");
	assert_string_equal(setting(tree, "ProcSubset"), "all");
	assert_string_equal(setting(tree, "KeyringMode"), "shared");
	assert_string_equal(setting(tree, "User"), "none");
	unit_setting(&tree->host, "a.service", "Service", "X", &answer);
	assert_string_equal(strv_join(&answer.values, &tree->arena, "|"), "1|2|3");
	assert_string_equal(answer.source, "/usr/lib/systemd/system/a.service:7");
	/* Sections are no more than where a setting stands. */
	unit_setting(&tree->host, "a.service", "Unit", "PrivateTmp", &answer);
	assert_null(answer.value);
}

/* As many lines as a unit file can have. */
static void test_settings_flood(void **state)
{
	static char text[1000 * 1000];
	struct tree *tree = *state;
	struct unit_setting answer;
	size_t length = (size_t)snprintf(text, sizeof(text), "[Service]\n");

	while (length + 5 < sizeof(text)) {
		memcpy(text + length, "X=a\n", 4);
		length += 4;
	}
	tree_file(tree, USR "a.service", text, length);
	unit_setting(&tree->host, "a.service", "Service", "X", &answer);
	assert_true(answer.values.count > 200000);
	assert_string_equal(answer.value, "a");
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
		cmocka_unit_test_teardown(test_install, forget),
		cmocka_unit_test_teardown(test_words, forget),
		cmocka_unit_test_teardown(test_specifiers, forget),
		cmocka_unit_test_teardown(test_booleans, forget),
		cmocka_unit_test_teardown(test_presets, forget),
		cmocka_unit_test_setup_teardown(test_options, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_options_of_alias, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_crowd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_flood, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_settings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_settings_flood, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
