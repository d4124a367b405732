#include "host/mounts/mount_options.h"

#include "base/arena.h"

enum {
	RO = 1 << 0,
	NOSUID = 1 << 1,
	NODEV = 1 << 2,
	NOEXEC = 1 << 3,
	NOATIME = 1 << 4,
	NODIRATIME = 1 << 5,
	RELATIME = 1 << 6,
	NOSYMFOLLOW = 1 << 7,
	SYNC = 1 << 8,
	DIRSYNC = 1 << 9,
	MAND = 1 << 10,
	LAZYTIME = 1 << 11,
	STRICTATIME = 1 << 12, /* shown as the absence of the other two */
};

/* The flags in the order in which the kernel shows them. */
static const char *const shown[] = {
	NULL,       "nosuid",      "nodev", "noexec",  "noatime", "nodiratime",
	"relatime", "nosymfollow", "sync",  "dirsync", "mand",    "lazytime",
};

/* What mount(8) makes flags of. */
static const struct flag {
	const char *name;
	unsigned set, clear;
} flags[] = {
	{"ro", RO, 0},
	{"rw", 0, RO},
	{"nosuid", NOSUID, 0},
	{"suid", 0, NOSUID},
	{"nodev", NODEV, 0},
	{"dev", 0, NODEV},
	{"noexec", NOEXEC, 0},
	{"exec", 0, NOEXEC},
	{"sync", SYNC, 0},
	{"async", 0, SYNC},
	{"dirsync", DIRSYNC, 0},
	{"noatime", NOATIME, 0},
	{"atime", 0, NOATIME},
	{"nodiratime", NODIRATIME, 0},
	{"diratime", 0, NODIRATIME},
	{"relatime", RELATIME, 0},
	{"norelatime", 0, RELATIME},
	{"strictatime", STRICTATIME, 0},
	{"nostrictatime", 0, STRICTATIME},
	{"lazytime", LAZYTIME, 0},
	{"nolazytime", 0, LAZYTIME},
	{"nosymfollow", NOSYMFOLLOW, 0},
	{"symfollow", 0, NOSYMFOLLOW},
	{"mand", MAND, 0},
	{"nomand", 0, MAND},
	/* Whom an ordinary user may ask to mount it decides what it may bring along. */
	{"user", NOEXEC | NOSUID | NODEV, 0},
	{"users", NOEXEC | NOSUID | NODEV, 0},
	{"owner", NOSUID | NODEV, 0},
	{"group", NOSUID | NODEV, 0},
};

/* What never reaches the kernel as an option, or is not shown; with or without a value. */
static const char *const unseen[] = {
	"defaults",   "auto",        "noauto",   "nouser",  "nousers", "noowner", "nogroup",
	"user",       "_netdev",     "nofail",   "comment", "uhelper", "helper",  "loop",
	"offset",     "sizelimit",   "silent",   "loud",    "bind",    "rbind",   "move",
	"remount",    "private",     "rprivate", "shared",  "rshared", "slave",   "rslave",
	"unbindable", "runbindable", "nosub",    "sub",
};

void mount_options_split(struct arena *arena, const char *text, struct strv *options)
{
	while (*text) {
		const char *start = text;

		for (bool quoted = false; *text && (quoted || *text != ','); text++)
			quoted ^= *text == '"';
		if (text > start)
			strv_push(options, arena,
				  arena_strndup(arena, start, (size_t)(text - start)));
		text += *text == ',';
	}
}

static const struct flag *find_flag(const char *option)
{
	for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		if (str_eq(flags[i].name, option))
			return &flags[i];
	return NULL;
}

static bool is_named(const char *option, const char *name, size_t length)
{
	return !strncmp(option, name, length) && (!option[length] || option[length] == '=');
}

static bool is_unseen(const char *option)
{
	if (str_starts(option, "x-") || str_starts(option, "X-"))
		return true;
	for (size_t i = 0; i < sizeof(unseen) / sizeof(unseen[0]); i++)
		if (is_named(option, unseen[i], strlen(unseen[i])))
			return true;
	return false;
}

/* Of two with one name the file system takes the last. */
static bool is_overridden(const struct strv *options, size_t at)
{
	size_t length = strcspn(options->at[at], "=");

	for (size_t i = at + 1; i < options->count; i++)
		if (is_named(options->at[i], options->at[at], length))
			return true;
	return false;
}

void mount_options_effective(struct arena *arena, const struct strv *given,
			     struct strv *ret_options)
{
	struct strv options = {0};
	unsigned set = 0;

	for (size_t i = 0; i < given->count; i++) {
		const struct flag *flag = find_flag(given->at[i]);

		if (flag)
			set = (set & ~flag->clear) | flag->set;
	}
	/* mount(2): relatime is the default, named or not; strictatime wins over all. */
	set &= ~(unsigned)(set & STRICTATIME ? NOATIME | RELATIME : RELATIME);
	if (!(set & (STRICTATIME | NOATIME)))
		set |= RELATIME;
	strv_push(&options, arena, set & RO ? "ro" : "rw");
	for (unsigned i = 1; i < sizeof(shown) / sizeof(shown[0]); i++)
		if (set & 1u << i)
			strv_push(&options, arena, shown[i]);
	for (size_t i = 0; i < given->count; i++)
		if (!find_flag(given->at[i]) && !is_unseen(given->at[i]) &&
		    !is_overridden(given, i))
			strv_push(&options, arena, given->at[i]);
	*ret_options = options;
}

bool mount_options_flags(const struct strv *options)
{
	for (size_t i = 0; i < options->count; i++)
		if (find_flag(options->at[i]))
			return true;
	return false;
}

bool mount_options_say(const struct strv *options, const char *yes, const char *no)
{
	for (size_t i = options->count; i-- > 0;)
		if (str_eq(options->at[i], yes))
			return true;
		else if (str_eq(options->at[i], no))
			return false;
	return false;
}

const char *mount_options_value(const struct strv *options, const char *name)
{
	size_t length = strlen(name);

	for (size_t i = options->count; i-- > 0;)
		if (is_named(options->at[i], name, length))
			return options->at[i][length] ? options->at[i] + length + 1 : "";
	return NULL;
}
