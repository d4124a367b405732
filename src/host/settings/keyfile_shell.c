/*
 * Assignments as a shell reads them, as long as there is nothing else: what would have to be run,
 * or may be skipped, cannot be told.
 */
#include "host/settings/keyfile.h"

#include <ctype.h>

struct reader {
	struct arena *arena;
	struct keyfile *keyfile;
	const char *at;
	unsigned line;
	char *room; /* for the value that is being read; as long as the text */
};

static void push(struct reader *reader, const char *key, const char *value, const char *why,
		 unsigned line)
{
	struct keyfile *keyfile = reader->keyfile;

	if (keyfile->count == keyfile->space) {
		size_t space = keyfile->space ? keyfile->space * 2 : 32;

		keyfile->at = arena_grow(reader->arena, keyfile->at,
					 keyfile->count * sizeof(*keyfile->at),
					 space * sizeof(*keyfile->at));
		keyfile->space = space;
	}
	keyfile->at[keyfile->count++] =
		(struct keyfile_line){.key = key, .value = value, .why = why, .line = line};
}

static void give_up(struct reader *reader, const char *why)
{
	if (reader->keyfile->why)
		return;
	reader->keyfile->why = why;
	reader->keyfile->why_line = reader->line;
}

static bool is_name(char byte, bool first)
{
	return byte == '_' || (first ? isalpha((unsigned char)byte) : isalnum((unsigned char)byte));
}

/* A backslash before the end of a line is nothing at all. */
static bool skip_joint(struct reader *reader)
{
	if (reader->at[0] != '\\' || reader->at[1] != '\n')
		return false;
	reader->at += 2;
	reader->line++;
	return true;
}

static void skip_blanks(struct reader *reader)
{
	while (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r' ||
	       skip_joint(reader))
		if (*reader->at == ' ' || *reader->at == '\t' || *reader->at == '\r')
			reader->at++;
}

static void skip_comment(struct reader *reader)
{
	if (*reader->at == '#')
		reader->at += strcspn(reader->at, "\n");
}

/* What a backslash stands before in this quote. */
static bool is_escaped(char quote, char byte)
{
	if (quote == '\'')
		return false;
	return byte && (!quote || strchr("\"$`\\", byte));
}

/*
 * Reads the rest of a word into `to`. Returns where it ends, or NULL when a quote is not closed.
 * `*ret_opaque`: it holds something that a shell would put in.
 */
static char *read_word(struct reader *reader, char *to, bool *ret_opaque)
{
	char quote = '\0';

	for (; *reader->at; reader->at++) {
		char byte = *reader->at;

		if (quote != '\'' && skip_joint(reader)) {
			reader->at--;
			continue;
		}
		if (!quote && strchr(" \t\r\n;&|<>()", byte))
			break;
		if (byte == '\\' && is_escaped(quote, reader->at[1])) {
			*to++ = *++reader->at;
		} else if (quote ? byte == quote : byte == '"' || byte == '\'') {
			quote = quote ? '\0' : byte;
		} else {
			*ret_opaque = *ret_opaque ||
				      (quote != '\'' && (byte == '$' || byte == '`'));
			*to++ = byte;
		}
		reader->line += byte == '\n';
	}
	*to++ = '\0';
	return quote ? NULL : to;
}

static bool ends_statement(char byte)
{
	return !byte || byte == '\n' || byte == ';' || byte == '#';
}

/* Reads KEY=VALUE. Returns false where something else stands. */
static bool read_assignment(struct reader *reader)
{
	size_t length = 0;
	const char *key, *value = reader->room;
	unsigned line = reader->line;
	bool opaque = false;

	while (is_name(reader->at[length], !length))
		length++;
	if (!length || reader->at[length] != '=')
		return false;
	key = arena_strndup(reader->arena, reader->at, length);
	reader->at += length + 1;
	/* `~` alone is somebody's home. */
	opaque = *reader->at == '~';
	reader->room = read_word(reader, reader->room, &opaque);
	if (!reader->room) {
		reader->line = line;
		give_up(reader, "a quote is not closed");
		return true;
	}
	push(reader, key, value, opaque ? "a shell would have to work it out" : NULL, line);
	return true;
}

/* One line's worth: assignments, with or without `export`, and nothing else. */
static void read_statement(struct reader *reader)
{
	bool export = str_starts(reader->at, "export ") || str_starts(reader->at, "export\t");
	size_t count = 0;

	if (export)
		reader->at += strlen("export");
	do {
		skip_blanks(reader);
		if (ends_statement(*reader->at))
			break;
		if (!read_assignment(reader))
			give_up(reader, "there is more than settings in it");
		count++;
		if (!reader->keyfile->why)
			skip_blanks(reader);
	} while (!reader->keyfile->why && export);
	if (!reader->keyfile->why && count && !ends_statement(*reader->at))
		give_up(reader, "there is more than settings in it");
}

void keyfile_parse_shell(struct arena *arena, char *text, struct keyfile *keyfile)
{
	struct reader reader = {
		.arena = arena,
		.keyfile = keyfile,
		.at = text,
		.line = 1,
		/* Every value is shorter than what it is read from. */
		.room = arena_alloc(arena, strlen(text) + 1),
	};

	while (*reader.at && !keyfile->why) {
		skip_blanks(&reader);
		skip_comment(&reader);
		if (*reader.at == '\n' || *reader.at == ';') {
			reader.line += *reader.at++ == '\n';
			continue;
		}
		if (*reader.at)
			read_statement(&reader);
	}
}
