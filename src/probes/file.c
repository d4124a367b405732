/* Mode, owner and the like of a file, or of each file that a pattern matches. */
#include "probes/probe.h"

#include "base/arena.h"
#include "host/place.h"
#include "host/users.h"
#include "host/xattrs.h"

#include <errno.h>
#include <limits.h>

/* The order of the fields; the looks below have the same. */
enum { MODE, OWNER, GROUP, TYPE, TARGET, ACL, CAPABILITIES, LABEL, IMMUTABLE };

static const struct field fields[] = {
	[MODE] = {"mode", VALUE_MODE, ASPECT_BOTH, "permission bits, in octal"},
	[OWNER] = {"owner", VALUE_STRING, ASPECT_BOTH, "name by the host's own passwd, or number"},
	[GROUP] = {"group", VALUE_STRING, ASPECT_BOTH, "name by the host's own group, or number"},
	[TYPE] = {"type", VALUE_STRING, ASPECT_BOTH,
		  "file, directory, symlink, fifo, socket, block or char; a link is not followed"},
	[TARGET] = {"target", VALUE_STRING, ASPECT_BOTH, "where a symbolic link leads"},
	[ACL] = {"acl", VALUE_BOOL, ASPECT_BOTH, "it has an ACL beyond its mode"},
	[CAPABILITIES] = {"capabilities", VALUE_STRING, ASPECT_BOTH,
			  "as getcap prints them, such as cap_net_raw=ep; or none"},
	[LABEL] = {"label", VALUE_STRING, ASPECT_BOTH, "SELinux context"},
	[IMMUTABLE] = {"immutable", VALUE_BOOL, ASPECT_BOTH, "the flag that chattr +i sets"},
	{0},
};

/* One file, as a question about it is answered. */
struct file {
	struct host *host;
	const char *path;   /* as it was asked for, or as a pattern found it */
	const char *source; /* where links lead to, if elsewhere; or NULL */
	unsigned aspects;
	bool made_at_boot;         /* something is there that only a running host can tell of */
	const struct place *place; /* what it leads to; NULL for TYPE and TARGET */
	struct facts *facts;
};

static void tell(const struct file *file, const char *value)
{
	fact_value(file->facts, file->aspects, file->path, value, file->source);
}

static void tell_error(const struct file *file, int error)
{
	if (error == -ENOENT || error == -ENOTDIR)
		fact_absent(file->facts, file->aspects, file->path, file->source);
	else
		fact_unknown(file->facts, file->aspects, file->path, file->source, "%s",
			     host_error(error));
}

static const char *type_name(const struct statx *stat)
{
	static const char *const types[16] = {
		[S_IFREG >> 12] = "file",    [S_IFDIR >> 12] = "directory",
		[S_IFLNK >> 12] = "symlink", [S_IFIFO >> 12] = "fifo",
		[S_IFSOCK >> 12] = "socket", [S_IFBLK >> 12] = "block",
		[S_IFCHR >> 12] = "char",
	};
	const char *name = types[(stat->stx_mode & S_IFMT) >> 12];

	return name ? name : "unknown";
}

static void tell_unpacked(const struct file *file)
{
	fact_unknown(file->facts, file->aspects, file->path, file->source,
		     "the tree belongs to a user, so it was unpacked without the image's owners");
}

static void look_presence(const struct file *file)
{
	tell(file, "present");
}

static void look_mode(const struct file *file)
{
	tell(file, arena_printf(file->facts->arena, "%04o", file->place->stat.stx_mode & 07777u));
}

static void tell_account(const struct file *file, const struct accounts *accounts, unsigned id)
{
	const char *name;
	int error;

	if (place_lost_owners(file->host)) {
		tell_unpacked(file);
		return;
	}
	error = account_name(file->facts->arena, accounts, id, &name);
	if (error)
		fact_unknown(file->facts, file->aspects, file->path, file->source, "%u, and %s: %s",
			     id, accounts->error_file, host_error(error));
	else
		tell(file, name);
}

static void look_owner(const struct file *file)
{
	tell_account(file, users_get(file->host), file->place->stat.stx_uid);
}

static void look_group(const struct file *file)
{
	tell_account(file, groups_get(file->host), file->place->stat.stx_gid);
}

static void look_type(const struct file *file)
{
	struct statx stat;
	int error = host_stat(file->host, file->path, false, &stat);

	if (error)
		tell_error(file, error);
	else
		tell(file, type_name(&stat));
}

static void look_target(const struct file *file)
{
	char *target;
	int error = host_readlink(file->host, file->path, &target);

	if (error == -EINVAL)
		fact_absent(file->facts, file->aspects, file->path, "not a symbolic link");
	else if (error)
		tell_error(file, error);
	else
		tell(file, target);
}

static void look_acl(const struct file *file)
{
	bool acl;
	int error = xattrs_acl(file->host, file->path, &acl);

	if (error)
		tell_error(file, error);
	else
		fact_bool(file->facts, file->aspects, file->path, acl, file->source);
}

static void look_capabilities(const struct file *file)
{
	const char *text;
	int error = xattrs_capabilities(file->host, file->path, &text);

	if (error)
		tell_error(file, error);
	else if (!text && place_lost_owners(file->host))
		tell_unpacked(file);
	else
		tell(file, text ? text : "none");
}

static void look_label(const struct file *file)
{
	const char *label;
	int error = xattrs_label(file->host, file->path, &label);

	if (error)
		tell_error(file, error);
	else if (label)
		tell(file, label);
	else
		fact_absent(file->facts, file->aspects, file->path, "no label");
}

static void look_immutable(const struct file *file)
{
	if (file->place->stat.stx_attributes_mask & STATX_ATTR_IMMUTABLE)
		fact_bool(file->facts, file->aspects, file->path,
			  (file->place->stat.stx_attributes & STATX_ATTR_IMMUTABLE) != 0,
			  file->source);
	else
		fact_unknown(file->facts, file->aspects, file->path, file->source,
			     "its file system does not tell");
}

static void (*const looks[])(const struct file *file) = {
	[MODE] = look_mode,           [OWNER] = look_owner,
	[GROUP] = look_group,         [TYPE] = look_type,
	[TARGET] = look_target,       [ACL] = look_acl,
	[LABEL] = look_label,         [CAPABILITIES] = look_capabilities,
	[IMMUTABLE] = look_immutable,
};

/* Is it asked what the path itself is, rather than what it leads to? */
static bool asks_of_link(const struct field *field)
{
	return field == &fields[TYPE] || field == &fields[TARGET];
}

/* Of a question about the path itself the directory decides whether it is volatile. */
static int find_link(struct host *host, const char *path, const char **ret_place)
{
	const char *name = strrchr(path, '/') + 1;
	const struct place *dir;

	if (!*name) {
		*ret_place = place_get(host, path)->found;
		return place_get(host, path)->error;
	}
	dir = place_get(host, arena_strndup(host->arena, path, (size_t)(name - path)));
	if (!dir->found)
		return dir->error;
	*ret_place = arena_printf(host->arena, "%s/%s", str_eq(dir->found, "/") ? "" : dir->found,
				  name);
	return 0;
}

/* Finds the place that decides; `*ret_place` may be set with an error, too. */
static int find_place(struct file *file, bool of_link, const char **ret_place)
{
	file->place = NULL;
	file->source = NULL;
	*ret_place = NULL;
	if (of_link)
		return find_link(file->host, file->path, ret_place);
	file->place = place_get(file->host, file->path);
	*ret_place = file->place->found;
	if (*ret_place && !str_eq(*ret_place, file->path))
		file->source = *ret_place;
	return file->place->error;
}

/* Looks at one path. `matched`: by a pattern, so that what is not there is left out. */
static void look_at(struct file *file, const struct question *question, bool matched)
{
	const char *place;
	int error = find_place(file, asks_of_link(question->field), &place);

	file->aspects = question->aspects;
	if (place && place_is_volatile(place))
		file->aspects &= ASPECT_RUNNING;
	if (!file->aspects) {
		file->made_at_boot = true;
		return;
	}
	if (matched && (error == -ENOENT || error == -ENOTDIR))
		return;
	if (error)
		tell_error(file, error);
	else if (question->field)
		looks[question->field - fields](file);
	else
		look_presence(file);
}

/* A pattern that nothing matches is absent; whether that counts is a question of where it looks. */
static void look_at_matches(struct file *file, const struct question *question)
{
	struct fact **before = file->facts->tail;
	struct strv paths = {0};
	int error = host_glob(file->host, question->subject, &paths);

	if (error) {
		fact_unknown(file->facts, question->aspects, question->subject, NULL, "%s",
			     host_error(error));
		return;
	}
	for (size_t i = 0; i < paths.count; i++) {
		file->path = paths.at[i];
		look_at(file, question, true);
	}
	file->path = question->subject;
	if (file->facts->tail == before && !file->made_at_boot)
		look_at(file, question, false);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	struct file file = {.host = host, .path = question->subject, .facts = ret_facts};

	if (strpbrk(question->subject, "*?["))
		look_at_matches(&file, question);
	else
		look_at(&file, question, false);
}

static const char *refuse(const char *subject)
{
	if (*subject != '/')
		return "a path begins with a slash";
	return strlen(subject) < PATH_MAX ? NULL : "it is longer than a path can be";
}

const struct probe probe_file = {
	.name = "file",
	.summary = "mode, owner, type and attributes of files",
	.subject = "PATH",
	.example = "file /etc/shadow mode-within 0640",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
