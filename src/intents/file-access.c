/* Owner, group and mode of a file: rights are only taken away. */
#include "host/users.h"
#include "intents/intent.h"

#include "base/arena.h"

#include <errno.h>

/* The number of a name by the host's own files. */
static int find_id(const struct accounts *accounts, const char *name)
{
	const struct account *account = account_find(accounts, name);
	long long number;

	if (account)
		return (int)account->id;
	if (str_eq(name, "root"))
		return 0;
	return str_to_number(name, &number) || number < 0 || number > INT_MAX ? -1 : (int)number;
}

static int want(const struct wish *wish, struct draft *draft, struct draft_access *ret_access)
{
	const struct expect *expect = &wish->check->expect;
	const char *field = expect->field ? expect->field->name : "", *operand;
	struct draft_access access = {-1, -1, -1};
	long long mode;

	if (!expect->operands.count)
		return intent_refuse(draft, "'%s' names no value", wish->check->text);
	operand = expect->operands.at[0];
	if (expect->op == OP_MODE_WITHIN) {
		if (str_to_number(arena_printf(draft->arena, "0%s", operand), &mode))
			return intent_refuse(draft, "%s is no mode", operand);
		access.within = (int)mode;
	} else if (expect->op != OP_EQUAL && expect->op != OP_IN) {
		return intent_refuse(draft, "'%s' names no single value", wish->check->text);
	} else if (str_eq(field, "owner")) {
		access.uid = find_id(users_get(wish->host), operand);
	} else if (str_eq(field, "group")) {
		access.gid = find_id(groups_get(wish->host), operand);
	}
	if (access.uid < 0 && access.gid < 0 && access.within < 0)
		return intent_refuse(draft, "'%s' is nothing that owner and mode can change",
				     wish->check->text);
	*ret_access = access;
	return 0;
}

static int lower(const struct wish *wish, struct draft *draft)
{
	struct draft_access access;
	const char *why;
	int error = want(wish, draft, &access);

	for (const struct fact *fact = wish->facts; fact && !error; fact = fact->next)
		if (expect_test(&wish->check->expect, fact, &why) != HELD_YES)
			error = draft_access(draft, fact->object, &access, wish->rule);
	return error;
}

const struct intent intent_file_access = {
	.name = "file-access",
	.summary = "owner, group and mode of a file; rights are only taken away",
	.probe = "file",
	.lower = lower,
};
