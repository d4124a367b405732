#include "host/processes/cgroups.h"

#include "host/units/units_name.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/vfs.h>

/* A node with a thousand containers has some five thousand. */
#define MOST_CGROUPS 65536

struct cgroup {
	uint64_t id;
	const char *path;
};

struct cgroups {
	struct cgroup *at;
	size_t count, space;
	const char *why; /* why they cannot be told */
};

/* Where systemd mounts the second version: alone, or beside the first. */
static const char *const mounts[] = {"/sys/fs/cgroup", "/sys/fs/cgroup/unified"};

static const char *find_mount(struct host *host)
{
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		cleanup(fd) int fd = host_open(host, mounts[i], O_DIRECTORY);
		struct statfs fs;

		if (fd >= 0 && !fstatfs(fd, &fs) && fs.f_type == CGROUP2_SUPER_MAGIC)
			return mounts[i];
	}
	return NULL;
}

static void push(struct arena *arena, struct cgroups *cgroups, uint64_t id, const char *path)
{
	if (cgroups->count == cgroups->space) {
		size_t space = cgroups->space ? cgroups->space * 2 : 256;

		cgroups->at = arena_grow(arena, cgroups->at, cgroups->count * sizeof(*cgroups->at),
					 space * sizeof(*cgroups->at));
		cgroups->space = space;
	}
	cgroups->at[cgroups->count++] = (struct cgroup){id, path};
}

/* The number of a control group is that of its directory: kernfs of Linux 5.5 and newer. */
static void list_below(struct host *host, struct cgroups *cgroups, const char *mount,
		       const char *path)
{
	struct arena *arena = host->arena;
	int fd = host_open(host, arena_printf(arena, "%s%s", mount, path), O_DIRECTORY);
	cleanup(dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	/* It may have ended since its parent was listed. */
	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_DIR && *entry->d_name != '.' &&
		    cgroups->count < MOST_CGROUPS)
			push(arena, cgroups, entry->d_ino,
			     arena_printf(arena, "%s/%s", path, entry->d_name));
}

static const void *load(struct host *host)
{
	struct cgroups *cgroups = arena_new(host->arena, struct cgroups);
	const char *mount = find_mount(host);

	if (!mount) {
		cgroups->why = "no control groups of the second version are mounted";
		return cgroups;
	}
	list_below(host, cgroups, mount, "");
	for (size_t i = 0; i < cgroups->count; i++)
		list_below(host, cgroups, mount, cgroups->at[i].path);
	return cgroups;
}

const char *cgroup_path(struct host *host, uint64_t id, const char **ret_why)
{
	const struct cgroups *cgroups = host_view(host, load);

	for (size_t i = 0; i < cgroups->count; i++)
		if (cgroups->at[i].id == id)
			return cgroups->at[i].path;
	*ret_why = cgroups->why ? cgroups->why : "its control group has no name";
	return NULL;
}

const char *cgroup_unit(struct arena *arena, const char *path)
{
	struct strv parts = {0};

	strv_split(&parts, arena, path, "/");
	for (size_t i = 0; i < parts.count; i++) {
		/* systemd puts a `_` before what the kernel could take for a file of its own. */
		const char *name = parts.at[i] + (*parts.at[i] == '_');
		const char *type = unit_type(name);

		/* From the namespace of a container, all of the host's begin with some of these. */
		if (str_eq(name, "..") || (type && str_eq(type, "slice")))
			continue;
		return type && unit_kind(name) != UNIT_INVALID ? name : NULL;
	}
	return NULL;
}
