/* Where the policy comes from: directories, the highest first, each behind a door of its own. */
#pragma once

#include "host/host.h"
#include "policy/ini.h"
#include "policy/policy.h"

/* The folders of a policy directory. */
enum kind {
	KIND_BENCHMARKS,
	KIND_PROFILES,
	KIND_WAIVERS,
	KIND_SITE,
	KIND_REMEDIATIONS,
	N_KINDS,
};

/* The folder's name. */
const char *kind_name(enum kind kind) __attribute__((returns_nonnull));

/* Returns 0, or -EINVAL when no folder is called so. */
int kind_parse(const char *folder, enum kind *ret_kind)
	__attribute__((nonnull, warn_unused_result));

/* A policy directory; or a single file, which then has `only`. */
struct source {
	const char *prefix; /* in front of a path in messages: "/etc/hostaudit/", or "" */
	const char *only;   /* the name of the one file in it that counts; NULL: all folders */
	enum kind kind;     /* of that file */
	struct host door;
};

struct sources {
	struct arena *arena;
	struct problems *problems;
	struct digest *digest; /* of all that has been read */
	struct strv paths;     /* of the files that have been read, as messages show them */
	struct source *at;
	size_t count;
};

/* A file that counts: no higher directory has one of that name. */
struct source_file {
	const char *name; /* without ".ini" */
	const char *path; /* as messages show it */
	unsigned rank;    /* its directory's place; 0 is the highest */
	struct ini_section *sections;
};

struct source_files {
	struct source_file *at;
	size_t count;
};

/* None yet. Mistakes will go into `problems`. The first one that is added is the highest. */
void sources_init(struct sources *sources, struct arena *arena, struct problems *problems)
	__attribute__((nonnull));

/* Adds a directory, which has to be there. */
void sources_add_dir(struct sources *sources, const char *dir) __attribute__((nonnull));

/* Adds one file of any name, whatever else lies around it. */
void sources_add_file(struct sources *sources, const char *path, enum kind kind)
	__attribute__((nonnull));

/* Adds the directories that the user named; without any, the standard ones that are there. */
void sources_add_policy(struct sources *sources, const struct selection *selection)
	__attribute__((nonnull));

void sources_close(struct sources *sources) __attribute__((nonnull));

static inline void cleanup_sources(struct sources **sources)
{
	sources_close(*sources);
}

/* Reads the files of a kind, sorted by name. */
void sources_read(struct sources *sources, enum kind kind, struct source_files *ret_files)
	__attribute__((nonnull));
