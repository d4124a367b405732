#include "host/mounts/mounts.h"

#include "host/mounts/mount_options.h"

#include <errno.h>
#include <sys/sysmacros.h>

#ifdef WITH_LIBMOUNT
#include <libmount/libmount.h>
#endif

/* A host with many containers has some thousand mounts of 200 bytes each. */
#define TABLE_LIMIT ((size_t)16 * 1024 * 1024)

static void push(struct arena *arena, struct mount_table *table, const struct mount *mount)
{
	if (table->count == table->space) {
		size_t space = table->space ? table->space * 2 : 32;

		table->at = arena_grow(arena, table->at, table->count * sizeof(*mount),
				       space * sizeof(*mount));
		table->space = space;
	}
	table->at[table->count++] = *mount;
}

/* What one line of mountinfo says, unescaped. */
struct line {
	const char *target, *type, *source, *root;
	unsigned major, minor;
	const char *options;    /* of the mount */
	const char *superblock; /* of the file system, whichever mounts show it */
	int id;
};

static void add_options(struct arena *arena, const struct strv *from, struct strv *options)
{
	for (size_t i = 0; i < from->count; i++)
		if (!str_eq(from->at[i], "ro") && !str_eq(from->at[i], "rw"))
			strv_push(options, arena, from->at[i]);
}

/* A read-only file system is that for each of its mounts; a read-only mount is that alone. */
static void merge_options(struct arena *arena, const struct line *line, struct strv *options)
{
	struct strv mount = {0}, superblock = {0};
	bool ro;

	mount_options_split(arena, line->options, &mount);
	mount_options_split(arena, line->superblock, &superblock);
	ro = strv_has(&mount, "ro") || strv_has(&superblock, "ro");
	strv_push(options, arena, ro ? "ro" : "rw");
	add_options(arena, &mount, options);
	add_options(arena, &superblock, options);
}

static void push_line(struct arena *arena, struct mount_table *table, const struct line *line)
{
	const char *source = line->source && *line->source ? line->source : "none";
	struct mount mount = {
		.target = arena_strdup(arena, line->target),
		.type = arena_strdup(arena, line->type),
		.device = arena_printf(arena, "%u:%u", line->major, line->minor),
		.root = arena_strdup(arena, line->root ? line->root : "/"),
		.id = line->id,
	};

	mount.source = line->root && !str_eq(line->root, "/")
			       ? arena_printf(arena, "%s[%s]", source, line->root)
			       : arena_strdup(arena, source);
	merge_options(arena, line, &mount.options);
	push(arena, table, &mount);
}

#ifdef WITH_LIBMOUNT

/* Empty where the memory runs out: nothing is taken for an absence then. */
static struct libmnt_table *parse(struct mount_table *table, char *text, size_t size)
{
	cleanup(file) FILE *file = size ? fmemopen(text, size, "re") : NULL;
	struct libmnt_table *parsed = file ? mnt_new_table() : NULL;

	if (size && (!parsed || mnt_table_parse_stream(parsed, file, "mounts")))
		table->error = -EIO;
	return parsed;
}

void mountinfo_parse(struct arena *arena, struct host_text *text, struct mount_table *table)
{
	struct libmnt_table *parsed = parse(table, text->data, text->size);
	struct libmnt_iter *iter = parsed ? mnt_new_iter(MNT_ITER_FORWARD) : NULL;
	struct libmnt_fs *fs;

	while (iter && !mnt_table_next_fs(parsed, iter, &fs)) {
		struct line line = {
			.target = mnt_fs_get_target(fs),
			.type = mnt_fs_get_fstype(fs),
			.source = mnt_fs_get_source(fs),
			.root = mnt_fs_get_root(fs),
			.major = major(mnt_fs_get_devno(fs)),
			.minor = minor(mnt_fs_get_devno(fs)),
			.options = mnt_fs_get_vfs_options(fs),
			.superblock = mnt_fs_get_fs_options(fs),
			.id = mnt_fs_get_id(fs),
		};

		if (!line.superblock)
			line.superblock = "";
		/* libmount takes a text that does not begin like mountinfo for an fstab. */
		if (line.target && line.type && line.root && line.options)
			push_line(arena, table, &line);
	}
	mnt_free_iter(iter);
	mnt_unref_table(parsed);
}

/* One line, which is no comment. */
static void parse_fstab_line(struct arena *arena, char *text, unsigned number,
			     struct mount_table *table)
{
	struct libmnt_table *parsed = parse(table, text, strlen(text));
	struct libmnt_fs *fs;

	if (parsed && !mnt_table_first_fs(parsed, &fs) && mnt_fs_get_target(fs)) {
		const char *source = mnt_fs_get_source(fs), *options = mnt_fs_get_options(fs);
		const char *type = mnt_fs_get_fstype(fs);
		struct mount mount = {
			.target = arena_strdup(arena, mnt_fs_get_target(fs)),
			.type = arena_strdup(arena, type ? type : "auto"),
			.source = arena_strdup(arena, source ? source : "none"),
			.line = number,
		};

		mount_options_split(arena, options ? options : "", &mount.options);
		push(arena, table, &mount);
	}
	mnt_unref_table(parsed);
}

#else

/* Blanks, newlines and backslashes are written as \040 and the like. */
static char *unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '7' && from[2] >= '0' &&
		    from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
				       (from[3] - '0'));
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
	return text;
}

/* "36 35 98:0 /root /target rw,noatime master:1 - ext4 /dev/root rw,errors=continue" */
static bool cut_mountinfo(char *text, struct line *line)
{
	char *field[6], *tail = strstr(text, " - ");

	if (!tail)
		return false;
	*tail = '\0';
	tail += strlen(" - ");
	for (size_t i = 0; i < 6; i++)
		field[i] = strsep(&text, " ");
	if (!field[5])
		return false;
	if (sscanf(field[2], "%u:%u", &line->major, &line->minor) != 2)
		return false;
	line->id = atoi(field[0]);
	line->root = unescape(field[3]);
	line->target = unescape(field[4]);
	line->options = unescape(field[5]);
	line->type = unescape(strsep(&tail, " "));
	line->source = tail ? unescape(strsep(&tail, " ")) : NULL;
	line->superblock = tail ? unescape(strsep(&tail, " ")) : "";
	return *line->type;
}

void mountinfo_parse(struct arena *arena, struct host_text *text, struct mount_table *table)
{
	char *rest = text->data, *line;

	while ((line = str_next_line(&rest))) {
		struct line cut;

		if (cut_mountinfo(line, &cut))
			push_line(arena, table, &cut);
	}
}

static char *next_field(char **text)
{
	char *field = *text + strspn(*text, " \t");

	*text = field + strcspn(field, " \t");
	if (**text)
		*(*text)++ = '\0';
	return unescape(field);
}

static void parse_fstab_line(struct arena *arena, char *text, unsigned number,
			     struct mount_table *table)
{
	const char *source = next_field(&text), *target = next_field(&text);
	const char *type = next_field(&text), *options = next_field(&text);
	struct mount mount = {
		.target = arena_strdup(arena, target),
		.type = arena_strdup(arena, type),
		.source = arena_strdup(arena, source),
		.line = number,
	};

	if (!*type)
		return;
	mount_options_split(arena, options, &mount.options);
	push(arena, table, &mount);
}

#endif

/*
 * Makes a line one that everybody takes, and says whether it was: the type may not be missing, and
 * the fifth and sixth field, of which nothing depends here, have to be numbers.
 */
static bool is_plain(struct arena *arena, char **line)
{
	char *end = NULL, *at = *line;
	bool plain = true;

	for (unsigned field = 1; *at && field <= 6; field++) {
		size_t length = strcspn(at, " \t");

		if (field > 4 && strspn(at, "0123456789") != length)
			plain = false;
		end = field == 4 ? at + length : end;
		if (!at[length] && field == 2) {
			*line = arena_printf(arena, "%s auto", *line);
			return false;
		}
		at += length + strspn(at + length, " \t");
	}
	if (end)
		*end = '\0';
	return plain;
}

void fstab_parse(struct arena *arena, char *text, struct mount_table *table)
{
	char *line;

	for (unsigned number = 1; (line = str_next_line(&text)); number++) {
		size_t count = table->count;
		bool plain;

		line = str_trim(line);
		if (!*line || *line == '#')
			continue;
		plain = is_plain(arena, &line);
		parse_fstab_line(arena, line, number, table);
		if (table->count > count)
			table->at[count].doubtful = !plain;
	}
}

/*
 * The mounts of the first process are the host's, whatever we see from inside a container. Only
 * root may look at them; others have to be content with their own, where those can be the host's.
 */
static const void *load_now(struct host *host)
{
	struct mount_table *table = arena_new(host->arena, struct mount_table);
	cleanup(text) struct host_text text = {0};

	table->path = "/proc/1/mountinfo";
	table->error = host_proc_read(host, "1/mountinfo", TABLE_LIMIT, &text);
	if (table->error == -EACCES && str_eq(host->name, "/")) {
		table->path = "/proc/self/mountinfo";
		table->error = host_proc_read(host, "self/mountinfo", TABLE_LIMIT, &text);
	}
	if (!table->error)
		mountinfo_parse(host->arena, &text, table);
	return table;
}

const struct mount_table *mounts_now(struct host *host)
{
	return host_view(host, load_now);
}

static const void *load_seen(struct host *host)
{
	struct mount_table *table = arena_new(host->arena, struct mount_table);
	cleanup(text) struct host_text text = {0};

	table->path = "/proc/self/mountinfo";
	table->error = host_proc_read(host, "self/mountinfo", TABLE_LIMIT, &text);
	if (!table->error)
		mountinfo_parse(host->arena, &text, table);
	return table;
}

const struct mount_table *mounts_seen(struct host *host)
{
	return host_view(host, load_seen);
}

static const void *load_fstab(struct host *host)
{
	struct mount_table *table = arena_new(host->arena, struct mount_table);
	cleanup(text) struct host_text text = {0};

	table->path = "/etc/fstab";
	table->error = host_read(host, table->path, 0, &text);
	if (table->error == -ENOENT)
		table->error = 0;
	else if (!table->error)
		fstab_parse(host->arena, text.data, table);
	for (size_t i = 0; i < table->count && !table->error; i++) {
		char *target;

		if (table->at[i].target[0] != '/')
			continue;
		table->error = host_canonical(host, table->at[i].target, &target);
		table->at[i].target = target;
	}
	return table;
}

const struct mount_table *mounts_fstab(struct host *host)
{
	return host_view(host, load_fstab);
}

const struct mount *mount_first(const struct mount_table *table, const char *target)
{
	for (size_t i = 0; i < table->count; i++)
		if (str_eq(table->at[i].target, target))
			return &table->at[i];
	return NULL;
}

const struct mount *mount_last(const struct mount_table *table, const char *target)
{
	for (size_t i = table->count; i-- > 0;)
		if (str_eq(table->at[i].target, target))
			return &table->at[i];
	return NULL;
}
