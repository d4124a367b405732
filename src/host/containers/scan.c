/* What containers are compared with: the host. */
#include "host/containers/scan.h"

/* Sockets by which a runtime can be told to start anything. */
static void find_sockets(struct scan *scan)
{
	static const char *const paths[] = {
		"/run/docker.sock",
		"/run/containerd/containerd.sock",
		"/run/crio/crio.sock",
		"/run/podman/podman.sock",
		"/run/cri-dockerd.sock",
		"/run/dockershim.sock",
		"/run/k3s/containerd/containerd.sock",
		"/run/host-containerd/containerd.sock",
		"/run/buildkit/buildkitd.sock",
		"/run/docker/containerd/containerd.sock",
	};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (host_exists(scan->host, paths[i]))
			strv_push(&scan->exposure.sockets, scan->host->arena, paths[i]);
}

static void find_permissive(struct scan *scan)
{
	cleanup(text) struct host_text text = {0};

	scan->permissive_source = "/sys/fs/selinux/enforce";
	/* What cannot be read lets nobody pass: the labels are there, and nobody knows. */
	if (!host_read(scan->host, scan->permissive_source, 0, &text))
		scan->permissive = !str_starts(text.data, "1");
}

/* The first process's bounding set is all that this host gives to anybody. */
static const char *find_everything(struct scan *scan)
{
	cleanup(text) struct host_text text = {0};
	struct status status;
	char own[32] = "";
	int error = host_proc_read(scan->host, "1/status", 0, &text);

	if (error)
		return arena_printf(scan->host->arena, "cannot look at the first process: %s",
				    host_error(error));
	if (!status_parse(scan->host->arena, text.data, &status))
		return "what the kernel says of the first process makes no sense";
	scan->everything = status.bounding;
	if (readlink("/proc/self/ns/user", own, sizeof(own) - 1) < 0 ||
	    !str_eq(own, "user:[4026531837]"))
		scan->foreign_ids = true;
	return NULL;
}

/* With `hidepid` others' processes are not even listed, but to those that could trace them. */
static bool hides_processes(const struct mount_table *mounts)
{
	const struct mount *proc = mount_last(mounts, "/proc");

	for (size_t i = 0; proc && i < proc->options.count; i++)
		if (str_starts(proc->options.at[i], "hidepid=") &&
		    !str_eq(proc->options.at[i], "hidepid=0") &&
		    !str_eq(proc->options.at[i], "hidepid=off"))
			return true;
	return false;
}

const char *scan_prepare(struct scan *scan)
{
	struct host *host = scan->host;
	const struct mount_table *mounts = mounts_now(host);
	const struct mount *root = mount_last(mounts, "/");

	const char *why = namespaces_of_host(host, &scan->own);

	if (!why)
		why = find_everything(scan);
	if (!why && hides_processes(mounts))
		why = "/proc is mounted with hidepid=, and hides processes";
	scan->exposure.mounts = mounts;
	scan->root_device = root ? root->device : NULL;
	scan->root_path = root ? root->root : NULL;
	find_sockets(scan);
	find_permissive(scan);
	return why;
}
