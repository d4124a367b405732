#include "host/resolve.h"

#include "host/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/syscall.h>

/* openat2 answers EAGAIN when somebody renames directories meanwhile. */
#define MOST_RETRIES 32

void node_close(struct node *node)
{
	cleanup_fd(&node->fd);
	cleanup_fd(&node->lower);
	*node = NODE_NONE;
}

static int openat2_in_root(int root, const char *path, bool follow)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};

	for (int i = 0; i < MOST_RETRIES; i++) {
		long fd = syscall(SYS_openat2, root, path, &how, sizeof(how));

		if (fd >= 0)
			return (int)fd;
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
	}
	return -EAGAIN;
}

/* ENOSYS: a kernel before 5.6. EPERM: a seccomp filter that has never heard of openat2. */
static bool is_refused(int error)
{
	return error == -ENOSYS || error == -EPERM;
}

int host_resolve(struct host *host, const char *path, bool follow, struct node *ret_node)
{
	static bool refused;
	int fd;

	if (refused || host->lower >= 0 || host->var >= 0)
		return host_walk(host, path, follow, ret_node);
	fd = openat2_in_root(host->root, path, follow);
	if (is_refused(fd)) {
		refused = true;
		return host_walk(host, path, follow, ret_node);
	}
	if (fd < 0)
		return fd;
	*ret_node = (struct node){.fd = fd, .lower = -1};
	return 0;
}
