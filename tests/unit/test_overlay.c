/*
 * An /etc in two halves: what the door makes of them has to be what the kernel makes of them when
 * it mounts one over the other. Random changes are made through a real overlay; then both are
 * compared, name by name. Needs root.
 */
#include "tree.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#define ROUNDS 10
#define CHANGES 25

static const char *const names[] = {"a", "b", "c", "d.conf", "e"};

#define N_NAMES (sizeof(names) / sizeof(names[0]))

static struct tree tree;
static char mounted[128];
static struct os os = {.lower_mode = LOWER_OVERLAY, .lower_etc = "/usr/share/vendor/etc"};

static void fill(int dir, unsigned depth)
{
	for (size_t i = 0; i < N_NAMES; i++) {
		int fd;

		switch (random_below(depth ? 5 : 3)) {
		case 0:
			fd = openat(dir, names[i], O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
			assert_int_equal(write(fd, "lower", 5), 5);
			close(fd);
			break;
		case 1:
			symlinkat(names[random_below(N_NAMES)], dir, names[i]);
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

static const char *random_path(char *path, size_t size)
{
	unsigned count = 1 + random_below(3);
	size_t length = (size_t)snprintf(path, size, "%s", mounted);

	for (unsigned i = 0; i < count; i++)
		length += (size_t)snprintf(path + length, size - length, "/%s",
					   names[random_below(N_NAMES)]);
	return path;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_TRUNC, 0640);

	if (fd < 0)
		return;
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void change(void)
{
	char path[256], other[256];

	random_path(path, sizeof(path));
	switch (random_below(9)) {
	case 0:
		write_file(path, "upper file");
		break;
	case 1:
		if (symlink("a", path))
			break;
		break;
	case 2:
		mkdir(path, 0700);
		break;
	case 3:
		remove(path);
		break;
	case 4:
		nftw(path, tree_remove_one, 16, FTW_PHYS | FTW_DEPTH);
		break;
	case 5:
		/* What replaces a directory hides all of it. */
		nftw(path, tree_remove_one, 16, FTW_PHYS | FTW_DEPTH);
		mkdir(path, 0755);
		break;
	case 6:
		nftw(path, tree_remove_one, 16, FTW_PHYS | FTW_DEPTH);
		write_file(path, "instead");
		break;
	case 7:
		if (chmod(path, 0711))
			break;
		break;
	default:
		if (rename(path, random_path(other, sizeof(other))))
			break;
	}
}

/* What is at a place: its type, mode and content, or that it is not there. */
static const char *describe_mounted(const char *path)
{
	char full[512], text[64] = "";
	struct stat stat;
	ssize_t length = 0;
	int fd;

	snprintf(full, sizeof(full), "%s%s", mounted, path);
	if (lstat(full, &stat))
		return strerror(errno);
	fd = open(full, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	if (S_ISREG(stat.st_mode))
		length = read(fd, text, sizeof(text) - 1);
	if (S_ISLNK(stat.st_mode))
		length = readlink(full, text, sizeof(text) - 1);
	assert_true(length >= 0);
	text[length] = '\0';
	if (fd >= 0)
		close(fd);
	return arena_printf(&tree.arena, "%o %s", stat.st_mode, text);
}

static const char *describe(struct host *host, const char *path)
{
	const char *full = arena_printf(host->arena, "/etc%s", path);
	struct host_text text = {0};
	struct statx stat;
	char *target = NULL;
	const char *told;
	int error = host_stat(host, full, false, &stat);

	if (!error && S_ISREG(stat.stx_mode))
		error = host_read(host, full, 0, &text);
	if (!error && S_ISLNK(stat.stx_mode))
		error = host_readlink(host, full, &target);
	if (error)
		return strerror(-error);
	told = text.data ? text.data : target ? target : "";
	told = arena_printf(host->arena, "%o %s", stat.stx_mode, told);
	host_text_free(&text);
	return told;
}

static const char *list_mounted(const char *path)
{
	char full[512];
	struct strv found = {0};
	struct dirent *entry;
	DIR *dir;

	snprintf(full, sizeof(full), "%s%s", mounted, path);
	dir = opendir(full);
	assert_non_null(dir);
	while ((entry = readdir(dir)))
		if (!str_eq(entry->d_name, ".") && !str_eq(entry->d_name, ".."))
			strv_push(&found, &tree.arena, arena_strdup(&tree.arena, entry->d_name));
	closedir(dir);
	strv_sort(&found);
	return strv_join(&found, &tree.arena, " ");
}

/* Compares all names that there could be. Returns how many were compared. */
static unsigned compare(struct host *host, const char *path, unsigned depth)
{
	struct strv found = {0};
	struct stat stat;
	unsigned compared = 1;
	const char *there = describe_mounted(path), *here = describe(host, path);

	if (!str_eq(there, here))
		fail_msg("/etc%s: the kernel says %s, the door %s", path, there, here);
	if (lstat(arena_printf(&tree.arena, "%s%s", mounted, path), &stat) ||
	    !S_ISDIR(stat.st_mode))
		return compared;
	assert_int_equal(host_list(host, arena_printf(&tree.arena, "/etc%s", path), &found), 0);
	assert_string_equal(list_mounted(path), strv_join(&found, &tree.arena, " "));
	for (size_t i = 0; depth && i < N_NAMES; i++)
		compared += compare(host, arena_printf(&tree.arena, "%s/%s", path, names[i]),
				    depth - 1);
	return compared;
}

static bool mount_overlay(const char *options)
{
	char data[512];

	snprintf(data, sizeof(data),
		 "lowerdir=%s/usr/share/vendor/etc,upperdir=%s/etc,workdir=%s/work%s", tree.root,
		 tree.root, tree.dir, options);
	snprintf(mounted, sizeof(mounted), "%s/mounted", tree.dir);
	mkdir(mounted, 0755);
	mkdir(strcat(strcpy((char[128]){0}, tree.dir), "/work"), 0755);
	return mount("overlay", mounted, "overlay", 0, data) == 0;
}

/* A mount namespace of its own for all tests; false for others than root. */
static bool is_able(void)
{
	static int able = -1;

	if (able < 0)
		able = !getuid() && !unshare(CLONE_NEWNS) &&
		       !mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL);
	return able;
}

static void make_halves(void)
{
	int lower;

	tree_make(&tree);
	tree_dir(&tree, "etc", 0755);
	tree_dir(&tree, "usr/share/vendor/etc", 0755);
	lower = openat(tree.fd, "usr/share/vendor/etc", O_RDONLY | O_DIRECTORY);
	fill(lower, 3);
	close(lower);
}

static void test_random(void **state)
{
	unsigned compared = 0;

	(void)state;
	if (!is_able())
		skip();
	random_seed();
	for (int round = 0; round < ROUNDS; round++) {
		make_halves();
		if (!mount_overlay(",redirect_dir=off,metacopy=off")) {
			tree_remove(&tree);
			skip();
		}
		host_set_os(&tree.host, &os);
		for (int i = 0; i < CHANGES; i++)
			change();
		compared += compare(&tree.host, "", 3);
		assert_int_equal(umount(mounted), 0);
		tree_remove(&tree);
	}
	fprintf(stderr, "%u names compared\n", compared);
	assert_true(compared > 5 * ROUNDS);
}

/* Directories that were renamed: either the same as the kernel says, or an error. Never a guess. */
static void compare_or_error(const char *path, unsigned depth, unsigned *errors)
{
	const char *there = describe_mounted(path), *here = describe(&tree.host, path);
	struct stat stat;

	if (str_eq(here, strerror(EXDEV))) {
		++*errors;
		return;
	}
	if (!str_eq(there, here))
		fail_msg("/etc%s: the kernel says %s, the door %s", path, there, here);
	if (lstat(arena_printf(&tree.arena, "%s%s", mounted, path), &stat) ||
	    !S_ISDIR(stat.st_mode))
		return;
	for (size_t i = 0; depth && i < N_NAMES; i++)
		compare_or_error(arena_printf(&tree.arena, "%s/%s", path, names[i]), depth - 1,
				 errors);
}

/* A directory of the lower tree gets another name, at the top or in a directory that is new. */
static void move(bool into_new)
{
	const char *from = arena_printf(&tree.arena, "%s/moved", mounted);
	const char *new = arena_printf(&tree.arena, "%s/a", mounted);
	const char *to = into_new ? arena_printf(&tree.arena, "%s/b", new) : new;

	nftw(new, tree_remove_one, 16, FTW_PHYS | FTW_DEPTH);
	if (into_new)
		assert_int_equal(mkdir(new, 0755), 0);
	assert_int_equal(rename(from, to), 0);
}

static void test_redirect(void **state)
{
	unsigned errors = 0;

	(void)state;
	if (!is_able())
		skip();
	for (int round = 0; round < ROUNDS; round++) {
		make_halves();
		tree_text(&tree, "usr/share/vendor/etc/moved/inner", "lower");
		if (!mount_overlay(",redirect_dir=on,metacopy=on")) {
			tree_remove(&tree);
			skip();
		}
		host_set_os(&tree.host, &os);
		for (int i = 0; i < CHANGES; i++)
			change();
		move(round % 2);
		compare_or_error("", 3, &errors);
		assert_int_equal(umount(mounted), 0);
		tree_remove(&tree);
	}
	assert_true(errors >= ROUNDS);
}

/* Links from one half to the other, and out of both. */
static void test_links(void **state)
{
	static const char *const pairs[][2] = {
		{"/etc/to-lower", "lower"},     {"/etc/to-upper", "upper"},
		{"/etc/absolute", "lower"},     {"/etc/up-and-down", "lower"},
		{"/usr/into", "upper"},         {"/etc/both/../both/low", "lower"},
		{"/etc/both/./up", "upper"},    {"/../etc/both/low", "lower"},
		{"/etc/both/back/up", "upper"}, {"/usr/share/vendor/etc/both/low", "lower"},
	};

	(void)state;
	tree_make(&tree);
	tree_text(&tree, "usr/share/vendor/etc/both/low", "lower");
	tree_text(&tree, "etc/both/up", "upper");
	tree_link(&tree, "etc/to-lower", "both/low");
	tree_link(&tree, "usr/share/vendor/etc/to-upper", "both/up");
	tree_link(&tree, "etc/absolute", "/etc/both/low");
	tree_link(&tree, "etc/up-and-down", "../../../usr/../etc/both/low");
	tree_link(&tree, "usr/into", "../etc/both/up");
	tree_link(&tree, "usr/share/vendor/etc/both/back", "..//both");
	tree_link(&tree, "usr/share/vendor/etc/leave", "../../outside");
	host_set_os(&tree.host, &os);
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		struct host_text text = {0};
		int error = host_read(&tree.host, pairs[i][0], 0, &text);

		if (error)
			fail_msg("%s: %s", pairs[i][0], host_error(error));
		assert_string_equal(text.data, pairs[i][1]);
		host_text_free(&text);
	}
	assert_false(host_exists(&tree.host, "/etc/leave"));
	/* In one half only, the other half's directory is not seen from outside of /etc. */
	assert_false(host_exists(&tree.host, "/usr/share/vendor/etc/both/up"));
	tree_remove(&tree);
}

/* /etc is replaced as a whole, is not there, or is empty. */
static void test_top(void **state)
{
	static const struct os missing = {.lower_mode = LOWER_IF_MISSING,
					  .lower_etc = "/usr/share/vendor/etc"};
	struct strv found = {0};

	(void)state;
	tree_make(&tree);
	tree_text(&tree, "usr/share/vendor/etc/low", "lower");
	host_set_os(&tree.host, &os);
	assert_true(host_exists(&tree.host, "/etc/low"));
	host_set_os(&tree.host, &missing);
	assert_true(host_exists(&tree.host, "/etc/low"));
	assert_int_equal(host_list(&tree.host, "/", &found), 0);
	assert_string_equal(strv_join(&found, &tree.arena, " "), "etc usr");
	tree_dir(&tree, "etc", 0755);
	host_set_os(&tree.host, &missing);
	assert_true(host_exists(&tree.host, "/etc/low"));
	tree_text(&tree, "etc/up", "upper");
	host_set_os(&tree.host, &missing);
	assert_false(host_exists(&tree.host, "/etc/low"));
	assert_true(host_exists(&tree.host, "/etc/up"));
	host_set_os(&tree.host, &os);
	assert_true(host_exists(&tree.host, "/etc/low"));
	tree.host.live = true;
	host_set_os(&tree.host, &os);
	assert_false(host_exists(&tree.host, "/etc/low"));
	tree_remove(&tree);
}

/* A vendor's copy that cannot be opened is no missing one. */
static void test_lower_error(void **state)
{
	struct strv found = {0};

	(void)state;
	tree_make(&tree);
	tree_text(&tree, "etc/up", "upper");
	host_set_os(&tree.host, &os);
	assert_int_equal(host_list(&tree.host, "/etc", &found), 0);
	tree_link(&tree, "usr/share/vendor", "vendor");
	host_set_os(&tree.host, &os);
	assert_int_equal(host_list(&tree.host, "/etc", &found), -ELOOP);
	assert_int_equal(host_list(&tree.host, "/usr", &found), 0);
	tree_remove(&tree);
}

static void drop_admin(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};

	if (syscall(SYS_capget, &header, data))
		_exit(2);
	data[0].effective &= ~(1u << CAP_SYS_ADMIN);
	if (syscall(SYS_capset, &header, data))
		_exit(2);
}

/* Without the right to see the marks: what they may hide is not told. */
static void look_without_admin(struct host *host, const char *lower, const char *owned)
{
	struct statx stat;
	struct strv found = {0};

	drop_admin();
	if (host_stat(host, lower, true, &stat) != -EACCES ||
	    host_stat(host, "/etc/both/none", true, &stat) != -EACCES ||
	    host_list(host, "/etc/both", &found) != -EACCES)
		_exit(3);
	if (host_stat(host, "/etc/both/up", true, &stat) ||
	    host_stat(host, "/etc/none", true, &stat) != -ENOENT ||
	    host_stat(host, "/etc/owned/none", true, &stat) != -ENOENT ||
	    host_stat(host, "/etc/only/low", true, &stat) || host_list(host, "/etc", &found))
		_exit(4);
	if (host_stat(host, owned, true, &stat))
		_exit(5);
	_exit(0);
}

static void test_unsure(void **state)
{
	int status;
	pid_t child;

	(void)state;
	if (getuid())
		skip();
	tree_make(&tree);
	tree_text(&tree, "usr/share/vendor/etc/both/low", "lower");
	tree_text(&tree, "usr/share/vendor/etc/only/low", "lower");
	tree_text(&tree, "usr/share/vendor/etc/owned/low", "lower");
	tree_text(&tree, "etc/both/up", "upper");
	tree_text(&tree, "etc/owned/up", "upper");
	assert_int_equal(fchownat(tree.fd, "etc/owned", 1000, 1000, 0), 0);
	host_set_os(&tree.host, &os);
	assert_true(host_exists(&tree.host, "/etc/both/low"));
	child = fork();
	if (!child)
		look_without_admin(&tree.host, "/etc/both/low", "/etc/owned/low");
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	tree_remove(&tree);
}

static void test_leaks(void **state)
{
	static const char *const paths[] = {"/etc",         "/etc/both/low",  "/etc/both/up",
					    "/etc/gone",    "/etc/both/none", "/etc/both/low/x",
					    "/etc/only/low"};
	unsigned before;

	(void)state;
	tree_make(&tree);
	tree_text(&tree, "usr/share/vendor/etc/both/low", "lower");
	tree_text(&tree, "usr/share/vendor/etc/only/low", "lower");
	tree_text(&tree, "usr/share/vendor/etc/gone", "lower");
	tree_text(&tree, "etc/both/up", "upper");
	if (!getuid())
		tree_node(&tree, "etc/gone", S_IFCHR, makedev(0, 0));
	host_set_os(&tree.host, &os);
	host_exists(&tree.host, "/etc/both/low");
	before = count_fds();
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		struct strv found = {0};
		struct host_text text = {0};

		assert_int_not_equal(host_list(&tree.host, paths[i], &found), -EMFILE);
		if (!host_read(&tree.host, paths[i], 0, &text))
			host_text_free(&text);
	}
	if (!getuid())
		assert_false(host_exists(&tree.host, "/etc/gone"));
	assert_int_equal(count_fds(), before);
	tree_remove(&tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random), cmocka_unit_test(test_redirect),
		cmocka_unit_test(test_links),  cmocka_unit_test(test_top),
		cmocka_unit_test(test_unsure), cmocka_unit_test(test_lower_error),
		cmocka_unit_test(test_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
