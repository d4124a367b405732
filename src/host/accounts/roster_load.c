/* Where the users and groups of a host come from. */
#include "host/accounts/password.h"
#include "host/accounts/roster.h"
#include "host/users.h"

/* More files than there can be. */
#define LAYER_BEHIND_FILES 1000

/* As PAM has it: `x`, and `##NAME`, send to shadow. */
static bool stands_in_shadow(const struct account *account)
{
	const char *field = account->password;

	return str_eq(field, "x") || (str_starts(field, "##") && str_eq(field + 2, account->name));
}

static const char *cannot_read(struct arena *arena, const char *file, int error)
{
	return arena_printf(arena, "cannot read %s: %s", file, host_error(error));
}

static void find_password(struct arena *arena, const struct account *account,
			  const struct shadows *shadows, struct entry *entry)
{
	const struct shadow *shadow = shadow_find(shadows, account->name);
	bool elsewhere = stands_in_shadow(account);

	entry->shadow = shadow;
	entry->method = elsewhere ? "locked" : password_method(account->password);
	entry->method_source = entry->source;
	entry->shadowed = elsewhere || (*account->password &&
					!account->password[strspn(account->password, "!*")]);
	if (!shadow && shadows->error)
		entry->why = cannot_read(arena, shadows->error_file, shadows->error);
	if (!elsewhere)
		return;
	if (shadow) {
		entry->method = shadow->method;
		entry->method_source = arena_printf(arena, "%s:%u", shadow->file, shadow->line);
	} else if (entry->why) {
		entry->method = NULL;
		entry->method_source = shadows->error_file;
	} else {
		entry->method_source = arena_printf(arena, "no line in %s", shadows->looked_at);
	}
}

static void add_listed(struct roster *roster, long long group, const char *names)
{
	while (*names) {
		size_t length;

		names += strspn(names, STR_BLANKS);
		length = strcspn(names, ",");
		if (length)
			roster_add_member(roster, group,
					  arena_strndup(roster->arena, names, length));
		names += length + (names[length] == ',');
	}
}

static void add_file_entries(struct roster *roster, const struct accounts *accounts,
			     const struct shadows *shadows, struct entries *entries)
{
	struct arena *arena = roster->arena;

	for (size_t i = 0; i < accounts->count; i++) {
		const struct account *account = &accounts->at[i];
		struct entry entry = {
			.name = account->name,
			.id = account->id,
			.source = arena_printf(arena, "%s:%u", account->file, account->line),
			.group = account->group,
			.home = account->home,
			.shell = account->shell,
		};

		find_password(arena, account, shadows, &entry);
		entries->layer += i && account->file != account[-1].file;
		entries_add(arena, entries, &entry);
		if (account->members)
			add_listed(roster, entry.id, account->members);
	}
	entries->layer = LAYER_BEHIND_FILES;
	if (accounts->error)
		strv_push(&entries->holes, arena,
			  cannot_read(arena, accounts->error_file, accounts->error));
}

static const void *load(struct host *host)
{
	struct roster *roster = arena_new(host->arena, struct roster);

	roster->arena = host->arena;
	add_file_entries(roster, users_get(host), user_shadows(host), &roster->users);
	add_file_entries(roster, groups_get(host), group_shadows(host), &roster->groups);
	roster_add_records(roster, host);
	roster_add_made(roster, host);
	roster_sort(roster);
	return roster;
}

const struct roster *roster_get(struct host *host)
{
	return host_view(host, load);
}
