#include "base/diff.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdio.h>

#define CONTEXT 3
/* The table has a cell for each pair of lines. */
#define MOST_CELLS ((size_t)4 * 1024 * 1024)

struct side {
	struct strv lines;
	bool unfinished; /* the last line has no newline */
};

struct diff {
	struct arena *arena;
	struct side before, after;
	unsigned *table; /* longest common tail of what begins at each pair of lines */
	struct strv out; /* lines with their mark */
};

static void split(struct arena *arena, const char *text, struct side *side)
{
	char *copy = arena_strdup(arena, text), *line;

	side->unfinished = *text && !str_ends(text, "\n");
	while ((line = str_next_line(&copy)))
		strv_push(&side->lines, arena, line);
}

static unsigned *cell(const struct diff *diff, size_t i, size_t j)
{
	return &diff->table[i * (diff->after.lines.count + 1) + j];
}

static void fill_table(struct diff *diff)
{
	size_t n = diff->before.lines.count, m = diff->after.lines.count;

	if ((n + 1) * (m + 1) > MOST_CELLS)
		return;
	diff->table = arena_alloc(diff->arena, (n + 1) * (m + 1) * sizeof(*diff->table));
	for (size_t i = n; i-- > 0;)
		for (size_t j = m; j-- > 0;) {
			bool same = str_eq(diff->before.lines.at[i], diff->after.lines.at[j]);
			unsigned down = *cell(diff, i + 1, j), right = *cell(diff, i, j + 1);

			*cell(diff, i, j) = same           ? *cell(diff, i + 1, j + 1) + 1
					    : down > right ? down
							   : right;
		}
}

static void push(struct diff *diff, char mark, const struct side *side, size_t index)
{
	bool cut = side->unfinished && index + 1 == side->lines.count;

	strv_push(&diff->out, diff->arena,
		  arena_printf(diff->arena, "%c%s%s", mark, side->lines.at[index],
			       cut ? "\n\\ No newline at end of file" : ""));
}

static bool is_common(const struct diff *diff, size_t i, size_t j)
{
	size_t n = diff->before.lines.count, m = diff->after.lines.count;

	if (i == n || j == m || !diff->table)
		return false;
	/* The last lines are not the same where one of them is cut off. */
	if ((i + 1 == n && diff->before.unfinished) != (j + 1 == m && diff->after.unfinished))
		return false;
	return str_eq(diff->before.lines.at[i], diff->after.lines.at[j]);
}

static void compare(struct diff *diff)
{
	size_t n = diff->before.lines.count, m = diff->after.lines.count, i = 0, j = 0;

	while (i < n || j < m) {
		if (is_common(diff, i, j)) {
			push(diff, ' ', &diff->before, i++);
			j++;
		} else if (i < n && (j == m || !diff->table ||
				     *cell(diff, i + 1, j) >= *cell(diff, i, j + 1))) {
			push(diff, '-', &diff->before, i++);
		} else {
			push(diff, '+', &diff->after, j++);
		}
	}
}

struct hunk {
	size_t begin, end;       /* in diff->out */
	size_t line[2], size[2]; /* before and after */
};

/* From the first change at or behind `at` to where no other follows soon. */
static bool find_hunk(const struct diff *diff, size_t at, struct hunk *ret_hunk)
{
	const struct strv *out = &diff->out;
	size_t first = at, quiet = 0, end;

	while (first < out->count && *out->at[first] == ' ')
		first++;
	if (first == out->count)
		return false;
	for (end = first; end < out->count && quiet <= 2 * CONTEXT; end++)
		quiet = *out->at[end] == ' ' ? quiet + 1 : 0;
	if (quiet > CONTEXT)
		end -= quiet - CONTEXT;
	ret_hunk->begin = first - at > CONTEXT ? first - CONTEXT : at;
	ret_hunk->end = end;
	return true;
}

static void count(const struct diff *diff, size_t from, size_t to, size_t sizes[2])
{
	sizes[0] = sizes[1] = 0;
	for (size_t i = from; i < to; i++) {
		sizes[0] += *diff->out.at[i] != '+';
		sizes[1] += *diff->out.at[i] != '-';
	}
}

static const char *range(struct arena *arena, size_t before, size_t size)
{
	if (size == 1)
		return arena_printf(arena, "%zu", before + 1);
	return arena_printf(arena, "%zu,%zu", size ? before + 1 : before, size);
}

const char *diff_unified(struct arena *arena, const char *before, const char *after)
{
	struct diff diff = {.arena = arena};
	struct strv lines = {0};
	struct hunk hunk;

	split(arena, before, &diff.before);
	split(arena, after, &diff.after);
	fill_table(&diff);
	compare(&diff);
	for (size_t at = 0; find_hunk(&diff, at, &hunk); at = hunk.end) {
		count(&diff, 0, hunk.begin, hunk.line);
		count(&diff, hunk.begin, hunk.end, hunk.size);
		strv_push(&lines, arena,
			  arena_printf(arena, "@@ -%s +%s @@",
				       range(arena, hunk.line[0], hunk.size[0]),
				       range(arena, hunk.line[1], hunk.size[1])));
		for (size_t i = hunk.begin; i < hunk.end; i++)
			strv_push(&lines, arena, diff.out.at[i]);
	}
	if (!lines.count)
		return "";
	strv_push(&lines, arena, "");
	return strv_join(&lines, arena, "\n");
}
