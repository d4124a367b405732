/* os-release(5): text in, keys and values out. */
#include "host/osrelease.h"

#include "tree.h"

static struct tree tree;

static int make(void **state)
{
	(void)state;
	tree_make(&tree);
	return 0;
}

static int destroy(void **state)
{
	(void)state;
	tree_remove(&tree);
	return 0;
}

static void test_values(void **state)
{
	static const char *const lines[][2] = {
		{"K=v", "v"},
		{"K=", ""},
		{"K=\"a b\"", "a b"},
		{"K='a b'", "a b"},
		{"K='a\\b \"c\"'", "a\\b \"c\""},
		{"K=\"a \\\"b\\\" \\$c \\`d \\\\e \\f\"", "a \"b\" $c `d \\e \\f"},
		{"K=a\\ b\\\"c", "a b\"c"},
		{"K=a\"b c\"'d'", "ab cd"},
		{"  K=v \t", "v"},
		{"K=v=w", "v=w"},
		{"K=v\nK=w", "w"},
		{"#K=v\n;K=v\nK", ""},
		{"J=v\n=w\nKK=v", ""},
		{"K=\"not closed", "not closed"},
		{"K=\\", "\\"},
		{"K=v\r", "v"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		host_close(&tree.host);
		tree_open_host(&tree);
		tree_text(&tree, "etc/os-release", lines[i][0]);
		assert_string_equal(osrelease_get(&tree.host, "K"), lines[i][1]);
		assert_string_equal(osrelease(&tree.host)->path, "/etc/os-release");
	}
}

static void test_paths(void **state)
{
	(void)state;
	assert_null(osrelease(&tree.host)->path);
	assert_int_equal(osrelease(&tree.host)->error, 0);
	assert_string_equal(osrelease_get(&tree.host, "ID"), "");
	host_set_os(&tree.host, &(struct os){0});
	tree_text(&tree, "usr/lib/os-release", "ID=usr\n");
	assert_string_equal(osrelease_get(&tree.host, "ID"), "usr");
	host_set_os(&tree.host, &(struct os){0});
	tree_link(&tree, "etc/os-release", "../../../usr/lib/os-release");
	assert_string_equal(osrelease_get(&tree.host, "ID"), "usr");
	assert_string_equal(osrelease(&tree.host)->path, "/etc/os-release");
	/* One that cannot be read does not make way for the other. */
	host_set_os(&tree.host, &(struct os){0});
	assert_int_equal(unlinkat(tree.fd, "etc/os-release", 0), 0);
	tree_dir(&tree, "etc/os-release", 0755);
	assert_string_equal(osrelease_get(&tree.host, "ID"), "");
	assert_int_equal(osrelease(&tree.host)->error, -EISDIR);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_values, make, destroy),
		cmocka_unit_test_setup_teardown(test_paths, make, destroy),
	};

	return cmocka_run_group_tests_name("osrelease", tests, NULL, NULL);
}
