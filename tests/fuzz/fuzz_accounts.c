/* Files of accounts; the first byte chooses which. */
#include "host/accounts/select.h"
#include "host/accounts/shadow.h"
#include "host/accounts/sysusers.h"
#include "host/users.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed_sysusers(struct arena *arena, char *text)
{
	struct sysusers sysusers = {0};

	sysusers_parse(arena, "/x", text, &sysusers);
	for (size_t i = 0; i < sysusers.count; i++)
		if (!sysusers.at[i].name || (sysusers.at[i].type == 'm' && !sysusers.at[i].group))
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct accounts accounts = {0};
	struct shadows shadows = {0};
	struct terms terms;
	enum account_kind kind;
	char *text;

	if (!size)
		return 0;
	kind = data[0] & 1 ? ACCOUNT_USER : ACCOUNT_GROUP;
	text = arena_strndup(&arena, (const char *)data + 1, size - 1);
	switch (data[0] % 8 / 2) {
	case 0:
		if (!accounts_parse(&arena, kind, "/x", text, &accounts))
			for (size_t i = 0; i < accounts.count; i++)
				if (!accounts.at[i].name || !accounts.at[i].password)
					__builtin_trap();
		break;
	case 1:
		if (!shadows_parse(&arena, kind, "/x", text, &shadows))
			shadows_sort(&shadows);
		for (size_t i = 0; i < shadows.count; i++)
			if (!shadow_find(&shadows, shadows.at[i].name))
				__builtin_trap();
		break;
	case 2:
		feed_sysusers(&arena, text);
		break;
	default:
		if (!terms_parse(&arena, kind, text, &terms) && !terms.count)
			__builtin_trap();
	}
	arena_free(&arena);
	return 0;
}
