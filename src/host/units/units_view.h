/*
 * Private to host/units*: where units come from. One listing of the directories of the load path,
 * and what their names and links say; unit files are read when one is asked for.
 */
#pragma once

#include "host/host.h"
#include "host/os.h"
#include "host/units/units.h"
#include "host/units/units_file.h"

enum {
	DIR_CONFIG = 1,    /* /etc/systemd/system: where `systemctl enable` writes */
	DIR_RUN = 2,       /* in /run */
	DIR_GENERATOR = 4, /* written by generators, anew at each boot */
	DIR_TRANSIENT = 8,
	DIR_LOST = 16, /* what is there is gone at the next boot */
};

struct unit_dir {
	const char *path;
	const char *real; /* the same without symbolic links; NULL if it is not there */
	unsigned flags;
	struct host_entries entries;
	struct host_entries
		belongings; /* those of them that are called X.d, X.wants and the like */
};

/* A directory such as multi-user.target.wants. */
struct unit_pulls {
	const char *path;
	size_t dir; /* the index of the directory in which it lies */
	bool link;  /* it is itself a symbolic link */
	struct host_entries entries;
};

#define MOST_UNIT_DIRS 13

struct units {
	struct host *host;
	struct arena *arena;
	struct unit_dir dirs[MOST_UNIT_DIRS];
	size_t n_dirs;
	struct unit_pulls *pulls; /* sorted by path */
	size_t n_pulls;
	struct name_map *units, *loaded, *places, *aliases; /* made when asked for */
	const struct unit_boot *boot;
	const struct unit_first *first;
	int error;         /* one of the directories cannot be read: nothing is certain */
	const char *place; /* which */
};

struct units *units_view(struct host *host) __attribute__((nonnull));

/* A table of things by name. */
struct name_map;
void *name_map_get(const struct name_map *map, const char *name);
void name_map_put(struct name_map **map, struct arena *arena, const char *name, void *thing);

/* The entry of that name, or NULL. */
const struct host_entry *unit_entry(const struct host_entries *entries, const char *name)
	__attribute__((nonnull));

/* The directory such as multi-user.target.wants that has this path, or NULL. */
const struct unit_pulls *unit_pulls_at(const struct units *units, const char *path)
	__attribute__((nonnull));

/*
 * Where a link in `dir` leads: an absolute path in which only the last component may be a link, or
 * missing. NULL with loops and the like.
 */
const char *unit_link_target(struct units *units, const char *dir, const char *target)
	__attribute__((nonnull));

/* The index of the directory of the load path that a path without links lies below, or -1. */
int unit_path_dir(const struct units *units, const char *path) __attribute__((nonnull));

/* The last component. */
const char *unit_base(const char *path) __attribute__((nonnull));

/* Is it /dev/null, an empty file, or a device? That masks a unit. Absence: -ENOENT. */
int unit_is_null(struct host *host, const char *path) __attribute__((nonnull));

/* What systemctl makes of a name. */
struct unit_install {
	const char *name, *path; /* behind all aliases */
	const char *as;          /* the same, or the default instance of a template */
	bool masked, made;       /* made: by a generator, or at run time */
	struct unit_lines lines; /* the drop-ins of its own name included */
	struct strv aliases;     /* from [Install] */
	const char *target;      /* private to units_state.c, like what follows */
	int mode;
	const char *why;
};

/* Negative as systemctl has it; `ret_install->why` is set if it is we who cannot read something. */
int unit_install(struct units *units, const char *name, struct unit_install *ret_install)
	__attribute__((nonnull));

/* The word of `systemctl is-enabled`, or NULL with the reason. */
const char *unit_state(struct units *units, const char *name, const char **ret_path,
		       const char **ret_why) __attribute__((nonnull));

/* What the first boot will link by presets. */
struct unit_first {
	bool comes;               /* the next boot is the first one */
	const char *why;          /* why that cannot be told, or NULL */
	struct name_map *pulls;   /* who pulls in → struct unit_planned */
	struct name_map *aliases; /* alias → name */
};

struct unit_planned {
	struct unit_planned *next;
	const char *name, *source;
};

const struct unit_first *unit_first(struct units *units) __attribute__((nonnull));

/* What the manager makes of a name when it boots. */
struct unit_load {
	const char *id;   /* the name behind all aliases */
	const char *path; /* its fragment or mask; NULL: there is none */
	bool masked;
	int error; /* it is there, but cannot be read or is broken */
	const char *error_path;
	struct unit_lines lines;     /* fragment and drop-ins, in the order in which they count */
	const struct strv *names;    /* all names that lead to it, itself included */
	const struct strv *families; /* of each name: itself, its template, and their families */
};

const struct unit_load *unit_load(struct units *units, const char *name) __attribute__((nonnull));

/* What the drop-ins of a name say, whether or not it has a file. */
int unit_load_dropins(struct units *units, const char *name, struct unit_lines *ret_lines)
	__attribute__((nonnull, warn_unused_result));

/* The directories of drop-ins (".d"), or of links (".wants"), that belong to any of a unit's names:
 * an earlier one replaces files of the same name in a later one. */
void unit_dropin_dirs(struct units *units, const struct unit_load *load, const char *suffix,
		      struct strv *ret_dirs) __attribute__((nonnull));

/* "FILE:LINE" */
const char *unit_line_source(struct arena *arena, const struct unit_line *line)
	__attribute__((nonnull));

/* What starts it at the next boot, a path or FILE:LINE; NULL if nothing does. Where that is not
 * certain, `*ret_why` says why. */
const char *unit_started_by(struct units *units, const char *name, const char **ret_why)
	__attribute__((nonnull));

/* All units of a type that the next boot starts, sorted; `*ret_why` as above. */
struct strv unit_all_started(struct units *units, const char *type, const char **ret_why)
	__attribute__((nonnull));

/* What would start it if it had a file, and were not masked; NULL if nothing. */
const char *unit_wanted_by(struct units *units, const char *name) __attribute__((nonnull));

/* FILE:LINE of a condition of the unit that can never hold, or NULL. */
const char *unit_never(struct units *units, const struct unit_load *load) __attribute__((nonnull));
