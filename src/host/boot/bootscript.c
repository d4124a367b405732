/* Reads a bootscript: words, commands, blocks. */
#include "host/boot/bootcommand.h"

#include <ctype.h>

#define ANYTHING "\1"

/* The place in the text, and whether the word that is being read has begun. */
struct reader {
	struct bootscript *script;
	const char *at;
	struct boottext word;
	bool in_word;
	struct bootcommand command;
};

static void put(struct reader *reader, const char *text, size_t length)
{
	boottext_add(reader->script, &reader->word, text, length);
	reader->in_word = true;
}

/* Over $( ) or ` `: what a program says is not known. */
static void skip_substitution(struct reader *reader, char open, char close)
{
	unsigned depth = 1;

	for (reader->at++; *reader->at && depth; reader->at++) {
		if (*reader->at == '\n')
			reader->script->line++;
		if (*reader->at == '\\' && reader->at[1])
			reader->at++;
		else if (*reader->at == close)
			depth--;
		else if (*reader->at == open)
			depth++;
	}
	put(reader, ANYTHING, 1);
}

static void put_variable(struct reader *reader, const char *name, size_t length)
{
	char *copy = arena_strndup(reader->script->arena, name, length);
	struct boottext value = bootscript_value(reader->script, copy);

	boottext_append(reader->script, &reader->word, &value);
	reader->in_word = true;
}

/* At a `$`. */
static void read_dollar(struct reader *reader)
{
	const char *name = reader->at + 1;
	size_t length = bootscript_name(name);

	if (*name == '(') {
		reader->at++;
		skip_substitution(reader, '(', ')');
	} else if (*name == '{') {
		length = bootscript_name(name + 1);
		reader->at = name + strcspn(name, "}\n");
		if (length && name[1 + length] == '}')
			put_variable(reader, name + 1, length);
		else
			put(reader, ANYTHING, 1);
		reader->at += *reader->at == '}';
	} else if (length) {
		reader->at = name + length;
		put_variable(reader, name, length);
	} else if (*name && strchr("?#@*!-0123456789", *name)) {
		reader->at = name + 1;
		put(reader, ANYTHING, 1);
	} else {
		put(reader, reader->at++, 1);
	}
}

/* At a backslash. */
static void read_escape(struct reader *reader, const char *escapable)
{
	char next = reader->at[1];

	if (next == '\n') {
		reader->script->line++;
	} else if (!next) {
		reader->at++;
		return;
	} else if (escapable && !strchr(escapable, next)) {
		put(reader, reader->at, 2);
	} else {
		put(reader, reader->at + 1, 1);
	}
	reader->at += 2;
}

static void read_double_quotes(struct reader *reader)
{
	reader->at++;
	reader->in_word = true;
	while (*reader->at && *reader->at != '"') {
		size_t length = strcspn(reader->at, "\"\\$`\n");

		if (length) {
			put(reader, reader->at, length);
			reader->at += length;
		} else if (*reader->at == '\\') {
			read_escape(reader, "$`\"\\");
		} else if (*reader->at == '$') {
			read_dollar(reader);
		} else if (*reader->at == '`') {
			skip_substitution(reader, '\0', '`');
		} else {
			reader->script->line++;
			put(reader, reader->at++, 1);
		}
	}
	reader->at += *reader->at == '"';
}

static void read_single_quotes(struct reader *reader)
{
	size_t length = strcspn(++reader->at, "'");

	put(reader, reader->at, length);
	for (size_t i = 0; i < length; i++)
		reader->script->line += reader->at[i] == '\n';
	reader->at += length;
	reader->at += *reader->at == '\'';
}

static void end_word(struct reader *reader)
{
	struct bootcommand *command = &reader->command;

	if (!reader->in_word)
		return;
	if (command->count == command->space) {
		size_t space = command->space ? command->space * 2 : 16;

		command->words = arena_grow(reader->script->arena, command->words,
					    command->count * sizeof(*command->words),
					    space * sizeof(*command->words));
		command->space = space;
	}
	command->words[command->count++] = reader->word;
	reader->word = (struct boottext){0};
	reader->in_word = false;
}

static void shift(struct bootcommand *command)
{
	command->words++;
	command->count--;
	command->space--;
}

static void close_block(struct bootscript *script)
{
	script->depth -= script->depth > 0;
	if (script->depth < script->submenu)
		script->submenu = 0;
}

/* Keywords open and close blocks; what stands in a block happens only perhaps. */
static void end_command(struct reader *reader)
{
	struct bootscript *script = reader->script;
	struct bootcommand *command = &reader->command;
	bool opens = false, submenu = false;

	end_word(reader);
	while (command->count) {
		char *word = bootcommand_literal(script->arena, &command->words[0]);

		/* `for NAME in WORD...` sets a variable, as a command that nobody knows might. */
		if (bootcommand_is(word, "for select") && command->count > 1)
			bootcommand_run(script, command);
		if (bootcommand_is(word, "if while until case for select {"))
			script->depth++;
		else if (bootcommand_is(word, "fi done esac }"))
			close_block(script);
		else if (!bootcommand_is(word, "then else elif do !") &&
			 !(script->depth && str_ends(word, ")")))
			break;
		shift(command);
	}
	if (command->count) {
		opens = str_eq(bootcommand_literal(script->arena,
						   &command->words[command->count - 1]),
			       "{");
		submenu = opens &&
			  str_eq(bootcommand_literal(script->arena, &command->words[0]), "submenu");
		command->count -= opens;
	}
	if (command->count)
		bootcommand_run(script, command);
	script->depth += opens;
	if (submenu && !script->submenu)
		script->submenu = script->depth;
	*command = (struct bootcommand){0};
}

static void skip_comment(struct reader *reader)
{
	reader->at += strcspn(reader->at, "\n");
}

/* | & ; and the end of a line end a command. */
static void read_operator(struct reader *reader)
{
	bool joined = *reader->at == '|' || *reader->at == '&';

	end_command(reader);
	reader->command.maybe = joined;
	if (*reader->at == '\n')
		reader->script->line++;
	reader->at++;
	while (joined && (*reader->at == '|' || *reader->at == '&'))
		reader->at++;
}

static void read_script(struct reader *reader)
{
	while (*reader->at && bootscript_spend(reader->script, 1)) {
		size_t length = strcspn(reader->at, " \t\r\n;|&\"'\\$`#");

		if (length) {
			/*
			 * The lines of a here-document are no commands, but cannot be told apart.
			 */
			if (memmem(reader->at, length, "<<", 2))
				reader->script->doubtful = true;
			put(reader, reader->at, length);
			reader->at += length;
		} else if (strchr(" \t\r", *reader->at)) {
			end_word(reader);
			reader->at++;
		} else if (strchr("\n;|&", *reader->at)) {
			read_operator(reader);
		} else if (*reader->at == '"') {
			read_double_quotes(reader);
		} else if (*reader->at == '\'') {
			read_single_quotes(reader);
		} else if (*reader->at == '\\') {
			read_escape(reader, NULL);
		} else if (*reader->at == '$') {
			read_dollar(reader);
		} else if (*reader->at == '`') {
			skip_substitution(reader, '\0', '`');
		} else if (reader->in_word) {
			put(reader, reader->at++, 1);
		} else {
			skip_comment(reader);
		}
	}
	end_command(reader);
	/* What is left unread may do anything. */
	reader->script->losses += *reader->at != '\0';
}

/* GRUB's environment block: NAME=VALUE up to the end of the line, nothing else. */
static void read_block(struct bootscript *script, char *text)
{
	char *line;

	for (; (line = str_next_line(&text)); script->line++) {
		size_t length = bootscript_name(line);
		struct boottext value = {0};

		if (!length || line[length] != '=')
			continue;
		boottext_add(script, &value, line + length + 1, strlen(line + length + 1));
		bootscript_set(script, arena_strndup(script->arena, line, length), &value,
			       script->depth > 0);
	}
}

void bootscript_follow(struct bootscript *script, const char *file, char *text)
{
	struct reader reader = {.script = script, .at = text};

	script->file = file;
	script->line = 1;
	if (str_starts(text, "# GRUB Environment Block"))
		read_block(script, text);
	else
		read_script(&reader);
}
