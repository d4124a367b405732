#include "host/host.h"

#include "host/os.h"
#include "host/resolve.h"
#include "host/units/bus.h"

#include <errno.h>
#include <fcntl.h>

struct host_view {
	struct host_view *next;
	host_view_load *load;
	const void *view;
};

static const struct os no_os;

/*
 * An ostree disk keeps its trees in /ostree/deploy/OS/deploy/CHECKSUM.SERIAL, with one /var an OS.
 */
static int find_deployments(struct host *host, struct strv *ret_trees)
{
	struct strv found = {0};
	int error;

	if (host_exists(host, "/usr") || host_exists(host, "/etc"))
		return 0;
	error = host_glob(host, "/ostree/deploy/*/deploy/*.[0-9]*", &found);
	if (error)
		return error;
	for (size_t i = 0; i < found.count; i++)
		if (!str_ends(found.at[i], ".origin"))
			strv_push(ret_trees, host->arena, found.at[i]);
	/* Which one boots next is written in the loader entries, which may lie on another disk. */
	return ret_trees->count > 1 ? -ENOTUNIQ : 0;
}

static int enter_deployment(struct host *host, const char *tree)
{
	const char *end = strstr(tree + strlen("/ostree/deploy/"), "/deploy/");
	const char *var = arena_printf(host->arena, "%.*s/var", (int)(end - tree), tree);
	int root = host_open(host, tree, O_PATH | O_DIRECTORY);

	if (root < 0)
		return root;
	host->var = host_open(host, var, O_PATH | O_DIRECTORY);
	close(host->root);
	host->root = root;
	if (host->var >= 0)
		return 0;
	if (host->var != -ENOENT)
		return host->var;
	host->var = -1;
	return 0;
}

static int find_root(struct host *host)
{
	struct strv trees = {0};
	int error = find_deployments(host, &trees);

	return error || !trees.count ? error : enter_deployment(host, trees.at[0]);
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
	error = live ? 0 : find_root(host);
	if (error)
		host_close(host);
	return error;
}

/* Has the tree no /etc yet, or but the empty directory that something is mounted on later? */
static bool lacks_etc(struct host *host)
{
	struct strv names = {0};
	int error = host_list(host, "/etc", &names);

	return error ? error == -ENOENT : !names.count;
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
	if (os->lower_mode == LOWER_IF_MISSING && !lacks_etc(host))
		return;
	host->lower = host_open(host, os->lower_etc, O_PATH | O_DIRECTORY);
	if (host->lower == -ENOENT)
		host->lower = -1;
	/* -1 is taken. */
	else if (host->lower == -EPERM)
		host->lower = -EACCES;
}

void host_close(struct host *host)
{
	bus_close(host);
	cleanup_fd(&host->root);
	cleanup_fd(&host->lower);
	cleanup_fd(&host->var);
	cleanup_fd(&host->proc);
	host->root = host->lower = host->var = -1;
	host->proc = -ENODEV;
}

bool host_persists(const struct host *host, const char *path)
{
	const struct strv *prefixes = &host->os->persists;

	if (!prefixes->count)
		return true;
	for (size_t i = 0; i < prefixes->count; i++) {
		size_t length = strlen(prefixes->at[i]);

		while (length && prefixes->at[i][length - 1] == '/')
			length--;
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

/* Where strerror() would mislead. */
static const struct {
	int error;
	const char *words;
} errors[] = {
	{ENOENT, "no such file or directory"},
	{EOPNOTSUPP, "not a regular file (or not a real procfs)"}, /* = ENOTSUP */
	{EISDIR, "a directory stands there"},
	{EFBIG, "larger than what is read at most"},
	{EILSEQ, "a NUL byte in it"},
	{E2BIG, "more names than are read at most"},
	{ESTALE, "it was replaced meanwhile"},
	{ENOSYS, "it cannot be opened without /proc"},
	{EXDEV, "renamed or copied in part by an overlay, which only a running host can follow"},
	{EPROTO, "an attribute in a form that is not known"},
	{ENODEV, "only a running host has it"},
	{ENOTUNIQ, "several deployments; name the directory of one"},
};

const char *host_error(int error)
{
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].error == -error)
			return errors[i].words;
	return strerror(-error);
}
