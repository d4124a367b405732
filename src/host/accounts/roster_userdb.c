/*
 * Records of users and groups as JSON, which systemd-userdbd(8) reads where the files of /etc have
 * none: NAME.user, NAME.group and USER:GROUP.membership. What only root may know of NAME.user
 * stands in NAME.user-privileged.
 */
#include "host/accounts/password.h"
#include "host/accounts/roster.h"
#include "host/trees/tree.h"

#include <errno.h>

/* All records together; a record has about a thousand bytes. */
#define MOST_BYTES ((size_t)1024 * 1024)

/* Every directory that has precedence over the next; /run belongs to running hosts. */
static const char *const live_dirs[] = {"/etc/userdb",      "/run/userdb",
					"/run/host/userdb", "/usr/local/lib/userdb",
					"/usr/lib/userdb",  NULL};
static const char *const image_dirs[] = {"/etc/userdb", "/usr/local/lib/userdb", "/usr/lib/userdb",
					 NULL};

struct reading {
	struct roster *roster;
	struct host *host;
	size_t bytes; /* what all records have so far */
};

static void add_hole(struct reading *reading, struct entries *entries, const char *path,
		     const char *why)
{
	strv_push(&entries->holes, reading->roster->arena,
		  arena_printf(reading->roster->arena, "%s: %s", path, why));
}

/* The map of a record; NULL with `*ret_why`, or without where it is not there. */
static const struct tree *read_record(struct reading *reading, const char *path,
				      const char **ret_why)
{
	const struct tree_file *file;
	struct statx stat;

	*ret_why = NULL;
	if (host_stat(reading->host, path, true, &stat) == 0)
		reading->bytes += stat.stx_size > MOST_BYTES ? MOST_BYTES + 1 : stat.stx_size;
	if (reading->bytes > MOST_BYTES) {
		*ret_why = "the records are too much";
		return NULL;
	}
	file = tree_file_get(reading->host, TREE_JSON, path);
	if (file->root && file->root->type == TREE_MAP)
		return file->root;
	if (file->error != -ENOENT)
		*ret_why = file->root ? "it is no record" : file->why;
	return NULL;
}

static const char *text_of(const struct tree *map, const char *key)
{
	const struct tree *tree = tree_get(map, key);

	return tree && tree->type == TREE_STRING ? tree->text : NULL;
}

static bool id_of(const struct tree *map, const char *key, long long *ret_id)
{
	const struct tree *tree = tree_get(map, key);
	long long id;

	if (!tree || tree->type != TREE_INTEGER || str_to_number(tree->text, &id) || id < 0 ||
	    id >= 4294967295)
		return false;
	*ret_id = id;
	return true;
}

static bool is_true(const struct tree *map, const char *key)
{
	const struct tree *tree = tree_get(map, key);

	return tree && tree->type == TREE_BOOL && str_eq(tree->text, "true");
}

/* What opens a user by the hashes of a record: each method once. */
static const char *methods_of(struct arena *arena, const struct tree *privileged)
{
	const struct tree *hashes = tree_get(privileged, "hashedPassword");
	struct strv methods = {0};

	for (const struct tree *at = hashes ? hashes->first : NULL; at; at = at->next) {
		const char *method = password_method(at->type == TREE_STRING ? at->text : "x");

		if (!str_eq(method, "locked") && !strv_has(&methods, method))
			strv_push(&methods, arena, method);
	}
	return methods.count ? strv_join(&methods, arena, " ") : "locked";
}

static void find_password(struct reading *reading, const struct tree *record, const char *path,
			  struct entry *user)
{
	struct arena *arena = reading->roster->arena;
	const char *secret = arena_printf(arena, "%s-privileged", path);
	const struct tree *privileged;

	user->method_source = path;
	user->shadowed = !tree_get(record, "privileged");
	if (is_true(record, "locked")) {
		user->method = "locked";
		return;
	}
	if (tree_get(record, "perMachine")) {
		user->why = arena_printf(arena, "%s says it for each machine by itself", path);
		return;
	}
	if (!user->shadowed) {
		user->method = methods_of(arena, tree_get(record, "privileged"));
		return;
	}
	privileged = read_record(reading, secret, &user->why);
	if (user->why) {
		user->why = arena_printf(arena, "cannot read %s: %s", secret, user->why);
		return;
	}
	user->method = methods_of(arena, tree_get(privileged, "privileged"));
	if (privileged)
		user->method_source = secret;
}

/* A group is named where it has to be there already. */
static void add_member(struct roster *roster, const char *group_name, const char *user)
{
	const struct entry *group = entry_of_name(&roster->groups, group_name);

	if (group)
		roster_add_member(roster, group->id, user);
}

static const char *default_shell(long long uid)
{
	return !uid ? "/bin/sh" : uid >= 1000 && uid <= 60000 ? "/bin/bash" : "/usr/sbin/nologin";
}

static void add_user(struct reading *reading, const struct tree *record, const char *path,
		     const char *name)
{
	struct entry user = {
		.name = name,
		.source = path,
		.home = text_of(record, "homeDirectory"),
		.shell = text_of(record, "shell"),
		.running_only = str_starts(path, "/run/"),
	};
	const struct tree *groups = tree_get(record, "memberOf");

	if (!id_of(record, "uid", &user.id)) {
		add_hole(reading, &reading->roster->users, path, "the user has no uid");
		return;
	}
	if (!id_of(record, "gid", &user.group))
		user.group = user.id;
	if (!user.home)
		user.home = arena_printf(reading->roster->arena, "/home/%s", name);
	if (!user.shell)
		user.shell = default_shell(user.id);
	find_password(reading, record, path, &user);
	entries_add(reading->roster->arena, &reading->roster->users, &user);
	for (const struct tree *at = groups ? groups->first : NULL; at; at = at->next)
		if (at->type == TREE_STRING)
			add_member(reading->roster, at->text, name);
}

static void add_group(struct reading *reading, const struct tree *record, const char *path,
		      const char *name)
{
	struct entry group = {
		.name = name,
		.source = path,
		.method = "locked",
		.method_source = path,
		.shadowed = true,
		.running_only = str_starts(path, "/run/"),
	};
	const struct tree *members = tree_get(record, "members");

	if (!id_of(record, "gid", &group.id)) {
		add_hole(reading, &reading->roster->groups, path, "the group has no gid");
		return;
	}
	entries_add(reading->roster->arena, &reading->roster->groups, &group);
	for (const struct tree *at = members ? members->first : NULL; at; at = at->next)
		if (at->type == TREE_STRING)
			roster_add_member(reading->roster, group.id, at->text);
}

/* The files of a suffix. A number in place of the name is a second way to the same record. */
static void add_records(struct reading *reading, const char *suffix, const char *key,
			struct entries *entries)
{
	struct arena *arena = reading->roster->arena;
	struct strv paths = {0};
	int error = host_dropins(reading->host, reading->host->live ? live_dirs : image_dirs,
				 suffix, &paths);

	if (error)
		add_hole(reading, entries, "userdb", host_error(error));
	for (size_t i = 0; i < paths.count; i++) {
		const char *base = strrchr(paths.at[i], '/') + 1, *why;
		char *name = arena_strndup(arena, base, strlen(base) - strlen(suffix));
		const struct tree *record;
		const char *told;

		if (!name[strspn(name, "0123456789")])
			continue;
		record = read_record(reading, paths.at[i], &why);
		told = record ? text_of(record, key) : NULL;
		if (why)
			add_hole(reading, entries, paths.at[i], why);
		else if (told && str_eq(told, name) && entries == &reading->roster->users)
			add_user(reading, record, paths.at[i], name);
		else if (told && str_eq(told, name))
			add_group(reading, record, paths.at[i], name);
	}
}

static void add_memberships(struct reading *reading)
{
	struct roster *roster = reading->roster;
	struct strv paths = {0};
	int error = host_dropins(reading->host, reading->host->live ? live_dirs : image_dirs,
				 ".membership", &paths);

	if (error)
		add_hole(reading, &roster->groups, "userdb", host_error(error));
	for (size_t i = 0; i < paths.count; i++) {
		const char *base = strrchr(paths.at[i], '/') + 1, *colon = strchr(base, ':');

		if (!colon)
			continue;
		add_member(roster,
			   arena_strndup(roster->arena, colon + 1,
					 strlen(colon + 1) - strlen(".membership")),
			   arena_strndup(roster->arena, base, (size_t)(colon - base)));
	}
}

void roster_add_records(struct roster *roster, struct host *host)
{
	struct reading reading = {.roster = roster, .host = host};

	roster->users.layer++;
	roster->groups.layer++;
	add_records(&reading, ".group", "groupName", &roster->groups);
	/* Users may name those that they belong to. */
	entries_sort(roster->arena, &roster->groups);
	add_records(&reading, ".user", "userName", &roster->users);
	add_memberships(&reading);
}
