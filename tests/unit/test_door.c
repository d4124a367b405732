/* Opening, reading, listing: what is refused, what is bounded, what is left behind. */
#include "tree.h"

#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>

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

static int reads(const char *path, size_t limit)
{
	cleanup(text) struct host_text text = {0};

	return host_read(&tree.host, path, limit, &text);
}

static int opens(const char *path, int flags)
{
	int fd = host_open(&tree.host, path, flags);

	if (fd < 0)
		return fd;
	close(fd);
	return 0;
}

static void test_sizes(void **state)
{
	static const size_t sizes[] = {0, 1, 4094, 4095, 4096, 4097, 8192, 65537, 1048576};
	char *data = malloc(1048577);

	(void)state;
	memset(data, 'x', 1048577);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct host_text text = {0};

		tree_file(&tree, "file", data, sizes[i]);
		assert_int_equal(host_read(&tree.host, "/file", 0, &text), 0);
		assert_int_equal(text.size, sizes[i]);
		assert_int_equal(text.data[sizes[i]], '\0');
		assert_memory_equal(text.data, data, sizes[i]);
		host_text_free(&text);
		assert_null(text.data);
		if (!sizes[i])
			continue;
		assert_int_equal(reads("/file", sizes[i]), 0);
		if (sizes[i] > 1)
			assert_int_equal(reads("/file", sizes[i] - 1), -EFBIG);
	}
	tree_file(&tree, "file", data, 1048577);
	assert_int_equal(reads("/file", 0), -EFBIG);
	free(data);
}

static void test_sparse(void **state)
{
	(void)state;
	tree_text(&tree, "sparse", "x");
	assert_int_equal(truncate(strcat(strcpy((char[128]){0}, tree.root), "/sparse"), 8ll << 30),
			 0);
	assert_int_equal(reads("/sparse", 0), -EFBIG);
	assert_int_equal(truncate(strcat(strcpy((char[128]){0}, tree.root), "/sparse"), 100), 0);
	assert_int_equal(reads("/sparse", 0), -EILSEQ);
}

static void test_nul(void **state)
{
	struct host_text text = {.data = NULL, .size = 77};

	(void)state;
	tree_file(&tree, "nul", "a\0b", 3);
	assert_int_equal(host_read(&tree.host, "/nul", 0, &text), -EILSEQ);
	/* Untouched on failure. */
	assert_null(text.data);
	assert_int_equal(text.size, 77);
	assert_int_equal(host_read_bytes(&tree.host, "/nul", 0, &text), 0);
	assert_memory_equal(text.data, "a\0b", 4);
	assert_int_equal(text.size, 3);
	host_text_free(&text);
}

/* A FIFO or a socket must neither block nor be opened; the alarm ends what would hang. */
static void test_odd_files(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	tree_node(&tree, "fifo", S_IFIFO | 0666, 0);
	snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", tree.root);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	close(fd);
	tree_dir(&tree, "dir", 0755);
	tree_text(&tree, "file", "x");
	tree_link(&tree, "link", "file");
	tree_link(&tree, "todir", "dir");
	tree_link(&tree, "self", "self");
	alarm(20);
	assert_int_equal(reads("/fifo", 0), -EOPNOTSUPP);
	assert_int_equal(reads("/socket", 0), -EOPNOTSUPP);
	alarm(0);
	assert_int_equal(reads("/dir", 0), -EISDIR);
	assert_int_equal(reads("/todir", 0), -EISDIR);
	assert_int_equal(reads("/none", 0), -ENOENT);
	assert_int_equal(reads("/file/none", 0), -ENOTDIR);
	assert_int_equal(reads("/self", 0), -ELOOP);
	assert_int_equal(reads("/link", 0), 0);
	assert_int_equal(opens("/link", O_NOFOLLOW), -ELOOP);
	assert_int_equal(opens("/link", O_NOFOLLOW | O_PATH), 0);
	assert_int_equal(opens("/fifo", O_PATH), 0);
	assert_int_equal(opens("/fifo", O_DIRECTORY), -ENOTDIR);
	assert_int_equal(opens("/file", O_PATH | O_DIRECTORY), -ENOTDIR);
	assert_int_equal(opens("/dir", O_PATH | O_DIRECTORY), 0);
	assert_int_equal(opens("/todir", O_DIRECTORY), 0);
	assert_int_equal(opens("/todir", O_DIRECTORY | O_NOFOLLOW), -ENOTDIR);
}

static void test_devices(void **state)
{
	(void)state;
	if (getuid())
		skip();
	/* A driver would notice an open; this one has none: ENXIO if it were tried. */
	tree_node(&tree, "char", S_IFCHR | 0666, makedev(511, 7));
	tree_node(&tree, "block", S_IFBLK | 0666, makedev(511, 7));
	assert_int_equal(reads("/char", 0), -EOPNOTSUPP);
	assert_int_equal(reads("/block", 0), -EOPNOTSUPP);
}

static void see_nothing(struct tree *seen)
{
	struct strv names = {0};
	struct host_text text = {0};

	if (host_read(&seen->host, "/closed", 0, &text) != -EACCES ||
	    host_read(&seen->host, "/shut/file", 0, &text) != -EACCES ||
	    host_list(&seen->host, "/shut", &names) != -EACCES ||
	    !host_exists(&seen->host, "/shut/none") || host_read(&seen->host, "/open", 0, &text) ||
	    !str_eq(text.data, "x"))
		_exit(1);
	/* What may be listed but not searched. */
	if (host_list(&seen->host, "/listed", &names) || names.count != 1 ||
	    host_read(&seen->host, "/listed/file", 0, &text) != -EACCES)
		_exit(1);
}

static void test_permissions(void **state)
{
	(void)state;
	tree_text(&tree, "closed", "x");
	tree_text(&tree, "open", "x");
	tree_text(&tree, "shut/file", "x");
	tree_text(&tree, "listed/file", "x");
	assert_int_equal(fchmodat(tree.fd, "closed", 0, 0), 0);
	assert_int_equal(fchmodat(tree.fd, "shut", 0, 0), 0);
	assert_int_equal(fchmodat(tree.fd, "listed", 0444, 0), 0);
	if (getuid()) {
		see_nothing(&tree);
		return;
	}
	as_nobody(see_nothing, &tree);
	tree.host.walks = true;
	as_nobody(see_nothing, &tree);
}

/* While another process appends, what is read is what the file was at some time. */
static void test_growing(void **state)
{
	static const char digits[] = "0123456789";
	char path[128];
	pid_t writer;

	(void)state;
	tree_text(&tree, "log", "");
	snprintf(path, sizeof(path), "%s/log", tree.root);
	writer = fork();
	if (!writer) {
		int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);

		for (int i = 0; i < 60000; i++)
			if (write(fd, digits, 10) != 10)
				_exit(1);
		_exit(0);
	}
	while (!waitpid(writer, NULL, WNOHANG)) {
		struct host_text text = {0};

		assert_int_equal(host_read(&tree.host, "/log", 0, &text), 0);
		assert_int_equal(strlen(text.data), text.size);
		for (size_t i = 0; i < text.size; i++)
			assert_int_equal(text.data[i], digits[i % 10]);
		host_text_free(&text);
	}
}

/* Files of procfs have no size, and are longer than the first read. */
static void test_proc(void **state)
{
	struct arena arena = {0};
	struct host host;
	struct host_text text = {0};

	(void)state;
	assert_int_equal(host_init(&host, &arena, "/", true), 0);
	assert_int_equal(host_proc_read(&host, "self/smaps", 0, &text), 0);
	assert_true(text.size > 8192);
	assert_int_equal(strlen(text.data), text.size);
	assert_non_null(strstr(text.data + text.size / 2, "\nVmFlags: "));
	host_text_free(&text);
	assert_int_equal(host_proc_read(&host, "self/smaps", 1000, &text), -EFBIG);
	assert_int_equal(host_proc_read(&host, "sys/kernel/ostype", 0, &text), 0);
	assert_string_equal(text.data, "Linux\n");
	host_text_free(&text);
	assert_int_equal(host_proc_read(&host, "sys/kernel/none", 0, &text), -ENOENT);
	assert_int_equal(host_proc_open(&host, "../etc/passwd", O_RDONLY), -EXDEV);
	assert_int_equal(host_proc_open(&host, "/etc/passwd", O_RDONLY), -EXDEV);
	assert_int_equal(host_proc_open(&host, "self/root/etc/passwd", O_RDONLY), -ELOOP);
	host_close(&host);
	arena_free(&arena);
}

static void test_no_proc(void **state)
{
	struct arena arena = {0};
	struct host host;
	struct host_text text = {0};

	(void)state;
	assert_int_equal(host_proc_read(&tree.host, "sys/kernel/ostype", 0, &text), -ENODEV);
	/* A directory that only looks like one. */
	tree_text(&tree, "proc/sys/kernel/ostype", "Linux\n");
	assert_int_equal(host_init(&host, &arena, tree.root, true), 0);
	assert_int_equal(host_proc_read(&host, "sys/kernel/ostype", 0, &text), -ENOTSUP);
	assert_int_equal(host_proc_read(&host, "sys/kernel/ostype", 0, &text), -ENOTSUP);
	host_close(&host);
	arena_free(&arena);
}

/* Where this process has no /proc, or one that is none. */
static void read_without_proc(void)
{
	struct arena arena = {0};
	struct host host;
	struct host_text text = {0};
	struct strv names = {0};

	if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
	    mount("none", "/proc", "tmpfs", 0, NULL))
		_exit(77);
	if (host_init(&host, &arena, tree.root, false))
		_exit(1);
	if (host_read(&host, "/link", 0, &text) || !str_eq(text.data, "x"))
		_exit(2);
	if (host_list(&host, "/dir", &names) || names.count != 1)
		_exit(3);
	if (host_read(&host, "/fifo", 0, &text) != -EOPNOTSUPP)
		_exit(4);
	host.walks = true;
	if (host_read(&host, "/link", 0, &text) != -ENOSYS)
		_exit(5);
	_exit(0);
}

static void test_without_proc(void **state)
{
	int status;
	pid_t child;

	(void)state;
	tree_text(&tree, "dir/file", "x");
	tree_link(&tree, "link", "dir/file");
	tree_node(&tree, "fifo", S_IFIFO | 0644, 0);
	child = fork();
	if (!child)
		read_without_proc();
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WEXITSTATUS(status) == 77)
		skip();
	assert_int_equal(status, 0);
}

static void test_exists(void **state)
{
	(void)state;
	tree_text(&tree, "file", "");
	tree_link(&tree, "dangling", "none");
	tree_link(&tree, "self", "self");
	assert_true(host_exists(&tree.host, "/file"));
	assert_true(host_exists(&tree.host, "/"));
	assert_false(host_exists(&tree.host, "/none"));
	assert_false(host_exists(&tree.host, "/file/none"));
	assert_false(host_exists(&tree.host, "/dangling"));
	assert_true(host_exists(&tree.host, "/self"));
}

static void test_readlink(void **state)
{
	char long_target[PATH_MAX], *target = NULL;

	(void)state;
	tree_text(&tree, "file", "");
	tree_link(&tree, "link", "a target");
	memset(long_target, 'x', sizeof(long_target));
	long_target[PATH_MAX - 1] = '\0';
	tree_link(&tree, "long", long_target);
	assert_int_equal(host_readlink(&tree.host, "/link", &target), 0);
	assert_string_equal(target, "a target");
	assert_int_equal(host_readlink(&tree.host, "/long", &target), 0);
	assert_string_equal(target, long_target);
	assert_int_equal(host_readlink(&tree.host, "/file", &target), -EINVAL);
	assert_int_equal(host_readlink(&tree.host, "/", &target), -EINVAL);
	assert_int_equal(host_readlink(&tree.host, "/none", &target), -ENOENT);
}

static void test_list(void **state)
{
	struct strv names = {0};

	(void)state;
	tree_text(&tree, "dir/b", "");
	tree_text(&tree, "dir/\xff", "");
	tree_text(&tree, "dir/a b", "");
	tree_text(&tree, "dir/.hidden", "");
	tree_text(&tree, "dir/B", "");
	tree_dir(&tree, "empty", 0755);
	tree_link(&tree, "link", "dir");
	assert_int_equal(host_list(&tree.host, "/link", &names), 0);
	assert_string_equal(strv_join(&names, &tree.arena, ","), ".hidden,B,a b,b,\xff");
	assert_int_equal(host_list(&tree.host, "/empty", &names), 0);
	assert_int_equal(names.count, 0);
	assert_int_equal(host_list(&tree.host, "/none", &names), -ENOENT);
	assert_int_equal(host_list(&tree.host, "/dir/b", &names), -ENOTDIR);
}

/* More names than anybody has: an error, soon, and again and again without the memory to grow. */
static void test_many_names(void **state)
{
	struct strv names = {0};
	char name[64];
	int error = 0;

	(void)state;
	tree_text(&tree, "many/first", "");
	for (int i = 0; i < 32768; i++) {
		snprintf(name, sizeof(name), "many/%d", i);
		assert_int_equal(linkat(tree.fd, "many/first", tree.fd, name, 0), 0);
	}
	assert_int_equal(host_list(&tree.host, "/many", &names), -E2BIG);
	assert_int_equal(unlinkat(tree.fd, "many/first", 0), 0);
	assert_int_equal(host_list(&tree.host, "/many", &names), 0);
	assert_int_equal(names.count, 32768);
	for (int i = 0; i < 100 && !error; i++)
		error = host_list(&tree.host, "/many", &names);
	assert_int_equal(error, -E2BIG);
}

static void test_persists(void **state)
{
	static const struct {
		const char *prefixes, *path;
		bool persists;
	} cases[] = {
		{"", "/etc/x", true},
		{"none", "/etc/x", false},
		{"/", "/etc/x", true},
		{"/etc", "/etc", true},
		{"/etc", "/etc/x", true},
		{"/etc/", "/etc/x", true},
		{"/etc", "/etcetera", false},
		{"/etc", "/var", false},
		{"/opt /var", "/var/lib/x", true},
		{"/etc/modprobe.d", "/etc/sysctl.d/x", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct os os = {0};

		strv_split(&os.persists, &tree.arena, cases[i].prefixes, " ");
		host_set_os(&tree.host, &os);
		assert_int_equal(host_persists(&tree.host, cases[i].path), cases[i].persists);
		host_set_os(&tree.host, &(struct os){0});
	}
}

static int loads;

static const void *load(struct host *host)
{
	loads++;
	return host->name;
}

static const void *load_other(struct host *host)
{
	return host_view(host, load) ? "other" : NULL;
}

static void test_views(void **state)
{
	static const struct os os;

	(void)state;
	assert_string_equal(host_view(&tree.host, load_other), "other");
	assert_ptr_equal(host_view(&tree.host, load), tree.host.name);
	assert_ptr_equal(host_view(&tree.host, load), tree.host.name);
	assert_int_equal(loads, 1);
	host_set_os(&tree.host, &os);
	host_view(&tree.host, load);
	assert_int_equal(loads, 2);
}

static void test_errors(void **state)
{
	(void)state;
	assert_string_equal(host_error(-ENOENT), "no such file or directory");
	assert_string_equal(host_error(-EFBIG), "larger than what is read at most");
	assert_string_equal(host_error(-EACCES), strerror(EACCES));
	assert_int_equal(host_init(&(struct host){0}, &tree.arena, "/no/such", false), -ENOENT);
	assert_int_equal(host_init(&(struct host){0}, &tree.arena, "/etc/passwd", false), -ENOTDIR);
}

/* On an ostree disk the tree is a deployment, and /var lies beside it. */
static void test_deployment(void **state)
{
	struct host host;
	struct host_text text = {0};
	struct strv names = {0};
	char *path;

	(void)state;
	tree_text(&tree, "ostree/deploy/fcos/deploy/abc.0/etc/name", "deployed");
	tree_text(&tree, "ostree/deploy/fcos/deploy/abc.0.origin", "");
	tree_link(&tree, "ostree/deploy/fcos/deploy/abc.0/home", "var/home");
	tree_link(&tree, "ostree/deploy/fcos/deploy/abc.0/usr/local", "../var/usrlocal");
	tree_dir(&tree, "ostree/deploy/fcos/deploy/abc.0/var", 0755);
	tree_text(&tree, "ostree/deploy/fcos/var/home/core/x", "home");
	tree_text(&tree, "ostree/deploy/fcos/var/usrlocal/y", "local");
	assert_int_equal(host_init(&host, &tree.arena, tree.root, false), 0);
	assert_int_equal(host_read(&host, "/etc/name", 0, &text), 0);
	assert_string_equal(text.data, "deployed");
	host_text_free(&text);
	assert_int_equal(host_read(&host, "/home/core/x", 0, &text), 0);
	assert_string_equal(text.data, "home");
	host_text_free(&text);
	assert_int_equal(host_read(&host, "/usr/local/y", 0, &text), 0);
	assert_string_equal(text.data, "local");
	host_text_free(&text);
	assert_int_equal(host_read(&host, "/var/../../../etc/name", 0, &text), 0);
	host_text_free(&text);
	assert_int_equal(host_canonical(&host, "/usr/local/y", &path), 0);
	assert_string_equal(path, "/var/usrlocal/y");
	assert_int_equal(host_list(&host, "/", &names), 0);
	assert_string_equal(strv_join(&names, &tree.arena, " "), "etc home usr var");
	host_close(&host);
	tree_dir(&tree, "ostree/deploy/fcos/deploy/def.0", 0755);
	assert_int_equal(host_init(&host, &tree.arena, tree.root, false), -ENOTUNIQ);
	tree_dir(&tree, "usr", 0755);
	assert_int_equal(host_init(&host, &tree.arena, tree.root, false), 0);
	assert_int_equal(host.var, -1);
	host_close(&host);
}

/* Whatever was asked, nothing stays open. */
static void test_leaks(void **state)
{
	static const char *const paths[] = {"/",     "/dir/file",          "/dir/none",  "/fifo",
					    "/self", "/dir/../dir/file/x", "/link/file", "/nul"};
	unsigned before;

	(void)state;
	tree_text(&tree, "dir/file", "x");
	tree_file(&tree, "nul", "", 1);
	tree_link(&tree, "self", "self");
	tree_link(&tree, "link", "/dir");
	tree_node(&tree, "fifo", S_IFIFO | 0644, 0);
	reads("/dir/file", 0);
	before = count_fds();
	for (int walks = 0; walks < 2; walks++) {
		tree.host.walks = walks;
		for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
			struct strv names = {0};
			struct statx stat;
			char *path;

			reads(paths[i], 0);
			opens(paths[i], O_PATH);
			opens(paths[i], O_DIRECTORY);
			host_exists(&tree.host, paths[i]);
			assert_int_not_equal(host_stat(&tree.host, paths[i], false, &stat),
					     -EMFILE);
			assert_int_not_equal(host_list(&tree.host, paths[i], &names), -EMFILE);
			assert_int_not_equal(host_readlink(&tree.host, paths[i], &path), -EMFILE);
			assert_int_not_equal(host_canonical(&tree.host, paths[i], &path), -EMFILE);
		}
	}
	assert_int_equal(count_fds(), before);
}

#define in_tree(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(test_sizes),      in_tree(test_sparse),       in_tree(test_nul),
		in_tree(test_odd_files),  in_tree(test_devices),      in_tree(test_permissions),
		in_tree(test_growing),    in_tree(test_proc),         in_tree(test_no_proc),
		in_tree(test_exists),     in_tree(test_readlink),     in_tree(test_list),
		in_tree(test_many_names), in_tree(test_persists),     in_tree(test_views),
		in_tree(test_errors),     in_tree(test_without_proc), in_tree(test_deployment),
		in_tree(test_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
