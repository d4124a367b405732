/* landlock(7). Debian 12's headers know ABI 2; what came later is spelled out here. */
#include "guard/parts.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#define FS_UP_TO_REFER ((UINT64_C(1) << 14) - 1) /* ABI 1, and REFER of ABI 2 */
#define FS_TRUNCATE (UINT64_C(1) << 14)          /* ABI 3, Linux 6.2 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)         /* ABI 5, Linux 6.10 */
#define NET_BIND_AND_CONNECT UINT64_C(3)         /* ABI 4, Linux 6.7 */
#define SCOPE_ABSTRACT_AND_SIGNAL UINT64_C(3)    /* ABI 6, Linux 6.12 */

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                                                    \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                             \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE)

#define CHANGING                                                                                   \
	(READING | WRITING | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM |           \
	 LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REFER)

/* struct landlock_ruleset_attr as it is since ABI 6. */
struct ruleset {
	uint64_t fs, net, scoped;
};

static int ask_abi(void)
{
	long abi = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);

	return abi < 0 ? -errno : (int)abi;
}

static uint64_t fs_rights(int abi)
{
	uint64_t rights = FS_UP_TO_REFER;

	if (abi < 2)
		rights &= ~(uint64_t)LANDLOCK_ACCESS_FS_REFER;
	if (abi >= 3)
		rights |= FS_TRUNCATE;
	if (abi >= 5)
		rights |= FS_IOCTL_DEV;
	return rights;
}

static int make_ruleset(int abi)
{
	struct ruleset ruleset = {
		.fs = fs_rights(abi),
		.net = abi >= 4 ? NET_BIND_AND_CONNECT : 0,
		.scoped = abi >= 6 ? SCOPE_ABSTRACT_AND_SIGNAL : 0,
	};
	/* An older kernel refuses fields that it does not know. */
	size_t size = abi >= 6 ? sizeof(ruleset) : abi >= 4 ? 16 : 8;
	long fd = syscall(SYS_landlock_create_ruleset, &ruleset, size, 0);

	return fd < 0 ? -errno : (int)fd;
}

/* Rights on files are all that a rule for a file may name. */
static int allow_fd(int ruleset, int fd, uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {.allowed_access = rights, .parent_fd = fd};
	struct stat stat;

	/* What is not there cannot be read; whoever wants it says so in better words. */
	if (fd < 0 || fstat(fd, &stat))
		return 0;
	if (!S_ISDIR(stat.st_mode))
		rule.allowed_access &= LANDLOCK_ACCESS_FS_READ_FILE |
				       LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE;
	if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0))
		return -errno;
	return 0;
}

static int allow(int ruleset, const char *path, uint64_t rights)
{
	cleanup(fd) int fd = open(path, O_PATH | O_CLOEXEC);

	return allow_fd(ruleset, fd, rights);
}

/* A report is made beside its name and renamed; a device or a pipe is written to as it is. */
static const char *written_place(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	struct stat stat_;

	if (!stat(path, &stat_) && !S_ISREG(stat_.st_mode) && !S_ISDIR(stat_.st_mode))
		return path;
	if (!slash)
		return ".";
	return slash == path ? "/" : arena_strndup(arena, path, (size_t)(slash - path));
}

static int allow_all(struct arena *arena, int ruleset, const struct guard_request *request,
		     uint64_t rights)
{
	int error = 0;

	for (size_t i = 0; i < request->readable.count && !error; i++)
		error = allow(ruleset, request->readable.at[i], rights & READING);
	for (size_t i = 0; i < request->writable.count && !error; i++)
		error = allow(ruleset, written_place(arena, request->writable.at[i]),
			      rights & WRITING);
	for (size_t i = 0; i < request->changed.count && !error; i++)
		error = allow(ruleset, request->changed.at[i], rights & CHANGING);
	return error;
}

int guard_landlock(struct arena *arena, const struct guard_request *request, int *ret_abi)
{
	cleanup(fd) int ruleset = -1;
	int abi = ask_abi(), error;

	if (abi < 1)
		return abi ? abi : -ENOSYS;
	ruleset = make_ruleset(abi);
	if (ruleset < 0)
		return ruleset;
	error = allow_all(arena, ruleset, request, fs_rights(abi));
	if (error)
		return error;
	if (syscall(SYS_landlock_restrict_self, ruleset, 0))
		return -errno;
	*ret_abi = abi;
	return 0;
}

int guard_narrow(const struct guard_state *state, const int *directories, size_t count)
{
	struct ruleset ruleset = {.fs = fs_rights(state->landlock) & CHANGING & ~READING};
	cleanup(fd) int fd = -1;
	int error = 0;

	if (!state->landlock)
		return 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &ruleset, sizeof(ruleset.fs), 0);
	if (fd < 0)
		return -errno;
	for (size_t i = 0; i < count && !error; i++)
		error = allow_fd(fd, directories[i], ruleset.fs);
	if (error)
		return error;
	return syscall(SYS_landlock_restrict_self, fd, 0) ? -errno : 0;
}
