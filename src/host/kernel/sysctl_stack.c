#include "host/kernel/sysctl_stack.h"

#include "base/arena.h"
#include "base/str.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <search.h>
#include <stdlib.h>

/* What systemd takes for blanks and for the ends of lines; \f and \v are neither. */
#define BLANKS " \t\n\r"

/* Alternatives that the braces of one pattern may come to. */
#define MOST_ALTERNATIVES 256

static char *strip(char *text)
{
	size_t length;

	text += strspn(text, BLANKS);
	length = strlen(text);
	while (length && strchr(BLANKS, text[length - 1]))
		length--;
	text[length] = '\0';
	return text;
}

/* Takes out empty parts and single dots, as in "/net//ipv4/./ip_forward". */
static void simplify(char *path)
{
	char *to = path;

	for (const char *part = path; *part;) {
		size_t length;

		part += strspn(part, "/");
		length = strcspn(part, "/");
		if (length && !(length == 1 && *part == '.')) {
			if (to != path)
				*to++ = '/';
			memmove(to, part, length);
			to += length;
		}
		part += length;
	}
	*to = '\0';
}

char *sysctl_path(struct arena *arena, const char *key)
{
	char *path = arena_strdup(arena, key);
	char *separator = strpbrk(path, "/.");

	if (separator && *separator == '.')
		for (; separator; separator = strpbrk(separator + 1, "/."))
			*separator = *separator == '.' ? '/' : '.';
	simplify(path);
	return path;
}

const char *sysctl_name(struct arena *arena, const char *path)
{
	char *name = arena_strdup(arena, path);

	/* "a.b/c" would be read as the path a/b.c; it is left as it is. */
	if (name[strcspn(name, "/.")] == '.')
		return name;
	for (char *at = name; (at = strpbrk(at, "/.")); at++)
		*at = *at == '/' ? '.' : '/';
	return name;
}

bool sysctl_is_pattern(const char *path)
{
	return strpbrk(path, "*?[") != NULL;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct sysctl_entry *)a)->path,
		      ((const struct sysctl_entry *)b)->path);
}

static struct sysctl_entry *append(struct sysctl_stack *stack)
{
	struct sysctl_entry *entry = arena_new(stack->arena, struct sysctl_entry);

	if (stack->last)
		stack->last->next = entry;
	else
		stack->first = entry;
	stack->last = entry;
	stack->count++;
	return entry;
}

static bool same_value(const char *a, const char *b)
{
	return a && b ? str_eq(a, b) : a == b;
}

void sysctl_stack_add(struct sysctl_stack *stack, const char *path, const char *value,
		      const char *source)
{
	struct sysctl_entry **found = tfind(&(struct sysctl_entry){.path = path}, &stack->tree,
					    compare);
	struct sysctl_entry *entry = found ? *found : NULL;

	/* The same once more changes nothing, not even the order in which keys are written. */
	if (entry && same_value(entry->value, value)) {
		entry->source = source;
		return;
	}
	if (entry) {
		entry->dropped = true;
		tdelete(entry, &stack->tree, compare);
	}
	entry = append(stack);
	*entry = (struct sysctl_entry){.path = path, .value = value, .source = source};
	tsearch(entry, &stack->tree, compare);
}

void sysctl_stack_add_error(struct sysctl_stack *stack, const char *file, const char *error)
{
	*append(stack) = (struct sysctl_entry){.source = file, .error = error};
}

/* `KEY = VALUE`, `-KEY = VALUE` (errors do not matter), or `-KEY` (no pattern is to set it). */
static void parse_line(struct sysctl_stack *stack, const char *file, unsigned number, char *line)
{
	char *key = strip(line), *value;
	const char *path;

	if (!*key || strchr("#;", *key))
		return;
	value = strchr(key, '=');
	if (!value && *key != '-')
		return; /* no assignment: skipped there as well */
	if (value) {
		*value++ = '\0';
		value = arena_strdup(stack->arena, strip(value));
	}
	if (*key == '-')
		key++;
	path = sysctl_path(stack->arena, strip(key));
	sysctl_stack_add(stack, path, value, arena_printf(stack->arena, "%s:%u", file, number));
}

void sysctl_stack_parse(struct sysctl_stack *stack, const char *file, char *text)
{
	unsigned number = 0;
	char *line;

	while ((line = str_next_line(&text))) {
		char *end;

		number++;
		/* A carriage return alone ends a line, too. */
		while ((end = strchr(line, '\r'))) {
			*end = '\0';
			parse_line(stack, file, number, line);
			line = end + 1;
		}
		parse_line(stack, file, number, line);
	}
}

/* A list of patterns whose braces are still to be resolved. */
struct alternatives {
	struct arena *arena;
	struct strv patterns;
};

static const char *group_start(const char *pattern)
{
	for (; *pattern; pattern++) {
		if (*pattern == '\\' && pattern[1])
			pattern++;
		else if (*pattern == '{')
			return pattern;
	}
	return NULL;
}

/* The end of the group that opens at `open`, or NULL. */
static const char *group_end(const char *open)
{
	unsigned depth = 0;

	for (const char *at = open; *at; at++) {
		if (*at == '\\' && at[1])
			at++;
		else if (*at == '{')
			depth++;
		else if (*at == '}' && --depth == 0)
			return at;
	}
	return NULL;
}

static void expand_group(struct alternatives *list, const char *pattern, const char *open,
			 const char *end)
{
	unsigned depth = 0;
	const char *start = open + 1;

	for (const char *at = open + 1; at <= end; at++) {
		if (*at == '{')
			depth++;
		if ((*at == ',' && !depth) || at == end) {
			strv_push(&list->patterns, list->arena,
				  arena_printf(list->arena, "%.*s%.*s%s", (int)(open - pattern),
					       pattern, (int)(at - start), start, end + 1));
			start = at + 1;
		} else if (*at == '}') {
			depth--;
		}
	}
}

/* systemd has its patterns resolved with GLOB_BRACE: {eth0,eth1} is two patterns. */
static int match_braces(const char *pattern, const char *path)
{
	struct arena arena = {0};
	struct alternatives list = {.arena = &arena};
	int result = 0;

	if (strlen(pattern) >= PATH_MAX)
		return 0; /* nothing has such a long name */
	strv_push(&list.patterns, &arena, pattern);
	for (size_t i = 0; i < list.patterns.count && !result; i++) {
		const char *now = list.patterns.at[i], *open = group_start(now);
		const char *end = open ? group_end(open) : NULL;

		if (list.patterns.count > MOST_ALTERNATIVES)
			result = -E2BIG;
		else if (end)
			expand_group(&list, now, open, end);
		else
			result = !fnmatch(now, path, FNM_PATHNAME | FNM_PERIOD);
	}
	arena_free(&arena);
	return result;
}

/* twalk_r() passes the nodes on one by one, in order. */
static void collect(const void *node, VISIT visit, void *closure)
{
	struct sysctl_stack *stack = closure;

	if (visit == postorder || visit == leaf)
		stack->by_path[stack->by_path_count++].entry = *(struct sysctl_entry *const *)node;
}

static void keep(void *entry)
{
	(void)entry; /* the arena owns it */
}

void sysctl_stack_seal(struct sysctl_stack *stack)
{
	stack->by_path = arena_alloc(stack->arena, (stack->count + 1) * sizeof(*stack->by_path));
	stack->by_path_count = 0;
	twalk_r(stack->tree, collect, stack);
	tdestroy(stack->tree, keep);
	stack->tree = NULL;
}

static int compare_place(const void *path, const void *place)
{
	return strcmp(path, ((const struct sysctl_place *)place)->entry->path);
}

const struct sysctl_entry *sysctl_stack_find(const struct sysctl_stack *stack, const char *path)
{
	const struct sysctl_place *found;

	if (!stack->by_path_count)
		return NULL;
	found = bsearch(path, stack->by_path, stack->by_path_count, sizeof(*stack->by_path),
			compare_place);
	return found ? found->entry : NULL;
}

int sysctl_entry_writes(const struct sysctl_stack *stack, const struct sysctl_entry *entry,
			const char *path)
{
	if (!entry->path || entry->dropped || !entry->value)
		return 0;
	if (!sysctl_is_pattern(entry->path))
		return str_eq(entry->path, path);
	if (stack && sysctl_stack_find(stack, path))
		return 0;
	return match_braces(entry->path, path);
}
