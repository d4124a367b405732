/* Limits of resources: of processes, of services, and of the sessions of users. */
#include "host/processes/processes.h"
#include "host/settings/limits.h"
#include "host/units/units.h"
#include "host/users.h"
#include "probes/tell.h"

#include <errno.h>

enum { HARD, SOFT };

static const struct field fields[] = {
	[HARD] = {"hard", VALUE_SCALAR, ASPECT_BOTH, "as prlimit shows it, or unlimited"},
	[SOFT] = {"soft", VALUE_SCALAR, ASPECT_BOTH, "the same of the limit in force"},
	{0},
};

/* What the subject asks for. */
struct subject {
	enum { OF_USER, OF_UNIT, OF_PROCESS, OF_MANAGER } kind;
	const char *name; /* NULL for the manager */
	const struct limit_resource *resource;
};

static const char *check_subject(const struct subject *subject)
{
	if (!subject->resource)
		return "there is no limit of that name in limits.conf(5)";
	if (!subject->resource->shown && subject->kind != OF_USER)
		return "it is a limit of the sessions of users";
	if (subject->kind == OF_USER && str_eq(subject->resource->name, "rttime"))
		return "pam_limits does not know this one";
	if (subject->kind == OF_UNIT)
		return units_refuse(subject->name);
	return NULL;
}

/* Takes the subject apart. Returns why it is wrong, or NULL. */
static const char *read_subject(struct arena *arena, const char *text, struct subject *ret_subject)
{
	static const char *const kinds[] = {"user:", "unit:", "process:", "manager:"};
	struct subject subject = {0};
	const char *colon = strrchr(text, ':');
	size_t kind = 0, length;

	while (kind < 4 && !str_starts(text, kinds[kind]))
		kind++;
	if (kind == 4)
		return "it begins with user:, unit:, process: or manager:";
	length = strlen(kinds[kind]);
	subject.kind = (int)kind;
	if (subject.kind == OF_MANAGER) {
		colon = text + length - 1;
	} else {
		if (colon < text + length + 1)
			return "it ends with a `:` and the name of a limit";
		subject.name = arena_strndup(arena, text + length, (size_t)(colon - text) - length);
	}
	subject.resource = limit_resource_find(colon + 1);
	*ret_subject = subject;
	return check_subject(&subject);
}

static const char *refuse(const char *text)
{
	struct arena arena = {0};
	const char *why = read_subject(&arena, text, &(struct subject){0});

	arena_free(&arena);
	return why;
}

static void tell(const struct question *question, enum aspect aspect, const char *object,
		 const struct limit *limit, struct facts *facts)
{
	tell_finding(facts, aspect, object,
		     question->field == &fields[SOFT] ? &limit->soft : &limit->hard);
}

/* A unit that does not run has no limits now, and those of the next boot decide. */
static void tell_processes(struct host *host, const struct question *question,
			   const struct subject *subject, struct facts *facts)
{
	struct processes found;
	size_t count = 0;

	processes_find(host, subject->name, &found);
	for (size_t i = 0; i < found.count; i++) {
		const struct process *process = &found.at[i];
		const char *object = arena_printf(host->arena, "%s of %s[%d]",
						  subject->resource->name, process->name,
						  process->pid);
		struct limit limit = {0};
		int error = limit_of_process(host, process->pid, subject->resource, &limit);

		if (error == -ESRCH)
			continue;
		count++;
		if (error)
			limit.soft = limit.hard = not_known(NULL, host_error(error));
		tell(question, ASPECT_RUNNING, object, &limit, facts);
	}
	if (found.why)
		fact_unknown(facts, ASPECT_RUNNING, question->subject, "/proc", "%s", found.why);
	else if (!count && subject->kind == OF_PROCESS)
		fact_absent(facts, ASPECT_RUNNING, question->subject, "/proc");
}

/* The names and numbers of the groups of a user. */
static int find_user(struct host *host, const char *name, struct limit_user *ret_user)
{
	const struct accounts *users = users_get(host), *groups = groups_get(host);
	const struct account *account = account_find(users, name);
	struct limit_user user = {.name = name};

	if (users->error || groups->error)
		return users->error ? users->error : groups->error;
	if (!account)
		return -ENOENT;
	user.id = account->id;
	user.group = account->group;
	for (size_t i = 0; i < groups->count; i++) {
		struct strv members = {0};

		strv_split(&members, host->arena, groups->at[i].members, ",");
		if (groups->at[i].id != account->group && !strv_has(&members, name))
			continue;
		strv_push(&user.groups, host->arena, groups->at[i].name);
		strv_push(&user.group_ids, host->arena,
			  arena_printf(host->arena, "%u", groups->at[i].id));
	}
	*ret_user = user;
	return 0;
}

/* Each line for somebody in particular: it may loosen what holds for the others. */
static void tell_special(const struct question *question, const struct subject *subject,
			 const struct limit_lines *lines, struct facts *facts)
{
	const char *skipped = question->field == &fields[SOFT] ? "hard" : "soft";

	for (size_t i = 0; i < lines->count; i++) {
		const struct limit_line *line = &lines->at[i];
		const char *value = limit_line_value(facts->arena, line, subject->resource);
		const char *source = arena_printf(facts->arena, "%s:%u", line->file, line->line);
		const char *object = arena_printf(facts->arena, "%s of %s", subject->resource->name,
						  line->domain);

		if (!limit_line_is_special(line))
			continue;
		if (!line->item)
			fact_absent(facts, ASPECT_CONFIGURED, object, source);
		else if (value && !(subject->resource->shown && str_eq(line->type, skipped)))
			fact_value(facts, ASPECT_CONFIGURED, object, value, source);
	}
}

static void tell_user(struct host *host, const struct question *question,
		      const struct subject *subject, struct facts *facts)
{
	const struct limit_lines *lines = limit_lines_get(host);
	const char *object = arena_printf(host->arena, "%s of %s", subject->resource->name,
					  subject->name);
	bool everybody = str_eq(subject->name, "*");
	struct limit_user user = {0};
	struct limit limit;
	int error = everybody ? 0 : find_user(host, subject->name, &user);

	if (lines->why) {
		fact_unknown(facts, ASPECT_CONFIGURED, object, NULL, "%s", lines->why);
	} else if (error == -ENOENT) {
		fact_absent(facts, ASPECT_CONFIGURED, object, "no such user");
	} else if (error) {
		fact_unknown(facts, ASPECT_CONFIGURED, object, NULL,
			     "the accounts cannot be read: %s", host_error(error));
	} else {
		limit_of_user(host->arena, lines, &user, subject->resource, &limit);
		tell(question, ASPECT_CONFIGURED, object, &limit, facts);
		if (everybody)
			tell_special(question, subject, lines, facts);
	}
}

static void tell_unit(struct host *host, const struct question *question,
		      const struct subject *subject, struct facts *facts)
{
	const char *unit = subject->name ? units_get(host, subject->name)->name : NULL;
	struct limit limit;

	limit_of_unit(host, unit, subject->resource, &limit);
	tell(question, ASPECT_CONFIGURED,
	     arena_printf(host->arena, "%s of %s", subject->resource->name,
			  unit ? unit : "all units"),
	     &limit, facts);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	struct subject subject;
	bool now = question->aspects & ASPECT_RUNNING, next = question->aspects & ASPECT_CONFIGURED;

	if (read_subject(host->arena, question->subject, &subject))
		return;
	if (subject.kind == OF_UNIT && now) {
		struct subject full = subject;

		full.name = units_get(host, subject.name)->name;
		tell_processes(host, question, &full, ret_facts);
	} else if (subject.kind == OF_PROCESS && now) {
		tell_processes(host, question, &subject, ret_facts);
	}
	if (subject.kind == OF_USER && next)
		tell_user(host, question, &subject, ret_facts);
	else if (subject.kind != OF_PROCESS && next)
		tell_unit(host, question, &subject, ret_facts);
}

const struct probe probe_limit = {
	.name = "limit",
	.summary = "limits of resources: of sessions, services and processes",
	.subject = "user:NAME|unit:UNIT|process:NAME|manager:LIMIT",
	.example = "limit user:*:core = 0",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
