/*
 * Makes a tree of many files: tree DIRECTORY FILES. 50 of them lie in each directory, directories
 * have 10 others in them. Every 20th may be executed, every 1000th is a link, and one in 10000 is
 * set-uid, or world-writable, or belongs to nobody.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES_EACH = 50, DIRECTORIES_EACH = 10 };

static long left;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static void make_file(int dir, const char *name, long number)
{
	mode_t mode = number % 20 ? 0644 : 0755;

	if (number % 1000 == 999) {
		if (symlinkat("../somewhere/else", dir, name))
			fail(name);
		return;
	}
	if (number % 10000 == 1)
		mode = 04755;
	else if (number % 10000 == 2)
		mode = 0666;
	if (mknodat(dir, name, S_IFREG | mode, 0))
		fail(name);
	if (number % 10000 == 3 && fchownat(dir, name, 4000000, 4000000, 0) && errno != EPERM)
		fail(name);
}

static void fill(int dir)
{
	char name[64];

	for (int i = 0; i < FILES_EACH && left > 0; i++, left--) {
		snprintf(name, sizeof(name), "file-%02d.%s", i, i % 3 ? "conf" : "so");
		make_file(dir, name, left);
	}
}

/* Level by level, so that the tree is as wide everywhere. */
static void grow(int dir, int depth)
{
	char name[64];

	for (int i = 0; i < DIRECTORIES_EACH && left > 0; i++) {
		int below;

		snprintf(name, sizeof(name), "directory-%d", i);
		if (!depth && mkdirat(dir, name, 0755))
			fail(name);
		below = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (below < 0)
			fail(name);
		if (depth)
			grow(below, depth - 1);
		else
			fill(below);
		close(below);
	}
}

int main(int argc, char **argv)
{
	int dir;

	if (argc != 3)
		return 2;
	left = strtol(argv[2], NULL, 10);
	umask(0);
	dir = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		fail(argv[1]);
	for (int depth = 0; left > 0; depth++)
		grow(dir, depth);
	close(dir);
	return 0;
}
