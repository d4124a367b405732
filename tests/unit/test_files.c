/* Searches: what is asked for, what is kept, and where runtimes keep their own. */
#include "host/files/file_system.h"
#include "host/files/found.h"
#include "host/files/predicate.h"
#include "host/files/runtimes.h"
#include "host/files/search.h"
#include "tree.h"

static struct predicate parse(struct arena *arena, const char *text)
{
	struct predicate predicate;
	const char *why = NULL;

	if (predicate_parse(arena, text, &predicate, &why))
		fail_msg("%s: %s", text, why);
	return predicate;
}

static bool holds(const char *text, const char *name, unsigned mode, unsigned traits)
{
	struct arena arena = {0};
	struct predicate predicate = parse(&arena, text);
	unsigned char first = predicate_first(&predicate), last = predicate_last(&predicate);
	bool held = predicate_holds(&predicate, name, mode, traits | predicate_traits(mode));

	/* What the first and the last byte tell must not leave out what holds. */
	if (held && first)
		assert_int_equal(first, (unsigned char)name[0]);
	if (held && last)
		assert_int_equal(last, (unsigned char)name[strlen(name) - 1]);
	arena_free(&arena);
	return held;
}

static void test_predicates(void **state)
{
	(void)state;
	assert_true(holds("set-uid", "x", S_IFREG | 04755, 0));
	assert_false(holds("set-uid", "x", S_IFREG | 02755, 0));
	assert_false(holds("set-uid", "x", S_IFDIR | 04755, 0));
	assert_true(holds("set-uid,set-gid", "x", S_IFREG | 06000, 0));
	assert_false(holds("set-uid,set-gid", "x", S_IFREG | 04000, 0));
	assert_true(holds("world-writable", "x", S_IFREG | 0002, 0));
	assert_false(holds("world-writable", "x", S_IFIFO | 0666, 0));
	assert_true(holds("not-sticky", "x", S_IFDIR | 0777, 0));
	assert_false(holds("not-sticky", "x", S_IFDIR | 01777, 0));
	assert_false(holds("not-sticky", "x", S_IFDIR | 0775, 0));
	assert_true(holds("unowned,type=symlink", "x", S_IFLNK | 0777, TRAIT_UNOWNED));
	assert_false(holds("unowned", "x", S_IFLNK | 0777, TRAIT_UNGROUPED));
	assert_true(holds("device", "x", S_IFBLK, TRAIT_DEVICE));
	assert_true(holds("mode=6000", "x", S_IFREG | 06755, 0));
	assert_false(holds("mode=6000", "x", S_IFREG | 04755, 0));
	assert_false(holds("mode=0777", "x", S_IFLNK | 0777, 0));
	assert_true(holds("beyond=0644", "x", S_IFREG | 0744, 0));
	assert_false(holds("beyond=0644", "x", S_IFREG | 0640, 0));
	assert_true(holds("beyond=0", "x", S_IFREG | 0001, 0));
	assert_true(holds("beyond=0755,mode=0200", "x", S_IFREG | 0220, 0));
}

static void test_names(void **state)
{
	(void)state;
	assert_true(holds("name=*.pem", "a.pem", S_IFREG, 0));
	assert_true(holds("name=*.pem", ".pem", S_IFREG, 0));
	assert_false(holds("name=*.pem", "a.pem~", S_IFREG, 0));
	assert_true(holds("name=[ab]*", "b", S_IFREG, 0));
	assert_true(holds("name=x[ab]", "xb", S_IFREG, 0));
	assert_true(holds("name=\\*", "*", S_IFREG, 0));
	assert_false(holds("name=\\*", "\\x", S_IFREG, 0));
	assert_true(holds("name=a\\b", "ab", S_IFREG, 0));
	assert_true(holds("name=?", "\xff", S_IFREG, 0));
	assert_true(holds("name=*\xff", "a\xff", S_IFREG, 0));
	assert_true(holds("name=a", "a", S_IFDIR, 0));
}

static void test_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		",",
		"set-uid,x",
		"SET-UID",
		"name=",
		"name=a/b",
		"type=",
		"type=dir",
		"mode=",
		"mode=8",
		"mode=+7",
		"mode=10000",
		"mode=0",
		"beyond=-",
		"mode=7 ",
		"beyond=7777",
		"device,type=file",
		"set-uid,not-sticky",
		"mode=0777,type=symlink",
		"name=a,name=b",
	};
	struct arena arena = {0};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct predicate predicate;
		const char *why = NULL;

		if (!predicate_parse(&arena, wrong[i], &predicate, &why) || !why)
			fail_msg("'%s' is taken", wrong[i]);
		assert_non_null(search_refuse(wrong[i]));
	}
	assert_null(search_refuse("set-uid"));
	assert_null(search_refuse("name=*.pem,beyond=0600:/etc/with:colon"));
	assert_non_null(search_refuse("set-uid:"));
	arena_free(&arena);
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* What is kept are the first paths that fit, whatever the order in which they come. */
static void check_kept(char **paths, size_t count)
{
	struct found_list list = {0};
	struct arena arena = {0};
	size_t kept = 0, bytes = 0;

	for (size_t i = 0; i < count; i++) {
		const struct found found = {.path = paths[i], .fleeting = i % 3 == 0};

		assert_int_equal(found_add(&list, &found), 0);
	}
	found_finish(&list, &arena);
	qsort(paths, count, sizeof(*paths), compare);
	while (kept < count && kept < FOUND_MOST &&
	       bytes + sizeof(struct found) + strlen(paths[kept]) + 1 <= FOUND_MOST_BYTES)
		bytes += sizeof(struct found) + strlen(paths[kept++]) + 1;
	assert_int_equal(list.count, kept);
	assert_int_equal(list.lasting + list.fleeting, count);
	assert_int_equal(list.fleeting, (count + 2) / 3);
	for (size_t i = 0; i < kept; i++)
		assert_string_equal(list.at[i].path, paths[i]);
	arena_free(&arena);
}

static void test_found(void **state)
{
	(void)state;
	random_seed();
	for (unsigned round = 0; round < 60; round++) {
		size_t count = random_below(round % 3 ? 20 : 4000);
		unsigned longest = round % 2 ? 20 : 3000;
		char **paths = calloc(count + 1, sizeof(*paths));

		for (size_t i = 0; i < count; i++) {
			size_t length = 1 + random_below(longest);

			paths[i] = malloc(length + 1);
			for (size_t k = 0; k < length; k++)
				paths[i][k] = (char)(k < 6 ? '/' + (int)random_below(4) : 'x');
			paths[i][length] = '\0';
		}
		check_kept(paths, count);
		for (size_t i = 0; i < count; i++)
			free(paths[i]);
		free(paths);
	}
}

static void test_file_systems(void **state)
{
	const char *name;

	(void)state;
	assert_int_equal(file_system_by_name("ext4"), FILE_SYSTEM_LASTING);
	assert_int_equal(file_system_by_name("zfs"), FILE_SYSTEM_LASTING);
	assert_int_equal(file_system_by_name("tmpfs"), FILE_SYSTEM_FLEETING);
	assert_int_equal(file_system_by_name("nfs4"), FILE_SYSTEM_NETWORK);
	assert_int_equal(file_system_by_name("fuse.sshfs"), FILE_SYSTEM_NETWORK);
	assert_int_equal(file_system_by_name("fuseblk"), FILE_SYSTEM_NETWORK);
	assert_int_equal(file_system_by_name("cgroup2"), FILE_SYSTEM_PSEUDO);
	assert_int_equal(file_system_by_name("overlay"), FILE_SYSTEM_OVERLAY);
	assert_int_equal(file_system_by_magic(0xef53, &name), FILE_SYSTEM_LASTING);
	assert_int_equal(file_system_by_magic(0x9fa0, &name), FILE_SYSTEM_PSEUDO);
	assert_string_equal(name, "proc");
	/* statfs(2) has a signed number there. */
	assert_int_equal(file_system_by_magic((unsigned long)(int)0xff534d42, &name),
			 FILE_SYSTEM_NETWORK);
	assert_string_equal(name, "cifs");
}

static void check_argument(const char *line, const char *name, const char *wanted)
{
	struct arena arena = {0};
	const char *value = argument_value(&arena, line, name);

	if (wanted)
		assert_string_equal(value, wanted);
	else
		assert_null(value);
	arena_free(&arena);
}

static void check_toml(const char *text, const char *section, const char *wanted)
{
	struct arena arena = {0};
	const char *value = toml_string(&arena, text, section, "root");

	if (wanted)
		assert_string_equal(value, wanted);
	else
		assert_null(value);
	arena_free(&arena);
}

static void test_settings(void **state)
{
	(void)state;
	check_argument("/usr/bin/x --root /a", "--root", "/a");
	check_argument("/usr/bin/x --root=/a --root=/b", "--root", "/b");
	check_argument("/usr/bin/x --root-dir=/a --rooted /b", "--root", NULL);
	check_argument("/usr/bin/x --root", "--root", NULL);
	check_argument("", "--root", NULL);
	check_toml("root = \"/a\"\n", NULL, "/a");
	check_toml(" root\t=\t'/a' # x\r\n", NULL, "/a");
	check_toml("rooted = \"/a\"\nroot = /b\nroot = \"/c\"", NULL, "/c");
	check_toml("[x]\nroot = \"/a\"\n", NULL, NULL);
	check_toml("root = \"/a\"\n[x]\nroot = \"/b\"\n[y]\nroot = \"/c\"\n", "x", "/b");
	check_toml("root = \"/a\\\"b\"\n", NULL, NULL);
	check_toml("root = \"/a", NULL, NULL);
	check_toml("root = \"\"", NULL, NULL);
	check_toml("", "x", NULL);
}

/* Each walk gives back what it opened, and takes no more memory for the next. */
static void test_walks(void **state)
{
	unsigned before;
	struct tree tree;

	(void)state;
	tree_make(&tree);
	for (unsigned i = 0; i < 200; i++) {
		char path[64];

		snprintf(path, sizeof(path), "a/%u/b/c%u", i % 20, i);
		tree_text(&tree, path, "");
	}
	before = count_fds();
	for (unsigned i = 0; i < 20; i++) {
		char subject[64];
		const struct search *search;

		snprintf(subject, sizeof(subject), "name=c*,type=file:/a/%u", i);
		search_announce(&tree.host, "name=c*,type=file");
		search = search_get(&tree.host, subject);
		assert_null(search->why);
		assert_int_equal(search->found->lasting, 10);
		assert_int_equal(search->failures, 0);
	}
	assert_int_equal(search_get(&tree.host, "name=c*,type=file")->found->lasting, 200);
	assert_int_equal(count_fds(), before);
	tree_remove(&tree);
}

/* More questions than one walk takes. */
static void test_many_questions(void **state)
{
	struct tree tree;
	char subject[64];

	(void)state;
	tree_make(&tree);
	tree_text(&tree, "a/file", "");
	for (unsigned i = 0; i < 200; i++) {
		snprintf(subject, sizeof(subject), "name=file,beyond=%o", i);
		search_announce(&tree.host, subject);
	}
	for (unsigned i = 0; i < 200; i++) {
		snprintf(subject, sizeof(subject), "name=file,beyond=%o", i);
		assert_int_equal(search_get(&tree.host, subject)->found->lasting, 1);
	}
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_predicates),   cmocka_unit_test(test_names),
		cmocka_unit_test(test_refused),      cmocka_unit_test(test_found),
		cmocka_unit_test(test_file_systems), cmocka_unit_test(test_settings),
		cmocka_unit_test(test_walks),        cmocka_unit_test(test_many_questions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
