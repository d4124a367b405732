/* A tree of files for a unit test, in a directory of its own; and a host that looks at it. */
#pragma once

#include "host/host.h"
#include "host/os.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <time.h>

#include <cmocka.h>

struct tree {
	char dir[64];  /* removed with all in it by tree_remove() */
	char root[80]; /* dir/root */
	int fd;        /* of the root */
	struct arena arena;
	struct host host;
};

/* Paths of a tree are relative: "etc/passwd". Directories on the way are made. */
static inline void tree_parents(struct tree *tree, const char *path)
{
	char copy[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", path);
	for (char *slash = copy; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		if (mkdirat(tree->fd, copy, 0755))
			assert_int_equal(errno, EEXIST);
		*slash = '/';
	}
}

static inline void tree_dir(struct tree *tree, const char *path, mode_t mode)
{
	tree_parents(tree, path);
	if (mkdirat(tree->fd, path, mode))
		assert_int_equal(errno, EEXIST);
	assert_int_equal(fchmodat(tree->fd, path, mode, 0), 0);
}

static inline void tree_file(struct tree *tree, const char *path, const void *data, size_t size)
{
	int fd;

	tree_parents(tree, path);
	fd = openat(tree->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, size), size);
	close(fd);
}

static inline void tree_text(struct tree *tree, const char *path, const char *text)
{
	tree_file(tree, path, text, strlen(text));
}

static inline void tree_link(struct tree *tree, const char *path, const char *target)
{
	tree_parents(tree, path);
	assert_int_equal(symlinkat(target, tree->fd, path), 0);
}

static inline void tree_node(struct tree *tree, const char *path, mode_t mode, dev_t device)
{
	tree_parents(tree, path);
	assert_int_equal(mknodat(tree->fd, path, mode, device), 0);
}

static inline void tree_open_host(struct tree *tree)
{
	assert_int_equal(host_init(&tree->host, &tree->arena, tree->root, false), 0);
}

static inline void tree_make(struct tree *tree)
{
	const char *tmp = getenv("TMPDIR");

	memset(tree, 0, sizeof(*tree));
	snprintf(tree->dir, sizeof(tree->dir), "%s/hostaudit-XXXXXX",
		 tmp && strlen(tmp) < 40 ? tmp : "/tmp");
	assert_non_null(mkdtemp(tree->dir));
	assert_int_equal(chmod(tree->dir, 0755), 0);
	snprintf(tree->root, sizeof(tree->root), "%s/root", tree->dir);
	assert_int_equal(mkdir(tree->root, 0755), 0);
	tree->fd = open(tree->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(tree->fd >= 0);
	tree_open_host(tree);
}

static inline int tree_remove_one(const char *path, const struct stat *stat, int flag,
				  struct FTW *ftw)
{
	(void)stat;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline int tree_unlock_one(const char *path, const struct stat *stat, int flag,
				  struct FTW *ftw)
{
	(void)stat;
	(void)ftw;
	if (flag == FTW_D || flag == FTW_DNR)
		return chmod(path, 0755);
	return 0;
}

static inline void tree_remove(struct tree *tree)
{
	host_close(&tree->host);
	close(tree->fd);
	nftw(tree->dir, tree_unlock_one, 16, FTW_PHYS);
	nftw(tree->dir, tree_remove_one, 16, FTW_PHYS | FTW_DEPTH);
	arena_free(&tree->arena);
}

/* How many descriptors this process has open. */
static inline unsigned count_fds(void)
{
	unsigned count = 0;
	DIR *dir = opendir("/proc/self/fd");

	assert_non_null(dir);
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* Random numbers that a printed seed gives again; SEED in the environment sets it. */
static inline uint64_t *random_state(void)
{
	static uint64_t state;

	return &state;
}

static inline void random_seed(void)
{
	const char *seed = getenv("SEED");
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	*random_state() = seed ? strtoull(seed, NULL, 10)
			       : (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
	fprintf(stderr, "SEED=%llu\n", (unsigned long long)*random_state());
}

/* Less than `bound`. The generator is splitmix64. */
static inline unsigned random_below(unsigned bound)
{
	uint64_t z = *random_state() += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return (unsigned)((z ^ z >> 31) % bound);
}

/* Does a part of a test as another user, in a process of its own. */
static inline void as_nobody(void (*part)(struct tree *tree), struct tree *tree)
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (!pid) {
		if (setgid(65534) || setuid(65534))
			_exit(2);
		part(tree);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}
