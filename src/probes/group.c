/* Groups: their numbers, and who belongs to them. */
#include "host/accounts/roster.h"
#include "host/accounts/select.h"
#include "probes/probe.h"

enum {
	GID,
	NAME,
	UNIQUE_NAME,
	UNIQUE_GID,
	SHADOWED,
	PASSWORD,
	ADMINISTRATORS,
	MEMBERS,
	EMPTY,
	UNKNOWN_MEMBERS,
};

static const struct field fields[] = {
	[GID] = {"gid", VALUE_SCALAR, ASPECT_BOTH, "its number"},
	[NAME] = {"name", VALUE_STRING, ASPECT_BOTH, "its name"},
	[UNIQUE_NAME] = {"unique-name", VALUE_BOOL, ASPECT_BOTH, "no other has its name"},
	[UNIQUE_GID] = {"unique-gid", VALUE_BOOL, ASPECT_BOTH, "no other has its number"},
	[SHADOWED] = {"shadowed", VALUE_BOOL, ASPECT_BOTH, "no hash stands where all may read it"},
	[PASSWORD] = {"password", VALUE_STRING, ASPECT_BOTH,
		      "locked, empty, or the method of its hash"},
	[ADMINISTRATORS] = {"administrators", VALUE_LIST, ASPECT_BOTH, "who may change it"},
	[MEMBERS] = {"members", VALUE_LIST, ASPECT_BOTH,
		     "who is named in it, and whose main group it is"},
	[EMPTY] = {"empty", VALUE_BOOL, ASPECT_BOTH, "it has no members"},
	[UNKNOWN_MEMBERS] = {"unknown-members", VALUE_LIST, ASPECT_BOTH,
			     "members that are no users of the host"},
	{0},
};

/* One group, as a question about it is answered. */
struct asked {
	struct host *host;
	const struct entry *group;
	unsigned aspects;
	struct facts *facts;
};

static void tell(const struct asked *asked, const char *value, const char *source)
{
	fact_value(asked->facts, asked->aspects, asked->group->name, value, source);
}

static void tell_bool(const struct asked *asked, bool value)
{
	fact_bool(asked->facts, asked->aspects, asked->group->name, value, asked->group->source);
}

static void tell_unknown(const struct asked *asked, const char *source, const char *why)
{
	fact_unknown(asked->facts, asked->aspects, asked->group->name, source, "%s", why);
}

static void look_at_line(const struct asked *asked, int field)
{
	const struct entry *group = asked->group;

	if (field == GID && group->id < 0)
		tell_unknown(asked, group->source, "the first boot chooses it");
	else if (field == GID)
		tell(asked, arena_printf(asked->facts->arena, "%lld", group->id), group->source);
	else if (field == NAME)
		tell(asked, group->name, group->source);
	else
		tell_bool(asked, field == UNIQUE_NAME  ? group->unique_name
				 : field == UNIQUE_GID ? group->unique_id
						       : group->shadowed);
}

static void look_at_shadow(const struct asked *asked, int field)
{
	struct arena *arena = asked->facts->arena;
	const struct entry *group = asked->group;
	struct strv names = {0};

	if (field == PASSWORD && group->method) {
		tell(asked, group->method, group->method_source);
		return;
	}
	if (group->why) {
		tell_unknown(asked, group->method_source, group->why);
		return;
	}
	if (group->shadow)
		strv_split(&names, arena, group->shadow->administrators, ",");
	for (size_t i = 0; i < names.count; i++)
		names.at[i] = select_word(arena, names.at[i]);
	tell(asked, strv_join(&names, arena, " "), group->method_source);
}

static void look_at_members(const struct asked *asked, int field)
{
	const struct roster *roster = roster_get(asked->host);
	struct arena *arena = asked->facts->arena;
	size_t count;
	const struct membership *at = roster_members(roster, asked->group->id, &count);
	struct strv names = {0};

	for (size_t i = 0; i < count; i++)
		if (field != UNKNOWN_MEMBERS || !entry_of_name(&roster->users, at[i].user))
			strv_push(&names, arena, select_word(arena, at[i].user));
	if (roster->users.holes.count && !(field == EMPTY && count))
		tell_unknown(asked, asked->group->source, roster->users.holes.at[0]);
	else if (field == EMPTY)
		tell_bool(asked, !count);
	else
		tell(asked, strv_join(&names, arena, " "), asked->group->source);
}

static void look_at(const struct asked *asked, const struct question *question)
{
	int field = question->field ? (int)(question->field - fields) : GID;

	if (field <= SHADOWED)
		look_at_line(asked, field);
	else if (field <= ADMINISTRATORS)
		look_at_shadow(asked, field);
	else
		look_at_members(asked, field);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	struct asked asked = {.host = host, .facts = ret_facts};
	struct fact **before = ret_facts->tail;
	struct selection selection;

	select_entries(host, ACCOUNT_GROUP, question->subject, &selection);
	for (const struct account *nis = selection.nis; nis; nis = nis->next)
		fact_value(ret_facts, question->aspects, "+", nis->name,
			   arena_printf(ret_facts->arena, "%s:%u", nis->file, nis->line));
	for (size_t i = 0; i < selection.count; i++) {
		asked.group = selection.at[i].entry;
		asked.aspects = question->aspects & (asked.group->made           ? ASPECT_CONFIGURED
						     : asked.group->running_only ? ASPECT_RUNNING
										 : ASPECT_BOTH);
		if (asked.aspects)
			look_at(&asked, question);
	}
	for (size_t i = 0; i < selection.holes->count; i++)
		fact_unknown(ret_facts, question->aspects, question->subject, NULL, "%s",
			     selection.holes->at[i]);
	if (ret_facts->tail == before)
		fact_absent(ret_facts, question->aspects, question->subject, selection.looked_at);
}

static const char *refuse(const char *subject)
{
	struct arena arena = {0};
	const char *why = NULL;

	if (!str_eq(subject, "+"))
		why = terms_parse(&arena, ACCOUNT_GROUP, subject, &(struct terms){0});
	arena_free(&arena);
	return why;
}

const struct probe probe_group = {
	.name = "group",
	.summary = "groups: ids, passwords, members",
	.subject = "NAME|ID|PATTERN|!...[,...]",
	.example = "group shadow empty",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
