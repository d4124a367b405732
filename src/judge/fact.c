#include "judge/fact.h"

#include "base/arena.h"

#include <stdarg.h>

void facts_init(struct facts *facts, struct arena *arena)
{
	facts->arena = arena;
	facts->head = NULL;
	facts->tail = &facts->head;
}

static struct fact *append(struct facts *facts, enum aspect aspect, enum fact_state state,
			   const char *object, const char *source)
{
	struct fact *fact = arena_new(facts->arena, struct fact);

	fact->aspect = aspect;
	fact->state = state;
	fact->object = object;
	fact->source = source;
	*facts->tail = fact;
	facts->tail = &fact->next;
	return fact;
}

void fact_value(struct facts *facts, enum aspect aspect, const char *object, const char *value,
		const char *source)
{
	append(facts, aspect, FACT_VALUE, object, source)->value = value;
}

void fact_bool(struct facts *facts, enum aspect aspect, const char *object, int value,
	       const char *source)
{
	fact_value(facts, aspect, object, value ? "yes" : "no", source);
}

void fact_absent(struct facts *facts, enum aspect aspect, const char *object, const char *source)
{
	append(facts, aspect, FACT_ABSENT, object, source);
}

void fact_unknown(struct facts *facts, enum aspect aspect, const char *object, const char *source,
		  const char *format, ...)
{
	struct fact *fact = append(facts, aspect, FACT_UNKNOWN, object, source);
	va_list args;

	va_start(args, format);
	fact->error = arena_vprintf(facts->arena, format, args);
	va_end(args);
}

const char *aspect_name(enum aspect aspect)
{
	switch (aspect) {
	case ASPECT_RUNNING:
		return "running";
	case ASPECT_CONFIGURED:
		return "configured";
	case ASPECT_BOTH:
		break;
	}
	return "both";
}

const char *fact_state_name(enum fact_state state)
{
	static const char *const names[] = {
		[FACT_VALUE] = "value",
		[FACT_ABSENT] = "absent",
		[FACT_UNKNOWN] = "unknown",
	};

	return names[state];
}
