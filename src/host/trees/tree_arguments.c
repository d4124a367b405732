/* The command line that a unit starts a program with, as far as its variables are known. */
#include "host/settings/keyfile.h"
#include "host/trees/tree_program.h"
#include "host/units/units.h"
#include "host/units/units_file.h"

#include <ctype.h>
#include <errno.h>

struct variables {
	struct host *host;
	struct strv names, values; /* later ones win */
	const char *why;           /* not all of them can be told */
};

static void read_file(struct variables *variables, const char *path)
{
	cleanup(text) struct host_text text = {0};
	struct keyfile lines = {0};
	bool optional = *path == '-';
	int error;

	path += optional;
	error = host_read(variables->host, path, 0, &text);
	if (error == -ENOENT && optional)
		return;
	if (error) {
		variables->why = arena_printf(variables->host->arena, "cannot read %s: %s", path,
					      host_error(error));
		return;
	}
	keyfile_parse(variables->host->arena, KEYFILE_SHELL, text.data, &lines);
	if (lines.why)
		variables->why = lines.why;
	for (size_t i = 0; i < lines.count; i++) {
		if (lines.at[i].why)
			variables->why = lines.at[i].why;
		strv_push(&variables->names, variables->host->arena, lines.at[i].key);
		strv_push(&variables->values, variables->host->arena,
			  lines.at[i].value ? lines.at[i].value : "");
	}
}

/* Environment= first, then EnvironmentFile=, whatever their order. */
static int read_variables(struct variables *variables, const char *unit)
{
	struct arena *arena = variables->host->arena;
	struct strv settings = {0}, files = {0}, words = {0};
	const char *source;
	int error = unit_option(variables->host, unit, "Service", "Environment", &settings,
				&source);

	if (!error)
		error = unit_option(variables->host, unit, "Service", "EnvironmentFile", &files,
				    &source);
	for (size_t i = 0; !error && i < settings.count; i++)
		unit_words(&words, arena, settings.at[i]);
	for (size_t i = 0; i < words.count; i++) {
		size_t length = strcspn(words.at[i], "=");

		strv_push(&variables->names, arena, arena_strndup(arena, words.at[i], length));
		strv_push(&variables->values, arena,
			  words.at[i] + length + (words.at[i][length] != '\0'));
	}
	for (size_t i = 0; !error && i < files.count; i++)
		read_file(variables, files.at[i]);
	return error;
}

static const char *value_of(const struct variables *variables, const char *name)
{
	for (size_t i = variables->names.count; i > 0; i--)
		if (str_eq(variables->names.at[i - 1], name))
			return variables->values.at[i - 1];
	return "";
}

/* `$NAME` alone is split into words; `${NAME}` within a word is not. */
static void expand(struct variables *variables, const char *word, struct tree_arguments *arguments)
{
	struct arena *arena = variables->host->arena;
	const char *made = "", *dollar;

	if (strchr(word, '$') && variables->why)
		arguments->why = variables->why;
	if (*word == '$' && word[1] != '{' && word[1] != '$') {
		unit_words(&arguments->words, arena, value_of(variables, word + 1));
		return;
	}
	while ((dollar = strstr(word, "${"))) {
		const char *end = strchr(dollar, '}');

		if (!end)
			break;
		made = arena_printf(arena, "%s%.*s%s", made, (int)(dollar - word), word,
				    value_of(variables, arena_strndup(arena, dollar + 2,
								      (size_t)(end - dollar) - 2)));
		word = end + 1;
	}
	strv_push(&arguments->words, arena, arena_printf(arena, "%s%s", made, word));
}

static void read_command(struct variables *variables, const struct tree_program *program,
			 const char *command, struct tree_arguments *arguments)
{
	struct strv words = {0};

	unit_words(&words, variables->host->arena, command);
	if (!words.count || !str_ends(words.at[0], program->command)) {
		arguments->why = arena_printf(variables->host->arena, "%s starts %s, not %s",
					      program->unit, words.count ? words.at[0] : "nothing",
					      program->command);
		return;
	}
	for (size_t i = 1; i < words.count; i++)
		expand(variables, words.at[i], arguments);
	for (size_t i = 0; i < arguments->words.count; i++)
		if (strchr(arguments->words.at[i], '%') || strchr(arguments->words.at[i], '$'))
			arguments->why = "an argument in its unit has a specifier or variable";
}

static void read_arguments(struct host *host, const struct tree_program *program,
			   struct tree_arguments *ret_arguments)
{
	struct tree_arguments arguments = {0};
	struct variables variables = {.host = host};
	struct strv commands = {0};
	const char *source = NULL;
	int error = unit_option(host, program->unit, "Service", "ExecStart", &commands, &source);

	if (!error)
		error = read_variables(&variables, program->unit);
	if (error == -ENOENT && program->needs_unit)
		arguments.why = arena_printf(host->arena, "no %s tells how it starts",
					     program->unit);
	else if (error && error != -ENOENT)
		arguments.why = arena_printf(host->arena, "cannot tell how %s starts it: %s",
					     program->unit, host_error(error));
	if (!error) {
		arguments.source = source;
		read_command(&variables, program,
			     commands.count ? commands.at[commands.count - 1] : "", &arguments);
	}
	*ret_arguments = arguments;
}

/* What has been read: units and the files of their variables, once in a run. */
struct known {
	struct known *next;
	const struct tree_program *program;
	struct tree_arguments arguments;
};

struct knowns {
	struct known *first;
};

static const void *load(struct host *host)
{
	return arena_new(host->arena, struct knowns);
}

void tree_arguments_get(struct host *host, const struct tree_program *program,
			struct tree_arguments *ret_arguments)
{
	struct knowns *knowns = (struct knowns *)host_view(host, load);
	struct known *at = knowns->first;

	while (at && at->program != program)
		at = at->next;
	if (!at) {
		at = arena_new(host->arena, struct known);
		at->program = program;
		read_arguments(host, program, &at->arguments);
		at->next = knowns->first;
		knowns->first = at;
	}
	*ret_arguments = at->arguments;
}
