#include "cli/target.h"

#include "base/utf8.h"
#include "cli/command.h"

#include <errno.h>
#include <stdarg.h>

struct target_options target_options = {.root = "/"};

const struct option_row target_rows[] = {
	{"root", 'r', OPTION_STRING, "DIR", &target_options.root, NULL,
	 "look at this root tree instead of the running host"},
	{"live", 0, OPTION_FLAG, NULL, &target_options.live, NULL,
	 "--root is where the running host is mounted (/host)"},
	{"profile", 'p', OPTION_STRING, "NAME", &target_options.selection.profile, NULL,
	 "use this OS profile instead of the one os-release asks for"},
	{"role", 0, OPTION_LIST, "ROLE", &target_options.selection.roles, NULL,
	 "the host has this role, too"},
	{"set", 0, OPTION_LIST, "NAME=VALUE", &target_options.selection.set, NULL,
	 "set a variable of the policy"},
	{"policy-dir", 0, OPTION_LIST, "DIR", &target_options.selection.policy_dirs, NULL,
	 "read the policy here instead of the standard places"},
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

int command_line(struct arena *arena, int argc, char **argv,
		 const struct option_row *const *tables, struct strv *ret_operands)
{
	const char *message;
	int error = options_parse(arena, argc, argv, tables, ret_operands, &message);

	if (error)
		complain("%s", message);
	return error ? EXIT_USAGE : 0;
}

int target_open(struct arena *arena, struct target *ret_target)
{
	struct problems problems = {.arena = arena};
	bool live = target_options.live || str_eq(target_options.root, "/");
	int error;

	*ret_target = (struct target){.arena = arena};
	error = host_init(&ret_target->host, arena, target_options.root, live);
	if (error) {
		complain("cannot open the root %s: %s", target_options.root, host_error(error));
		return EXIT_USAGE;
	}
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
