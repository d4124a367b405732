#include "cli/target.h"

#include "base/utf8.h"
#include "cli/command.h"

#include <errno.h>
#include <stdarg.h>

struct target_options target_options = {.root = "/"};

static const char *const sandboxes[] = {"auto", "require", "off", NULL};

#define ROOT_ROWS                                                                                  \
	{"root",                                                                                   \
	 'r',                                                                                      \
	 OPTION_STRING,                                                                            \
	 "DIR",                                                                                    \
	 &target_options.root,                                                                     \
	 NULL,                                                                                     \
	 "look at this root tree instead of the running host"},                                    \
	{                                                                                          \
		"live", 0, OPTION_FLAG, NULL, &target_options.live, NULL,                          \
			"--root is where the running host is mounted (/host)"                      \
	}
#define SANDBOX_ROW                                                                                \
	{                                                                                          \
		"sandbox", 0, OPTION_CHOICE, "WHEN", &target_options.sandbox, sandboxes,           \
			"confine itself: auto, require (or do nothing) or off"                     \
	}

const struct option_row root_rows[] = {ROOT_ROWS, SANDBOX_ROW, {0}};

const struct option_row target_rows[] = {
	ROOT_ROWS,
	{"profile", 'p', OPTION_STRING, "NAME", &target_options.selection.profile, NULL,
	 "use this OS profile instead of the one os-release asks for"},
	{"role", 0, OPTION_LIST, "ROLE", &target_options.selection.roles, NULL,
	 "the host has this role, too"},
	{"set", 0, OPTION_LIST, "NAME=VALUE", &target_options.selection.set, NULL,
	 "set a variable of the policy"},
	{"policy-dir", 0, OPTION_LIST, "DIR", &target_options.selection.policy_dirs, NULL,
	 "read the policy here instead of the standard places"},
	SANDBOX_ROW,
	{0},
};

void complain(const char *format, ...)
{
	struct arena arena = {0};
	va_list args;

	va_start(args, format);
	fprintf(stderr, "hostaudit: %s\n",
		utf8_printable(&arena, arena_vprintf(&arena, format, args)));
	va_end(args);
	arena_free(&arena);
}

void complain_problems(const struct problems *problems)
{
	for (const struct problem *problem = problems->head; problem; problem = problem->next) {
		const char *file = utf8_printable(problems->arena, problem->origin.file);
		const char *message = utf8_printable(problems->arena, problem->message);

		if (problem->origin.line)
			fprintf(stderr, "%s:%u: %s\n", file, problem->origin.line, message);
		else
			fprintf(stderr, "%s: %s\n", file, message);
	}
}

int command_line(struct arena *arena, int argc, char **argv, const struct option_row *const *tables,
		 struct strv *ret_operands)
{
	const char *message;
	int error = options_parse(arena, argc, argv, tables, ret_operands, &message);

	if (error)
		complain("%s", message);
	return error ? EXIT_USAGE : 0;
}

/* With a live host come the libraries that are loaded while it is looked at: the bus. */
static void add_libraries(struct arena *arena, struct strv *readable)
{
	static const char *const paths[] = {"/etc/ld.so.cache", "/lib", "/lib64", "/usr/lib",
					    "/usr/lib64"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		strv_push(readable, arena, paths[i]);
}

static int confine(struct arena *arena, bool live, struct guard_state *ret_state)
{
	struct guard_request request = {.writable = target_options.outputs,
					.changed = target_options.changed,
					.image = !live};
	const char *missing = "";
	int error;

	policy_dirs(arena, &target_options.selection, &request.readable);
	strv_push(&request.readable, arena, target_options.root);
	if (live)
		add_libraries(arena, &request.readable);
	error = guard_confine(arena, &request, (enum guard_mode)target_options.sandbox, ret_state,
			      &missing);
	if (error)
		complain("--sandbox=require: no %s here: %s", missing, strerror(-error));
	return error;
}

int host_open_confined(struct arena *arena, struct host *ret_host, struct guard_state *ret_guard)
{
	bool live = target_options.live || str_eq(target_options.root, "/");
	int error;

	if (confine(arena, live, ret_guard))
		return EXIT_UNSURE;
	error = host_init(ret_host, arena, target_options.root, live);
	if (!error)
		return 0;
	complain("cannot open the root %s: %s", target_options.root, host_error(error));
	return EXIT_USAGE;
}

int target_open(struct arena *arena, struct target *ret_target)
{
	struct problems problems = {.arena = arena};
	int error;

	*ret_target = (struct target){.arena = arena};
	error = host_open_confined(arena, &ret_target->host, &ret_target->guard);
	if (error)
		return error;
	error = policy_load(&ret_target->host, &target_options.selection, &problems,
			    &ret_target->policy);
	complain_problems(&problems);
	if (error) {
		if (!problems.count)
			complain("cannot read the policy: %s", host_error(error));
		host_close(&ret_target->host);
		return EXIT_USAGE;
	}
	return 0;
}

void target_close(struct target *target)
{
	policy_release(&target->policy);
	host_close(&target->host);
}
