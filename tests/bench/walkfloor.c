/*
 * The least that a walk costs: walkfloor DIRECTORY [THREADS] lists each directory below it, looks
 * at each entry's metadata, and does nothing with them but count. It knows no bounds and no errors.
 */
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PIECE = 64 * 1024, MOST_THREADS = 16 };

struct dir {
	struct dir *parent;
	atomic_int users; /* directories below that are not opened yet, and the one who reads */
	int fd;
	char name[];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static struct dir **stack;
static size_t count, space;
static int threads = 2;
static atomic_int idle;
static atomic_long entries;

static void release(struct dir *dir)
{
	if (atomic_fetch_sub(&dir->users, 1) != 1)
		return;
	close(dir->fd);
	free(dir);
}

/* Gives all that one directory had in it to everybody. */
static void put(struct dir **dirs, size_t number)
{
	if (!number)
		return;
	pthread_mutex_lock(&lock);
	while (count + number > space) {
		space = space ? space * 2 : 1024;
		stack = realloc(stack, space * sizeof(struct dir *));
	}
	memcpy(stack + count, dirs, number * sizeof(struct dir *));
	count += number;
	if (atomic_load(&idle))
		pthread_cond_broadcast(&work);
	pthread_mutex_unlock(&lock);
}

static struct dir *take(void)
{
	struct dir *dir = NULL;

	pthread_mutex_lock(&lock);
	atomic_fetch_add(&idle, 1);
	while (!count && atomic_load(&idle) < threads)
		pthread_cond_wait(&work, &lock);
	if (count) {
		atomic_fetch_sub(&idle, 1);
		dir = stack[--count];
	} else {
		pthread_cond_broadcast(&work);
	}
	pthread_mutex_unlock(&lock);
	return dir;
}

static struct dir *note(struct dir *parent, const char *name)
{
	struct dir *dir = malloc(sizeof(*dir) + strlen(name) + 1);

	dir->parent = parent;
	atomic_init(&dir->users, 1);
	strcpy(dir->name, name);
	atomic_fetch_add(&parent->users, 1);
	return dir;
}

static void list(struct dir *dir, char *buffer)
{
	struct dir *found[PIECE / 24];
	long seen = 0;
	ssize_t size;

	while ((size = getdents64(dir->fd, buffer, PIECE)) > 0) {
		size_t number = 0;

		for (ssize_t at = 0; at < size;) {
			struct dirent64 *entry = (void *)(buffer + at);
			struct statx stat;

			at += entry->d_reclen;
			if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
				continue;
			statx(dir->fd, entry->d_name, AT_SYMLINK_NOFOLLOW,
			      STATX_TYPE | STATX_MODE | STATX_UID | STATX_GID, &stat);
			seen++;
			if (entry->d_type == DT_DIR)
				found[number++] = note(dir, entry->d_name);
		}
		put(found, number);
	}
	atomic_fetch_add(&entries, seen);
}

static void *walk(void *unused)
{
	char *buffer = malloc(PIECE);
	struct dir *dir;

	while ((dir = take())) {
		if (dir->parent) {
			dir->fd = openat(dir->parent->fd, dir->name,
					 O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
			release(dir->parent);
		}
		list(dir, buffer);
		release(dir);
	}
	free(buffer);
	return unused;
}

int main(int argc, char **argv)
{
	struct dir *root = malloc(sizeof(*root) + 1);
	pthread_t thread[MOST_THREADS];

	if (argc < 2)
		return 2;
	if (argc > 2)
		threads = atoi(argv[2]);
	root->parent = NULL;
	atomic_init(&root->users, 1);
	root->fd = open(argv[1], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put(&root, 1);
	for (int i = 1; i < threads; i++)
		pthread_create(&thread[i], NULL, walk, NULL);
	walk(NULL);
	for (int i = 1; i < threads; i++)
		pthread_join(thread[i], NULL);
	printf("%ld\n", atomic_load(&entries));
	return 0;
}
