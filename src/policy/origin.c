#include "policy/origin.h"

#include "base/arena.h"

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
