#include "host/change/state.h"

#include "base/digest.h"
#include "host/change/attributes.h"

#include <errno.h>
#include <fcntl.h>

static const char *const things[] = {"absent", "file", "link", "directory"};

const char *thing_name(enum thing thing)
{
	return things[thing];
}

static int read_all(int fd, struct host_text *ret_text)
{
	cleanup(text) struct host_text text = {.data = malloc(4096)};
	size_t space = 4096;

	while (text.data) {
		ssize_t got = read(fd, text.data + text.size, space - text.size - 1);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		text.size += (size_t)got;
		text.data[text.size] = '\0';
		if (!got) {
			*ret_text = text;
			text.data = NULL;
			return 0;
		}
		if (text.size > STATE_LIMIT)
			return -EFBIG;
		if (space - text.size < 2048) {
			char *larger = realloc(text.data, space *= 2);

			if (!larger)
				return -ENOMEM;
			text.data = larger;
		}
	}
	return -ENOMEM;
}

static int read_file(struct arena *arena, const struct spot *spot, struct state *state,
		     struct host_text *ret_text)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	cleanup(fd) int fd = TEMP_FAILURE_RETRY(openat(spot->dir, spot->name, flags));
	cleanup(text) struct host_text text = {0};
	struct stat stat;
	int error;

	if (fd < 0 || TEMP_FAILURE_RETRY(fstat(fd, &stat)))
		return -errno;
	if (!S_ISREG(stat.st_mode))
		return -ESTALE;
	if (stat.st_nlink > 1)
		return -EMLINK;
	state->mode = stat.st_mode & 07777;
	state->uid = stat.st_uid;
	state->gid = stat.st_gid;
	state->mtime = stat.st_mtim;
	error = xattrs_read(arena, fd, &state->xattrs);
	if (!error)
		error = read_all(fd, &text);
	if (error)
		return error;
	digest_bytes(text.data, text.size, state->digest);
	if (ret_text) {
		*ret_text = text;
		text.data = NULL;
	}
	return 0;
}

static int read_link(struct arena *arena, const struct spot *spot, struct state *state)
{
	char target[PATH_MAX];
	ssize_t length = TEMP_FAILURE_RETRY(
		readlinkat(spot->dir, spot->name, target, sizeof(target)));

	if (length < 0)
		return -errno;
	if ((size_t)length == sizeof(target))
		return -ENAMETOOLONG;
	state->target = arena_strndup(arena, target, (size_t)length);
	return 0;
}

int state_read(struct arena *arena, const struct spot *spot, struct state *ret_state,
	       struct host_text *ret_text)
{
	struct state state = {0};
	struct statx stat;
	int error = spot_stat(spot, &stat);

	if (error && error != -ENOENT)
		return error;
	if (error) {
		*ret_state = state;
		return 0;
	}
	state.mode = stat.stx_mode & 07777;
	state.uid = stat.stx_uid;
	state.gid = stat.stx_gid;
	if (S_ISDIR(stat.stx_mode)) {
		state.thing = THING_DIR;
	} else if (S_ISLNK(stat.stx_mode)) {
		state.thing = THING_LINK;
		error = read_link(arena, spot, &state);
	} else if (S_ISREG(stat.stx_mode)) {
		state.thing = THING_FILE;
		error = read_file(arena, spot, &state, ret_text);
	} else {
		error = -EOPNOTSUPP;
	}
	if (!error)
		*ret_state = state;
	return error;
}

bool state_same_content(const struct state *a, const struct state *b)
{
	if (a->thing != b->thing)
		return false;
	if (a->thing == THING_LINK)
		return str_eq(a->target, b->target);
	return a->thing != THING_FILE || str_eq(a->digest, b->digest);
}

bool state_alike(const struct state *a, const struct state *b)
{
	if (!state_same_content(a, b))
		return false;
	if (a->thing == THING_ABSENT)
		return true;
	if (a->uid != b->uid || a->gid != b->gid)
		return false;
	return a->thing == THING_LINK || a->mode == b->mode;
}

bool state_same(const struct state *a, const struct state *b)
{
	return state_alike(a, b) && xattrs_same(a->xattrs, b->xattrs);
}

static int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t put = write(fd, data, size);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		data += put;
		size -= (size_t)put;
	}
	return 0;
}

static int give(int fd, const struct state *state)
{
	struct stat stat;
	int error;

	if (TEMP_FAILURE_RETRY(fstat(fd, &stat)))
		return -errno;
	if ((stat.st_uid != state->uid || stat.st_gid != state->gid) &&
	    TEMP_FAILURE_RETRY(fchown(fd, state->uid, state->gid)))
		return -errno;
	/* After the owner, whose change takes set-uid bits and capabilities away. */
	error = xattrs_write(fd, state->xattrs);
	if (error)
		return error;
	if (TEMP_FAILURE_RETRY(fstat(fd, &stat)))
		return -errno;
	if ((stat.st_mode & 07777) != state->mode && TEMP_FAILURE_RETRY(fchmod(fd, state->mode)))
		return -errno;
	return 0;
}

static int make_file(const struct spot *spot, const struct state *state, const char *data,
		     size_t size)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	cleanup(fd) int fd = TEMP_FAILURE_RETRY(openat(spot->dir, spot->name, flags, 0600));
	struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, state->mtime};
	int error;

	if (fd < 0)
		return -errno;
	error = write_all(fd, data, size);
	if (!error)
		error = give(fd, state);
	if (error)
		return error;
	if (TEMP_FAILURE_RETRY(futimens(fd, times)) || TEMP_FAILURE_RETRY(fsync(fd)))
		return -errno;
	return 0;
}

static int make_link(const struct spot *spot, const struct state *state)
{
	struct stat stat;

	if (TEMP_FAILURE_RETRY(symlinkat(state->target, spot->dir, spot->name)))
		return -errno;
	if (TEMP_FAILURE_RETRY(fstatat(spot->dir, spot->name, &stat, AT_SYMLINK_NOFOLLOW)))
		return -errno;
	if ((stat.st_uid != state->uid || stat.st_gid != state->gid) &&
	    TEMP_FAILURE_RETRY(
		    fchownat(spot->dir, spot->name, state->uid, state->gid, AT_SYMLINK_NOFOLLOW)))
		return -errno;
	return 0;
}

int state_make(const struct spot *spot, const struct state *state, const char *data, size_t size)
{
	if (state->thing == THING_LINK)
		return make_link(spot, state);
	return make_file(spot, state, data, size);
}

int state_set_attributes(const struct spot *spot, const struct state *state)
{
	const int directory = state->thing == THING_DIR ? O_DIRECTORY : 0;
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC | directory;
	cleanup(fd) int fd = TEMP_FAILURE_RETRY(openat(spot->dir, spot->name, flags));
	int error;

	if (fd < 0)
		return -errno;
	error = give(fd, state);
	if (error)
		return error;
	return TEMP_FAILURE_RETRY(fsync(fd)) ? -errno : 0;
}
