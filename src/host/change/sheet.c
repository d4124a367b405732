#include "host/change/sheet.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>

#define HEADER                                                                                     \
	"# Written by hostaudit, which replaces it as a whole; 'hostaudit rollback' takes it back."

struct sheet *sheet_find(struct sheet *list, const char *path)
{
	while (list && !str_eq(list->path, path))
		list = list->next;
	return list;
}

struct sheet *sheet_new(struct arena *arena, const char *path, const struct sheet_kind *kind,
			const struct state *before)
{
	struct sheet *sheet = arena_new(arena, struct sheet);

	sheet->path = path;
	sheet->kind = kind;
	sheet->before = *before;
	sheet->old_text = "";
	return sheet;
}

static void push(struct sheet *sheet, struct arena *arena, struct sheet_line line)
{
	for (size_t i = 0; i < sheet->count; i++)
		if (str_eq(sheet->lines[i].rule, line.rule) &&
		    str_eq(sheet->lines[i].text, line.text)) {
			sheet->lines[i].fresh |= line.fresh;
			return;
		}
	if (sheet->count == sheet->space) {
		size_t space = sheet->space ? sheet->space * 2 : 16;

		sheet->lines = arena_grow(arena, sheet->lines, sheet->count * sizeof(*sheet->lines),
					  space * sizeof(*sheet->lines));
		sheet->space = space;
	}
	sheet->lines[sheet->count++] = line;
}

int sheet_read(struct sheet *sheet, struct arena *arena, char *text)
{
	char *copy = arena_strdup(arena, text), *line = str_next_line(&copy);
	const char *rule = NULL, *head = sheet->kind->head;

	if (!line || !str_eq(line, HEADER))
		return -EINVAL;
	sheet->old_text = arena_strdup(arena, text);
	while ((line = str_next_line(&copy))) {
		if (str_starts(line, "# "))
			rule = line + 2;
		else if (*line && rule)
			push(sheet, arena, (struct sheet_line){rule, line, false});
		else if (*line && !(head && str_eq(line, head)))
			return -EINVAL;
	}
	return 0;
}

void sheet_add(struct sheet *sheet, struct arena *arena, const char *rule, const char *line)
{
	push(sheet, arena, (struct sheet_line){rule, line, true});
}

/* What stood there before stays. */
void sheet_drop(struct sheet *sheet, const char *rule)
{
	size_t kept = 0;

	for (size_t i = 0; i < sheet->count; i++)
		if (!sheet->lines[i].fresh || !str_eq(sheet->lines[i].rule, rule))
			sheet->lines[kept++] = sheet->lines[i];
	sheet->count = kept;
}

/* Up to the `=`: two lines of one key cannot both stand. */
static bool same_key(const char *a, const char *b)
{
	size_t length = strcspn(a, "=");

	return a[length] ? !strncmp(a, b, length + 1) : str_eq(a, b);
}

static bool is_replaced(const struct sheet *sheet, const struct sheet_line *old)
{
	for (size_t i = 0; i < sheet->count; i++)
		if (sheet->lines[i].fresh && same_key(sheet->lines[i].text, old->text))
			return true;
	return false;
}

static unsigned rank(const struct sheet_kind *kind, const char *line)
{
	unsigned at = 0;

	for (; kind->first && kind->first[at]; at++)
		if (str_starts(line, kind->first[at]))
			break;
	return at;
}

static const struct sheet_kind *sorted_for;

static int compare(const void *a, const void *b)
{
	const struct sheet_line *x = a, *y = b;
	unsigned left = rank(sorted_for, x->text), right = rank(sorted_for, y->text);
	int order = left == right ? strcmp(x->rule, y->rule) : left < right ? -1 : 1;

	return order ? order : strcmp(x->text, y->text);
}

/* Lines of rules that are gone, and values that are replaced. */
static void clear(struct sheet *sheet, bool (*counts)(const void *context, const char *rule),
		  const void *context)
{
	size_t kept = 0;

	for (size_t i = 0; i < sheet->count; i++) {
		const struct sheet_line *line = &sheet->lines[i];

		if (line->fresh ||
		    (!is_replaced(sheet, line) && (!counts || counts(context, line->rule))))
			sheet->lines[kept++] = *line;
	}
	sheet->count = kept;
}

const char *sheet_text(struct sheet *sheet, struct arena *arena,
		       bool (*counts)(const void *context, const char *rule), const void *context)
{
	struct strv lines = {0};
	const char *rule = "";

	clear(sheet, counts, context);
	if (!sheet->count)
		return NULL;
	sorted_for = sheet->kind;
	qsort(sheet->lines, sheet->count, sizeof(*sheet->lines), compare);
	strv_push(&lines, arena, HEADER);
	if (sheet->kind->head)
		strv_push(&lines, arena, sheet->kind->head);
	for (size_t i = 0; i < sheet->count; i++) {
		if (!str_eq(rule, sheet->lines[i].rule))
			strv_push(&lines, arena, arena_printf(arena, "# %s", sheet->lines[i].rule));
		rule = sheet->lines[i].rule;
		strv_push(&lines, arena, sheet->lines[i].text);
	}
	strv_push(&lines, arena, "");
	return strv_join(&lines, arena, "\n");
}

const char *sheet_rules(const struct sheet *sheet, struct arena *arena)
{
	struct strv rules = {0};

	for (size_t i = 0; i < sheet->count; i++)
		if (!strv_has(&rules, sheet->lines[i].rule))
			strv_push(&rules, arena, sheet->lines[i].rule);
	return strv_join(&rules, arena, " ");
}
