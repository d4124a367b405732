/* Reads a bootscript: words, commands, and what they do to variables. */
#include "host/bootscript.h"

#include <ctype.h>

#define ANYTHING "\1"

/* Files within files. */
#define MOST_INCLUDES 16

/* One command: its words, cut up but with variables filled in. */
struct command {
	struct boottext *words;
	size_t count, space;
	bool maybe; /* it stands behind && or || */
};

/* The place in the text, and whether the word that is being read has begun. */
struct reader {
	struct bootscript *script;
	const char *at;
	struct boottext word;
	bool in_word;
	struct command command;
};

static bool is_name(char byte, bool first)
{
	return isalpha((unsigned char)byte) || byte == '_' ||
	       (!first && isdigit((unsigned char)byte));
}

static size_t name_length(const char *text)
{
	size_t length = 0;

	while (is_name(text[length], !length))
		length++;
	return length;
}

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
	size_t length = name_length(name);

	if (*name == '(') {
		reader->at++;
		skip_substitution(reader, '(', ')');
	} else if (*name == '{') {
		length = name_length(name + 1);
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
	struct command *command = &reader->command;

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

/* The certain beginning of a word, up to the first choice. */
static char *literal(struct arena *arena, const struct boottext *word)
{
	struct strv texts = {0};

	for (const struct bootpiece *piece = word->first; piece; piece = piece->next) {
		if (piece->alternatives.count != 1)
			break;
		strv_push(&texts, arena, piece->alternatives.at[0]);
	}
	return strv_join(&texts, arena, "");
}

/* The part of a word behind its first `skip` bytes, which are certain. */
static struct boottext tail(struct bootscript *script, const struct boottext *word, size_t skip)
{
	const struct bootpiece *piece = word->first;
	struct boottext rest = {0}, behind;

	for (; piece && skip; piece = piece->next) {
		size_t length = strlen(piece->alternatives.at[0]);

		if (length > skip)
			boottext_add(script, &rest, piece->alternatives.at[0] + skip, length - skip);
		skip -= length > skip ? skip : length;
	}
	behind = (struct boottext){.first = (struct bootpiece *)piece};
	boottext_append(script, &rest, &behind);
	return rest;
}

/* NAME=VALUE or NAME+=VALUE. Returns false when the word is none. */
static bool assign(struct bootscript *script, const struct boottext *word, bool maybe)
{
	char *text = literal(script->arena, word);
	size_t length = name_length(text);
	bool append = length && text[length] == '+' && text[length + 1] == '=';
	struct boottext value = {0}, added;
	char *name;

	if (!length || (!append && text[length] != '='))
		return false;
	name = arena_strndup(script->arena, text, length);
	if (append)
		value = bootscript_value(script, name);
	added = tail(script, word, length + 1 + append);
	if (append) {
		struct boottext joined = {0};

		boottext_append(script, &joined, &value);
		boottext_append(script, &joined, &added);
		added = joined;
	}
	bootscript_set(script, name, &added, maybe);
	return true;
}

static bool is_assignment(struct arena *arena, const struct boottext *word)
{
	char *text = literal(arena, word);
	size_t length = name_length(text);

	return length && (text[length] == '=' || (text[length] == '+' && text[length + 1] == '='));
}

/* A command that is not known may set any variable that it is told the name of. */
static void obscure_names(struct bootscript *script, const struct command *command)
{
	for (size_t i = 1; i < command->count; i++) {
		char *text = literal(script->arena, &command->words[i]);

		if (str_starts(text, "--set="))
			text += strlen("--set=");
		if (*text && name_length(text) == strlen(text))
			bootscript_obscure(script, text);
	}
}

static void include(struct bootscript *script, const char *name, bool maybe)
{
	struct bootscript outer = *script;
	const char *file = NULL;
	bool unknown = true;
	char *text = NULL;

	if (script->include && script->includes < MOST_INCLUDES)
		text = script->include(script, name, &file, &unknown);
	if (text) {
		script->includes++;
		script->depth = maybe;
		bootscript_follow(script, file, text);
		script->file = outer.file;
		script->line = outer.line;
		script->depth = outer.depth;
	} else if (unknown) {
		script->losses++;
	}
}

/* `source FILE`: of a name that is put together, the end counts. */
static void include_script(struct bootscript *script, const struct command *command, bool maybe)
{
	struct strv names = {0};

	if (command->count < 2 || !boottext_flatten(script, &command->words[1], &names))
		script->losses++;
	else
		include(script, names.at[0], maybe);
}

/* `load_env [-f FILE]`: a block that is there is loaded. */
static void load_block(struct bootscript *script, const struct command *command)
{
	const char *name = "grubenv";

	for (size_t i = 1; i + 1 < command->count; i++) {
		char *word = literal(script->arena, &command->words[i]);

		if (str_eq(word, "-f") || str_eq(word, "--file"))
			name = literal(script->arena, &command->words[i + 1]);
	}
	include(script, name, false);
}

static void open_entry(struct bootscript *script, const struct command *command, bool submenu)
{
	struct bootentry *entry = arena_new(script->arena, struct bootentry);

	entry->title = command->count > 1 ? literal(script->arena, &command->words[1]) : "";
	entry->submenu = submenu;
	entry->nested = script->submenu > 0;
	entry->maybe = script->depth > script->submenu;
	for (size_t i = 2; i < command->count; i++) {
		char *word = literal(script->arena, &command->words[i]);

		if (str_starts(word, "--id="))
			entry->id = word + strlen("--id=");
		else if ((str_eq(word, "--id") || strchr(word, *ANYTHING) || !*word) &&
			 i + 1 < command->count)
			entry->id = literal(script->arena, &command->words[i + 1]);
	}
	*script->entries_tail = entry;
	script->entries_tail = &entry->next;
}

/* `linux KERNEL ARGUMENT…` within an entry. */
static void take_linux(struct bootscript *script, const struct command *command)
{
	struct bootentry *entry = script->entries;

	while (entry && entry->next)
		entry = entry->next;
	if (!entry || entry->source)
		return;
	entry->source = arena_printf(script->arena, "%s:%u", script->file, script->line);
	for (size_t i = 2; i < command->count; i++) {
		boottext_add(script, &entry->linux_arguments, " ", 1);
		boottext_append(script, &entry->linux_arguments, &command->words[i]);
	}
}

static bool is_one_of(const char *word, const char *words)
{
	size_t length = strlen(word);

	for (const char *at = words; length && (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static void assign_all(struct bootscript *script, const struct command *command, size_t from,
		       bool maybe)
{
	for (size_t i = from; i < command->count; i++)
		assign(script, &command->words[i], maybe);
}

static void run(struct bootscript *script, struct command *command)
{
	char *word = literal(script->arena, &command->words[0]);
	bool maybe = command->maybe || script->depth;

	if (is_one_of(word, "export local readonly declare typeset set"))
		assign_all(script, command, 1, maybe);
	else if (is_assignment(script->arena, &command->words[command->count - 1]) &&
		 is_assignment(script->arena, &command->words[0]))
		assign_all(script, command, 0, maybe);
	else if (is_one_of(word, "menuentry submenu"))
		open_entry(script, command, *word == 's');
	else if (is_one_of(word, "linux linux16 linuxefi linux_efi"))
		take_linux(script, command);
	else if (is_one_of(word, "source ."))
		include_script(script, command, maybe);
	else if (str_eq(word, "load_env"))
		load_block(script, command);
	else if (str_eq(word, "eval"))
		script->losses++;
	else if (!is_one_of(word, "[ test echo true false insmod save_env configfile"))
		obscure_names(script, command);
}

static void shift(struct command *command)
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
	struct command *command = &reader->command;
	bool opens = false, submenu = false;

	end_word(reader);
	while (command->count) {
		char *word = literal(script->arena, &command->words[0]);

		if (is_one_of(word, "if while until case for select {"))
			script->depth++;
		else if (is_one_of(word, "fi done esac }"))
			close_block(script);
		else if (!is_one_of(word, "then else elif do !") && !(script->depth && str_ends(word, ")")))
			break;
		shift(command);
	}
	if (command->count) {
		opens = str_eq(literal(script->arena, &command->words[command->count - 1]), "{");
		submenu = opens && str_eq(literal(script->arena, &command->words[0]), "submenu");
		command->count -= opens;
	}
	if (command->count)
		run(script, command);
	script->depth += opens;
	if (submenu && !script->submenu)
		script->submenu = script->depth;
	*command = (struct command){0};
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
			/* The lines of a here-document are no commands, but cannot be told apart. */
			if (memmem(reader->at, length, "<<", 2))
				reader->script->losses++;
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
		size_t length = name_length(line);
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
