/*
 * While somebody swaps a directory with a link to the outside, as fast as can be, the door reads
 * what is inside or fails; on both ways to resolve a path.
 */
#include "tree.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

/* How long each attack goes on; longer, where the machine is so busy that nothing was read. */
#define MILLISECONDS 500
#define MOST_MILLISECONDS 20000

static struct tree tree;

static int set_up(void **state)
{
	(void)state;
	tree_make(&tree);
	tree_text(&tree, "dir/file", "inside");
	tree_text(&tree, "dir/deep/file", "inside");
	tree_text(&tree, "top", "inside");
	/* The same names outside, beside the root. */
	tree_text(&tree, "../outside/file", "outside");
	tree_text(&tree, "../outside/deep/file", "outside");
	tree_text(&tree, "../top", "outside");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tree_remove(&tree);
	return 0;
}

static void swap(int a, const char *one, int b, const char *two)
{
	if (syscall(SYS_renameat2, a, one, b, two, 2 /* RENAME_EXCHANGE */))
		_exit(1);
}

static pid_t start_swapping(const char *one, const char *two)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* not to go on when a test fails */
	while (!child)
		swap(tree.fd, one, tree.fd, two);
	return child;
}

static void stop(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, WNOHANG), 0); /* it is still at it */
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
}

static long milliseconds_since(const struct timespec *start)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (now.tv_sec - start->tv_sec) * 1000 + (now.tv_nsec - start->tv_nsec) / 1000000;
}

/* Reads on for a while. Returns how often that went well. */
static unsigned read_on(const char *path, unsigned *ret_failures)
{
	unsigned successes = 0, failures = 0;
	struct timespec start;
	long passed;

	clock_gettime(CLOCK_MONOTONIC, &start);
	do {
		struct host_text text = {0};
		struct strv names = {0};

		if (host_read(&tree.host, path, 0, &text)) {
			failures++;
		} else {
			assert_string_equal(text.data, "inside");
			successes++;
			host_text_free(&text);
		}
		if (!host_list(&tree.host, "/dir", &names))
			assert_false(strv_has(&names, "secret"));
		tree.host.listed = 0;
		passed = milliseconds_since(&start);
	} while (passed < MILLISECONDS || (!successes && passed < MOST_MILLISECONDS));
	*ret_failures = failures;
	return successes;
}

static ino_t number_of(const char *path)
{
	struct stat stat;

	assert_int_equal(fstatat(tree.fd, path, &stat, AT_SYMLINK_NOFOLLOW), 0);
	return stat.st_ino;
}

static void attack(const char *one, const char *two, const char *path)
{
	static const char *const ways[] = {"openat2", "walk"};
	const ino_t number = number_of(one);

	for (int walks = 0; walks < 2; walks++) {
		unsigned successes, failures;
		pid_t child;

		tree.host.walks = walks;
		child = start_swapping(one, two);
		successes = read_on(path, &failures);
		stop(child);
		if (number_of(one) != number)
			swap(tree.fd, one, tree.fd, two);
		fprintf(stderr, "%.16s by %s: %u read, %u failed\n", path, ways[walks], successes,
			failures);
		assert_true(successes > 0);
	}
}

/*
 * A link that leads out, relative and absolute. The paths have no slash in front, so that a plain
 * openat would find them, and leak.
 */
static void test_links(void **state)
{
	char absolute[128];

	(void)state;
	tree_text(&tree, "../outside/secret", "outside");
	tree_link(&tree, "relative", "../outside");
	snprintf(absolute, sizeof(absolute), "%s/outside", tree.dir);
	tree_link(&tree, "absolute", absolute);
	attack("dir", "relative", "dir/file");
	attack("dir", "absolute", "dir/file");
}

/* A directory that somebody moves out of the tree while `..` is looked up in it. */
static void test_moved(void **state)
{
	char path[512] = "dir/";

	(void)state;
	for (int i = 0; i < 40; i++)
		strcat(path, "deep/../");
	strcat(path, "../top");
	attack("dir/deep", "../outside/deep", path);
}

#define in_tree(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(test_links),
		in_tree(test_moved),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
