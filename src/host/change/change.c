#include "host/change/change.h"

#include "base/arena.h"

struct change *changes_add(struct changes *changes, struct arena *arena)
{
	if (changes->count == changes->space) {
		size_t space = changes->space ? changes->space * 2 : 16;

		changes->at = arena_grow(arena, changes->at, changes->count * sizeof(*changes->at),
					 space * sizeof(*changes->at));
		changes->space = space;
	}
	changes->at[changes->count] = (struct change){.why = ""};
	return &changes->at[changes->count++];
}
