/* Processes that run: how they were started, and what they may do. */
#include "host/processes/cgroups.h"
#include "host/processes/process_status.h"
#include "host/processes/processes.h"
#include "host/users.h"
#include "probes/probe.h"

#include <errno.h>

enum {
	ARGUMENTS,
	USER,
	GROUP,
	CAPABILITIES,
	BOUNDING_SET,
	NO_NEW_PRIVILEGES,
	SECCOMP,
	LABEL,
	UNIT,
};

static const struct field fields[] = {
	[ARGUMENTS] = {"arguments", VALUE_LIST, ASPECT_RUNNING,
		       "the words of its command line; blanks in one are written \\x20"},
	[USER] = {"user", VALUE_STRING, ASPECT_RUNNING, "the effective user"},
	[GROUP] = {"group", VALUE_STRING, ASPECT_RUNNING, "the effective group"},
	[CAPABILITIES] = {"capabilities", VALUE_LIST, ASPECT_RUNNING,
			  "the effective ones, as cap_net_raw, or none"},
	[BOUNDING_SET] = {"bounding-set", VALUE_LIST, ASPECT_RUNNING,
			  "the capabilities that it may ever have, or none"},
	[NO_NEW_PRIVILEGES] = {"no-new-privileges", VALUE_BOOL, ASPECT_RUNNING,
			       "programs that it starts gain nothing"},
	[SECCOMP] = {"seccomp", VALUE_STRING, ASPECT_RUNNING, "disabled, strict or filter"},
	[LABEL] = {"label", VALUE_STRING, ASPECT_RUNNING, "of AppArmor or SELinux"},
	[UNIT] = {"unit", VALUE_STRING, ASPECT_RUNNING, "the unit that it belongs to"},
	{0},
};

/* One process, and what is asked of it. */
struct look {
	struct host *host;
	struct facts *facts;
	int pid;
	const char *object, *source;
};

static void tell(const struct look *look, const char *value)
{
	fact_value(look->facts, ASPECT_RUNNING, look->object, value, look->source);
}

static void tell_error(const struct look *look, int error)
{
	fact_unknown(look->facts, ASPECT_RUNNING, look->object, look->source, "cannot be read: %s",
		     host_error(error));
}

static const char *word(struct arena *arena, const char *text)
{
	struct strv parts = {0};
	size_t length;

	for (; *(text += length = strcspn(text, " \t\n")); text++) {
		strv_push(&parts, arena,
			  arena_printf(arena, "%.*s\\x%02x", (int)length, text - length,
				       (unsigned char)*text));
	}
	strv_push(&parts, arena, text - length);
	return strv_join(&parts, arena, "");
}

static int tell_arguments(const struct look *look)
{
	struct strv words = {0}, shown = {0};
	int error = process_arguments(look->host, look->pid, &words);

	for (size_t i = 0; i < words.count; i++)
		strv_push(&shown, look->facts->arena, word(look->facts->arena, words.at[i]));
	if (!error)
		tell(look, strv_join(&shown, look->facts->arena, " "));
	return error;
}

static int tell_account(const struct look *look, const struct accounts *accounts, unsigned id)
{
	const char *name;
	int error = account_name(look->facts->arena, accounts, id, &name);

	if (!error)
		tell(look, name);
	return error;
}

static int tell_status(const struct look *look, long field)
{
	static const char *const modes[] = {"disabled", "strict", "filter"};
	struct arena *arena = look->facts->arena;
	struct process_status status;
	int error = process_status(look->host, look->pid, &status);

	if (error)
		return error;
	if (field == USER)
		return tell_account(look, users_get(look->host), status.user);
	if (field == GROUP)
		return tell_account(look, groups_get(look->host), status.group);
	if (field == CAPABILITIES)
		tell(look, process_capabilities(arena, status.effective));
	else if (field == BOUNDING_SET)
		tell(look, process_capabilities(arena, status.bounding));
	else if (field == NO_NEW_PRIVILEGES)
		tell(look, status.no_new_privileges ? "yes" : "no");
	else if (status.seccomp > 2)
		return -EBADMSG;
	else
		tell(look, modes[status.seccomp < 0 ? 0 : status.seccomp]);
	return 0;
}

static int tell_label(const struct look *look)
{
	const char *label;
	int error = process_label(look->host, look->pid, &label);

	if (error == -EINVAL)
		fact_absent(look->facts, ASPECT_RUNNING, look->object,
			    "no security module gives labels");
	else if (!error)
		tell(look, label);
	return error == -EINVAL ? 0 : error;
}

static int tell_unit(const struct look *look)
{
	const char *path, *unit;
	int error = process_cgroup(look->host, look->pid, &path);

	if (error)
		return error;
	unit = cgroup_unit(look->facts->arena, path);
	if (unit)
		tell(look, unit);
	else
		fact_absent(look->facts, ASPECT_RUNNING, look->object, look->source);
	return 0;
}

/* Returns whether there was something to tell: it may have ended since it was found. */
static bool tell_process(const struct look *look, const struct question *question)
{
	long field = question->field ? question->field - fields : ARGUMENTS;
	int error;

	if (field == ARGUMENTS)
		error = tell_arguments(look);
	else if (field == LABEL)
		error = tell_label(look);
	else if (field == UNIT)
		error = tell_unit(look);
	else
		error = tell_status(look, field);
	if (error == -ENOENT || error == -ESRCH)
		return false;
	if (error)
		tell_error(look, error);
	return true;
}

static void look_at(struct host *host, const struct question *question, struct facts *ret_facts)
{
	struct processes found;
	size_t count = 0;

	if (!(question->aspects & ASPECT_RUNNING))
		return;
	processes_find(host, question->subject, &found);
	for (size_t i = 0; i < found.count; i++) {
		const struct process *process = &found.at[i];
		const struct look look = {
			.host = host,
			.facts = ret_facts,
			.pid = process->pid,
			.object = arena_printf(host->arena, "%s[%d]", process->name, process->pid),
			.source = arena_printf(host->arena, "/proc/%d", process->pid),
		};

		count += tell_process(&look, question);
	}
	if (found.why)
		fact_unknown(ret_facts, ASPECT_RUNNING, question->subject, "/proc", "%s",
			     found.why);
	else if (!count)
		fact_absent(ret_facts, ASPECT_RUNNING, question->subject, "/proc");
}

static const char *refuse(const char *subject)
{
	if (strchr(subject, '/'))
		return "a process is called by its name alone, or by its unit: dockerd, "
		       "docker.service";
	return NULL;
}

const struct probe probe_process = {
	.name = "process",
	.summary = "processes that run: their command line, and what they may do",
	.subject = "NAME|UNIT",
	.example = "process dockerd arguments !~ --insecure-registry",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look_at,
};
