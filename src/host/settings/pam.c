#include "host/settings/pam.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

/* What Linux-PAM allows of substacks, and more than anybody has of the rest. */
#define DEEPEST 16
#define MOST_FILES 256
#define MOST_ENTRIES 4096

static const char *const dirs[] = {
	"/etc/pam.d", "/usr/lib/pam.d", "/usr/share/pam.d", "/usr/etc/pam.d", NULL,
};

static const char *const types[] = {"auth", "account", "password", "session"};

/*
 * The next token, cut off in place, or NULL at the end. One that begins with `[` goes up to `]`,
 * which a backslash hides.
 */
static char *next_token(char **text)
{
	char *token = *text + strspn(*text, " \t\r\n"), *end = token;

	if (!*token)
		return NULL;
	if (*token == '[') {
		while (*end && *end != ']')
			end += *end == '\\' && end[1] ? 2 : 1;
		end += *end == ']';
	} else {
		end += strcspn(end, " \t\r\n");
	}
	*text = *end ? end + 1 : end;
	*end = '\0';
	return token;
}

static const char *find_type(const char *word)
{
	word += *word == '-';
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (!strcasecmp(types[i], word))
			return types[i];
	return NULL;
}

static const char *lower(struct arena *arena, const char *text)
{
	char *copy = arena_strdup(arena, text);

	if (*copy != '[')
		for (char *at = copy; *at; at++)
			*at = (char)tolower((unsigned char)*at);
	return copy;
}

static void push(struct arena *arena, struct pam_lines *lines, const struct pam_line *line)
{
	if (lines->count == lines->space) {
		size_t space = lines->space ? lines->space * 2 : 16;

		lines->at = arena_grow(arena, lines->at, lines->count * sizeof(*line),
				       space * sizeof(*line));
		lines->space = space;
	}
	lines->at[lines->count++] = *line;
}

static const char *read_arguments(struct arena *arena, char *rest)
{
	struct strv words = {0};
	char *word;

	while ((word = next_token(&rest))) {
		if (*word == '[' && str_ends(word, "]"))
			word = arena_strndup(arena, word + 1, strlen(word) - 2);
		strv_push(&words, arena, word);
	}
	return strv_join(&words, arena, " ");
}

/* Lines that are none are passed over: with them Linux-PAM lets nobody in by this service. */
static void parse_line(struct arena *arena, char *text, unsigned number, struct pam_lines *lines)
{
	struct pam_line line = {.number = number};
	const char *word = next_token(&text), *control, *module;

	if (!word)
		return;
	if (str_eq(word, "@include")) {
		module = next_token(&text);
		line.control = "@include";
		line.include = true;
	} else {
		line.type = find_type(word);
		control = next_token(&text);
		module = next_token(&text);
		if (!line.type || !control || !module)
			return;
		line.control = lower(arena, control);
		line.include = str_eq(line.control, "include") || str_eq(line.control, "substack");
	}
	if (!module)
		return;
	line.module = arena_strdup(arena, module);
	line.arguments = read_arguments(arena, text);
	push(arena, lines, &line);
}

/* The next logical line, joined in place; comments go up to its end. */
static char *next_line(char **text, unsigned *number, unsigned *ret_first)
{
	char *line = NULL, *end = NULL, *part;

	while ((part = str_next_line(text))) {
		size_t length = strcspn(part, "#");
		bool joined = !part[length] && length && part[length - 1] == '\\';

		++*number;
		if (!line) {
			line = end = part;
			*ret_first = *number;
		}
		memmove(end, part, length);
		end += length;
		*end = '\0';
		if (!joined)
			return line;
		end[-1] = ' ';
	}
	return line;
}

void pam_parse(struct arena *arena, char *text, struct pam_lines *lines)
{
	unsigned number = 0, first = 0;
	char *line;

	while ((line = next_line(&text, &number, &first)))
		parse_line(arena, line, first, lines);
}

bool pam_is_module(const struct pam_line *line, const char *module)
{
	const char *slash = strrchr(line->module, '/');
	const char *name = slash ? slash + 1 : line->module;

	return str_eq(line->module, module) || str_eq(name, module) ||
	       (str_ends(name, ".so") && strlen(name) == strlen(module) + 3 &&
		str_starts(name, module));
}

struct loader {
	struct host *host;
	struct pam_stack *stack;
	const char *type;
	size_t files;
};

static void load_file(struct loader *loader, const char *name, const char *from, unsigned depth);

static void fail(struct loader *loader, const char *source, const char *why)
{
	if (loader->stack->why)
		return;
	loader->stack->why = why;
	loader->stack->why_source = source;
}

static void add(struct loader *loader, const struct pam_line *line, const char *source)
{
	struct pam_stack *stack = loader->stack;

	if (stack->count >= MOST_ENTRIES) {
		fail(loader, source, "too many modules");
		return;
	}
	if (stack->count == stack->space) {
		size_t space = stack->space ? stack->space * 2 : 16;

		stack->at = arena_grow(loader->host->arena, stack->at,
				       stack->count * sizeof(*stack->at),
				       space * sizeof(*stack->at));
		stack->space = space;
	}
	stack->at[stack->count++] = (struct pam_entry){*line, source};
}

/* Where the file of a service lies: the first place that has one. */
static const char *find_file(struct host *host, const char *name)
{
	if (*name == '/')
		return name;
	for (const char *const *dir = dirs; *dir; dir++) {
		const char *path = arena_printf(host->arena, "%s/%s", *dir, name);

		if (host_exists(host, path))
			return path;
	}
	return NULL;
}

static void load_text(struct loader *loader, const char *path, char *text, unsigned depth)
{
	struct pam_lines lines = {0};

	pam_parse(loader->host->arena, text, &lines);
	for (size_t i = 0; i < lines.count && !loader->stack->why; i++) {
		const struct pam_line *line = &lines.at[i];
		const char *source;

		if (line->type && !str_eq(line->type, loader->type))
			continue;
		source = arena_printf(loader->host->arena, "%s:%u", path, line->number);
		if (line->include)
			load_file(loader, line->module, source, depth + 1);
		else
			add(loader, line, source);
	}
}

/* `from` names the line that includes it; NULL of the service's own file, which may be missing. */
static void load_file(struct loader *loader, const char *name, const char *from, unsigned depth)
{
	cleanup(text) struct host_text text = {0};
	const char *path = find_file(loader->host, name);
	int error;

	if (depth > DEEPEST || ++loader->files > MOST_FILES) {
		fail(loader, from, "includes go too deep");
		return;
	}
	error = path ? host_read(loader->host, path, 0, &text) : -ENOENT;
	if (error == -ENOENT && !from)
		return;
	if (error) {
		fail(loader, path ? path : from,
		     arena_printf(loader->host->arena, "cannot read %s: %s", path ? path : name,
				  host_error(error)));
		return;
	}
	if (!from)
		loader->stack->source = path;
	load_text(loader, path, text.data, depth);
}

void pam_ask(struct host *host, const char *service, const char *type, struct pam_stack *ret_stack)
{
	struct pam_stack stack = {0};
	struct loader loader = {.host = host, .stack = &stack, .type = type};

	load_file(&loader, service, NULL, 0);
	if (!stack.count && !stack.why)
		load_file(&loader, "other", NULL, 0);
	if (!stack.source && !stack.why && host_exists(host, "/etc/pam.conf"))
		fail(&loader, "/etc/pam.conf", "only /etc/pam.d is understood");
	*ret_stack = stack;
}
