#include "host/host.h"

#include "host/os.h"
#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

struct host_view {
	struct host_view *next;
	host_view_load *load;
	const void *view;
};

static const struct os no_os;

/*
 * An ostree disk keeps its trees in /ostree/deploy/OS/deploy/CHECKSUM.SERIAL, with one /var an OS.
 */
static int find_deployment(struct host *host)
{
	struct strv trees = {0};
	const char *newest, *deploy;
	char *var;
	int error, root;

	if (host_exists(host, "/usr") || host_exists(host, "/etc"))
		return 0;
	error = host_glob(host, "/ostree/deploy/*/deploy/*.[0-9]*", &trees);
	for (size_t i = trees.count; i-- > 0;)
		if (str_ends(trees.at[i], ".origin"))
			trees.at[i] = trees.at[--trees.count];
	if (error || !trees.count)
		return error;
	/*
	 * The order of deployments stands in the loader entries; with more than one, the caller
	 * names it.
	 */
	if (trees.count > 1)
		return -ENOTUNIQ;
	newest = trees.at[0];
	deploy = strstr(newest + strlen("/ostree/deploy/"), "/deploy/");
	var = arena_printf(host->arena, "%.*s/var", (int)(deploy - newest), newest);
	root = host_open(host, newest, O_PATH);
	if (root < 0)
		return root;
	host->var = host_open(host, var, O_PATH);
	close(host->root);
	host->root = root;
	return 0;
}

int host_init(struct host *host, struct arena *arena, const char *root, bool live)
{
	int error;

	*host = (struct host){
		.arena = arena,
		.name = root,
		.root = open(root, O_PATH | O_DIRECTORY | O_CLOEXEC),
		.live = live,
		.os = &no_os,
		.lower = -1,
		.var = -1,
		.proc = -ENODEV,
	};
	if (host->root < 0)
		return -errno;
	error = live ? 0 : find_deployment(host);
	if (error)
		host_close(host);
	return error;
}

void host_set_os(struct host *host, const struct os *os)
{
	host->os = os;
	host->views = NULL;
	cleanup_fd(&host->lower);
	host->lower = -1;
	/* On a running host the kernel has laid one over the other already. */
	if (host->live || os->lower_mode == LOWER_NONE)
		return;
	if (os->lower_mode == LOWER_IF_MISSING && host_exists(host, "/etc/."))
		return;
	host->lower = host_open(host, os->lower_etc, O_PATH);
}

void host_close(struct host *host)
{
	cleanup_fd(&host->root);
	cleanup_fd(&host->lower);
	cleanup_fd(&host->var);
	cleanup_fd(&host->proc);
	host->root = host->lower = host->var = -1;
	host->proc = -ENODEV;
}

/*
 * The kernel is one for host and container; what is behind /host/proc says which processes we see.
 */
static int open_procfs(struct host *host)
{
	struct statfs fs;
	int fd = host_open(host, "/proc", O_PATH);

	if (fd < 0)
		return fd;
	if (fstatfs(fd, &fs) || fs.f_type != PROC_SUPER_MAGIC) {
		close(fd);
		return -ENOTSUP;
	}
	return fd;
}

int host_proc_open(struct host *host, const char *path, int flags)
{
	int fd;

	if (!host->live)
		return -ENODEV;
	if (host->proc == -ENODEV)
		host->proc = open_procfs(host);
	if (host->proc < 0)
		return host->proc;
	fd = openat(host->proc, path, flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

bool host_persists(const struct host *host, const char *path)
{
	const struct strv *prefixes = &host->os->persists;

	if (!prefixes->count)
		return true;
	for (size_t i = 0; i < prefixes->count; i++) {
		size_t length = strlen(prefixes->at[i]);

		if (!strncmp(path, prefixes->at[i], length) &&
		    (!path[length] || path[length] == '/'))
			return true;
	}
	return false;
}

const void *host_view(struct host *host, host_view_load *load)
{
	struct host_view *view;

	for (view = host->views; view; view = view->next)
		if (view->load == load)
			return view->view;
	view = arena_new(host->arena, struct host_view);
	view->load = load;
	view->view = load(host);
	view->next = host->views;
	host->views = view;
	return view->view;
}

const char *host_error(int error)
{
	switch (-error) {
	case ENOENT:
		return "no such file or directory";
	case EOPNOTSUPP: /* = ENOTSUP */
		return "not a regular file (or not a real procfs)";
	case EISDIR:
		return "a directory stands there";
	case EFBIG:
		return "larger than what is read at most";
	case EILSEQ:
		return "a NUL byte in it";
	case ENODEV:
		return "only a running host has it";
	case ENOTUNIQ:
		return "several deployments; name the directory of one";
	default:
		return strerror(-error);
	}
}
