/* A file that is removed; a copy is kept for the rollback. */
#include "intents/intent.h"

static int lower(const struct wish *wish, struct draft *draft)
{
	const char *why;
	int error = 0;

	for (const struct fact *fact = wish->facts; fact && !error; fact = fact->next)
		if (expect_test(&wish->check->expect, fact, &why) != HELD_YES)
			error = draft_remove(draft, fact->object, wish->rule);
	return error;
}

const struct intent intent_file_absent = {
	.name = "file-absent",
	.summary = "a file that is removed; the rollback brings it back",
	.probe = "file",
	.lower = lower,
};
