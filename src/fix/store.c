#include "fix/store.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "host/change/state.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>

#define DIRECTORY (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
#define RETRY(call) TEMP_FAILURE_RETRY(call)

static int open_dir(int at, const char *name, bool make)
{
	struct stat stat;
	int fd;

	if (make && RETRY(mkdirat(at, name, 0700)) && errno != EEXIST)
		return -errno;
	fd = RETRY(openat(at, name, DIRECTORY));
	if (fd < 0)
		return -errno;
	if (RETRY(fstat(fd, &stat)) || (stat.st_uid && stat.st_uid != geteuid()) ||
	    stat.st_mode & 022) {
		close(fd);
		return -EACCES;
	}
	return fd;
}

static int sync_dir(int fd)
{
	return RETRY(fsync(fd)) ? -errno : 0;
}

/* The directories above are the machine's own; links there are its owner's choice. */
static int make_parents(const char *path)
{
	char copy[PATH_MAX];

	if (snprintf(copy, sizeof(copy), "%s", path) >= (int)sizeof(copy))
		return -ENAMETOOLONG;
	for (char *slash = copy + 1; (slash = strchr(slash, '/')); *slash++ = '/') {
		*slash = '\0';
		if (RETRY(mkdirat(AT_FDCWD, copy, 0755)) && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int lock(struct store *store)
{
	const int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC;

	store->lock = RETRY(openat(store->dir, "lock", flags, 0600));
	if (store->lock < 0)
		return -errno;
	if (!RETRY(flock(store->lock, LOCK_EX | LOCK_NB)))
		return 0;
	return errno == EWOULDBLOCK ? -EBUSY : -errno;
}

int store_open(const char *path, bool change, struct store *ret_store)
{
	cleanup(store) struct store store = {-1, -1, -1};
	int error = change ? make_parents(path) : 0;

	if (error)
		return error;
	store.dir = open_dir(AT_FDCWD, path, change);
	if (store.dir < 0)
		return store.dir;
	error = change ? lock(&store) : 0;
	if (error)
		return error;
	store.runs = open_dir(store.dir, "runs", change);
	if (store.runs < 0)
		return store.runs;
	*ret_store = store;
	store = (struct store){-1, -1, -1};
	return 0;
}

void store_close(struct store *store)
{
	cleanup_fd(&store->runs);
	cleanup_fd(&store->lock);
	cleanup_fd(&store->dir);
	*store = (struct store){-1, -1, -1};
}

static int open_run(const struct store *store, const char *run, bool make)
{
	if (!*run || strchr(run, '/') || *run == '.')
		return -EINVAL;
	return open_dir(store->runs, run, make);
}

/* A file in full, or none: whatever a cut-off run left under the name is replaced. */
static int put(int dir, const char *name, const char *data, size_t size)
{
	struct spot spot = {.dir = dir};
	struct state state = {.thing = THING_FILE, .mode = 0600, .uid = geteuid()};
	struct stat stat;

	if (RETRY(fstat(dir, &stat)))
		return -errno;
	state.gid = stat.st_gid;
	state.mtime.tv_nsec = UTIME_NOW;
	snprintf(spot.name, sizeof(spot.name), "%s.new", name);
	if (RETRY(unlinkat(dir, spot.name, 0)) && errno != ENOENT)
		return -errno;
	int error = state_make(&spot, &state, data, size);

	if (error)
		return error;
	return RETRY(renameat(dir, spot.name, dir, name)) ? -errno : 0;
}

static int get(struct arena *arena, int dir, const char *name, struct host_text *ret_text)
{
	struct spot spot = {.dir = dir};
	struct state state;
	int error;

	snprintf(spot.name, sizeof(spot.name), "%s", name);
	error = state_read(arena, &spot, &state, ret_text);
	if (error)
		return error;
	if (state.thing == THING_FILE)
		return 0;
	return state.thing == THING_ABSENT ? -ENOENT : -EOPNOTSUPP;
}

int store_begin(const struct store *store, const char *run, const char *text)
{
	int dir = open_run(store, run, true), error;

	if (dir < 0)
		return dir;
	close(dir);
	error = sync_dir(store->runs);
	if (!error)
		error = put(store->dir, "journal", text, strlen(text));
	return error ? error : sync_dir(store->dir);
}

int store_keep(const struct store *store, const char *run, size_t number,
	       const struct host_text *text)
{
	cleanup(fd) int dir = open_run(store, run, false);
	char name[32];

	if (dir < 0)
		return dir;
	snprintf(name, sizeof(name), "%zu", number);
	return put(dir, name, text->data, text->size);
}

int store_keep_end(const struct store *store, const char *run)
{
	cleanup(fd) int dir = open_run(store, run, false);

	return dir < 0 ? dir : sync_dir(dir);
}

int store_kept(const struct store *store, const char *run, size_t number,
	       struct host_text *ret_text)
{
	cleanup(fd) int dir = open_run(store, run, false);
	struct arena arena = {0};
	char name[32];
	int error;

	if (dir < 0)
		return dir;
	snprintf(name, sizeof(name), "%zu", number);
	error = get(&arena, dir, name, ret_text);
	arena_free(&arena);
	return error;
}

int store_commit(const struct store *store, const char *run)
{
	cleanup(fd) int dir = open_run(store, run, false);
	int error;

	if (dir < 0)
		return dir;
	if (RETRY(renameat(store->dir, "journal", dir, "journal")))
		return -errno;
	error = sync_dir(dir);
	return error ? error : sync_dir(store->dir);
}

static int remove_at(int dir, const char *name, int flags)
{
	return RETRY(unlinkat(dir, name, flags)) && errno != ENOENT ? -errno : 0;
}

static int list(int dir, struct arena *arena, struct strv *ret_names)
{
	int copy = RETRY(openat(dir, ".", DIRECTORY)), error;
	cleanup(dir) DIR *stream = copy < 0 ? NULL : fdopendir(copy);
	struct strv names = {0};
	struct dirent *entry;

	if (!stream)
		return -errno;
	while (errno = 0, (entry = readdir(stream)))
		if (entry->d_name[0] != '.')
			strv_push(&names, arena, arena_strdup(arena, entry->d_name));
	error = errno;
	strv_sort(&names);
	*ret_names = names;
	return -error;
}

static int empty(int dir)
{
	struct arena arena = {0};
	struct strv names = {0};
	int error = list(dir, &arena, &names);

	for (size_t i = 0; i < names.count && !error; i++)
		error = remove_at(dir, names.at[i], 0);
	arena_free(&arena);
	return error;
}

int store_forget(const struct store *store, const char *run)
{
	cleanup(fd) int dir = open_run(store, run, false);
	int error = dir == -ENOENT ? 0 : dir < 0 ? dir : empty(dir);

	if (!error)
		error = remove_at(store->runs, run, AT_REMOVEDIR);
	if (!error)
		error = remove_at(store->dir, "journal", 0);
	return error ? error : sync_dir(store->dir);
}

int store_journal(const struct store *store, const char *run, struct host_text *ret_text)
{
	cleanup(fd) int dir = run ? open_run(store, run, false)
				  : RETRY(openat(store->dir, ".", DIRECTORY));
	struct arena arena = {0};
	int error;

	if (dir < 0)
		return run ? dir : -errno;
	error = get(&arena, dir, "journal", ret_text);
	arena_free(&arena);
	return error;
}

int store_runs(const struct store *store, struct arena *arena, struct strv *ret_runs)
{
	struct strv all, found = {0};
	int error = list(store->runs, arena, &all);

	for (size_t i = 0; i < all.count && !error; i++) {
		cleanup(text) struct host_text text = {0};

		error = store_journal(store, all.at[i], &text);
		if (!error)
			strv_push(&found, arena, all.at[i]);
		else if (error == -ENOENT)
			error = 0;
	}
	if (!error)
		*ret_runs = found;
	return error;
}
