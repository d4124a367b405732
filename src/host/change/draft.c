#include "host/change/draft.h"

#include "base/digest.h"
#include "host/change/sheet.h"
#include "host/os.h"
#include "host/xattrs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>

static int refuse(struct draft *draft, int error, const char *path, const char *why)
{
	draft->why = arena_printf(draft->arena, "%s: %s", path, why);
	return error;
}

/* Is it a place that lasts, and that is not the vendor's? */
static int check_place(struct draft *draft, const char *path)
{
	if (str_starts(path, "/usr/"))
		return refuse(draft, -EROFS, path, "it belongs to the build of the image");
	if (!host_persists(draft->host, path))
		return refuse(draft, -EROFS, path,
			      "what is written there is gone after the next boot");
	return 0;
}

static const char *explain(int error)
{
	switch (error) {
	case -ELOOP:
		return "a symbolic link leads there";
	case -EACCES:
		return "others than root may write to a directory on the way, or we may not";
	case -EMLINK:
		return "the file has several names";
	case -EBUSY:
		return "something is mounted on it";
	case -EPERM:
		return "it is immutable";
	default:
		return host_error(error);
	}
}

/* What stands there on disk; absent as well where its directory is. */
static int look(struct draft *draft, const char *path, struct state *ret_state,
		struct host_text *ret_text)
{
	cleanup(spot) struct spot spot = SPOT_NONE;
	int error = check_place(draft, path);

	if (error)
		return error;
	error = spot_open(draft->host, path, &spot);
	if (error == -ENOENT) {
		*ret_state = (struct state){0};
		return 0;
	}
	if (!error)
		error = state_read(draft->arena, &spot, ret_state, ret_text);
	return error ? refuse(draft, error, path, explain(error)) : 0;
}

static unsigned own_id(unsigned id)
{
	return geteuid() ? id : 0;
}

static struct change *find_change(struct draft *draft, const char *path)
{
	for (size_t i = 0; i < draft->changes.count; i++)
		if (str_eq(draft->changes.at[i].path, path))
			return &draft->changes.at[i];
	return NULL;
}

static struct change *note(struct draft *draft, const char *path, const struct state *before,
			   const char *rule)
{
	struct change *change = changes_add(&draft->changes, draft->arena);

	change->path = path;
	change->before = change->after = *before;
	change->why = rule;
	return change;
}

int draft_line(struct draft *draft, const char *path, const struct sheet_kind *kind,
	       const char *rule, const char *line)
{
	struct sheet *sheet = sheet_find(draft->sheets, path);
	cleanup(text) struct host_text text = {0};
	struct state before;
	int error;

	if (!sheet) {
		error = look(draft, path, &before, &text);
		if (error)
			return error;
		if (before.thing != THING_ABSENT && before.thing != THING_FILE)
			return refuse(draft, -EEXIST, path, "it is no file");
		sheet = sheet_new(draft->arena, path, kind, &before);
		if (text.data && sheet_read(sheet, draft->arena, text.data))
			return refuse(draft, -EEXIST, path, "it is not hostaudit's own");
		sheet->next = draft->sheets;
		draft->sheets = sheet;
	}
	sheet_add(sheet, draft->arena, rule, line);
	return 0;
}

int draft_link(struct draft *draft, const char *path, const char *target, const char *rule)
{
	struct change *change = find_change(draft, path);
	struct state before;
	int error;

	if (change)
		return 0;
	error = look(draft, path, &before, NULL);
	if (error)
		return error;
	if (before.thing != THING_ABSENT && before.thing != THING_LINK)
		return refuse(draft, -EEXIST, path, "something of its own stands there");
	change = note(draft, path, &before, rule);
	change->after = (struct state){.thing = THING_LINK,
				       .mode = 0777,
				       .uid = own_id(geteuid()),
				       .gid = own_id(getegid()),
				       .target = target};
	return 0;
}

int draft_remove(struct draft *draft, const char *path, const char *rule)
{
	struct state before;
	int error = look(draft, path, &before, NULL);

	if (error)
		return error;
	if (before.thing == THING_DIR)
		return refuse(draft, -EISDIR, path, "it is a directory");
	if (before.thing == THING_ABSENT)
		return refuse(draft, -ENOENT, path, "it is not in the part that can be written");
	note(draft, path, &before, rule)->after = (struct state){0};
	return 0;
}

/* A file of the lower half of /etc comes up whole. */
static int copy_up(struct draft *draft, const char *path, struct change *change)
{
	cleanup(text) struct host_text text = {0};
	struct statx stat;
	char *data;
	int error = host_stat(draft->host, path, false, &stat);

	if (!error && !S_ISREG(stat.stx_mode))
		error = -EOPNOTSUPP;
	if (!error)
		error = host_read_bytes(draft->host, path, STATE_LIMIT, &text);
	if (error)
		return refuse(draft, error, path, explain(error));
	data = arena_alloc(draft->arena, text.size + 1);
	memcpy(data, text.data, text.size);
	change->data = data;
	change->size = text.size;
	change->after = (struct state){.thing = THING_FILE,
				       .mode = stat.stx_mode & 07777,
				       .uid = stat.stx_uid,
				       .gid = stat.stx_gid,
				       .mtime = {.tv_sec = stat.stx_mtime.tv_sec}};
	digest_bytes(data, text.size, change->after.digest);
	return 0;
}

int draft_access(struct draft *draft, const char *path, const struct draft_access *wanted,
		 const char *rule)
{
	struct change *change = find_change(draft, path), new = {0};
	struct state before;
	int error = 0;

	if (!change) {
		error = look(draft, path, &before, NULL);
		if (error)
			return error;
		new = (struct change){.path = path, .before = before, .after = before};
		if (before.thing == THING_ABSENT)
			error = copy_up(draft, path, &new);
		if (error)
			return error;
		if (new.after.thing == THING_LINK)
			return refuse(draft, -ELOOP, path, "it is a symbolic link");
		change = changes_add(&draft->changes, draft->arena);
		*change = new;
		change->why = rule;
	}
	if (wanted->uid >= 0)
		change->after.uid = (unsigned)wanted->uid;
	if (wanted->gid >= 0)
		change->after.gid = (unsigned)wanted->gid;
	if (wanted->within >= 0)
		change->after.mode &= (unsigned)wanted->within;
	return 0;
}

void draft_drop(struct draft *draft, const char *rule)
{
	size_t kept = 0;

	for (size_t i = 0; i < draft->changes.count; i++)
		if (!str_eq(draft->changes.at[i].why, rule))
			draft->changes.at[kept++] = draft->changes.at[i];
	draft->changes.count = kept;
	for (struct sheet *sheet = draft->sheets; sheet; sheet = sheet->next)
		sheet_drop(sheet, rule);
}

/* A new file gets the label of SELinux that a neighbour has, or else its directory. */
static void take_label(struct draft *draft, const char *path, struct state *state)
{
	const char *dir = arena_strndup(draft->arena, path, (size_t)(strrchr(path, '/') - path));
	struct host_entries entries = {0};
	const char *from = dir, *label = NULL;
	struct xattr *xattr;

	if (geteuid() || host_entries(draft->host, dir, &entries))
		return;
	for (size_t i = 0; i < entries.count && from == dir; i++)
		if (entries.at[i].type == DT_REG)
			from = arena_printf(draft->arena, "%s/%s", dir, entries.at[i].name);
	if (xattrs_label(draft->host, from, &label) || !label)
		return;
	xattr = arena_new(draft->arena, struct xattr);
	*xattr = (struct xattr){NULL, "security.selinux", label, strlen(label) + 1};
	state->xattrs = xattr;
}

static int add_sheet(struct draft *draft, struct sheet *sheet)
{
	struct change *change = note(draft, sheet->path, &sheet->before, "");

	change->data = sheet_text(sheet, draft->arena, draft->counts, draft->context);
	change->why = sheet_rules(sheet, draft->arena);
	change->old_data = sheet->old_text;
	if (!change->data) {
		change->after = (struct state){0};
		return 0;
	}
	change->size = strlen(change->data);
	change->after.thing = THING_FILE;
	if (sheet->before.thing == THING_ABSENT) {
		change->after.mode = 0644;
		change->after.uid = own_id(geteuid());
		change->after.gid = own_id(getegid());
		take_label(draft, sheet->path, &change->after);
	}
	change->after.mtime = (struct timespec){.tv_sec = draft->now};
	digest_bytes(change->data, change->size, change->after.digest);
	return 0;
}

/* As the lower half of an overlaid /etc has it, or as is usual. */
static void add_directory(struct draft *draft, const char *path, const char *why)
{
	struct change *change = note(draft, path, &(struct state){0}, why);
	struct statx stat;

	change->after = (struct state){.thing = THING_DIR,
				       .mode = 0755,
				       .uid = own_id(geteuid()),
				       .gid = own_id(getegid())};
	if (host_stat(draft->host, path, true, &stat) || !S_ISDIR(stat.stx_mode))
		return;
	change->after.mode = stat.stx_mode & 07777;
	if (geteuid())
		return;
	change->after.uid = stat.stx_uid;
	change->after.gid = stat.stx_gid;
}

static int add_directories(struct draft *draft, const char *path, const char *why)
{
	char *at = arena_strdup(draft->arena, path), *slash = at;

	while ((slash = strchr(slash + 1, '/'))) {
		cleanup(spot) struct spot spot = SPOT_NONE;
		struct statx stat;
		int error;

		*slash = '\0';
		if (!find_change(draft, at)) {
			error = spot_open(draft->host, at, &spot);
			if (!error)
				error = spot_stat(&spot, &stat);
			if (error == -EBUSY) /* a mount point is a directory that is there */
				error = 0;
			if (error && error != -ENOENT)
				return refuse(draft, error, at, explain(error));
			if (error)
				add_directory(draft, arena_strdup(draft->arena, at), why);
		}
		*slash = '/';
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct change *)a)->path, ((const struct change *)b)->path);
}

static bool is_so_already(const struct change *change)
{
	return state_alike(&change->before, &change->after);
}

int draft_finish(struct draft *draft, struct changes *ret_changes, const char **ret_path)
{
	struct changes *changes = &draft->changes;
	size_t kept = 0, count;
	int error = 0;

	for (struct sheet *sheet = draft->sheets; sheet && !error; sheet = sheet->next) {
		*ret_path = sheet->path;
		error = add_sheet(draft, sheet);
	}
	for (size_t i = 0; i < changes->count; i++)
		if (!is_so_already(&changes->at[i]))
			changes->at[kept++] = changes->at[i];
	changes->count = count = kept;
	for (size_t i = 0; i < count && !error; i++) {
		*ret_path = changes->at[i].path;
		if (changes->at[i].after.thing != THING_ABSENT)
			error = add_directories(draft, changes->at[i].path, changes->at[i].why);
	}
	if (error)
		return error;
	if (changes->count)
		qsort(changes->at, changes->count, sizeof(*changes->at), compare);
	*ret_changes = *changes;
	return 0;
}
