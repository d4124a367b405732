#include "host/containers/exposure.h"

/* Enough for whoever reads it; the rest decides nothing that these do not. */
#define MOST_PATHS 256

/*
 * Where the whole of it is a part of the host that matters, as is what lies above; what lies below
 * is where it can be written.
 */
static const char *const trees[] = {
	"/bin",  "/boot", "/dev",  "/etc", "/lib", "/lib64",          "/proc",
	"/root", "/run",  "/sbin", "/sys", "/usr", "/var/spool/cron", "/var/run",
};

/* The whole of these is, but parts of them are given out by runtimes. */
static const char *const stores[] = {
	"/home",
	"/var/lib/containerd",
	"/var/lib/containers",
	"/var/lib/docker",
	"/var/lib/etcd",
	"/var/lib/kubelet",
	"/var/lib/rancher",
	"/var/log",
	"/usr/lib",
	"/usr/lib64",
	"/usr/bin",
	"/usr/sbin",
};

/* Below these a runtime keeps what it mounts into containers by itself. */
static const char *const runtimes[] = {
	"/run/containerd/io.containerd.",
	"/run/containers/",
	"/run/crio/",
	"/run/docker/",
	"/run/user/",
	"/var/lib/docker/containers/",
	"/run/host",
	"/var/lib/docker/overlay2/",
	"/var/lib/containerd/io.",
	"/run/libpod/",
	"/var/lib/containers/storage/overlay",
};

/* Devices that everybody has. */
static const char *const devices[] = {
	"/dev/null",    "/dev/zero", "/dev/full", "/dev/random",
	"/dev/urandom", "/dev/tty",  "/dev/ptmx", "/dev/console",
};

static const char *const socket_names[] = {
	"/docker.sock",      "/containerd.sock", "/crio.sock",      "/podman.sock",
	"/cri-dockerd.sock", "/dockershim.sock", "/buildkitd.sock",
};

/* Is a path this one, or below it? */
static bool is_within(const char *path, const char *tree)
{
	size_t length = strlen(tree);

	if (str_eq(tree, "/"))
		return *path == '/';
	return !strncmp(path, tree, length) && (!path[length] || path[length] == '/');
}

static bool is_one_of(const char *path, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(path, list[i]))
			return true;
	return false;
}

static bool begins_like(const char *path, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (str_starts(path, list[i]))
			return true;
	return false;
}

static __attribute__((nonnull)) const char *join(struct arena *arena, const char *dir,
						 const char *below)
{
	below += strspn(below, "/");
	if (!*below)
		return dir;
	return arena_printf(arena, "%s/%s", str_eq(dir, "/") ? "" : dir, below);
}

/* What is left of a path behind a tree that it lies in. */
static const char *behind(const char *path, const char *tree)
{
	return str_eq(tree, "/") ? path : path + strlen(tree);
}

/* The host's mount of the same file system that shows most nearly the same part of it. */
const char *exposure_path(struct arena *arena, const struct mount_table *host,
			  const struct mount *mount)
{
	const struct mount *best = NULL;

	for (size_t i = 0; i < host->count; i++) {
		const struct mount *at = &host->at[i];
		size_t length = strlen(at->root);

		if (!str_eq(at->device, mount->device) || !is_within(mount->root, at->root))
			continue;
		if (!best || length > strlen(best->root) ||
		    (length == strlen(best->root) && strlen(at->target) < strlen(best->target)))
			best = at;
	}
	return best ? join(arena, best->target, behind(mount->root, best->root)) : NULL;
}

/* The host's mount that a path lies on: the longest target, and of these the last. */
static const struct mount *mount_of(const struct mount_table *host, const char *path)
{
	const struct mount *best = NULL;

	for (size_t i = 0; i < host->count; i++)
		if (is_within(path, host->at[i].target) &&
		    (!best || strlen(host->at[i].target) >= strlen(best->target)))
			best = &host->at[i];
	return best;
}

/* Does a mount show what the host has at a path? */
static bool shows(struct arena *arena, const struct mount_table *host, const struct mount *mount,
		  const char *path)
{
	const struct mount *at = mount_of(host, path);

	return at && str_eq(at->device, mount->device) &&
	       is_within(join(arena, at->root, behind(path, at->target)), mount->root);
}

static bool is_writable(const struct mount *mount)
{
	return !strv_has(&mount->options, "ro");
}

/* What runtimes mount into each container, and what cannot do harm. */
static bool is_usual(const struct mount *mount, const char *path, const char *own)
{
	static const char *const kernel[] = {"sysfs", "cgroup", "cgroup2"};
	bool is_kernel = is_one_of(mount->type, kernel, sizeof(kernel) / sizeof(kernel[0]));

	if (str_eq(mount->target, "/"))
		return !str_eq(path, "/");
	if (str_eq(mount->type, "mqueue"))
		return true;
	if (is_kernel && !is_writable(mount))
		return true;
	/* Of a control group of its own. */
	if (str_starts(mount->type, "cgroup") && strlen(own) > 1 && is_within(mount->root, own))
		return true;
	return is_one_of(path, devices, sizeof(devices) / sizeof(devices[0])) ||
	       str_starts(path, "/dev/pts/") ||
	       begins_like(path, runtimes, sizeof(runtimes) / sizeof(runtimes[0])) ||
	       (str_starts(path, "/var/lib/kubelet/pods/") && !str_ends(path, "/pods/"));
}

static bool is_broad(const struct mount *mount, const char *path)
{
	for (size_t i = 0; i < sizeof(trees) / sizeof(trees[0]); i++)
		if (is_within(trees[i], path) || (is_within(path, trees[i]) && is_writable(mount)))
			return true;
	for (size_t i = 0; i < sizeof(stores) / sizeof(stores[0]); i++)
		if (is_within(stores[i], path))
			return true;
	return false;
}

static bool leads_to_socket(struct arena *arena, const struct exposure_host *host,
			    const struct mount *mount, const char *path)
{
	for (size_t i = 0; i < sizeof(socket_names) / sizeof(socket_names[0]); i++)
		if (str_ends(path, socket_names[i]))
			return true;
	for (size_t i = 0; i < host->sockets.count; i++)
		if (shows(arena, host->mounts, mount, host->sockets.at[i]))
			return true;
	return false;
}

static void take(struct arena *arena, const struct exposure_host *host, const struct mount *mount,
		 const char *path, struct exposure *exposure)
{
	const char *text = str_eq(path, mount->target)
				   ? path
				   : arena_printf(arena, "%s on %s", path, mount->target);

	if (!strv_has(&exposure->paths, path) && exposure->paths.count < MOST_PATHS)
		strv_push(&exposure->paths, arena, path);
	if (!exposure->broad && is_broad(mount, path))
		exposure->broad = text;
	if (!exposure->socket && leads_to_socket(arena, host, mount, path))
		exposure->socket = text;
	if (is_writable(mount) && (is_within("/etc", path) || is_within("/dev", path) ||
				   is_within("/proc/sys", path) || is_within("/usr", path)))
		exposure->root = true;
}

void exposure_find(struct arena *arena, const struct exposure_host *host,
		   const struct mount_table *mounts, const char *own, struct exposure *ret_exposure)
{
	const struct mount *root = mount_last(mounts, "/");
	struct exposure exposure = {
		.rootless = !root,
		.writable_root = root && is_writable(root),
	};

	for (size_t i = 0; i < mounts->count; i++) {
		const char *path = exposure_path(arena, host->mounts, &mounts->at[i]);

		if (path && !is_usual(&mounts->at[i], path, own))
			take(arena, host, &mounts->at[i], path, &exposure);
	}
	*ret_exposure = exposure;
}
