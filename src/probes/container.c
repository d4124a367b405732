/* Containers on a running host, from the kernel's own view. */
#include "host/containers/containers.h"
#include "host/containers/posture.h"
#include "host/containers/status.h"
#include "probes/probe.h"

#include <fnmatch.h>

#define NOW ASPECT_RUNNING

static const struct field fields[] = {
	{"posture", VALUE_STRING, NOW, "host, open, default or tight: what it is trusted with"},
	{"capabilities", VALUE_LIST, NOW, "that any of its processes has or could get"},
	{"mounts", VALUE_LIST, NOW, "paths of the host that are mounted into it"},
	{"host-cgroup", VALUE_BOOL, NOW, "it has the control group namespace of the host"},
	{"host-ipc", VALUE_BOOL, NOW, "it has the IPC namespace of the host"},
	{"host-network", VALUE_BOOL, NOW, "it has the network namespace of the host"},
	{"host-path", VALUE_BOOL, NOW, "a part of the host that matters is mounted into it"},
	{"host-pid", VALUE_BOOL, NOW, "it sees and can signal the processes of the host"},
	{"host-user", VALUE_BOOL, NOW, "it has no user namespace of its own"},
	{"host-uts", VALUE_BOOL, NOW, "it has the UTS namespace (the host name) of the host"},
	{"lsm-unconfined", VALUE_BOOL, NOW, "neither SELinux nor AppArmor holds it back"},
	{"new-privileges", VALUE_BOOL, NOW, "set-uid programs can gain privileges in it"},
	{"privileged", VALUE_BOOL, NOW, "it has every capability of the host"},
	{"root", VALUE_BOOL, NOW, "a process runs as the host's root"},
	{"runtime-socket", VALUE_BOOL, NOW, "it can tell the runtime to start others"},
	{"sandbox", VALUE_BOOL, NOW, "it only holds the namespaces of a pod"},
	{"seccomp-unconfined", VALUE_BOOL, NOW, "no filter of system calls holds it back"},
	{"unlimited-cpu", VALUE_BOOL, NOW, "its use of processor time has no limit"},
	{"unlimited-memory", VALUE_BOOL, NOW, "its use of memory has no limit"},
	{"unlimited-pids", VALUE_BOOL, NOW, "the number of its processes has no limit"},
	{"writable-root", VALUE_BOOL, NOW, "its root can be written to"},
	{"command", VALUE_STRING, NOW, "the name of its first process"},
	{"label", VALUE_STRING, NOW, "of that process, by SELinux or AppArmor"},
	{"pod", VALUE_STRING, NOW, "the UID of its pod"},
	{"runtime", VALUE_STRING, NOW, "docker, podman, crio, cri-containerd, nspawn, ..."},
	{"unit", VALUE_STRING, NOW, "the service or scope of systemd that it is in"},
	{0},
};

static const struct {
	const char *field;
	enum trait trait;
} traits[] = {
	{"host-cgroup", TRAIT_HOST_CGROUP},
	{"host-ipc", TRAIT_HOST_IPC},
	{"host-network", TRAIT_HOST_NETWORK},
	{"host-path", TRAIT_HOST_PATH},
	{"host-pid", TRAIT_HOST_PID},
	{"host-user", TRAIT_HOST_USER},
	{"host-uts", TRAIT_HOST_UTS},
	{"lsm-unconfined", TRAIT_LSM_UNCONFINED},
	{"new-privileges", TRAIT_NEW_PRIVILEGES},
	{"privileged", TRAIT_PRIVILEGED},
	{"root", TRAIT_ROOT},
	{"runtime-socket", TRAIT_RUNTIME_SOCKET},
	{"sandbox", TRAIT_SANDBOX},
	{"seccomp-unconfined", TRAIT_SECCOMP_UNCONFINED},
	{"unlimited-cpu", TRAIT_UNLIMITED_CPU},
	{"unlimited-memory", TRAIT_UNLIMITED_MEMORY},
	{"unlimited-pids", TRAIT_UNLIMITED_PIDS},
	{"writable-root", TRAIT_WRITABLE_ROOT},
};

static const struct trait_answer *trait_of(const struct container *container, const char *field)
{
	for (size_t i = 0; i < sizeof(traits) / sizeof(traits[0]); i++)
		if (str_eq(traits[i].field, field))
			return &container->traits[traits[i].trait];
	return NULL;
}

static const char *text_of(const struct container *container, const char *field)
{
	const struct {
		const char *field, *text;
	} texts[] = {
		{"command", container->command}, {"label", container->label},
		{"pod", container->pod},         {"runtime", container->runtime},
		{"unit", container->unit},
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		if (str_eq(texts[i].field, field))
			return texts[i].text;
	return "";
}

static void tell_trait(const struct container *container, const struct trait_answer *answer,
		       struct facts *facts)
{
	if (answer->yes < 0)
		fact_unknown(facts, NOW, container->object, answer->source, "%s", answer->why);
	else
		fact_bool(facts, NOW, container->object, answer->yes, answer->source);
}

static void tell_value(const struct container *container, const char *field, struct facts *facts)
{
	struct arena *arena = facts->arena;
	const char *object = container->object, *source = container->source;

	if (str_eq(field, "capabilities"))
		fact_value(facts, NOW, object, capabilities_write(arena, container->capabilities),
			   arena_printf(arena, "%s/status", source));
	else if (str_eq(field, "mounts") && container->paths_why)
		fact_unknown(facts, NOW, object, source, "%s", container->paths_why);
	else if (str_eq(field, "mounts"))
		fact_value(facts, NOW, object, strv_join(&container->paths, arena, " "),
			   arena_printf(arena, "%s/mountinfo", source));
	else if (!str_eq(field, "posture"))
		fact_value(facts, NOW, object, text_of(container, field), source);
	else if (container->posture == POSTURE_UNKNOWN)
		fact_unknown(facts, NOW, object, source, "%s", container->posture_why);
	else
		fact_value(facts, NOW, object, posture_name(container->posture), source);
}

static void tell(const struct question *question, const struct container *container,
		 struct facts *facts)
{
	const char *field = question->field ? question->field->name : "runtime";
	const struct trait_answer *answer = trait_of(container, field);

	if (answer)
		tell_trait(container, answer, facts);
	else
		tell_value(container, field, facts);
}

static bool matches(const char *pattern, const struct container *container)
{
	return !fnmatch(pattern, container->object, 0) || !fnmatch(pattern, container->id, 0) ||
	       !fnmatch(pattern, container->unit, 0) || !fnmatch(pattern, container->pod, 0);
}

/* No container does nothing that a container should not do. */
static void tell_none(const struct question *question, struct facts *facts)
{
	static const char source[] = "no such container runs";
	const struct field *field = question->field;

	if (!field)
		fact_absent(facts, NOW, question->subject, source);
	else if (field->type == VALUE_BOOL)
		fact_bool(facts, NOW, question->subject, false, source);
	else
		fact_value(facts, NOW, question->subject,
			   str_eq(field->name, "posture") ? "tight" : "", source);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct containers *containers;
	size_t told = 0;

	if (!(question->aspects & ASPECT_RUNNING))
		return;
	containers = containers_get(host);
	for (size_t i = 0; i < containers->count && !containers->why; i++) {
		if (!matches(question->subject, &containers->at[i]))
			continue;
		tell(question, &containers->at[i], ret_facts);
		told++;
	}
	if (containers->why)
		fact_unknown(ret_facts, NOW, question->subject, "/proc", "%s", containers->why);
	else if (containers->missing)
		fact_unknown(ret_facts, NOW, question->subject, "/proc", "%s", containers->missing);
	else if (!told)
		tell_none(question, ret_facts);
}

const struct probe probe_container = {
	.name = "container",
	.summary = "containers that run on the host, as the kernel sees them",
	.subject = "PATTERN",
	.example = "container * not privileged",
	.fields = fields,
	.presence = true,
	.look = look,
};
