/* auditctl's options, by the rules of auditctl 3 and 4. */
#include "base/str.h"
#include "host/audit/audit_field.h"
#include "host/audit/audit_lib.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

struct parser {
	const struct audit_names *names;
	struct audit_line *line;
	struct audit_rule *rule;
	struct audit_condition conditions[AUDIT_MAX_FIELDS];
	uint32_t arch;     /* whose syscalls -S names; 0: nothing was said yet */
	bool named_list;   /* -a, -A, -d, -w or -W has come */
	bool has_syscalls; /* so has -S, or a watch */
	bool has_subject;  /* something that a key can be given to */
	bool stray;        /* a word belongs to no option: told when all options have been heeded */
	bool ended;        /* options behind this one are not read */
	bool acts;         /* something is set, asked for, or done */
	char keys[AUDIT_MAX_KEY_LEN + 1];
	const char *const *words; /* all of them */
	size_t count, at;         /* `at`: behind the option and its argument */
};

static void refuse(struct parser *parser, const char *error)
{
	if (!parser->line->doubt && !parser->line->error)
		parser->line->error = error;
}

static void refuse_for(struct parser *parser, const struct audit_refusal *why)
{
	if (!parser->line->doubt && !parser->line->error) {
		parser->line->error = why->error;
		parser->line->doubt = why->doubt;
	}
}

static void doubt(struct parser *parser, const char *what, const char *name)
{
	struct audit_refusal why = {
		.doubt = arena_printf(parser->names->arena, "there is no %s '%s'", what, name),
	};

	refuse_for(parser, &why);
}

static bool add_condition(struct parser *parser, const struct audit_condition *condition)
{
	struct audit_rule *rule = parser->rule;

	if (rule->count >= AUDIT_MAX_FIELDS - 1) {
		refuse(parser, "a rule has too many conditions");
		return false;
	}
	parser->conditions[rule->count++] = *condition;
	return true;
}

static void set_all_syscalls(struct audit_rule *rule)
{
	/* The last word is left for classes of syscalls. */
	memset(rule->mask, 0xff, sizeof(rule->mask) - sizeof(rule->mask[0]));
}

/* LIST,ACTION or ACTION,LIST */
static void option_list(struct parser *parser, char *argument)
{
	char *comma = strchr(argument, ','), *list = argument, *action;
	int number;

	if (parser->rule->watch) {
		doubt(parser, "saying what a list behind a watch does:", argument);
		return;
	}
	if (parser->named_list) {
		refuse(parser, "a rule has one list");
		return;
	}
	if (!comma || strchr(comma + 1, ',')) {
		refuse(parser, "a list is given as ACTION,LIST");
		return;
	}
	*comma = '\0';
	action = comma + 1;
	if (str_eq(list, "always") || str_eq(list, "never")) {
		list = comma + 1;
		action = argument;
	}
	/* Debian 12's library does not know it yet. */
	number = str_eq(list, "io_uring") ? AUDIT_FILTER_URING_EXIT : audit_lib_list(list);
	if (number < 0 || number == AUDIT_FILTER_ENTRY) {
		refuse(parser, "there is no such list");
		return;
	}
	if (!str_eq(action, "always") && !str_eq(action, "never")) {
		refuse(parser, "an action is always or never");
		return;
	}
	if (number == AUDIT_FILTER_TASK && parser->has_syscalls)
		refuse(parser, "the list task has no syscalls");
	parser->rule->list = (uint32_t)number;
	parser->rule->action = str_eq(action, "always") ? AUDIT_ALWAYS : AUDIT_NEVER;
	parser->named_list = true;
}

static void option_append(struct parser *parser, char *argument)
{
	parser->line->adds = true;
	option_list(parser, argument);
}

static void option_prepend(struct parser *parser, char *argument)
{
	parser->rule->prepend = true;
	option_append(parser, argument);
}

static void option_delete(struct parser *parser, char *argument)
{
	parser->line->deletes = true;
	option_list(parser, argument);
}

/* A watch is a rule of the list exit, with all permissions until -p says otherwise. */
static void watch(struct parser *parser, char *path)
{
	struct audit_condition where = {.type = AUDIT_WATCH, .op = AUDIT_EQUAL};
	struct audit_condition how = {
		.type = AUDIT_PERM,
		.op = AUDIT_EQUAL,
		.value = AUDIT_PERM_READ | AUDIT_PERM_WRITE | AUDIT_PERM_EXEC | AUDIT_PERM_ATTR,
	};
	size_t length = strlen(path);

	if (path[0] != '/' || length >= 4096) {
		refuse(parser, "a watch is of an absolute path");
		return;
	}
	if (parser->named_list || parser->rule->count) {
		refuse(parser, "a watch is the first of its rule");
		return;
	}
	while (length > 2 && path[length - 1] == '/')
		path[--length] = '\0';
	where.text = arena_strdup(parser->names->arena, path);
	where.value = (uint32_t)length;
	add_condition(parser, &where);
	add_condition(parser, &how);
	set_all_syscalls(parser->rule);
	parser->rule->list = AUDIT_FILTER_EXIT;
	parser->rule->action = AUDIT_ALWAYS;
	parser->rule->watch = true;
	parser->named_list = parser->has_syscalls = parser->has_subject = true;
}

static void option_watch(struct parser *parser, char *path)
{
	parser->line->adds = true;
	watch(parser, path);
}

static void option_unwatch(struct parser *parser, char *path)
{
	parser->line->deletes = true;
	watch(parser, path);
}

static void add_key(struct parser *parser, const char *key)
{
	size_t have = strlen(parser->keys), more = strlen(key);

	if (have + (have > 0) + more > AUDIT_MAX_KEY_LEN) {
		refuse(parser, "the keys are too long");
		return;
	}
	if (have)
		parser->keys[have++] = '\1';
	memcpy(parser->keys + have, key, more + 1);
}

static void option_field(struct parser *parser, char *pair)
{
	struct audit_condition condition;
	struct audit_refusal why = {0};

	if (!parser->named_list) {
		refuse(parser, "the list comes before conditions");
		return;
	}
	if (str_starts(pair, "key=")) {
		add_key(parser, pair + strlen("key="));
		return;
	}
	if (audit_condition_parse(parser->names, pair, parser->rule->list, &parser->arch,
				  &condition, &why)) {
		refuse_for(parser, &why);
		return;
	}
	if (condition.type == AUDIT_ARCH && parser->has_syscalls)
		refuse(parser, "arch= comes before -S");
	if (condition.type == AUDIT_PERM || condition.type == AUDIT_WATCH ||
	    condition.type == AUDIT_DIR || condition.type == AUDIT_EXE ||
	    parser->rule->list == AUDIT_FILTER_FS)
		parser->has_subject = true;
	add_condition(parser, &condition);
}

static void option_compare(struct parser *parser, char *pair)
{
	struct audit_condition condition;
	struct audit_refusal why = {0};

	if (audit_comparison_parse(parser->names, pair, &condition, &why))
		refuse_for(parser, &why);
	else
		add_condition(parser, &condition);
}

static void option_permissions(struct parser *parser, char *letters)
{
	struct audit_condition condition = {.type = AUDIT_PERM, .op = AUDIT_EQUAL};
	int bits = audit_permissions(letters);

	if (bits < 0 || !parser->named_list || !parser->rule->count) {
		refuse(parser, bits < 0 ? "permissions are letters of rwxa"
					: "permissions stand behind what they are for");
		return;
	}
	condition.value = (uint32_t)bits;
	parser->has_subject = true;
	for (size_t i = 0; i < parser->rule->count; i++)
		if (parser->conditions[i].type == AUDIT_PERM) {
			parser->conditions[i].value = (uint32_t)bits;
			return;
		}
	add_condition(parser, &condition);
}

static void option_key(struct parser *parser, char *key)
{
	if (!parser->named_list || !(parser->has_syscalls || parser->has_subject))
		refuse(parser, "a key stands behind what it is for");
	else
		add_key(parser, key);
}

static void set_syscall(struct parser *parser, const char *name)
{
	uint32_t arch = parser->arch ? parser->arch : parser->names->arch;
	struct audit_rule *rule = parser->rule;
	int number;

	if (str_eq(name, "all")) {
		set_all_syscalls(rule);
		return;
	}
	number = audit_lib_syscall(name, arch);
	if (number < 0 && isdigit((unsigned char)name[0]))
		number = (int)strtol(name, NULL, 0);
	if (number < 0)
		doubt(parser, "syscall", name);
	else if ((size_t)number / 32 >= AUDIT_BITMASK_SIZE)
		refuse(parser, "the number of a syscall is too high");
	else
		rule->mask[number / 32] |= UINT32_C(1) << (number % 32);
}

static void option_syscalls(struct parser *parser, char *names)
{
	char *rest = names, *name;

	if (parser->named_list && parser->rule->list == AUDIT_FILTER_URING_EXIT) {
		doubt(parser, "way to tell which operation of io_uring is", names);
		return;
	}
	if (parser->named_list && parser->rule->list != AUDIT_FILTER_EXIT) {
		refuse(parser, "the list has no syscalls");
		return;
	}
	while ((name = strtok_r(rest, ",", &rest)))
		set_syscall(parser, name);
	parser->has_syscalls = true;
}

static void set(struct parser *parser, enum audit_setting setting, const char *number, bool mode)
{
	if (mode ? !strchr("012", number[0]) || number[1] || !number[0]
		 : !isdigit((unsigned char)number[0])) {
		refuse(parser, "the setting does not take this value");
		return;
	}
	parser->line->sets |= 1u << setting;
	parser->line->values[setting] = (uint32_t)strtoul(number, NULL, 0);
	parser->acts = true;
}

static void option_enabled(struct parser *parser, char *number)
{
	set(parser, AUDIT_SET_ENABLED, number, true);
}

static void option_failure(struct parser *parser, char *number)
{
	set(parser, AUDIT_SET_FAILURE, number, true);
}

static void option_backlog(struct parser *parser, char *number)
{
	set(parser, AUDIT_SET_BACKLOG, number, false);
}

static void option_rate(struct parser *parser, char *number)
{
	set(parser, AUDIT_SET_RATE, number, false);
}

static void option_wait(struct parser *parser, char *number)
{
	set(parser, AUDIT_SET_WAIT, number, false);
}

static void option_tolerate(struct parser *parser, char *argument)
{
	(void)argument;
	parser->line->tolerates = parser->acts = parser->ended = true;
}

/* -D has nothing beside it but a key. */
static void option_clear(struct parser *parser, char *argument)
{
	(void)argument;
	parser->acts = parser->ended = true;
	if (parser->count == 3 && str_eq(parser->words[1], "-k")) {
		parser->line->clear_key = parser->words[2];
		parser->at = parser->count;
	} else if (parser->count != 1) {
		refuse(parser, "-D has nothing beside it but a key");
		return;
	}
	parser->line->clears = true;
}

/* Asks, or does something that changes neither rules nor settings. */
static void option_other(struct parser *parser, char *argument)
{
	(void)argument;
	parser->acts = parser->ended = true;
}

static void option_nested(struct parser *parser, char *argument)
{
	(void)argument;
	refuse(parser, "rules cannot name further files");
}

static const struct option_row {
	char letter;
	const char *name; /* of long options */
	bool has_argument;
	void (*handle)(struct parser *parser, char *argument);
} options[] = {
	{'a', NULL, true, option_append},
	{'A', NULL, true, option_prepend},
	{'d', NULL, true, option_delete},
	{'w', NULL, true, option_watch},
	{'W', NULL, true, option_unwatch},
	{'F', NULL, true, option_field},
	{'C', NULL, true, option_compare},
	{'S', NULL, true, option_syscalls},
	{'p', NULL, true, option_permissions},
	{'k', NULL, true, option_key},
	{'e', NULL, true, option_enabled},
	{'f', NULL, true, option_failure},
	{'b', NULL, true, option_backlog},
	{'r', NULL, true, option_rate},
	{'D', NULL, false, option_clear},
	{'i', NULL, false, option_tolerate},
	{'c', NULL, false, option_tolerate},
	{'R', NULL, true, option_nested},
	{'m', NULL, true, option_other},
	{'q', NULL, true, option_other},
	{'t', NULL, false, option_other},
	{'s', NULL, false, option_other},
	{'l', NULL, false, option_other},
	{'v', NULL, false, option_other},
	{0, "backlog_wait_time", true, option_wait},
	{0, "loginuid-immutable", false, option_other},
	{0, "reset-lost", false, option_other},
	{0, "reset_backlog_wait_time_actual", false, option_other},
};

static const struct option_row *find_letter(char letter)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (letter && options[i].letter == letter)
			return &options[i];
	return NULL;
}

static const struct option_row *find_name(const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		if (options[i].name && !strncmp(options[i].name, name, length) && length)
			return &options[i];
	return NULL;
}

/* What an option is given: the rest of its word, or else the next one. */
static void handle(struct parser *parser, const struct option_row *row, const char *rest)
{
	const char *argument = rest;

	if (row->has_argument && !rest && parser->at < parser->count)
		argument = parser->words[parser->at++];
	if (row->has_argument && !argument)
		refuse(parser, "an option lacks what belongs to it");
	else
		row->handle(parser, argument ? arena_strdup(parser->names->arena, argument) : NULL);
	/* None of those without an argument can have another one behind it. */
	if (!row->has_argument && rest)
		refuse(parser, "an option takes nothing");
}

static void option_word(struct parser *parser, const char *word)
{
	const struct option_row *row;
	const char *rest = NULL;

	if (word[0] != '-' || !word[1]) {
		parser->stray = true;
		return;
	}
	if (word[1] == '-') {
		size_t length = strcspn(word + 2, "=");

		row = find_name(word + 2, length);
		rest = word[2 + length] ? word + 2 + length + 1 : NULL;
	} else {
		row = find_letter(word[1]);
		rest = word[2] ? word + 2 : NULL;
	}
	if (!row)
		refuse(parser, "there is no such option");
	else
		handle(parser, row, rest);
}

static void finish(struct parser *parser)
{
	struct audit_condition key = {.type = AUDIT_FILTERKEY, .op = AUDIT_EQUAL};
	struct audit_line *line = parser->line;
	struct audit_rule *rule = parser->rule;
	unsigned places = 0;

	if (!parser->named_list && (parser->has_syscalls || rule->count || !parser->acts))
		refuse(parser, "there is no list");
	if (parser->keys[0]) {
		key.text = arena_strdup(parser->names->arena, parser->keys);
		key.value = (uint32_t)strlen(parser->keys);
		add_condition(parser, &key);
	}
	for (size_t i = 0; i < rule->count; i++)
		places += parser->conditions[i].type == AUDIT_WATCH ||
			  parser->conditions[i].type == AUDIT_DIR;
	if (places > 1)
		refuse(parser, "a rule is of one path");
	if (rule->list != AUDIT_FILTER_TASK && !parser->has_syscalls)
		set_all_syscalls(rule);
	rule->at = arena_alloc(parser->names->arena, (rule->count + 1) * sizeof(*rule->at));
	memcpy(rule->at, parser->conditions, rule->count * sizeof(*rule->at));
	if (line->error || line->doubt)
		line->adds = line->deletes = false;
}

void audit_line_parse(const struct audit_names *names, char *text, struct audit_line *ret_line)
{
	struct audit_line line = {0};
	struct parser parser = {.names = names, .line = &line, .rule = &line.rule};
	struct strv words = {0};

	audit_words(names->arena, text, &words);
	if (!words.count || words.at[0][0] == '#') {
		*ret_line = line;
		return;
	}
	parser.words = words.at;
	parser.count = words.count;
	while (parser.at < parser.count && !parser.ended && !line.error && !line.doubt)
		option_word(&parser, words.at[parser.at++]);
	if (parser.stray || (parser.ended && parser.at < parser.count))
		refuse(&parser, "a word belongs to no option");
	finish(&parser);
	*ret_line = line;
}
