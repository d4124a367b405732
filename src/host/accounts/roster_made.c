/*
 * What systemd-sysusers(8) makes of the lines of sysusers.d, groups first and then users. What it
 * chooses itself is left open: an id below 0.
 */
#include "host/accounts/roster.h"
#include "host/accounts/sysusers.h"

/* Where the search for a free id begins, downwards. */
#define LAST_SYSTEM_ID 999

struct making {
	struct roster *roster;
	const struct sysusers *lines;
	struct entries users, groups; /* what was made so far */
	long long open;               /* how many ids were left open */
};

/* What is made is searched one by one: it is little. */
static const struct entry *find(const struct entries *there, const struct entries *made,
				const char *name)
{
	for (size_t i = 0; i < made->count; i++)
		if (str_eq(made->at[i].name, name))
			return &made->at[i];
	return entry_of_name(there, name);
}

static const struct entry *find_id(const struct entries *there, const struct entries *made,
				   long long id)
{
	for (size_t i = 0; i < made->count; i++)
		if (made->at[i].id == id)
			return &made->at[i];
	return entry_of_id(there, id);
}

static const struct entry *user_of_id(const struct making *making, long long id)
{
	return find_id(&making->roster->users, &making->users, id);
}

static const struct entry *group_of_id(const struct making *making, long long id)
{
	return find_id(&making->roster->groups, &making->groups, id);
}

/* How many there are of an id or more; some may count twice. */
static long long count_from(const struct entries *there, const struct entries *made, long long id)
{
	long long count = 0;

	for (size_t i = 0; i < made->count; i++)
		count += made->at[i].id >= id && made->at[i].id <= LAST_SYSTEM_ID;
	for (size_t i = there->count; i > 0 && there->by_id[i - 1]->id >= id; i--)
		count += there->by_id[i - 1]->id <= LAST_SYSTEM_ID;
	return count;
}

/* Could one of the ids that were left open be this one? They are the highest that were free. */
static bool may_be_taken(const struct making *making, long long id)
{
	const struct roster *roster = making->roster;

	if (!making->open || making->lines->ranged || id > LAST_SYSTEM_ID)
		return making->open && making->lines->ranged;
	return LAST_SYSTEM_ID + 1 - id <= making->open +
						  count_from(&roster->users, &making->users, id) +
						  count_from(&roster->groups, &making->groups, id);
}

static bool is_other(const struct entry *entry, const char *name)
{
	return entry && !str_eq(entry->name, name);
}

static long long leave_open(struct making *making)
{
	return -++making->open;
}

/* The gid of a new group: the one that is asked for, or else that of its user. */
static long long choose_gid(struct making *making, const struct sysusers_line *line)
{
	long long gid = line->gid, uid = line->uid;

	if (gid < 0 || group_of_id(making, gid)) {
		gid = -1;
		if (uid >= 0 && !group_of_id(making, uid) &&
		    !is_other(user_of_id(making, uid), line->name))
			gid = uid;
	}
	return gid < 0 || may_be_taken(making, gid) ? leave_open(making) : gid;
}

static long long choose_uid(struct making *making, const struct sysusers_line *line, long long gid,
			    bool strict)
{
	long long uid = line->uid;

	if (uid < 0 || user_of_id(making, uid) ||
	    (!strict && is_other(group_of_id(making, uid), line->name))) {
		uid = -1;
		if (gid >= 0 && !user_of_id(making, gid) &&
		    !is_other(group_of_id(making, gid), line->name))
			uid = gid;
	}
	return uid < 0 || may_be_taken(making, uid) ? leave_open(making) : uid;
}

static long long make_group(struct making *making, const struct sysusers_line *line)
{
	const struct entry *there = find(&making->roster->groups, &making->groups, line->name);
	struct entry made = {
		.name = line->name,
		.source = line->source,
		.method = "locked",
		.method_source = line->source,
		.shadowed = true,
		.made = true,
	};

	if (there)
		return there->id;
	made.id = choose_gid(making, line);
	entries_add(making->roster->arena, &making->groups, &made);
	return made.id;
}

static const struct sysusers_line *find_line(const struct sysusers *lines, char type,
					     const char *name)
{
	for (size_t i = 0; i < lines->count; i++)
		if (lines->at[i].type == type && str_eq(lines->at[i].name, name))
			return &lines->at[i];
	return NULL;
}

/* The group of a user: a line's, one that is there, or a new one. False where there is none. */
static bool find_group(struct making *making, const struct sysusers_line *line,
		       long long *ret_group, bool *ret_strict)
{
	const char *name = line->group ? line->group : line->name;
	bool numbered = line->gid >= 0;
	const struct entry *there;

	there = find(&making->roster->groups, &making->groups, numbered ? line->name : name);
	*ret_strict = numbered || line->group || (there && there->made);
	if (there)
		*ret_group = there->id;
	else if (line->group || (numbered && !group_of_id(making, line->gid)))
		return false;
	else
		*ret_group = numbered ? line->gid : make_group(making, line);
	return true;
}

static void make_user(struct making *making, const struct sysusers_line *line)
{
	struct entry made = {
		.name = line->name,
		.source = line->source,
		.method = "locked",
		.method_source = line->source,
		.shadowed = true,
		.made = true,
		.home = line->home ? line->home : "/",
	};
	bool strict;

	if (find(&making->roster->users, &making->users, line->name) ||
	    !find_group(making, line, &made.group, &strict))
		return;
	made.id = choose_uid(making, line, made.group, strict);
	made.shell = line->shell ? line->shell : made.id ? "/usr/sbin/nologin" : "/bin/sh";
	entries_add(making->roster->arena, &making->users, &made);
}

/* A line of members makes the user and the group that it names. */
static struct sysusers_line implied(const struct sysusers_line *line, const char *name)
{
	return (struct sysusers_line){.name = name, .uid = -1, .gid = -1, .source = line->source};
}

/* Where a group is named first by a line of members. */
static size_t first_of(const struct sysusers *lines, const char *group)
{
	size_t i = 0;

	while (lines->at[i].type != 'm' || !str_eq(lines->at[i].group, group))
		i++;
	return i;
}

/*
 * A user brings its group along, if it is known of when the group is come to. Lines of members are
 * gone through group by group.
 */
static bool comes_with_user(const struct sysusers *lines, const char *name, size_t first)
{
	for (size_t i = 0; i < lines->count; i++) {
		const struct sysusers_line *line = &lines->at[i];

		if (str_eq(line->name, name) &&
		    (line->type == 'u' ||
		     (line->type == 'm' && first_of(lines, line->group) <= first)))
			return true;
	}
	return false;
}

static void make_groups(struct making *making)
{
	const struct sysusers *lines = making->lines;

	for (size_t i = 0; i < lines->count; i++) {
		const struct sysusers_line *line = &lines->at[i];

		if (line->type == 'g' && find_line(lines, 'g', line->name) == line)
			make_group(making, line);
	}
	for (size_t i = 0; i < lines->count; i++) {
		const struct sysusers_line *line = &lines->at[i];
		struct sysusers_line group = implied(line, line->group);

		if (line->type == 'm' && first_of(lines, line->group) == i &&
		    !comes_with_user(lines, line->group, i))
			make_group(making, &group);
	}
}

static void make_users(struct making *making)
{
	const struct sysusers *lines = making->lines;

	for (size_t i = 0; i < lines->count; i++)
		/* Of several lines of a name only the first one counts. */
		if (lines->at[i].type == 'u' &&
		    find_line(lines, 'u', lines->at[i].name) == &lines->at[i])
			make_user(making, &lines->at[i]);
	for (size_t i = 0; i < lines->count; i++) {
		struct sysusers_line user = implied(&lines->at[i], lines->at[i].name);

		if (lines->at[i].type == 'm' && !find_line(lines, 'u', user.name))
			make_user(making, &user);
	}
}

static void add_all(struct roster *roster, const struct making *making)
{
	const struct sysusers *lines = making->lines;

	/* As long as nothing is added, what is there can be found. */
	for (size_t i = 0; i < lines->count; i++) {
		const struct sysusers_line *line = &lines->at[i];
		const struct entry *group = NULL;

		if (line->type == 'm')
			group = find(&roster->groups, &making->groups, line->group);
		if (group)
			roster_add_member(roster, group->id, line->name);
	}
	for (size_t i = 0; i < making->users.count; i++)
		entries_add(roster->arena, &roster->users, &making->users.at[i]);
	for (size_t i = 0; i < making->groups.count; i++)
		entries_add(roster->arena, &roster->groups, &making->groups.at[i]);
}

static void add_hole(struct roster *roster, const char *hole)
{
	strv_push(&roster->users.holes, roster->arena, hole);
	strv_push(&roster->groups.holes, roster->arena, hole);
}

void roster_add_made(struct roster *roster, struct host *host)
{
	struct making making = {.roster = roster, .lines = sysusers_get(host)};

	for (size_t i = 0; i < making.lines->holes.count; i++)
		add_hole(roster, making.lines->holes.at[i]);
	if (!making.lines->count)
		return;
	entries_sort(roster->arena, &roster->users);
	entries_sort(roster->arena, &roster->groups);
	make_groups(&making);
	make_users(&making);
	add_all(roster, &making);
}
