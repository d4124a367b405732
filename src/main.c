/*
 * hostaudit: which hardening rules does a container host keep, why, and which file decides?
 *
 * The data flows one way:
 *
 *   os-profile + benchmarks -> policy -> probes look at the host -> facts -> verdicts -> reports
 *                                                                                |
 *                     remediations -> intents -> plan -> journal, changes, a second look, commit
 *
 * The rooms, from the top down; a file includes only its own room and rooms below it:
 *
 *   main.c    this map; finds the command and turns its result into the exit code
 *   cmd/      one file per command: check, plan, fix, rollback, history, probe, list, explain, lint
 *   cli/      what commands share: the table of options, opening host and policy, output files
 *   reports/  one file per report format
 *   fix/      the plan; runs with their journal, all or nothing; taking them back
 *   intents/  one file per kind of thing that puts a failing check right
 *   audit/    the run: selected rules -> facts -> verdicts -> results
 *   policy/   data files (the only user of inih), rules, check sentences, profiles, waivers
 *   probes/   one file per probe kind: subject in, facts out
 *   host/     the door to the host; in its folders, parsed views of what is behind it:
 *             accounts, audit, boot, containers, devices, files, firewall, kernel, mounts,
 *             processes, security, settings, sockets, trees, units, update
 *   judge/    facts, expectations, verdicts (pure)
 *   guard/    confines the process before it looks: Landlock, seccomp, capabilities
 *   base/     arena, strings, writers; no knowledge of hosts or rules
 */
#include "base/arena.h"
#include "base/str.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/target.h"

#include <stdio.h>

static const struct command *find(const char *name)
{
	for (const struct command *const *command = commands; *command; command++)
		if (str_eq((*command)->name, name))
			return *command;
	return NULL;
}

static void help(FILE *out)
{
	fputs("hostaudit - audit the hardening of a container host\n\n"
	      "usage: hostaudit COMMAND [OPTION...]\n\n",
	      out);
	for (const struct command *const *command = commands; *command; command++)
		fprintf(out, "  %-10s %s\n", (*command)->name, (*command)->summary);
	fputs("\n'hostaudit COMMAND --help' tells more of each, and so does hostaudit(8).\n", out);
}

static enum exit_code unknown(const char *word)
{
	struct arena arena = {0};
	struct strv names = {0};
	const char *nearest;

	for (const struct command *const *command = commands; *command; command++)
		strv_push(&names, &arena, (*command)->name);
	nearest = nearest_word(word, &names);
	if (nearest)
		complain("there is no command '%s'; did you mean '%s'?", word, nearest);
	else
		complain("there is no command '%s'; 'hostaudit --help' lists them", word);
	arena_free(&arena);
	return EXIT_USAGE;
}

static void command_help(const struct command *command)
{
	printf("usage: hostaudit %s [OPTION...] %s\n\n%s\n\n", command->name, command->arguments,
	       command->summary);
	for (const struct option_row *const *table = command->options; *table; table++)
		options_help(stdout, *table);
	puts("\nexamples:");
	for (const char *const *example = command->examples; *example; example++)
		printf("  %s\n", *example);
}

static bool wants_help(int argc, char **argv)
{
	for (int i = 0; i < argc && !str_eq(argv[i], "--"); i++)
		if (str_eq(argv[i], "--help") || str_eq(argv[i], "-h"))
			return true;
	return false;
}

/* A report that could not be written whole is no success. */
static enum exit_code flush(enum exit_code code)
{
	if (!fflush(stdout) && !ferror(stdout))
		return code;
	complain("cannot write to standard output: %m");
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	const struct command *command;

	if (argc < 2) {
		help(stderr);
		return EXIT_USAGE;
	}
	if (str_eq(argv[1], "--help") || str_eq(argv[1], "-h") || str_eq(argv[1], "help")) {
		help(stdout);
		return flush(EXIT_HOLDS);
	}
	if (str_eq(argv[1], "--version")) {
		puts("hostaudit " VERSION);
		return flush(EXIT_HOLDS);
	}
	command = find(argv[1]);
	if (!command)
		return unknown(argv[1]);
	if (wants_help(argc - 1, argv + 1)) {
		command_help(command);
		return flush(EXIT_HOLDS);
	}
	return flush(command->run(argc - 1, argv + 1));
}
