/*
 * How paths are resolved: by openat2 and by the walk, which have to agree on every path of random
 * trees; the bounds that the walk has; and what the canonical path is.
 */
#include "tree.h"

#include "host/resolve.h"

#define PATHS 2500
#define TREES 3

static const char *const names[] = {"a", "b", "c", "d", "e"};
static const char *const parts[] = {"a", "b", "c", "d", "e", "a", "b", "c", ".", "..", "", "zz"};

#define N_NAMES (sizeof(names) / sizeof(names[0]))
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

static void random_path(char *path, size_t size, unsigned most)
{
	unsigned count = 1 + random_below(most);
	size_t length = 0;

	*path = '\0';
	if (random_below(2))
		length = (size_t)snprintf(path, size, "/");
	for (unsigned i = 0; i < count; i++)
		length += (size_t)snprintf(path + length, size - length, "%s%s", i ? "/" : "",
					   parts[random_below(N_PARTS)]);
	if (!random_below(6))
		snprintf(path + length, size - length, "/");
}

/* Fills a directory, and some below it. What is there already stays. */
static void fill(int dir, unsigned depth)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		char target[64];
		int fd;

		switch (random_below(depth ? 6 : 4)) {
		case 0:
			mknodat(dir, names[i], S_IFREG | 0644, 0);
			break;
		case 1:
		case 2:
			random_path(target, sizeof(target), 4);
			symlinkat(*target ? target : ".", dir, names[i]);
			break;
		case 3:
			if (!random_below(3))
				mknodat(dir, names[i], S_IFIFO | 0644, 0);
			break;
		default:
			mkdirat(dir, names[i], 0755);
			fd = openat(dir, names[i], O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
			if (fd < 0)
				break;
			fill(fd, depth - 1);
			if (!random_below(12))
				fchmod(fd, random_below(2) ? 0 : 0644);
			close(fd);
		}
	}
}

/* What a resolution came to, as a text that can be compared. */
static const char *outcome(struct host *host, const char *path, bool follow, char *text)
{
	cleanup(node) struct node node = NODE_NONE;
	struct statx stat;
	int error = host_resolve(host, path, follow, &node);

	if (error)
		snprintf(text, 64, "%s", strerror(-error));
	else if (stat_fd(node.fd, &stat))
		snprintf(text, 64, "no stat");
	else
		snprintf(text, 64, "%x:%x:%llx", stat.stx_dev_major, stat.stx_dev_minor,
			 (unsigned long long)stat.stx_ino);
	return text;
}

static void agree(struct tree *tree, const char *path, bool follow)
{
	struct host walker = tree->host;
	char one[64], two[64];

	walker.walks = true;
	outcome(&tree->host, path, follow, one);
	outcome(&walker, path, follow, two);
	if (!str_eq(one, two)) {
		fprintf(stderr, "%s, follow %d: openat2 %s, walk %s\n", path, follow, one, two);
		if (getuid())
			_exit(1);
		fail();
	}
}

static void agree_on_random_paths(struct tree *tree)
{
	char path[128];

	for (int i = 0; i < PATHS; i++) {
		random_path(path, sizeof(path), 8);
		agree(tree, path, random_below(2));
	}
}

static void test_random(void **state)
{
	(void)state;
	random_seed();
	for (int i = 0; i < TREES; i++) {
		struct tree tree;

		tree_make(&tree);
		fill(tree.fd, 4);
		agree_on_random_paths(&tree);
		if (!getuid())
			as_nobody(agree_on_random_paths, &tree);
		assert_false(tree.host.walks);
		tree_remove(&tree);
	}
}

static void chain(struct tree *tree, const char *name, unsigned links)
{
	char path[64], target[64] = "end";

	for (unsigned i = links; i; i--) {
		snprintf(path, sizeof(path), i == 1 ? "%s" : "%s%u", name, i);
		tree_link(tree, path, target);
		memcpy(target, path, sizeof(target));
	}
}

/* Paths that somebody thought of. */
static void test_chosen(void **state)
{
	static const char *const paths[] = {
		"",
		"/",
		"//",
		".",
		"..",
		"/..",
		"../..",
		"./.",
		"file",
		"file/",
		"file/.",
		"file/..",
		"dir",
		"dir/",
		"dir/.",
		"dir/..",
		"dir/../file",
		"link",
		"link/",
		"link/.",
		"link/..",
		"linkslash",
		"linkslash/",
		"tofile",
		"tofile/",
		"filelink",
		"dangling",
		"dangling/",
		"dangling/x",
		"self",
		"self/",
		"self/x",
		"loop1",
		"out",
		"out/",
		"absolute",
		"absolute/inner",
		"up/file",
		"c40",
		"c41",
		"c40/",
		"c41/",
		"nothing",
		"nothing/",
		"nothing/..",
		"dir/nothing/../inner",
		"deep/link/link2/inner",
		"dir//inner",
		"///dir///inner",
		"fifo",
		"fifo/",
		"dir/inner/x",
		"todir/../file",
	};
	struct tree tree;
	char name[300];

	(void)state;
	tree_make(&tree);
	tree_text(&tree, "file", "");
	tree_text(&tree, "end", "");
	tree_text(&tree, "dir/inner", "");
	tree_link(&tree, "link", "dir");
	tree_link(&tree, "linkslash", "dir/");
	tree_link(&tree, "tofile", "dir/inner");
	tree_link(&tree, "filelink", "file/");
	tree_link(&tree, "dangling", "no/such");
	tree_link(&tree, "self", "self");
	tree_link(&tree, "loop1", "loop2");
	tree_link(&tree, "loop2", "/loop1");
	tree_link(&tree, "out", "../../../../../../../../etc/passwd");
	tree_link(&tree, "absolute", "/dir");
	tree_link(&tree, "dir/up", "..");
	tree_link(&tree, "up", "dir/up");
	tree_link(&tree, "todir", "dir/up/dir");
	tree_link(&tree, "deep/link", "/dir/up/deep/");
	tree_link(&tree, "deep/link2", "./../deep/../dir");
	tree_node(&tree, "fifo", S_IFIFO | 0644, 0);
	chain(&tree, "c40", 40);
	chain(&tree, "c41", 41);
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		agree(&tree, paths[i], true);
		agree(&tree, paths[i], false);
	}
	memset(name, 'x', sizeof(name));
	for (size_t length = 254; length <= 256; length++) {
		name[length] = '\0';
		agree(&tree, name, true);
		name[length] = 'x';
	}
	tree_remove(&tree);
}

static int resolve(struct host *host, const char *path)
{
	cleanup(node) struct node node = NODE_NONE;

	return host_resolve(host, path, true, &node);
}

static void test_long(void **state)
{
	char path[PATH_MAX + 2];
	struct tree tree;
	struct host walker;

	(void)state;
	tree_make(&tree);
	walker = tree.host;
	walker.walks = true;
	/* "././." */
	for (size_t i = 0; i < sizeof(path); i++)
		path[i] = i % 2 ? '/' : '.';
	path[PATH_MAX] = '\0';
	assert_int_equal(resolve(&tree.host, path), -ENAMETOOLONG);
	assert_int_equal(resolve(&walker, path), -ENAMETOOLONG);
	path[PATH_MAX - 1] = '\0';
	assert_int_equal(resolve(&tree.host, path), 0);
	assert_int_equal(resolve(&walker, path), 0);
	tree_remove(&tree);
}

/* The walk keeps a descriptor for each directory; deeper than that it has no answer. */
static void test_deep(void **state)
{
	struct tree tree;
	struct host walker;
	char path[1024] = "";

	(void)state;
	tree_make(&tree);
	for (unsigned depth = 1; depth <= 300; depth++) {
		size_t length = strlen(path);

		snprintf(path + length, sizeof(path) - length, "/d");
		assert_int_equal(mkdirat(tree.fd, path + 1, 0755), 0);
		walker = tree.host;
		walker.walks = true;
		assert_int_equal(resolve(&tree.host, path), 0);
		assert_int_equal(resolve(&walker, path), depth < 256 ? 0 : -ENAMETOOLONG);
	}
	tree_remove(&tree);
}

/* Links may make a path longer than a path can be. */
static void test_long_links(void **state)
{
	char target[PATH_MAX];
	struct tree tree;
	struct host walker;

	(void)state;
	tree_make(&tree);
	for (size_t i = 0; i < 4000; i++)
		target[i] = i % 2 ? '/' : '.';
	memcpy(target + 4000, "next", 5);
	tree_link(&tree, "one", target);
	tree_link(&tree, "next", "dir");
	tree_text(&tree, "dir/file", "");
	agree(&tree, "one/file", true);
	memset(target, '/', 4000);
	memcpy(target + 4000, "one/dir/file", 13);
	/* one/dir does not exist, but the path until then is 8000 bytes long */
	tree_link(&tree, "two", target);
	walker = tree.host;
	walker.walks = true;
	assert_int_equal(resolve(&walker, "two"), -ENOENT);
	agree(&tree, "two", true);
	tree_remove(&tree);
}

/* On a running host: what in /proc is not what it says. */
static void test_magic(void **state)
{
	static const char *const paths[] = {
		"/proc/self/exe",        "/proc/self/cwd",  "/proc/self/cwd/x",
		"/proc/self/root/etc",   "/proc/self/fd/0", "/proc/self/ns/mnt",
		"/proc/thread-self/cwd",
	};
	struct arena arena = {0};
	struct host host;

	(void)state;
	assert_int_equal(host_init(&host, &arena, "/", true), 0);
	for (int walks = 0; walks < 2; walks++) {
		host.walks = walks;
		for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
			assert_int_equal(resolve(&host, paths[i]), -ELOOP);
		assert_int_equal(resolve(&host, "/proc/self/status"), 0);
		assert_int_equal(resolve(&host, "/proc/mounts"), 0);
		assert_int_equal(resolve(&host, "/proc/thread-self/comm"), 0);
	}
	host_close(&host);
	arena_free(&arena);
}

static void check_canonical(struct tree *tree, struct host *host, const char *path)
{
	struct statx a, b;
	char *canonical;
	int error = host_canonical(host, path, &canonical);

	if (error) {
		assert_true(error != -ENOENT || !*path);
		return;
	}
	assert_int_equal(canonical[0], '/');
	if (host_stat(host, path, true, &a))
		return;
	assert_null(strstr(canonical, "//"));
	assert_null(strstr(canonical, "/./"));
	assert_null(strstr(canonical, "/../"));
	/* The same place, by names without a link. */
	assert_int_equal(statx(tree->fd, canonical[1] ? canonical + 1 : ".", AT_SYMLINK_NOFOLLOW,
			       STATX_BASIC_STATS, &b),
			 0);
	assert_false(S_ISLNK(b.stx_mode));
	assert_int_equal(a.stx_ino, b.stx_ino);
}

static void test_canonical_random(void **state)
{
	struct tree tree;
	struct host walker;
	char path[128], *one, *two;

	(void)state;
	tree_make(&tree);
	fill(tree.fd, 4);
	walker = tree.host;
	walker.walks = true;
	for (int i = 0; i < PATHS; i++) {
		int error;

		random_path(path, sizeof(path), 7);
		check_canonical(&tree, &tree.host, path);
		check_canonical(&tree, &walker, path);
		error = host_canonical(&tree.host, path, &one);
		assert_int_equal(error, host_canonical(&walker, path, &two));
		if (!error)
			assert_string_equal(one, two);
	}
	tree_remove(&tree);
}

static void test_canonical(void **state)
{
	static const char *const pairs[][2] = {
		{"/", "/"},
		{"/..", "/"},
		{"/dir/inner", "/dir/inner"},
		{"/dir/", "/dir"},
		{"/link/inner", "/dir/inner"},
		{"/link/missing", "/dir/missing"},
		{"/link/missing/more", "/dir/missing/more"},
		{"/gone/x", "/run/gone/x"},
		{"/missing", "/missing"},
	};
	struct tree tree;
	char *path;

	(void)state;
	tree_make(&tree);
	tree_text(&tree, "dir/inner", "");
	tree_dir(&tree, "run", 0755);
	tree_link(&tree, "link", "dir");
	tree_link(&tree, "gone", "../run/gone");
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		assert_int_equal(host_canonical(&tree.host, pairs[i][0], &path), 0);
		assert_string_equal(path, pairs[i][1]);
	}
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random),     cmocka_unit_test(test_chosen),
		cmocka_unit_test(test_long),       cmocka_unit_test(test_deep),
		cmocka_unit_test(test_long_links), cmocka_unit_test(test_magic),
		cmocka_unit_test(test_canonical),  cmocka_unit_test(test_canonical_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
