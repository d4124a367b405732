#include "host/containers/containers.h"

#include "host/containers/exposure.h"
#include "host/containers/limits.h"
#include "host/containers/posture.h"
#include "host/containers/scan.h"
#include "host/containers/task.h"
#include "host/resolve.h"

#include <errno.h>
#include <fcntl.h>

#define MOST_CONTAINERS 8192
#define MOUNTINFO_LIMIT ((size_t)1024 * 1024)

/* A process that is looked at. */
struct task {
	int pid, dir;
	const char *path; /* "/proc/123" */
	struct cgroup_paths cgroups;
	struct container_name name;
	struct namespaces namespaces;
	struct status status;
};

static struct trait_answer say(bool yes, const char *source)
{
	return (struct trait_answer){.yes = yes, .source = source};
}

static struct trait_answer doubt(const char *source, const char *why)
{
	return (struct trait_answer){.yes = -1, .source = source, .why = why};
}

/* Of what several processes say the worst counts: yes, then unknown, then no. */
static void merge(struct container *container, enum trait trait, struct trait_answer answer)
{
	static const int rank[] = {[0] = 1 /* -1 */, [1] = 0 /* no */, [2] = 2 /* yes */};
	struct trait_answer *old = &container->traits[trait];

	if (!old->source || rank[answer.yes + 1] > rank[old->yes + 1])
		*old = answer;
}

static const struct {
	enum namespace which;
	enum trait trait;
	const char *link;
} shared[] = {
	{NS_CGROUP, TRAIT_HOST_CGROUP, "ns/cgroup"}, {NS_IPC, TRAIT_HOST_IPC, "ns/ipc"},
	{NS_NET, TRAIT_HOST_NETWORK, "ns/net"},      {NS_PID, TRAIT_HOST_PID, "ns/pid"},
	{NS_USER, TRAIT_HOST_USER, "ns/user"},       {NS_UTS, TRAIT_HOST_UTS, "ns/uts"},
};

static const char *below(struct arena *arena, const struct task *task, const char *name)
{
	return arena_printf(arena, "%s/%s", task->path, name);
}

static void merge_namespaces(struct scan *scan, const struct task *task,
			     struct container *container)
{
	struct arena *arena = scan->host->arena;

	for (size_t i = 0; i < sizeof(shared) / sizeof(shared[0]); i++) {
		enum trait trait = shared[i].trait;
		int same = namespace_same(&task->namespaces, &scan->own, shared[i].which);
		struct trait_answer *old = &container->traits[trait];

		/* Most often nothing new is learned. */
		if (old->source && (same == 0 || old->yes == 1))
			continue;
		if (same >= 0)
			merge(container, trait, say(same, below(arena, task, shared[i].link)));
		else
			merge(container, trait,
			      doubt(below(arena, task, shared[i].link),
				    "the namespaces of its processes, or the host's, cannot be read"
				    " without CAP_SYS_PTRACE"));
	}
}

static bool is_root(const struct status *status)
{
	return !status->uid[0] || !status->uid[1] || !status->uid[2] || !status->uid[3];
}

static void merge_status(struct scan *scan, const struct task *task, struct container *container)
{
	const struct status *status = &task->status;
	uint64_t set = status->bounding | status->permitted | status->effective | status->ambient;
	const char *source = below(scan->host->arena, task, "status");
	int user = container->traits[TRAIT_HOST_USER].yes;
	bool all = (set & scan->everything) == scan->everything;

	container->capabilities |= set;
	if (all && user < 0)
		merge(container, TRAIT_PRIVILEGED,
		      doubt(source, container->traits[TRAIT_HOST_USER].why));
	else
		merge(container, TRAIT_PRIVILEGED, say(all && user, source));
	if (scan->foreign_ids)
		merge(container, TRAIT_ROOT,
		      doubt(source, "user IDs are told otherwise in a user namespace"));
	else
		merge(container, TRAIT_ROOT, say(is_root(status), source));
	merge(container, TRAIT_SECCOMP_UNCONFINED, say(!status->seccomp, source));
	merge(container, TRAIT_NEW_PRIVILEGES, say(!status->no_new_privs, source));
}

static void merge_label(struct scan *scan, const struct task *task, struct container *container)
{
	struct arena *arena = scan->host->arena;
	cleanup(text) struct host_text text = {0};
	/* AppArmor's own file is newer than the one that modules share, and says the same. */
	int error = host_proc_read_at(task->dir, "attr/current", 0, &text);
	const char *label = error ? "" : str_trim(text.data);
	const char *source = below(arena, task, "attr/current");
	enum confinement confinement = label_judge(label);

	container->label = container->label ? container->label : arena_strdup(arena, label);
	if (error && error != -EINVAL && error != -ENOENT && error != -EOPNOTSUPP)
		merge(container, TRAIT_LSM_UNCONFINED,
		      doubt(source, arena_printf(arena, "cannot read it: %s", host_error(error))));
	else if (confinement == ODD_LABEL)
		merge(container, TRAIT_LSM_UNCONFINED,
		      doubt(source, "it is of a security module that is not known"));
	else if (confinement == CONFINED && scan->permissive && strchr(label, ':') &&
		 !str_ends(label, ")"))
		merge(container, TRAIT_LSM_UNCONFINED, say(true, scan->permissive_source));
	else
		merge(container, TRAIT_LSM_UNCONFINED, say(confinement != CONFINED, source));
}

static void doubt_mounts(struct container *container, const char *source, const char *why)
{
	container->paths_why = why;
	merge(container, TRAIT_HOST_PATH, doubt(source, why));
	merge(container, TRAIT_RUNTIME_SOCKET, doubt(source, why));
	merge(container, TRAIT_WRITABLE_ROOT, doubt(source, why));
}

/* What was found lives in an arena that does not last. */
static const char *evidence(struct arena *arena, const char *source, const char *found)
{
	return found ? arena_printf(arena, "%s: %s", source, found) : source;
}

/* Returns whether what is mounted would let it change the host. */
static bool look_at_mounts(struct scan *scan, const struct task *task, struct container *container)
{
	struct arena *arena = scan->host->arena, passing = {0};
	cleanup(text) struct host_text text = {0};
	const char *source = below(arena, task, "mountinfo");
	int error = host_proc_read_at(task->dir, "mountinfo", MOUNTINFO_LIMIT, &text);
	struct mount_table mounts = {0};
	struct exposure exposure = {.rootless = true};

	if (!error)
		mountinfo_parse(&passing, &text, &mounts);
	error = error ? error : mounts.error;
	if (!error && !scan->exposure.mounts->error)
		exposure_find(&passing, &scan->exposure, &mounts, task->name.cgroup, &exposure);
	if (error || scan->exposure.mounts->error)
		doubt_mounts(container, source,
			     arena_printf(arena, "cannot read the mounts: %s",
					  host_error(error ? error
							   : scan->exposure.mounts->error)));
	else if (exposure.rootless)
		doubt_mounts(container, source, "it has no mount at /");
	for (size_t i = 0; i < exposure.paths.count; i++)
		strv_push(&container->paths, arena, arena_strdup(arena, exposure.paths.at[i]));
	if (!exposure.rootless) {
		merge(container, TRAIT_HOST_PATH,
		      say(exposure.broad, evidence(arena, source, exposure.broad)));
		merge(container, TRAIT_RUNTIME_SOCKET,
		      say(exposure.socket, evidence(arena, source, exposure.socket)));
		merge(container, TRAIT_WRITABLE_ROOT, say(exposure.writable_root, source));
	}
	arena_free(&passing);
	return exposure.root;
}

static void look_at_limits(struct scan *scan, const struct task *task, struct container *container)
{
	static const enum trait traits[N_LIMITS] = {
		[LIMIT_MEMORY] = TRAIT_UNLIMITED_MEMORY,
		[LIMIT_PIDS] = TRAIT_UNLIMITED_PIDS,
		[LIMIT_CPU] = TRAIT_UNLIMITED_CPU,
	};

	for (unsigned i = 0; i < N_LIMITS; i++) {
		struct limit_answer answer;

		limit_find(scan->host, scan->exposure.mounts, &task->cgroups, (enum limit)i,
			   &answer);
		merge(container, traits[i],
		      answer.value ? say(str_eq(answer.value, "none"), answer.source)
				   : doubt(answer.source, answer.why));
	}
}

static struct container *find(struct containers *containers, const char *object, const char *id)
{
	/* Processes of one container mostly come one behind the other. */
	for (size_t i = containers->count; i-- > 0;)
		if (str_eq(containers->at[i].id, id) && str_eq(containers->at[i].object, object))
			return &containers->at[i];
	return NULL;
}

static struct container *add(struct scan *scan, const struct task *task)
{
	struct containers *containers = scan->containers;
	struct container *container;

	if (containers->count == containers->space) {
		size_t space = containers->space ? containers->space * 2 : 32;

		containers->at = arena_grow(scan->host->arena, containers->at,
					    containers->count * sizeof(*containers->at),
					    space * sizeof(*containers->at));
		containers->space = space;
	}
	container = &containers->at[containers->count++];
	*container = (struct container){
		.object = task->name.object,
		.runtime = task->name.runtime,
		.id = task->name.id,
		.pod = task->name.pod,
		.unit = task->name.unit,
		.command = task->status.name,
		.source = task->path,
	};
	return container;
}

/* A pod's namespaces are held by a process that does nothing else. */
static bool is_sandbox(const struct container *container)
{
	return container->processes == 1 && str_eq(container->command, "pause");
}

static void take(struct scan *scan, const struct task *task)
{
	struct container *container = find(scan->containers, task->name.object, task->name.id);
	bool first = !container, shows_root = false;

	if (first && scan->containers->count == MOST_CONTAINERS) {
		scan->containers->missing = "there are more containers than are looked at";
		return;
	}
	container = first ? add(scan, task) : container;
	container->processes++;
	merge_namespaces(scan, task, container);
	merge_status(scan, task, container);
	merge_label(scan, task, container);
	if (first) {
		shows_root = look_at_mounts(scan, task, container);
		look_at_limits(scan, task, container);
	}
	container->traits[TRAIT_SANDBOX] = say(is_sandbox(container), task->path);
	container->shows_root |= shows_root;
}

/* Another root than the host's is mounted at its /. 1 or 0; -1: it cannot be told. */
static int has_own_root(struct scan *scan, const struct task *task)
{
	cleanup(text) struct host_text text = {0};
	struct mount_table mounts = {0};
	struct arena passing = {0};
	const struct mount *root;
	int own = -1, error = host_proc_read_at(task->dir, "mountinfo", MOUNTINFO_LIMIT, &text);

	if (!error)
		mountinfo_parse(&passing, &text, &mounts);
	root = error || mounts.error ? NULL : mount_last(&mounts, "/");
	if (root && scan->root_device)
		own = !str_eq(root->device, scan->root_device) ||
		      !str_eq(root->root, scan->root_path);
	/* Something that runs where nothing is mounted at / was changed into a directory. */
	if (!error && !mounts.error && !root)
		own = 1;
	arena_free(&passing);
	return own;
}

/* A service of systemd may have a root of its own, and is no container for that. */
static bool is_service(const char *path)
{
	return strstr(path, ".service") || strstr(path, ".scope");
}

/* Of a process that is in no runtime's group: 1: a container all the same. 0: none. -1: unknown. */
static int is_other(struct scan *scan, struct task *task)
{
	int same = namespace_same(&task->namespaces, &scan->own, NS_MNT), pid, root;

	if (same)
		return same < 0 ? -1 : 0;
	namespaces_read(task->dir, true, &task->namespaces);
	pid = namespace_same(&task->namespaces, &scan->own, NS_PID);
	if (pid && is_service(task->cgroups.main))
		return pid < 0 ? -1 : 0;
	root = has_own_root(scan, task);
	if (root > 0)
		container_name_other(scan->host->arena, task->cgroups.main, &task->name);
	return root;
}

/* Is it in the group of a container, but outside of it, such as a runtime that is about to start
 * it? */
static bool is_outside(const struct scan *scan, const struct task *task)
{
	return namespace_same(&task->namespaces, &scan->own, NS_MNT) == 1 &&
	       namespace_same(&task->namespaces, &scan->own, NS_PID) == 1;
}

static int read_status(struct scan *scan, struct task *task)
{
	cleanup(text) struct host_text text = {0};
	int error = host_proc_read_at(task->dir, "status", 0, &text);

	if (error)
		return error;
	return status_parse(scan->host->arena, text.data, &task->status) ? 0 : -EBADMSG;
}

static int read_cgroups(struct scan *scan, struct task *task)
{
	cleanup(text) struct host_text text = {0};
	int error = host_proc_read_at(task->dir, "cgroup", 0, &text);

	if (error)
		return error;
	return cgroup_paths_parse(scan->host->arena, text.data, &task->cgroups) ? 0 : -EBADMSG;
}

/* Whether it is a container's, and of which: 1, 0, or a negative errno. */
static int sort_out(struct scan *scan, struct task *task)
{
	bool named;
	int other, error = read_cgroups(scan, task);

	if (error)
		return error;
	named = container_name_parse(scan->host->arena, task->cgroups.main, &task->name);
	namespaces_read(task->dir, named, &task->namespaces);
	if (named)
		return !is_outside(scan, task);
	other = is_other(scan, task);
	return other < 0 ? -EACCES : other;
}

/* Ends between any two of these steps are no news: it is not there any more. */
static bool is_end(int error)
{
	return error == -ENOENT || error == -ESRCH || error == -EINVAL;
}

/* Takes a process that is a container's, or that nobody can tell of: a negative errno. */
static int look_closer(struct scan *scan, struct task *task, int found)
{
	int error = read_status(scan, task);

	if (error)
		return is_end(error) ? 0 : error;
	/* What has ended has no namespaces any more. */
	if (task->status.ended || task->status.kernel)
		return 0;
	if (found > 0)
		take(scan, task);
	return found;
}

static void look_at(struct scan *scan, int pid)
{
	struct arena *arena = scan->host->arena;
	char name[16];
	struct task task = {.pid = pid};
	cleanup(fd) int dir = -1;
	int found;

	snprintf(name, sizeof(name), "%d", pid);
	dir = host_proc_open(scan->host, name, O_PATH | O_DIRECTORY);
	if (dir < 0)
		return;
	task.dir = dir;
	found = sort_out(scan, &task);
	if (!found || is_end(found))
		return;
	task.path = arena_printf(arena, "/proc/%d", pid);
	found = look_closer(scan, &task, found);
	if (found < 0 && !scan->containers->missing)
		scan->containers->missing =
			arena_printf(arena,
				     "whether process %d is in a container cannot be told: %s", pid,
				     host_error(found));
}

static const void *load(struct host *host)
{
	struct containers *containers = arena_new(host->arena, struct containers);
	struct scan scan = {.host = host, .containers = containers};
	size_t count = 0;
	int *pids = NULL, error = task_list(host, &pids, &count);

	if (error) {
		containers->why = arena_printf(host->arena, "cannot list the processes: %s",
					       host_error(error));
		return containers;
	}
	containers->why = scan_prepare(&scan);
	/* The first process is the host, whatever else it may be. */
	for (size_t i = 0; i < count && !containers->why; i++)
		if (pids[i] != 1)
			look_at(&scan, pids[i]);
	for (size_t i = 0; i < containers->count; i++)
		posture_find(&containers->at[i]);
	return containers;
}

const struct containers *containers_get(struct host *host)
{
	return host_view(host, load);
}
