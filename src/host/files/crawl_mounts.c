/* What is mounted in a running host's tree: whose files they are, and how long they last. */
#include "host/files/crawl.h"
#include "host/files/file_system.h"
#include "host/mounts/mount_next.h"
#include "host/mounts/mounts.h"
#include "host/resolve.h"

/* The directory that is the host's root, as this process names it: "" or "/host". NULL: no idea. */
static const char *root_of(struct host *host)
{
	char link[32], path[PATH_MAX];
	ssize_t length;

	if (host_name_fd(host, host->root, link))
		return NULL;
	length = readlink(link, path, sizeof(path) - 1);
	if (length <= 0 || path[0] != '/')
		return NULL;
	return length == 1 ? "" : arena_strndup(host->arena, path, (size_t)length);
}

/* A mount's place as the host sees it, or NULL for one that lies elsewhere. */
static const char *path_in(const char *root, const char *target)
{
	size_t length = strlen(root);

	if (strncmp(target, root, length) != 0)
		return NULL;
	if (!target[length])
		return "/";
	return target[length] == '/' ? target + length : NULL;
}

/*
 * Overlays are what containers run on, but some are a part of the host's own tree: right below the
 * root, as systemd-sysext and many an OS make them, or where a boot mounts one by its settings.
 */
static bool is_own_overlay(struct host *host, const char *path)
{
	return !strchr(path + 1, '/') || mount_next(host, path).state == MOUNT_MADE;
}

/* The directories of an overlay that is a container's are that as well: "lowerdir=/a:/b". */
static void mark_layers(struct crawl *crawl, const struct mount *mount)
{
	static const char *const names[] = {"lowerdir=", "lowerdir+=", "datadir+=", "upperdir=",
					    "workdir="};
	struct arena *arena = crawl->host->arena;

	for (size_t i = 0; i < mount->options.count; i++) {
		const char *option = mount->options.at[i];
		struct strv layers = {0};

		for (size_t k = 0; k < sizeof(names) / sizeof(names[0]); k++)
			if (str_starts(option, names[k]))
				strv_split(&layers, arena, option + strlen(names[k]), ":");
		for (size_t k = 0; k < layers.count; k++)
			if (layers.at[k][0] == '/')
				crawl_mark_container(crawl, layers.at[k], "overlay");
	}
}

static struct crawl_mount judge(struct crawl *crawl, const struct mount *mount, const char *path)
{
	enum file_system_kind kind = file_system_by_name(mount->type);
	struct crawl_mount judged = {.id = (uint64_t)mount->id, .path = path};

	judged.fleeting = kind == FILE_SYSTEM_FLEETING;
	judged.stop = kind == FILE_SYSTEM_NETWORK || kind == FILE_SYSTEM_PSEUDO;
	if (kind == FILE_SYSTEM_OVERLAY && !is_own_overlay(crawl->host, path)) {
		judged.stop = true;
		mark_layers(crawl, mount);
	}
	if (judged.stop && kind != FILE_SYSTEM_PSEUDO)
		judged.why = mount->type;
	return judged;
}

static int compare(const void *a, const void *b)
{
	const struct crawl_mount *x = a, *y = b;

	return x->id < y->id ? -1 : x->id > y->id;
}

void crawl_read_mounts(struct crawl *crawl)
{
	struct host *host = crawl->host;
	const struct mount_table *table;
	const char *root;

	if (!host->live)
		return;
	table = mounts_seen(host);
	root = root_of(host);
	if (table->error || !root)
		return;
	crawl->mounts = arena_alloc(host->arena, table->count * sizeof(*crawl->mounts) + 1);
	for (size_t i = 0; i < table->count; i++) {
		const char *path = path_in(root, table->at[i].target);

		if (path)
			crawl->mounts[crawl->mount_count++] = judge(crawl, &table->at[i], path);
	}
	if (crawl->mount_count)
		qsort(crawl->mounts, crawl->mount_count, sizeof(*crawl->mounts), compare);
}

const struct crawl_mount *crawl_mount(const struct crawl *crawl, uint64_t id)
{
	const struct crawl_mount wanted = {.id = id};

	if (!id || !crawl->mount_count)
		return NULL;
	return bsearch(&wanted, crawl->mounts, crawl->mount_count, sizeof(wanted), compare);
}

/* A mount on top of another has the higher number, but for when numbers begin anew. */
const struct crawl_mount *crawl_mount_at(const struct crawl *crawl, const char *path)
{
	for (size_t i = crawl->mount_count; i-- > 0;)
		if (str_eq(crawl->mounts[i].path, path))
			return &crawl->mounts[i];
	return NULL;
}
