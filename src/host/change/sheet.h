/* Private to host/change/: a file of our own, made of lines that rules want. Pure. */
#pragma once

#include "host/change/draft.h"

struct sheet_line {
	const char *rule, *text;
	bool fresh; /* wanted now; else it stood there before */
};

struct sheet {
	struct sheet *next;
	const char *path;
	const struct sheet_kind *kind;
	struct state before;
	const char *old_text;
	struct sheet_line *lines;
	size_t count, space;
};

struct sheet *sheet_find(struct sheet *list, const char *path);

struct sheet *sheet_new(struct arena *arena, const char *path, const struct sheet_kind *kind,
			const struct state *before)
	__attribute__((nonnull(1, 2, 4), returns_nonnull));

/* Takes in what it holds; -EINVAL: we have not written it. The text is cut into pieces. */
int sheet_read(struct sheet *sheet, struct arena *arena, char *text)
	__attribute__((nonnull, warn_unused_result));

void sheet_add(struct sheet *sheet, struct arena *arena, const char *rule, const char *line)
	__attribute__((nonnull));

/* Takes back what was added for a rule. */
void sheet_drop(struct sheet *sheet, const char *rule) __attribute__((nonnull));

/* The text, or NULL if no line is left. */
const char *sheet_text(struct sheet *sheet, struct arena *arena,
		       bool (*counts)(const void *context, const char *rule), const void *context)
	__attribute__((nonnull(1, 2)));

/* The rules that have lines, with blanks between them. */
const char *sheet_rules(const struct sheet *sheet, struct arena *arena) __attribute__((nonnull));
