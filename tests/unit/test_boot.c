/* Variables of firmware, configuration of boot loaders, values of arguments. */
#include "host/boot/efivars.h"
#include "host/boot/loader.h"
#include "tree.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static int flag(const char *bytes, size_t size)
{
	struct efi_variable variable;
	int error = efi_variable_parse(bytes, size, &variable);

	return error ? error : efi_flag(&variable);
}

static void test_flags(void **state)
{
	(void)state;
	assert_int_equal(flag("\6\0\0\0\1", 5), 1);
	assert_int_equal(flag("\6\0\0\0\0", 5), 0);
	assert_int_equal(flag("\6\0\0\0", 4), -EBADMSG);
	assert_int_equal(flag("\6\0\0\0\1\1", 6), -EBADMSG);
	assert_int_equal(flag("\6\0\0\0\2", 5), -EBADMSG);
	assert_int_equal(flag("\7\0\0\0\1", 5), -EPERM);
	assert_int_equal(flag("\2\0\0\0\1", 5), -EBADMSG);
	assert_int_equal(flag("\6\1\0\0\1", 5), -EBADMSG);
	assert_int_equal(flag("\6\0\0\200\1", 5), -EBADMSG);
	assert_int_equal(flag("\6\0\0", 3), -EBADMSG);
	assert_int_equal(flag("", 0), -EBADMSG);
}

static const char *text(const char *bytes, size_t size)
{
	struct efi_variable variable = {6, (const unsigned char *)bytes, size};

	return efi_text(&arena, &variable);
}

static void test_texts(void **state)
{
	(void)state;
	assert_string_equal(text("1\0001\0\0\0x\0", 8), "11");
	assert_string_equal(text("a\0\n\0b\0", 6), "ab");
	assert_string_equal(text("\xe9\0\xac\x20", 4), "\xc3\xa9\xe2\x82\xac");
	assert_string_equal(text("\0\xd8"
				 "a\0",
				 4),
			    "a");
	assert_string_equal(text("", 0), "");
	assert_null(text("abc", 3));
}

static void test_loader_conf(void **state)
{
	static const struct {
		const char *text;
		bool editor;
		unsigned line;
	} cases[] = {
		{"", true, 0},
		{"editor no\n", false, 1},
		{"timeout 3\n editor\t 0 \n", false, 2},
		{"editor no\neditor yes\n", true, 2},
		{"editor no\neditor what\n", false, 1},
		{"#editor no\neditor\neditor  \n", true, 0},
		{"Editor no\neditors no\n", true, 0},
		{"editor \"OFF\"\r\n", false, 1},
		{"editor \"\n", true, 0},
		{"editor=no\n", true, 0},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct loader_conf conf;

		loader_conf_parse(arena_strdup(&arena, cases[i].text), &conf);
		assert_int_equal(conf.editor, cases[i].editor);
		assert_int_equal(conf.line, cases[i].line);
	}
}

/* Many lines are read once; of GRUB's script, too many are given up. */
static void test_bounds(void **state)
{
	const size_t lines = 60000;
	char *lots = arena_alloc(&arena, lines * 18 + 1);
	struct loader_conf conf;
	struct finding finding;
	struct tree tree;

	(void)state;
	for (size_t i = 0; i < lines; i++)
		memcpy(lots + i * 17, "set superusers=a\n", 17);
	tree_make(&tree);
	tree_text(&tree, "boot/grub/grub.cfg", lots);
	finding = loader_editor(&tree.host);
	assert_non_null(finding.why);
	tree_remove(&tree);
	for (size_t i = 0; i < lines; i++)
		memcpy(lots + i * 18, "editor          0\n", 18);
	loader_conf_parse(lots, &conf);
	assert_false(conf.editor);
	assert_int_equal(conf.line, lines);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flags),
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_loader_conf),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
