#include "host/files/predicate.h"

#include "base/arena.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <sys/stat.h>

#define PERMISSIONS 07777u

/* The places of the types are those that every directory lists: DT_REG and so on. */
static const char *const types[] = {
	[DT_FIFO] = "fifo", [DT_CHR] = "char",    [DT_DIR] = "directory", [DT_BLK] = "block",
	[DT_REG] = "file",  [DT_LNK] = "symlink", [DT_SOCK] = "socket",
};

#define N_TYPES (sizeof(types) / sizeof(types[0]))

/* What each word asks for, and of which types it can be true. */
static const struct word {
	const char *word;
	unsigned trait, types;
} words[] = {
	{"set-uid", TRAIT_SET_UID, 1u << DT_REG},
	{"set-gid", TRAIT_SET_GID, 1u << DT_REG},
	{"world-writable", TRAIT_WORLD_WRITABLE, 1u << DT_REG},
	{"not-sticky", TRAIT_NOT_STICKY, 1u << DT_DIR},
	{"unowned", TRAIT_UNOWNED, ALL_TYPES},
	{"ungrouped", TRAIT_UNGROUPED, ALL_TYPES},
	{"device", TRAIT_DEVICE, 1u << DT_CHR | 1u << DT_BLK},
	{"capabilities", TRAIT_CAPABILITIES, 1u << DT_REG},
};

static const char *parse_type(const char *text, struct predicate *predicate)
{
	for (size_t i = 0; i < N_TYPES; i++) {
		if (!types[i] || !str_eq(types[i], text))
			continue;
		predicate->types &= 1u << i;
		return NULL;
	}
	return "a type is file, directory, symlink, fifo, socket, block or char";
}

/* A symbolic link has all permissions, and none of them counts. */
static const char *parse_mode(const char *text, struct predicate *predicate, bool beyond)
{
	char *end;
	unsigned long mode = strtoul(text, &end, 8);

	if (*text < '0' || *text > '7' || *end || mode > PERMISSIONS)
		return "a mode is an octal number up to 7777";
	if (!beyond && !mode)
		return "every file has the mode's bits where there are none";
	if (beyond && mode == PERMISSIONS)
		return "no file has a permission beyond 7777";
	if (beyond)
		predicate->beyond |= ~(unsigned)mode & PERMISSIONS;
	else
		predicate->has |= (unsigned)mode;
	predicate->types &= ~(1u << DT_LNK);
	return NULL;
}

static const char *parse_name(const char *text, struct predicate *predicate)
{
	if (predicate->name)
		return "a file has one name";
	if (!*text || strchr(text, '/'))
		return "a name is a pattern without slashes";
	predicate->name = text;
	return NULL;
}

static const char *parse_word(const char *text, struct predicate *predicate)
{
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (!str_eq(words[i].word, text))
			continue;
		predicate->traits |= words[i].trait;
		predicate->types &= words[i].types;
		return NULL;
	}
	return "it is searched for set-uid, set-gid, world-writable, not-sticky, unowned, "
	       "ungrouped, device, capabilities, name=, type=, mode= or beyond=";
}

static const char *parse_term(const char *term, struct predicate *predicate)
{
	if (str_starts(term, "name="))
		return parse_name(term + strlen("name="), predicate);
	if (str_starts(term, "type="))
		return parse_type(term + strlen("type="), predicate);
	if (str_starts(term, "mode="))
		return parse_mode(term + strlen("mode="), predicate, false);
	if (str_starts(term, "beyond="))
		return parse_mode(term + strlen("beyond="), predicate, true);
	return parse_word(term, predicate);
}

int predicate_parse(struct arena *arena, const char *text, struct predicate *ret_predicate,
		    const char **ret_why)
{
	struct predicate predicate = {.types = ALL_TYPES};
	struct strv terms = {0};
	const char *why = NULL;

	strv_split(&terms, arena, text, ",");
	if (!terms.count)
		why = parse_word("", &predicate);
	for (size_t i = 0; i < terms.count && !why; i++)
		why = parse_term(terms.at[i], &predicate);
	if (!why && !predicate.types)
		why = "nothing can be all of that at once";
	if (why) {
		*ret_why = why;
		return -EINVAL;
	}
	*ret_predicate = predicate;
	return 0;
}

unsigned predicate_traits(unsigned mode)
{
	unsigned traits = 0;

	if (S_ISREG(mode)) {
		traits |= mode & S_ISUID ? TRAIT_SET_UID : 0;
		traits |= mode & S_ISGID ? TRAIT_SET_GID : 0;
		traits |= mode & S_IWOTH ? TRAIT_WORLD_WRITABLE : 0;
	} else if (S_ISDIR(mode)) {
		traits |= mode & S_IWOTH && !(mode & S_ISVTX) ? TRAIT_NOT_STICKY : 0;
	}
	return traits;
}

bool predicate_holds(const struct predicate *predicate, const char *name, unsigned mode,
		     unsigned traits)
{
	if (!(predicate->types & 1u << IFTODT(mode)))
		return false;
	if ((traits & predicate->traits) != predicate->traits)
		return false;
	if ((mode & predicate->has) != predicate->has)
		return false;
	if (predicate->beyond && !(mode & predicate->beyond))
		return false;
	return !predicate->name || !fnmatch(predicate->name, name, 0);
}

unsigned char predicate_first(const struct predicate *predicate)
{
	if (!predicate->name || strchr("*?[\\", predicate->name[0]))
		return 0;
	return (unsigned char)predicate->name[0];
}

unsigned char predicate_last(const struct predicate *predicate)
{
	const char *name = predicate->name;

	if (!name || strpbrk(name, "[\\") || strchr("*?", name[strlen(name) - 1]))
		return 0;
	return (unsigned char)name[strlen(name) - 1];
}

const char *file_type_name(unsigned mode)
{
	unsigned type = IFTODT(mode);

	return type < N_TYPES && types[type] ? types[type] : "unknown";
}
