/*
 * Changes that are being put together. Several rules may want lines in the same file; what comes
 * of all of them is one change a path. Nothing is written here.
 */
#pragma once

#include "host/change/change.h"

/* What a file of our own looks like, which is made of lines that rules want. */
struct sheet_kind {
	const char *head;         /* a line above all others, such as "[Mount]"; or NULL */
	const char *const *first; /* lines that begin so come before the others; or NULL */
};

struct draft {
	struct host *host;
	struct arena *arena;
	/* Is the rule still one that may have lines? What others left in our files is dropped. */
	bool (*counts)(const void *context, const char *rule);
	const void *context;
	time_t now; /* the time that new files get */

	const char *why; /* the reason of the last refusal, a sentence without a full stop */
	/* Private: */
	struct sheet *sheets;
	struct changes changes;
};

/*
 * Each of these wants something for a rule. They return 0, or a negative errno with the reason in
 * draft->why: then nothing was noted. All strings have to live in the arena.
 */

/* A line in a file of our own. One that stood there for the same key is replaced. */
int draft_line(struct draft *draft, const char *path, const struct sheet_kind *kind,
	       const char *rule, const char *line) __attribute__((nonnull, warn_unused_result));

/* A symbolic link, where nothing stands but another link. */
int draft_link(struct draft *draft, const char *path, const char *target, const char *rule)
	__attribute__((nonnull, warn_unused_result));

/* Nothing there. Not for directories. */
int draft_remove(struct draft *draft, const char *path, const char *rule)
	__attribute__((nonnull, warn_unused_result));

/* Owner and mode as `wanted` says, in which -1 stands for "as it is". */
struct draft_access {
	int uid, gid;
	int within; /* no mode bits beyond these */
};

int draft_access(struct draft *draft, const char *path, const struct draft_access *wanted,
		 const char *rule) __attribute__((nonnull, warn_unused_result));

/* Takes back what was noted for a rule. */
void draft_drop(struct draft *draft, const char *rule) __attribute__((nonnull));

/*
 * What comes of it, sorted by path: only what is not so already, and the directories that are
 * missing. An error's path is in `ret_path`, its reason in draft->why.
 */
int draft_finish(struct draft *draft, struct changes *ret_changes, const char **ret_path)
	__attribute__((nonnull, warn_unused_result));
