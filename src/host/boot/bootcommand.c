/* What the commands of a bootscript do to its variables and entries. */
#include "host/boot/bootcommand.h"

#include <ctype.h>

#define ANYTHING "\1"

/* Files within files. */
#define MOST_INCLUDES 16

static bool is_name(char byte, bool first)
{
	return isalpha((unsigned char)byte) || byte == '_' ||
	       (!first && isdigit((unsigned char)byte));
}

size_t bootscript_name(const char *text)
{
	size_t length = 0;

	while (is_name(text[length], !length))
		length++;
	return length;
}

/* The certain beginning of a word, up to the first choice. */
char *bootcommand_literal(struct arena *arena, const struct boottext *word)
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
			boottext_add(script, &rest, piece->alternatives.at[0] + skip,
				     length - skip);
		skip -= length > skip ? skip : length;
	}
	behind = (struct boottext){.first = (struct bootpiece *)piece};
	boottext_append(script, &rest, &behind);
	return rest;
}

/* NAME=VALUE or NAME+=VALUE. Returns false when the word is none. */
static bool assign(struct bootscript *script, const struct boottext *word, bool maybe)
{
	char *text = bootcommand_literal(script->arena, word);
	size_t length = bootscript_name(text);
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
	char *text = bootcommand_literal(arena, word);
	size_t length = bootscript_name(text);

	return length && (text[length] == '=' || (text[length] == '+' && text[length + 1] == '='));
}

/* A command that is not known may set any variable that it is told the name of. */
static void obscure_names(struct bootscript *script, const struct bootcommand *command)
{
	for (size_t i = 1; i < command->count; i++) {
		char *text = bootcommand_literal(script->arena, &command->words[i]);

		if (str_starts(text, "--set="))
			text += strlen("--set=");
		if (*text && bootscript_name(text) == strlen(text))
			bootscript_obscure(script, text);
	}
}

static void include(struct bootscript *script, const char *name, bool maybe)
{
	struct bootscript outer = *script;
	const char *file = NULL;
	bool unknown = true;
	char *text = NULL;

	script->guarded = maybe;
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
static void include_script(struct bootscript *script, const struct bootcommand *command, bool maybe)
{
	struct strv names = {0};

	if (command->count < 2 || !boottext_flatten(script, &command->words[1], &names))
		script->losses++;
	else
		include(script, names.at[0], maybe);
}

/* `load_env [-f FILE]`: a block that is there is loaded. */
static void load_block(struct bootscript *script, const struct bootcommand *command)
{
	const char *name = "grubenv";

	for (size_t i = 1; i + 1 < command->count; i++) {
		char *word = bootcommand_literal(script->arena, &command->words[i]);

		if (str_eq(word, "-f") || str_eq(word, "--file"))
			name = bootcommand_literal(script->arena, &command->words[i + 1]);
	}
	include(script, name, false);
}

static void open_entry(struct bootscript *script, const struct bootcommand *command, bool submenu)
{
	struct bootentry *entry = arena_new(script->arena, struct bootentry);

	entry->title = command->count > 1 ? bootcommand_literal(script->arena, &command->words[1])
					  : "";
	entry->submenu = submenu;
	entry->nested = script->submenu > 0;
	entry->maybe = script->depth > script->submenu;
	for (size_t i = 2; i < command->count; i++) {
		char *word = bootcommand_literal(script->arena, &command->words[i]);

		if (str_starts(word, "--id="))
			entry->id = word + strlen("--id=");
		else if ((str_eq(word, "--id") || strchr(word, *ANYTHING) || !*word) &&
			 i + 1 < command->count)
			entry->id = bootcommand_literal(script->arena, &command->words[i + 1]);
	}
	*script->entries_tail = entry;
	script->entries_tail = &entry->next;
}

/* `linux KERNEL ARGUMENT…` within an entry. */
static void take_linux(struct bootscript *script, const struct bootcommand *command)
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

/* `password USER TEXT`, `password_pbkdf2 USER HASH` */
static void take_password(struct bootscript *script, const struct bootcommand *command, bool maybe,
			  bool hashed)
{
	struct bootpassword *password = arena_new(script->arena, struct bootpassword);

	if (command->count < 3)
		return;
	password->user = bootcommand_literal(script->arena, &command->words[1]);
	password->secret = bootcommand_literal(script->arena, &command->words[2]);
	password->hashed = hashed;
	password->maybe = maybe;
	password->source = arena_printf(script->arena, "%s:%u", script->file, script->line);
	password->next = script->passwords;
	script->passwords = password;
}

bool bootcommand_is(const char *word, const char *words)
{
	size_t length = strlen(word);

	for (const char *at = words; length && (at = strstr(at, word)); at++)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return true;
	return false;
}

static void assign_all(struct bootscript *script, const struct bootcommand *command, size_t from,
		       bool maybe)
{
	for (size_t i = from; i < command->count; i++)
		assign(script, &command->words[i], maybe);
}

void bootcommand_run(struct bootscript *script, const struct bootcommand *command)
{
	char *word = bootcommand_literal(script->arena, &command->words[0]);
	bool maybe = command->maybe || script->depth || script->doubtful;

	if (bootcommand_is(word, "export local readonly declare typeset set"))
		assign_all(script, command, 1, maybe);
	else if (is_assignment(script->arena, &command->words[command->count - 1]) &&
		 is_assignment(script->arena, &command->words[0]))
		assign_all(script, command, 0, maybe);
	else if (bootcommand_is(word, "menuentry submenu"))
		open_entry(script, command, *word == 's');
	else if (bootcommand_is(word, "linux linux16 linuxefi linux_efi"))
		take_linux(script, command);
	else if (bootcommand_is(word, "source ."))
		include_script(script, command, maybe);
	else if (bootcommand_is(word, "password password_pbkdf2"))
		take_password(script, command, maybe, str_ends(word, "2"));
	else if (str_eq(word, "load_env"))
		load_block(script, command);
	else if (str_eq(word, "eval"))
		script->losses++;
	else if (!bootcommand_is(word, "[ test echo true false insmod save_env configfile"))
		obscure_names(script, command);
}
