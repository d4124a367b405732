/* Texts and variables of a bootscript: what is certain in them, and what is a choice. */
#include "host/boot/bootscript.h"

#include <search.h>

/* More alternatives than this are as good as anything. */
#define MOST_ALTERNATIVES 24

/* Kernels take a few kilobytes of arguments. */
#define MOST_SIZE ((size_t)32 * 1024)
#define MOST_PIECES 1024
#define MOST_WORK ((size_t)32 * 1024 * 1024)

/* Stands for a text that is not known. */
#define ANYTHING "\1"

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct bootvar *)a)->name, ((const struct bootvar *)b)->name);
}

bool bootscript_spend(struct bootscript *script, size_t work)
{
	script->work += work;
	return script->work < MOST_WORK;
}

static struct bootpiece *push(struct bootscript *script, struct boottext *text, size_t size)
{
	struct bootpiece *piece = arena_new(script->arena, struct bootpiece);

	text->size += size;
	/* Longer than any kernel takes: as good as anything. */
	if (++text->pieces > MOST_PIECES || text->size > MOST_SIZE ||
	    !bootscript_spend(script, size + sizeof(*piece)))
		text->first = text->last = NULL;

	if (text->last)
		text->last->next = piece;
	else
		text->first = piece;
	text->last = piece;
	piece->source = arena_printf(script->arena, "%s:%u", script->file, script->line);
	return piece;
}

void boottext_add(struct bootscript *script, struct boottext *text, const char *literal,
		  size_t length)
{
	struct bootpiece *piece = push(script, text, length);
	bool too_long = piece == text->first && text->pieces > 1;

	strv_push(&piece->alternatives, script->arena,
		  too_long ? ANYTHING : arena_strndup(script->arena, literal, length));
}

void boottext_append(struct bootscript *script, struct boottext *text, const struct boottext *more)
{
	for (const struct bootpiece *from = more->first; from; from = from->next) {
		struct bootpiece *piece = push(script, text, strlen(from->alternatives.at[0]));

		if (piece == text->first && text->pieces > 1) {
			strv_push(&piece->alternatives, script->arena, ANYTHING);
			continue;
		}
		piece->alternatives = from->alternatives;
		piece->source = from->source;
	}
}

bool boottext_flatten(struct bootscript *script, const struct boottext *text,
		      struct strv *ret_texts)
{
	struct arena *arena = script->arena;
	struct strv texts = {0};

	strv_push(&texts, arena, "");
	for (const struct bootpiece *piece = text->first; piece; piece = piece->next) {
		struct strv longer = {0};

		if (texts.count * piece->alternatives.count > MOST_ALTERNATIVES ||
		    !bootscript_spend(script, texts.count * text->size))
			return false;
		for (size_t i = 0; i < texts.count; i++)
			for (size_t k = 0; k < piece->alternatives.count; k++)
				strv_push(&longer, arena,
					  arena_printf(arena, "%s%s", texts.at[i],
						       piece->alternatives.at[k]));
		texts = longer;
	}
	*ret_texts = texts;
	return true;
}

const struct bootvar *bootscript_var(const struct bootscript *script, const char *name)
{
	struct bootvar **found = tfind(&(struct bootvar){.name = name},
				       (void *const *)&script->vars, compare);

	return found ? *found : NULL;
}

static void add_value(struct bootscript *script, struct bootvar *var, const struct boottext *value)
{
	var->values = arena_grow(script->arena, var->values, var->count * sizeof(*var->values),
				 (var->count + 1) * sizeof(*var->values));
	var->values[var->count++] = *value;
}

static struct boottext anything(struct bootscript *script)
{
	struct boottext text = {0};

	boottext_add(script, &text, ANYTHING, 1);
	return text;
}

/* Where an assignment is perhaps not made, the variable stays what it was. */
static void keep_before(struct bootscript *script, struct bootvar *var, bool is_new)
{
	struct boottext before = {0};

	if (var->losses != script->losses || var->count >= MOST_ALTERNATIVES) {
		var->count = 0;
		before = anything(script);
	} else if (!is_new) {
		return;
	}
	add_value(script, var, &before);
}

void bootscript_set(struct bootscript *script, const char *name, const struct boottext *value,
		    bool maybe)
{
	struct bootvar *var = (struct bootvar *)bootscript_var(script, name);
	bool is_new = !var;

	if (is_new) {
		var = arena_new(script->arena, struct bootvar);
		var->name = name;
		tsearch(var, &script->vars, compare);
	}
	if (maybe)
		keep_before(script, var, is_new);
	else
		*var = (struct bootvar){.name = var->name};
	var->losses = script->losses;
	add_value(script, var, value);
}

void bootscript_obscure(struct bootscript *script, const char *name)
{
	struct boottext value = anything(script);

	bootscript_set(script, name, &value, true);
}

/* The boot loader's own variables; so are the parameters of functions. */
static bool is_loaders(const struct bootscript *script, const char *name)
{
	static const char *const names[] = {"root",
					    "prefix",
					    "cmdpath",
					    "config_directory",
					    "config_file",
					    "pxe_default_server",
					    "check_signatures"};

	if (!(*name >= 'A' && *name <= 'Z') && !(*name >= 'a' && *name <= 'z') && *name != '_')
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (!script->shell && str_eq(names[i], name))
			return true;
	return !script->shell && (str_starts(name, "grub_") || str_starts(name, "net_") ||
				  str_starts(name, "feature_"));
}

/* What a variable with several values may be, as one piece. */
static struct boottext choice(struct bootscript *script, const struct bootvar *var)
{
	struct boottext text = {0};
	struct strv all = {0};
	const char *source = NULL;

	for (size_t i = 0; i < var->count; i++) {
		struct strv texts = {0};

		if (!boottext_flatten(script, &var->values[i], &texts))
			return anything(script);
		for (size_t k = 0; k < texts.count; k++)
			if (!strv_has(&all, texts.at[k]))
				strv_push(&all, script->arena, texts.at[k]);
		if (var->values[i].last)
			source = var->values[i].last->source;
	}
	if (all.count > MOST_ALTERNATIVES)
		return anything(script);
	boottext_add(script, &text, "", 0);
	text.last->alternatives = all;
	text.last->source = source;
	return text;
}

struct boottext bootscript_value(struct bootscript *script, const char *name)
{
	const struct bootvar *var = bootscript_var(script, name);

	if (!bootscript_spend(script, 1) || (var && var->losses != script->losses) ||
	    (!var && (script->losses || is_loaders(script, name))))
		return anything(script);
	if (!var)
		return (struct boottext){0};
	return var->count == 1 ? var->values[0] : choice(script, var);
}

static bool is_blank(char byte)
{
	return byte && strchr(STR_BLANKS, byte);
}

/* Does the text leave a quote open? */
static bool is_quoted(const char *text)
{
	bool quoted = false;

	for (; *text; text++)
		quoted ^= *text == '"';
	return quoted;
}

static bool within_word(const char *text)
{
	size_t length = strlen(text);

	return is_quoted(text) || (length && !is_blank(text[length - 1]));
}

/* Where a choice is a word of its own, each of its texts may be among the arguments. */
static bool stands_alone(const char *before, const struct bootpiece *piece)
{
	const struct bootpiece *next = piece->next;

	while (next && next->alternatives.count == 1 && !*next->alternatives.at[0])
		next = next->next;
	return !within_word(before) &&
	       (!next || (next->alternatives.count == 1 && is_blank(next->alternatives.at[0][0])));
}

/* The arguments of a text without choices, each with the source of the piece that it begins in. */
struct run {
	struct arena *arena;
	struct cmdline *cmdline;
	const char *text, *source;
};

static void flush(struct run *run)
{
	if (*run->text)
		cmdline_parse(run->arena, run->text, run->source, false, run->cmdline);
	run->text = "";
	run->source = NULL;
}

static void add(struct run *run, const char *text, const char *source)
{
	/* Between words, what comes next has its own source. */
	if (!within_word(run->text) || (is_blank(*text) && !is_quoted(run->text)))
		flush(run);
	if (!run->source || !*run->text)
		run->source = source;
	run->text = arena_printf(run->arena, "%s%s", run->text, text);
}

void boottext_arguments(struct arena *arena, const struct boottext *text, struct cmdline *cmdline)
{
	struct run run = {.arena = arena, .cmdline = cmdline, .text = ""};

	for (const struct bootpiece *piece = text->first; piece; piece = piece->next) {
		const struct strv *texts = &piece->alternatives;

		if (texts->count == 1) {
			add(&run, texts->at[0], piece->source);
			continue;
		}
		if (!stands_alone(run.text, piece)) {
			add(&run, ANYTHING, piece->source);
			continue;
		}
		flush(&run);
		for (size_t i = 0; i < texts->count; i++)
			cmdline_parse(arena, texts->at[i], piece->source, true, cmdline);
	}
	flush(&run);
}

static void keep(void *var)
{
	(void)var; /* the arena owns it */
}

void bootscript_start(struct bootscript *script, struct arena *arena, bool shell)
{
	*script = (struct bootscript){.arena = arena, .shell = shell};
	script->entries_tail = &script->entries;
}

void bootscript_end(struct bootscript *script)
{
	tdestroy(script->vars, keep);
	script->vars = NULL;
}
