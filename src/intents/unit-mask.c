/* A unit that nothing can start. */
#include "intents/intent.h"

#include "base/arena.h"

static int lower(const struct wish *wish, struct draft *draft)
{
	const char *why;
	int error = 0;

	for (const struct fact *fact = wish->facts; fact && !error; fact = fact->next)
		if (expect_test(&wish->check->expect, fact, &why) != HELD_YES)
			error = draft_link(draft,
					   arena_printf(draft->arena, "/etc/systemd/system/%s",
							fact->object),
					   "/dev/null", wish->rule);
	return error;
}

const struct intent intent_unit_mask = {
	.name = "unit-mask",
	.summary = "a unit that cannot be started, by a link to /dev/null",
	.probe = "service",
	.lower = lower,
};
