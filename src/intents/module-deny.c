/* Keeps a module from being loaded, by its name and by what asks for it. */
#include "host/kernel/modules.h"
#include "intents/intent.h"

#include "base/arena.h"

#include <errno.h>

#define PATH "/etc/modprobe.d/hostaudit.conf"

static const struct sheet_kind kind = {0};

static int deny(const struct wish *wish, struct draft *draft, const char *name)
{
	int error = draft_line(draft, PATH, &kind, wish->rule,
			       arena_printf(draft->arena, "blacklist %s", name));

	if (!error)
		error = draft_line(draft, PATH, &kind, wish->rule,
				   arena_printf(draft->arena, "install %s /bin/false", name));
	return error;
}

static int lower(const struct wish *wish, struct draft *draft)
{
	const char *why;
	int error = 0;

	for (const struct fact *fact = wish->facts; fact && !error; fact = fact->next) {
		if (expect_test(&wish->check->expect, fact, &why) == HELD_YES)
			continue;
		if (fact->source && str_ends(fact->source, "modules.builtin"))
			return intent_refuse(draft, "%s is built into the kernel", fact->object);
		error = deny(wish, draft, fact->object);
	}
	return error;
}

const struct intent intent_module_deny = {
	.name = "module-deny",
	.summary = "a module that cannot be loaded, in a drop-in of modprobe.d",
	.probe = "module",
	.lower = lower,
};
