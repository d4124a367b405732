/* Paths of control groups, what the kernel says of a process, labels, limits, tables of mounts. */
#include "host/containers/exposure.h"
#include "host/containers/limits.h"
#include "host/containers/name.h"
#include "host/containers/status.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use_name(struct arena *arena, const char *path)
{
	struct container_name name;

	if (container_name_parse(arena, path, &name) &&
	    (!*name.object || !*name.runtime || !*name.id || !name.pod || !name.unit))
		abort();
	container_name_other(arena, path, &name);
}

static void use_mounts(struct arena *arena, const char *text)
{
	struct host_text host_text = {arena_strdup(arena, text), strlen(text)};
	struct mount_table table = {0};
	struct exposure_host host = {.mounts = &table};
	struct exposure exposure;

	mountinfo_parse(arena, &host_text, &table);
	strv_push(&host.sockets, arena, "/run/docker.sock");
	/* What a table shows of itself. */
	exposure_find(arena, &host, &table, "/own", &exposure);
	if ((exposure.broad || exposure.socket) && !exposure.paths.count)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	const char *text = arena_strndup(&arena, (const char *)data, size);
	struct cgroup_paths paths;
	struct status status;

	use_name(&arena, text);
	if (cgroup_paths_parse(&arena, arena_strdup(&arena, text), &paths))
		use_name(&arena, paths.main);
	if (status_parse(&arena, arena_strdup(&arena, text), &status))
		capabilities_write(&arena, status.bounding);
	label_judge(text);
	for (unsigned i = 0; i < N_LIMITS; i++)
		limit_parse((enum limit)i, size & 1, text);
	use_mounts(&arena, text);
	arena_free(&arena);
	return 0;
}
