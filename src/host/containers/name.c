#include "host/containers/name.h"

#include "base/arena.h"

#include <stdlib.h>

#define ID_LENGTH 64
#define SHORT_ID 12

static bool has_controller(const char *controllers, const char *name)
{
	size_t length = strlen(name);

	for (const char *at = controllers; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, name, length) && (!at[length] || at[length] == ','))
			return true;
	}
	return false;
}

/* "4:cpu,cpuacct:/path"; the path may have colons itself. */
static void take_line(struct arena *arena, char *line, struct cgroup_paths *paths)
{
	char *controllers = strchr(line, ':'),
	     *path = controllers ? strchr(controllers + 1, ':') : NULL;

	if (!path || path[1] != '/')
		return;
	*path++ = '\0';
	controllers++;
	path = arena_strdup(arena, path);
	if (!*controllers)
		paths->unified = path;
	else if (str_eq(controllers, "name=systemd"))
		paths->systemd = path;
	if (has_controller(controllers, "memory"))
		paths->memory = path;
	if (has_controller(controllers, "pids"))
		paths->pids = path;
	if (has_controller(controllers, "cpu"))
		paths->cpu = path;
}

bool cgroup_paths_parse(struct arena *arena, char *text, struct cgroup_paths *ret_paths)
{
	struct cgroup_paths paths = {0};
	char *line;

	while ((line = str_next_line(&text)))
		take_line(arena, line, &paths);
	const char *const order[] = {paths.systemd, paths.unified, paths.memory, paths.pids,
				     paths.cpu};

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (order[i] && (!paths.main || str_eq(paths.main, "/")))
			paths.main = order[i];
	if (!paths.main)
		return false;
	*ret_paths = paths;
	return true;
}

/* Does it begin with an ID, and end behind it or behind `suffix`? */
static bool is_id(const char *text, const char *suffix)
{
	return strspn(text, "0123456789abcdef") == ID_LENGTH &&
	       (!text[ID_LENGTH] || str_eq(text + ID_LENGTH, suffix));
}

/* Prefixes of scopes that are known by another name than what they stand for. */
static const struct {
	const char *prefix, *runtime;
} prefixes[] = {
	{"libpod-payload", "podman"},
	{"libpod", "podman"},
	{"nerdctl", "containerd"},
};

static const char *runtime_of(struct arena *arena, const char *prefix, size_t length)
{
	char *text = arena_strndup(arena, prefix, length);

	for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
		if (str_eq(text, prefixes[i].prefix))
			return prefixes[i].runtime;
	return text;
}

/* docker-ID.scope, cri-containerd-ID.scope, libpod-ID; SLICE:cri-containerd:ID. Not their monitors.
 */
static bool take_prefixed(struct arena *arena, const char *part, struct container_name *name)
{
	const char *at = strrchr(part, '-'), *colon = strrchr(part, ':'), *start = part;

	if (colon && colon > part) {
		at = colon;
		for (start = colon; start > part && start[-1] != ':'; start--)
			continue;
	}
	if (!at || at == start || !is_id(at + 1, ".scope"))
		return false;
	name->runtime = runtime_of(arena, start, (size_t)(at - start));
	name->id = arena_strndup(arena, at + 1, ID_LENGTH);
	return !str_ends(name->runtime, "conmon") && !str_starts(name->runtime, "kata");
}

/* What a bare ID stands below tells whose it is. */
static bool take_bare(struct arena *arena, const char *part, const char *parent,
		      struct container_name *name)
{
	if (!is_id(part, "") || str_starts(parent, "kata"))
		return false;
	name->id = part;
	name->runtime = "container";
	if (str_starts(parent, "pod") || str_starts(parent, "kubepods"))
		name->runtime = "kubernetes";
	else if (*parent && !strchr(parent, '.') && !is_id(parent, ""))
		name->runtime = arena_strdup(arena, parent);
	return true;
}

/* "\x2d" is how systemd writes a dash in the name of a unit. */
static const char *unescape(struct arena *arena, const char *text, size_t length)
{
	char *copy = arena_strndup(arena, text, length), *to = copy;

	for (const char *from = copy; *from; to++) {
		char digits[3] = {0};

		if (from[0] == '\\' && from[1] == 'x' && from[2] && from[3]) {
			memcpy(digits, from + 2, 2);
			*to = (char)strtol(digits, NULL, 16);
			from += 4;
			/* No name has one, and ours would end there. */
			*to = *to ? *to : '?';
		} else {
			*to = *from++;
		}
	}
	*to = '\0';
	return copy;
}

static bool take_between(struct arena *arena, const char *part, const char *prefix,
			 const char *suffix, struct container_name *name)
{
	size_t length = strlen(part), cut = strlen(prefix) + strlen(suffix);

	if (!str_starts(part, prefix) || !str_ends(part, suffix) || length <= cut)
		return false;
	name->id = unescape(arena, part + strlen(prefix), length - cut);
	return true;
}

/* Machines of systemd-nspawn and LXC have names. Virtual machines are none of ours. */
static bool take_machine(struct arena *arena, const char *part, const char *parent,
			 const char *child, struct container_name *name)
{
	name->runtime = "nspawn";
	if (take_between(arena, part, "systemd-nspawn@", ".service", name))
		return !str_eq(child, "supervisor");
	if (str_eq(parent, "machine.slice") &&
	    take_between(arena, part, "machine-", ".scope", name)) {
		if (str_starts(name->id, "lxc-"))
			name->runtime = "lxc";
		return !str_starts(name->id, "qemu-") && !str_eq(child, "supervisor");
	}
	name->runtime = "lxc";
	if (take_between(arena, part, "lxc.payload.", "", name))
		return true;
	name->id = part;
	return *part && (str_eq(parent, "lxc") || str_eq(parent, "lxc.payload"));
}

/* "pod0b7c…" of the cgroupfs driver, "kubepods-burstable-pod0b7c….slice" of systemd's. */
static const char *pod_of(struct arena *arena, const char *part)
{
	const char *at = strstr(part, "-pod");
	char *uid = NULL;

	if (str_starts(part, "kubepods") && at && str_ends(part, ".slice"))
		uid = arena_strndup(arena, at + 4, strlen(at + 4) - strlen(".slice"));
	else if (str_starts(part, "pod") && strlen(part) > 30)
		uid = arena_strdup(arena, part + 3);
	for (char *byte = uid; byte && *byte; byte++)
		*byte = *byte == '_' ? '-' : *byte;
	return uid;
}

static bool is_unit(const char *part)
{
	return str_ends(part, ".service") || str_ends(part, ".scope");
}

/* What stands above the container's own group, and that itself. */
static void take_surroundings(struct arena *arena, const struct strv *parts, size_t own,
			      struct container_name *name)
{
	struct strv above = {.at = parts->at, .count = own + 1};

	name->pod = name->unit = "";
	for (size_t i = 0; i <= own; i++) {
		const char *pod = pod_of(arena, parts->at[i]);

		name->pod = pod ? pod : name->pod;
		name->unit = is_unit(parts->at[i]) ? parts->at[i] : name->unit;
	}
	name->cgroup = arena_printf(arena, "/%s", strv_join(&above, arena, "/"));
	if (is_id(name->id, ""))
		name->object = arena_printf(arena, "%s:%.*s", name->runtime, SHORT_ID, name->id);
	else
		name->object = arena_printf(arena, "%s:%s", name->runtime, name->id);
	/* systemd starts it again under the same name, and with another ID. */
	if (str_ends(name->unit, ".service") && !str_starts(name->unit, "user@") &&
	    is_id(name->id, ""))
		name->object = arena_printf(arena, "%s:%s", name->runtime, name->unit);
}

static bool take_part(struct arena *arena, const struct strv *parts, size_t i,
		      struct container_name *name)
{
	const char *part = parts->at[i], *parent = i ? parts->at[i - 1] : "";
	const char *child = i + 1 < parts->count ? parts->at[i + 1] : "";

	return take_prefixed(arena, part, name) || take_bare(arena, part, parent, name) ||
	       take_machine(arena, part, parent, child, name);
}

bool container_name_parse(struct arena *arena, const char *path, struct container_name *ret_name)
{
	struct container_name name = {0};
	struct strv parts = {0};

	strv_split(&parts, arena, path, "/");
	/* A container within a container is one of its own. */
	for (size_t i = parts.count; i-- > 0;) {
		if (!take_part(arena, &parts, i, &name))
			continue;
		take_surroundings(arena, &parts, i, &name);
		*ret_name = name;
		return true;
	}
	return false;
}

void container_name_other(struct arena *arena, const char *path, struct container_name *ret_name)
{
	struct container_name name = {.runtime = "other", .id = path};
	struct strv parts = {0};

	strv_split(&parts, arena, path, "/");
	if (!parts.count)
		strv_push(&parts, arena, "");
	take_surroundings(arena, &parts, parts.count - 1, &name);
	*ret_name = name;
}
