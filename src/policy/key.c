#include "policy/key.h"

#include "base/nearest.h"

#define NAME_BYTES "abcdefghijklmnopqrstuvwxyz0123456789-"

bool is_name(const char *word)
{
	size_t length = strlen(word);

	return length && length <= INI_LONGEST_NAME && strspn(word, NAME_BYTES) == length;
}

void complain_word(struct load *load, struct origin origin, const char *what, const char *word,
		   const struct strv *allowed)
{
	const char *nearest = nearest_word(word, allowed);

	if (nearest)
		problem_add(load->problems, origin, "there is no %s '%s'; did you mean '%s'?", what,
			    word, nearest);
	else
		problem_add(load->problems, origin, "there is no %s '%s'", what, word);
}

static const struct key *find(const struct key *keys, const char *name)
{
	for (; keys->name; keys++)
		if (str_eq(keys->name, name))
			return keys;
	return NULL;
}

static void complain_key(struct load *load, const struct ini_entry *entry, const struct key *keys)
{
	struct strv names = {0};

	for (; keys->name; keys++)
		strv_push(&names, load->arena, keys->name);
	complain_word(load, entry->origin, "key", entry->key, &names);
}

/* `level = 1` on an indented line would be taken as the end of the text above. */
static void check_continuations(struct load *load, const struct ini_entry *entry,
				const struct key *keys)
{
	for (const struct ini_line *line = entry->lines; line; line = line->next) {
		size_t length = strspn(line->text, NAME_BYTES);

		if (line->origin.line == entry->origin.line || !length ||
		    line->text[length + strspn(line->text + length, STR_BLANKS)] != '=')
			continue;
		if (find(keys, arena_strndup(load->arena, line->text, length)))
			problem_add(
				load->problems, line->origin,
				"an indented line continues '%s'; a key has no blanks before it",
				entry->key);
	}
}

static void read_entry(struct load *load, const struct ini_entry *entry, const struct key *keys,
		       void *target)
{
	const struct key *key = find(keys, entry->key);

	if (!key) {
		complain_key(load, entry, keys);
		return;
	}
	check_continuations(load, entry, keys);
	if (!entry->lines && !(key->flags & KEY_MAY_BE_EMPTY)) {
		problem_add(load->problems, entry->origin, "'%s' has no value", entry->key);
		return;
	}
	if (target && key->read)
		key->read(load, entry, (char *)target + key->offset);
}

static void read_all(struct load *load, const struct ini_section *section, const struct key *keys,
		     void *target)
{
	for (const struct ini_entry *entry = section->entries; entry; entry = entry->next)
		read_entry(load, entry, keys, target);
	for (; keys->name; keys++)
		if (keys->flags & KEY_REQUIRED && !section->damaged &&
		    !ini_entry(section, keys->name))
			problem_add(load->problems, section->origin, "[%s] lacks '%s'",
				    section->name, keys->name);
}

void keys_read(struct load *load, const struct ini_section *section, const struct key *keys,
	       void *target)
{
	read_all(load, section, keys, target);
}

void keys_check(struct load *load, const struct ini_section *section, const struct key *keys)
{
	read_all(load, section, keys, NULL);
}

void read_text(struct load *load, const struct ini_entry *entry, void *target)
{
	*(const char **)target = ini_text(load->arena, entry);
}

void read_template(struct load *load, const struct ini_entry *entry, void *target)
{
	for (const struct ini_line *line = entry->lines; line; line = line->next)
		variables_check(&load->variables, load->problems, line->origin, line->text);
	read_text(load, entry, target);
}

void read_name(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *name = ini_text(load->arena, entry);

	if (!is_name(name))
		problem_add(load->problems, entry->origin, "'%s' is no name of a-z, 0-9 and '-'",
			    name);
	*(const char **)target = name;
}

void read_words(struct load *load, const struct ini_entry *entry, void *target)
{
	for (const struct ini_line *line = entry->lines; line; line = line->next)
		strv_split(target, load->arena, line->text, STR_BLANKS);
}

void read_names(struct load *load, const struct ini_entry *entry, void *target)
{
	struct strv *names = target;
	size_t i = names->count;

	for (const struct ini_line *line = entry->lines; line; line = line->next) {
		strv_split(names, load->arena, line->text, STR_BLANKS);
		for (; i < names->count; i++)
			if (!is_name(names->at[i]))
				problem_add(load->problems, line->origin,
					    "'%s' is no name of a-z, 0-9 and '-'", names->at[i]);
	}
}

void read_level(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *text = ini_text(load->arena, entry);

	if (str_eq(text, "1") || str_eq(text, "2"))
		*(unsigned *)target = (unsigned)(*text - '0');
	else
		problem_add(load->problems, entry->origin, "a level is 1 or 2, not '%s'", text);
}

void read_severity(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *word = ini_text(load->arena, entry);
	struct strv words = {0};

	if (!severity_parse(word, target))
		return;
	for (int i = 0; i < N_SEVERITIES; i++)
		strv_push(&words, load->arena, severity_name((enum severity)i));
	complain_word(load, entry->origin, "severity", word, &words);
}
