/* Users: what passwd, shadow and their like say of each, and what their homes look like. */
#include "host/accounts/home.h"
#include "host/accounts/roster.h"
#include "host/accounts/select.h"
#include "host/place.h"
#include "probes/probe.h"

#include <errno.h>
#include <time.h>

#define SECONDS_A_DAY 86400

enum {
	UID,
	NAME,
	GID,
	SHELL,
	LOGIN_SHELL,
	HOME,
	UNIQUE_NAME,
	UNIQUE_UID,
	SHADOWED,
	GROUP,
	HAS_GROUP,
	GROUPS,
	PASSWORD,
	MIN_DAYS,
	MAX_DAYS,
	WARN_DAYS,
	INACTIVE_DAYS,
	PASSWORD_AGE,
	EXPIRES,
	HAS_HOME,
	OWNS_HOME,
	GROUP_OWNS_HOME,
	HOME_MODE,
	DOTFILES,
	DOTFILE_MODE,
};

static const struct field fields[] = {
	[UID] = {"uid", VALUE_SCALAR, ASPECT_BOTH, "its number"},
	[NAME] = {"name", VALUE_STRING, ASPECT_BOTH, "its name"},
	[GID] = {"gid", VALUE_SCALAR, ASPECT_BOTH, "the number of its main group"},
	[SHELL] = {"shell", VALUE_STRING, ASPECT_BOTH, "its shell, as it is written"},
	[LOGIN_SHELL] = {"login-shell", VALUE_BOOL, ASPECT_BOTH, "its shell lets somebody in"},
	[HOME] = {"home", VALUE_STRING, ASPECT_BOTH, "its home, as it is written"},
	[UNIQUE_NAME] = {"unique-name", VALUE_BOOL, ASPECT_BOTH, "no other has its name"},
	[UNIQUE_UID] = {"unique-uid", VALUE_BOOL, ASPECT_BOTH, "no other has its number"},
	[SHADOWED] = {"shadowed", VALUE_BOOL, ASPECT_BOTH, "no hash stands where all may read it"},
	[GROUP] = {"group", VALUE_STRING, ASPECT_BOTH, "the name of its main group"},
	[HAS_GROUP] = {"has-group", VALUE_BOOL, ASPECT_BOTH, "its main group exists"},
	[GROUPS] = {"groups", VALUE_LIST, ASPECT_BOTH, "all groups that it belongs to"},
	[PASSWORD] = {"password", VALUE_STRING, ASPECT_BOTH,
		      "locked, empty, or the method of its hash: yescrypt, sha512, des, ..."},
	[MIN_DAYS] = {"min-days", VALUE_SCALAR, ASPECT_BOTH, "so long a password has to be kept"},
	[MAX_DAYS] = {"max-days", VALUE_SCALAR, ASPECT_BOTH, "so long a password may be kept"},
	[WARN_DAYS] = {"warn-days", VALUE_SCALAR, ASPECT_BOTH, "so long before that it is said"},
	[INACTIVE_DAYS] = {"inactive-days", VALUE_SCALAR, ASPECT_BOTH,
			   "so long behind that it can still be changed"},
	[PASSWORD_AGE] = {"password-age", VALUE_SCALAR, ASPECT_BOTH,
			  "days since the last change; below 0 it lies ahead"},
	[EXPIRES] = {"expires", VALUE_STRING, ASPECT_BOTH, "the day from which it is closed"},
	[HAS_HOME] = {"has-home", VALUE_BOOL, ASPECT_BOTH, "its home is a directory"},
	[OWNS_HOME] = {"owns-home", VALUE_BOOL, ASPECT_BOTH, "its home belongs to it"},
	[GROUP_OWNS_HOME] = {"group-owns-home", VALUE_BOOL, ASPECT_BOTH,
			     "its home belongs to its main group"},
	[HOME_MODE] = {"home-mode", VALUE_MODE, ASPECT_BOTH, "permissions of its home"},
	[DOTFILES] = {"dotfiles", VALUE_LIST, ASPECT_BOTH, "files in its home that a dot hides"},
	[DOTFILE_MODE] = {"dotfile-mode", VALUE_MODE, ASPECT_BOTH,
			  "each permission that one of them has"},
	{0},
};

/* One user, as a question about it is answered. */
struct asked {
	struct host *host;
	const struct entry *user;
	unsigned aspects;
	struct facts *facts;
};

static void tell(const struct asked *asked, const char *value, const char *source)
{
	fact_value(asked->facts, asked->aspects, asked->user->name, value, source);
}

static void tell_bool(const struct asked *asked, bool value, const char *source)
{
	fact_bool(asked->facts, asked->aspects, asked->user->name, value, source);
}

static void tell_absent(const struct asked *asked, const char *source)
{
	fact_absent(asked->facts, asked->aspects, asked->user->name, source);
}

static void tell_unknown(const struct asked *asked, const char *source, const char *why)
{
	fact_unknown(asked->facts, asked->aspects, asked->user->name, source, "%s", why);
}

static void tell_id(const struct asked *asked, long long id)
{
	if (id < 0)
		tell_unknown(asked, asked->user->source, "the first boot chooses it");
	else
		tell(asked, arena_printf(asked->facts->arena, "%lld", id), asked->user->source);
}

static void look_at_line(const struct asked *asked, int field)
{
	const struct entry *user = asked->user;

	switch (field) {
	case UID:
	case GID:
		tell_id(asked, field == UID ? user->id : user->group);
		break;
	case NAME:
		tell(asked, user->name, user->source);
		break;
	case SHELL:
		tell(asked, user->shell, user->source);
		break;
	case LOGIN_SHELL:
		tell_bool(asked, shell_lets_in(user->shell), user->source);
		break;
	case HOME:
		tell(asked, user->home, user->source);
		break;
	case UNIQUE_NAME:
		tell_bool(asked, user->unique_name, user->source);
		break;
	case UNIQUE_UID:
		tell_bool(asked, user->unique_id, user->source);
		break;
	default:
		tell_bool(asked, user->shadowed, user->source);
	}
}

/* The words of all groups of the user; a number where a group has no name. */
static const char *list_groups(const struct asked *asked)
{
	const struct roster *roster = roster_get(asked->host);
	struct arena *arena = asked->facts->arena;
	size_t count;
	const struct membership *at = roster_memberships(roster, asked->user->name, &count);
	struct strv names = {0};

	for (size_t i = 0; i < count; i++) {
		const struct entry *group = entry_of_id(&roster->groups, at[i].group);

		strv_push(&names, arena,
			  group ? select_word(arena, group->name)
				: arena_printf(arena, "%lld", at[i].group));
	}
	return strv_join(&names, arena, " ");
}

static void look_at_groups(const struct asked *asked, int field)
{
	const struct entries *groups = &roster_get(asked->host)->groups;
	const struct entry *user = asked->user, *group = entry_of_id(groups, user->group);

	if (groups->holes.count && (field == GROUPS || !group))
		tell_unknown(asked, user->source, groups->holes.at[0]);
	else if (field == GROUPS)
		tell(asked, list_groups(asked), user->source);
	else if (field == HAS_GROUP)
		tell_bool(asked, group != NULL, user->source);
	else if (group)
		tell(asked, group->name, user->source);
	else
		tell_absent(asked, user->source);
}

/* A value of the line in shadow; NULL where nothing stands. */
static const char *value_of(struct arena *arena, const struct shadow *shadow, int field)
{
	const long days[] = {
		[MIN_DAYS] = shadow->least,       [MAX_DAYS] = shadow->most,
		[WARN_DAYS] = shadow->warn,       [INACTIVE_DAYS] = shadow->inactive,
		[PASSWORD_AGE] = shadow->changed, [EXPIRES] = shadow->expires,
	};
	time_t second = (time_t)days[field] * SECONDS_A_DAY;
	struct tm day;

	if (days[field] < 0)
		return NULL;
	if (field == PASSWORD_AGE)
		return arena_printf(arena, "%ld", (long)(time(NULL) / SECONDS_A_DAY) - days[field]);
	if (field == EXPIRES && gmtime_r(&second, &day))
		return arena_printf(arena, "%04d-%02d-%02d", day.tm_year + 1900, day.tm_mon + 1,
				    day.tm_mday);
	return arena_printf(arena, "%ld", days[field]);
}

static void look_at_shadow(const struct asked *asked, int field)
{
	const struct entry *user = asked->user;
	const struct shadow *shadow = user->shadow;
	const char *source, *value;

	if (field == PASSWORD && user->method) {
		tell(asked, user->method, user->method_source);
	} else if (!shadow && user->why) {
		tell_unknown(asked, NULL, user->why);
	} else if (!shadow) {
		tell_absent(asked, user->method_source);
	} else {
		source = arena_printf(asked->facts->arena, "%s:%u", shadow->file, shadow->line);
		value = value_of(asked->facts->arena, shadow, field);
		if (value)
			tell(asked, value, source);
		else
			tell_absent(asked, source);
	}
}

static void tell_owner(const struct asked *asked, const struct place *place, unsigned owner,
		       long long wanted)
{
	if (place_lost_owners(asked->host))
		tell_unknown(asked, place->found,
			     "the tree belongs to a user, so it was unpacked without the "
			     "image's owners");
	else if (wanted < 0)
		tell_unknown(asked, asked->user->source, "the first boot chooses the id");
	else
		tell_bool(asked, owner == wanted, place->found);
}

static void look_at_dotfiles(const struct asked *asked, const struct place *home, int field)
{
	struct arena *arena = asked->facts->arena;
	struct strv words = {0};
	struct dotfiles dotfiles;
	int error = home_dotfiles(asked->host, home->found, &dotfiles);

	if (error) {
		tell_unknown(asked, home->found, host_error(error));
		return;
	}
	for (size_t i = 0; i < dotfiles.names.count; i++)
		strv_push(&words, arena, select_word(arena, dotfiles.names.at[i]));
	if (field == DOTFILES)
		tell(asked, strv_join(&words, arena, " "), home->found);
	else
		tell(asked, arena_printf(arena, "%04o", dotfiles.mode),
		     dotfiles.worst ? dotfiles.worst : home->found);
}

static void look_into_home(const struct asked *asked, const struct place *home, int field)
{
	switch (field) {
	case HAS_HOME:
		tell_bool(asked, S_ISDIR(home->stat.stx_mode), home->found);
		break;
	case OWNS_HOME:
		tell_owner(asked, home, home->stat.stx_uid, asked->user->id);
		break;
	case GROUP_OWNS_HOME:
		tell_owner(asked, home, home->stat.stx_gid, asked->user->group);
		break;
	case HOME_MODE:
		tell(asked, arena_printf(asked->facts->arena, "%04o", home->stat.stx_mode & 07777u),
		     home->found);
		break;
	default:
		look_at_dotfiles(asked, home, field);
	}
}

/* Of a home that is made at boot only a running host can tell. */
static void look_at_home(const struct asked *asked, int field)
{
	const char *path = asked->user->home, *source = asked->user->source;
	const struct place *home = *path == '/' ? place_get(asked->host, path) : NULL;
	struct asked now = *asked;

	if (home && home->found && place_is_volatile(home->found))
		now.aspects &= ASPECT_RUNNING;
	if (now.aspects != asked->aspects)
		fact_unknown(asked->facts, ASPECT_CONFIGURED, asked->user->name, path,
			     "it is made at boot");
	if (!now.aspects)
		return;
	if (home && home->error && home->error != -ENOENT && home->error != -ENOTDIR)
		tell_unknown(&now, path, host_error(home->error));
	else if (home && !home->error && home->found)
		look_into_home(&now, home, field);
	else if (field == HAS_HOME)
		tell_bool(&now, false, source);
	else
		tell_absent(&now, source);
}

static void look_at(const struct asked *asked, const struct question *question)
{
	int field = question->field ? (int)(question->field - fields) : UID;

	if (field <= SHADOWED)
		look_at_line(asked, field);
	else if (field <= GROUPS)
		look_at_groups(asked, field);
	else if (field <= EXPIRES)
		look_at_shadow(asked, field);
	else
		look_at_home(asked, field);
}

/* Lines for NIS have no fields. */
static void look_at_nis(const struct account *nis, const struct question *question,
			struct facts *facts)
{
	for (; nis; nis = nis->next)
		fact_value(facts, question->aspects, "+", nis->name,
			   arena_printf(facts->arena, "%s:%u", nis->file, nis->line));
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	struct asked asked = {.host = host, .facts = ret_facts};
	struct fact **before = ret_facts->tail;
	struct selection selection;

	select_entries(host, ACCOUNT_USER, question->subject, &selection);
	look_at_nis(selection.nis, question, ret_facts);
	for (size_t i = 0; i < selection.count; i++) {
		const struct chosen *chosen = &selection.at[i];

		asked.user = chosen->entry;
		asked.aspects = question->aspects & (asked.user->made           ? ASPECT_CONFIGURED
						     : asked.user->running_only ? ASPECT_RUNNING
										: ASPECT_BOTH);
		if (asked.aspects && chosen->why)
			tell_unknown(&asked, asked.user->source, chosen->why);
		else if (asked.aspects)
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
		why = terms_parse(&arena, ACCOUNT_USER, subject, &(struct terms){0});
	arena_free(&arena);
	return why;
}

const struct probe probe_user = {
	.name = "user",
	.summary = "users: ids, passwords and their age, shells, homes, groups",
	.subject = "NAME|ID|PATTERN|@CLASS|!...[,...]",
	.example = "user 0,!root absent",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
