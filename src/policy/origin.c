#include "policy/origin.h"

#include "base/arena.h"
#include "base/str.h"

#include <stdlib.h>

void problem_add(struct problems *problems, struct origin origin, const char *format, ...)
{
	struct problem *problem = arena_new(problems->arena, struct problem);
	va_list args;

	va_start(args, format);
	problem->message = arena_vprintf(problems->arena, format, args);
	va_end(args);
	problem->origin = origin;
	if (problems->tail)
		problems->tail->next = problem;
	else
		problems->head = problem;
	problems->tail = problem;
	problems->count++;
}

static int compare(const void *a, const void *b)
{
	const struct problem *x = *(struct problem *const *)a, *y = *(struct problem *const *)b;
	int order = strcmp(x->origin.file, y->origin.file);

	if (order)
		return order;
	if (x->origin.line != y->origin.line)
		return x->origin.line < y->origin.line ? -1 : 1;
	return strcmp(x->message, y->message);
}

void problems_sort(struct problems *problems)
{
	struct problem **all, *problem = problems->head;
	size_t count = problems->count;

	if (!count)
		return;
	all = arena_alloc(problems->arena, count * sizeof(struct problem *));
	for (size_t i = 0; i < count; i++, problem = problem->next)
		all[i] = problem;
	qsort(all, count, sizeof(struct problem *), compare);
	problems->head = problems->tail = all[0];
	problems->count = 1;
	for (size_t i = 1; i < count; i++) {
		if (!compare(&all[i - 1], &all[i]))
			continue;
		problems->tail = problems->tail->next = all[i];
		problems->count++;
	}
	problems->tail->next = NULL;
}

const char *origin_short(struct arena *arena, struct origin origin)
{
	const char *name = origin.file;

	for (const char *at = origin.file; (at = strchr(at, '/')); at++)
		if (strchr(at + 1, '/'))
			name = at + 1;
	return origin.line ? arena_printf(arena, "%s:%u", name, origin.line) : name;
}
