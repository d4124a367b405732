/* Patterns, held against glob(3) on random trees; and drop-in directories. */
#include "tree.h"

#include <glob.h>

static struct tree tree;

static int set_up(void **state)
{
	(void)state;
	tree_make(&tree);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tree_remove(&tree);
	return 0;
}

static const char *const names[] = {"a", "b", "ab", "abc", ".a", "a.conf", "b.conf", "[x]", "x y"};
static const char *const parts[] = {"a",  "b",  "*",     "?",   "a*",   "*.conf", "[ab]", "[!a]*",
				    ".*", "??", "[[]x]", "*b*", "[.]a", "zz",     "[x",   "x y"};

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static void fill(int dir, unsigned depth)
{
	for (size_t i = 0; i < COUNT(names); i++) {
		int fd;

		switch (random_below(depth ? 5 : 2)) {
		case 0:
			mknodat(dir, names[i], S_IFREG | 0644, 0);
			break;
		case 1:
			/* Never a circle, of which glob(3) says nothing and we say ELOOP. */
			symlinkat(i + 1 < COUNT(names) ? names[i + 1] : "none", dir, names[i]);
			break;
		case 2:
			break;
		default:
			mkdirat(dir, names[i], 0755);
			fd = openat(dir, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
			fill(fd, depth - 1);
			close(fd);
		}
	}
}

/* With glob(3), unlike with shells of today, `.*` is "." and ".." as well. */
static bool has_dots(const char *path)
{
	return strstr(path, "/./") || strstr(path, "/../") || str_ends(path, "/.") ||
	       str_ends(path, "/..");
}

static void compare(const char *pattern)
{
	char *full = arena_printf(&tree.arena, "%s%s", tree.root, pattern);
	struct strv paths = {0};
	glob_t found = {0};
	size_t count = 0;

	tree.host.listed = 0;
	assert_int_equal(host_glob(&tree.host, pattern, &paths), 0);
	if (glob(full, GLOB_NOESCAPE, NULL, &found))
		assert_int_equal(found.gl_pathc, 0);
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const char *path = found.gl_pathv[i] + strlen(tree.root);

		if (has_dots(path))
			continue;
		if (count >= paths.count || !str_eq(paths.at[count], path))
			fail_msg("%s: glob(3) has %s", pattern, path);
		count++;
	}
	if (count < paths.count)
		fail_msg("%s: glob(3) has no %s", pattern, paths.at[count]);
	globfree(&found);
}

static void test_random(void **state)
{
	char pattern[128];

	(void)state;
	random_seed();
	fill(tree.fd, 3);
	for (int i = 0; i < 2000; i++) {
		unsigned count = 1 + random_below(4);
		size_t length = 0;

		for (unsigned k = 0; k < count; k++)
			length += (size_t)snprintf(pattern + length, sizeof(pattern) - length,
						   "/%s", parts[random_below(COUNT(parts))]);
		/* glob(3) takes a file for "file/" where nothing is to be matched. */
		if (!random_below(3) && strpbrk(strrchr(pattern, '/'), "*?[") &&
		    !strstr(pattern, "[x"))
			snprintf(pattern + length, sizeof(pattern) - length, "/");
		compare(pattern);
	}
}

static const char *matches(const char *pattern)
{
	struct strv paths = {0};
	int error = host_glob(&tree.host, pattern, &paths);

	return error ? host_error(error) : strv_join(&paths, &tree.arena, " ");
}

static void test_chosen(void **state)
{
	(void)state;
	tree_text(&tree, "etc/a.conf", "");
	tree_text(&tree, "etc/dev-x\\x2dy.d/a.conf", "");
	tree_link(&tree, "etc/b.conf", "/no/such");
	tree_link(&tree, "etc/loop", "loop");
	assert_string_equal(matches("/"), "/");
	assert_string_equal(matches("/etc"), "/etc");
	assert_string_equal(matches("/etc/"), "/etc/");
	assert_string_equal(matches("/no"), "");
	assert_string_equal(matches("/etc/b.conf"), "/etc/b.conf");
	assert_string_equal(matches("/etc/*.conf"), "/etc/a.conf /etc/b.conf");
	assert_string_equal(matches("/etc/a.conf/*"), "");
	assert_string_equal(matches("/etc/dev-x\\x2dy.d/*"), "/etc/dev-x\\x2dy.d/a.conf");
	assert_string_equal(matches("/etc/dev-x\\x2d*/*"), "/etc/dev-x\\x2dy.d/a.conf");
	/* Not known to be absent. */
	assert_string_equal(matches("/etc/loop/*"), host_error(-ELOOP));
}

static const char *dropins(const char *const *dirs, const char *suffix)
{
	struct strv paths = {0};
	int error = host_dropins(&tree.host, dirs, suffix, &paths);

	return error ? host_error(error) : strv_join(&paths, &tree.arena, " ");
}

static void test_dropins(void **state)
{
	static const char *const dirs[] = {"/etc/x.d", "/run/x.d", "/usr/lib/x.d", NULL};

	(void)state;
	assert_string_equal(dropins(dirs, ".conf"), "");
	tree_text(&tree, "usr/lib/x.d/10-a.conf", "");
	tree_text(&tree, "usr/lib/x.d/50-b.conf", "");
	tree_text(&tree, "usr/lib/x.d/70-c.conf", "");
	tree_text(&tree, "usr/lib/x.d/README", "");
	tree_text(&tree, "run/x.d/50-b.conf", "");
	tree_text(&tree, "run/x.d/05-d.conf", "");
	tree_link(&tree, "etc/x.d/70-c.conf", "/dev/null");
	tree_text(&tree, "etc/x.d/50-b.conf", "");
	assert_string_equal(dropins(dirs, ".conf"),
			    "/run/x.d/05-d.conf /usr/lib/x.d/10-a.conf /etc/x.d/50-b.conf "
			    "/etc/x.d/70-c.conf");
	assert_string_equal(dropins(dirs, "ME"), "/usr/lib/x.d/README");
	tree_link(&tree, "etc/y.d", "y.d");
	assert_string_equal(dropins((const char *[]){"/etc/y.d", NULL}, ".conf"),
			    host_error(-ELOOP));
}

static const char *dropin(const char *path)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read_dropin(&tree.host, path, &text);

	return error ? host_error(error) : arena_strdup(&tree.arena, text.data);
}

static void test_dropin(void **state)
{
	(void)state;
	tree_text(&tree, "etc/x.d/a.conf", "a");
	tree_link(&tree, "etc/x.d/null.conf", "/dev/null");
	tree_link(&tree, "etc/x.d/none.conf", "/nowhere");
	tree_link(&tree, "etc/x.d/loop.conf", "loop.conf");
	tree_dir(&tree, "etc/x.d/dir.conf", 0755);
	assert_int_equal(mkfifoat(tree.fd, "dev.conf", 0644), 0);
	tree_link(&tree, "etc/x.d/fifo.conf", "/dev.conf");
	assert_string_equal(dropin("/etc/x.d/a.conf"), "a");
	assert_string_equal(dropin("/etc/x.d/null.conf"), "");
	assert_string_equal(dropin("/etc/x.d/none.conf"), "");
	assert_string_equal(dropin("/etc/x.d/loop.conf"), host_error(-ELOOP));
	assert_string_equal(dropin("/etc/x.d/dir.conf"), host_error(-EISDIR));
	assert_string_equal(dropin("/etc/x.d/fifo.conf"), host_error(-EOPNOTSUPP));
}

#define in_tree(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(test_random),
		in_tree(test_chosen),
		in_tree(test_dropins),
		in_tree(test_dropin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
