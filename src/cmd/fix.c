/* hostaudit fix: puts right what can be, all of it or nothing. */
#include "cli/command.h"
#include "cli/plan_options.h"
#include "cli/show_plan.h"
#include "cli/state_dir.h"
#include "cli/target.h"
#include "fix/run.h"
#include "host/change/spot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static bool dry_run, yes, quiet;

static const struct option_row rows[] = {
	{"dry-run", 'n', OPTION_FLAG, NULL, &dry_run, NULL, "only show what would be done: plan"},
	{"yes", 'y', OPTION_FLAG, NULL, &yes, NULL, "do not ask, though a terminal is there"},
	{"quiet", 'q', OPTION_FLAG, NULL, &quiet, NULL, "print only what goes wrong"},
	{0},
};

static const struct option_row *const tables[] = {rows, plan_rows, state_rows, target_rows, NULL};

struct fixing {
	struct target *target;
	const struct store *store;
	struct plan plan;
	struct strv broken; /* rules that should hold after it, and do not */
};

static bool helped(void *context)
{
	struct fixing *fixing = context;

	return plan_helped(&fixing->target->host, &fixing->target->policy, &fixing->plan,
			   &fixing->broken);
}

static bool is_agreed(const struct plan *plan)
{
	char answer[8] = "";

	if (yes || !isatty(STDIN_FILENO))
		return true;
	printf("Make these %zu changes? [y/N] ", plan->changes.count);
	fflush(stdout);
	return fgets(answer, sizeof(answer), stdin) && (*answer == 'y' || *answer == 'Y');
}

/* From here on only the directories of the plan can be written in. */
static int narrow(struct fixing *fixing)
{
	const struct changes *changes = &fixing->plan.changes;
	struct target *target = fixing->target;
	int *dirs = arena_alloc(target->arena, (changes->count + 2) * sizeof(*dirs)), error;
	size_t count = 0;

	dirs[count++] = fixing->store->dir;
	if (target->host.live) {
		dirs[count] = host_proc_open(&target->host, "sys", O_PATH | O_DIRECTORY);
		count += dirs[count] >= 0;
	}
	for (size_t i = 0; i < changes->count; i++) {
		struct spot spot;

		/* What is below a directory that will be made is below that one's place. */
		if (!spot_open(&target->host, changes->at[i].path, &spot))
			dirs[count++] = spot.dir;
	}
	error = guard_narrow(&target->guard, dirs, count);
	for (size_t i = 1; i < count; i++)
		close(dirs[i]);
	return error;
}

/* A running host: what can be so now. The rest comes with the reboot. */
static void apply_live(struct fixing *fixing)
{
	const struct plan *plan = &fixing->plan;

	for (size_t i = 0; i < plan->count; i++) {
		const struct planned *planned = &plan->at[i];
		int error = 0;

		if (planned->hold != HOLD_NONE || !planned->intent->apply)
			continue;
		for (size_t k = 0; k < planned->wish_count && !error; k++)
			error = planned->intent->apply(&planned->wishes[k]);
		if (error)
			complain("%s: not now, but after a reboot: %s", planned->result->rule->id,
				 host_error(error));
	}
}

static enum exit_code failed(const struct fixing *fixing, const struct run *run)
{
	for (size_t i = 0; i < fixing->broken.count; i++)
		complain("would not hold: %s", fixing->broken.at[i]);
	if (run->why)
		complain("%s%s%s", run->path ? run->path : "", run->path ? ": " : "", run->why);
	if (!run->left.count) {
		complain("nothing was changed: what had been done was rolled back");
		return EXIT_ROLLED_BACK;
	}
	for (size_t i = 0; i < run->left.count; i++)
		complain("could not be put back: %s", run->left.at[i]);
	complain("the journal is kept; 'hostaudit rollback' tries again");
	return EXIT_INCOMPLETE;
}

static struct journal journal_of(struct fixing *fixing)
{
	const struct host *host = &fixing->target->host;
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (struct journal){
		.run = run_name(fixing->target->arena, &now),
		.started = now.tv_sec,
		.root = host->name,
		.lower_mode = host->os->lower_etc ? host->os->lower_mode : LOWER_NONE,
		.lower_etc = host->os->lower_etc,
		.changes = fixing->plan.changes,
	};
}

static enum exit_code make_changes(struct fixing *fixing)
{
	struct journal journal = journal_of(fixing);
	struct run run = {
		.host = &fixing->target->host,
		.store = fixing->store,
		.journal = &journal,
		.helped = helped,
		.context = fixing,
	};

	if (narrow(fixing))
		complain("the sandbox could not be narrowed to the directories of the plan");
	if (run_apply(&run))
		return failed(fixing, &run);
	if (fixing->target->host.live)
		apply_live(fixing);
	if (!quiet)
		printf("done; 'hostaudit rollback %s' takes it back\n", journal.run);
	return fixing->plan.fixes == fixing->plan.count ? EXIT_HOLDS : EXIT_FAILS;
}

static enum exit_code fix(struct fixing *fixing, const struct plan_options *options)
{
	struct target *target = fixing->target;
	const char *path, *why;

	if (plan_make(&target->host, &target->policy, options, &fixing->plan, &path, &why)) {
		complain("%s", why);
		return EXIT_UNSURE;
	}
	if (!quiet)
		show_plan(target->arena, &fixing->plan, dry_run || isatty(STDOUT_FILENO));
	fflush(stdout);
	if (dry_run || !fixing->plan.changes.count)
		return fixing->plan.count ? EXIT_FAILS : EXIT_HOLDS;
	if (!is_agreed(&fixing->plan)) {
		complain("nothing was changed");
		return EXIT_FAILS;
	}
	return make_changes(fixing);
}

/* A run that was cut off comes first: nobody builds on its ruins. */
static int check_unfinished(struct arena *arena, const struct store *store)
{
	struct journal journal;
	int error = state_journal(arena, store, NULL, &journal);

	if (error == -ENOENT)
		return 0;
	if (error)
		return error == -EBADMSG ? EXIT_INCOMPLETE : EXIT_UNSURE;
	complain("the run %s was cut off; 'hostaudit rollback' takes it back first", journal.run);
	return EXIT_INCOMPLETE;
}

static enum exit_code open_and_fix(struct arena *arena, const struct plan_options *options)
{
	bool live = target_options.live || str_eq(target_options.root, "/");
	cleanup(store) struct store store = {-1, -1, -1};
	struct fixing fixing = {.store = &store};
	struct target target;
	int code = dry_run ? 0 : state_open(arena, true, &store);

	if (!code && !dry_run)
		code = check_unfinished(arena, &store);
	if (code)
		return (enum exit_code)code;
	if (!dry_run) {
		strv_push(&target_options.changed, arena, target_options.root);
		strv_push(&target_options.changed, arena,
			  state_dir_for(arena, target_options.root, live));
	}
	code = target_open(arena, &target);
	if (code)
		return (enum exit_code)code;
	fixing.target = &target;
	code = fix(&fixing, options);
	target_close(&target);
	return (enum exit_code)code;
}

static enum exit_code run(int argc, char **argv)
{
	struct arena arena = {0};
	struct strv operands = {0};
	struct plan_options options;
	enum exit_code code = EXIT_USAGE;

	if (!command_line(&arena, argc, argv, tables, &operands) &&
	    !plan_options_take(&operands, &options))
		code = open_and_fix(&arena, &options);
	arena_free(&arena);
	return code;
}

static const char *const examples[] = {
	"hostaudit fix --dry-run",
	"hostaudit fix --profile flatcar --root image/",
	"hostaudit fix --only 'kernel-*' --yes",
	NULL,
};

const struct command command_fix = {
	.name = "fix",
	.arguments = "",
	.summary = "put right what fails and can be, reversibly",
	.options = tables,
	.examples = examples,
	.run = run,
};
