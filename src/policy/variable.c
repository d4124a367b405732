#include "policy/variable.h"

#include "base/arena.h"
#include "base/nearest.h"
#include "base/str.h"

struct variable *variable_find(const struct variables *variables, const char *name)
{
	for (size_t i = 0; i < variables->count; i++)
		if (str_eq(variables->at[i].name, name))
			return &variables->at[i];
	return NULL;
}

void variable_add(struct variables *variables, struct arena *arena, const struct variable *variable)
{
	const size_t size = sizeof(*variable);

	if (variables->count == variables->space) {
		size_t space = variables->space ? variables->space * 2 : 16;

		variables->at = arena_grow(arena, variables->at, variables->count * size,
					   space * size);
		variables->space = space;
	}
	variables->at[variables->count++] = *variable;
}

void variable_miss(const struct variables *variables, struct problems *problems,
		   struct origin origin, const char *name)
{
	struct strv names = {0};
	const char *nearest;

	for (size_t i = 0; i < variables->count; i++)
		strv_push(&names, problems->arena, variables->at[i].name);
	nearest = nearest_word(name, &names);
	if (nearest)
		problem_add(problems, origin, "there is no variable '%s'; did you mean '%s'?", name,
			    nearest);
	else
		problem_add(problems, origin, "there is no variable '%s'", name);
}

/* What stands at a `$`: the text before it is copied as it is. */
struct place {
	const char *dollar; /* NULL: none is left */
	const char *name;   /* NULL: an escaped `${`, or one that is not closed */
	const char *behind;
};

static struct place next_place(struct arena *arena, const char *text)
{
	struct place place = {.dollar = strstr(text, "${")};
	size_t length;

	if (!place.dollar)
		return place;
	place.behind = place.dollar + 2;
	if (place.dollar > text && place.dollar[-1] == '$') {
		place.dollar--;
		return place;
	}
	length = strcspn(place.behind, "}");
	if (!place.behind[length])
		return place;
	place.name = arena_strndup(arena, place.behind, length);
	place.behind += length + 1;
	return place;
}

void variables_check(const struct variables *variables, struct problems *problems,
		     struct origin origin, const char *text)
{
	struct place place;

	while ((place = next_place(problems->arena, text)).dollar) {
		if (place.name && !variable_find(variables, place.name))
			variable_miss(variables, problems, origin, place.name);
		else if (!place.name && place.dollar[1] != '$')
			problem_add(problems, origin,
				    "a '${' without its '}'; write '$${' for the "
				    "two characters");
		text = place.behind;
	}
}

/* Appends a piece of text to what is there already. */
static char *append(struct arena *arena, const char *before, const char *piece, size_t length)
{
	return arena_printf(arena, "%s%.*s", before, (int)length, piece);
}

const char *variables_expand(const struct variables *variables, struct arena *arena,
			     const char *text)
{
	struct place place = next_place(arena, text);
	const char *whole = "";

	if (!place.dollar)
		return text;
	for (; place.dollar; place = next_place(arena, text)) {
		const struct variable *variable = place.name ? variable_find(variables, place.name)
							     : NULL;

		whole = append(arena, whole, text, (size_t)(place.dollar - text));
		if (variable)
			whole = append(arena, whole, variable->value, strlen(variable->value));
		else if (place.dollar[1] == '$')
			whole = append(arena, whole, "${", 2);
		else
			whole = append(arena, whole, place.dollar,
				       (size_t)(place.behind - place.dollar));
		text = place.behind;
	}
	return append(arena, whole, text, strlen(text));
}
