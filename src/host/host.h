/*
 * The one door to what is audited: a running host, or the root tree of an image that has never
 * booted. Every path is resolved inside the root, symbolic links and `..` included; only regular
 * files are ever opened for reading; nothing is read without a bound. The tree may be hostile.
 *
 * Paths are absolute as the host sees them ("/etc/passwd"). Functions return 0 (or a descriptor),
 * or a negative errno; host_error() puts the latter into words.
 */
#pragma once

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/str.h"

#include <stdbool.h>
#include <sys/stat.h>

struct os;

/* What a single read takes at most, unless the caller says otherwise. */
#define HOST_READ_LIMIT ((size_t)1024 * 1024)

struct host {
	struct arena *arena; /* owns what the door and the views keep for the run */
	const char *name;    /* the root as it was named: "/", "/host", "image/" */
	int root;            /* an O_PATH descriptor of the directory */
	bool live;           /* a running kernel belongs to the root: running facts make sense */
	const struct os *os; /* what the os-profile tells; never NULL after host_init() */

	/* Private to host/: */
	int lower;     /* the vendor's /etc below the image's; -1 without one; else -errno */
	int var;       /* the /var beside an ostree deployment, or -1 */
	int proc;      /* the procfs of the live host, or -errno; -ENODEV: not yet opened */
	int self;      /* 1: we have our own /proc/self/fd; -errno; 0: nobody looked yet */
	bool walks;    /* openat2 is refused: paths are walked component by component */
	size_t listed; /* what host_list() and host_glob() have kept so far, in bytes */
	void *bus;     /* the connection to the service manager, or NULL */
	struct host_view *views;
};

/*
 * Opens the host. `live` says that the running kernel is the host's own. In the root of an ostree
 * disk its deployment is taken as the root; several of them are -ENOTUNIQ. Returns 0 or a negative
 * errno.
 */
int host_init(struct host *host, struct arena *arena, const char *root, bool live)
	__attribute__((nonnull, warn_unused_result));

/* Tells the door how this OS lays its tree. Views that were made before are forgotten. */
void host_set_os(struct host *host, const struct os *os) __attribute__((nonnull));

void host_close(struct host *host) __attribute__((nonnull));

/*
 * Opens a path inside the root. Of `flags`, O_PATH, O_DIRECTORY and O_NOFOLLOW (the last component
 * is not followed) make sense; without O_PATH or O_DIRECTORY only regular files are opened, others
 * are -EOPNOTSUPP, and FIFOs or devices are not even touched. Returns a descriptor to close.
 */
int host_open(struct host *host, const char *path, int flags)
	__attribute__((nonnull, warn_unused_result));

/* Metadata of a path. */
int host_stat(struct host *host, const char *path, bool follow, struct statx *ret_stat)
	__attribute__((nonnull, warn_unused_result));

/* Does it exist? Errors other than its absence count as yes: somebody has to look closer. */
bool host_exists(struct host *host, const char *path) __attribute__((nonnull));

/* The target of a symbolic link, in the host's arena. -EINVAL when it is none. */
int host_readlink(struct host *host, const char *path, char **ret_target)
	__attribute__((nonnull, warn_unused_result));

/*
 * The names in a directory, sorted by bytes, without "." and "..", in the host's arena. More than
 * 32768, or more than 24 MiB of names in a run, are -E2BIG.
 */
int host_list(struct host *host, const char *path, struct strv *ret_names)
	__attribute__((nonnull, warn_unused_result));

/* The same with what the directory itself knows of each name: its type (DT_LNK, DT_REG, …), and for
 * a symbolic link its target. One system call for each link, and none for anything else. */
struct host_entry {
	const char *name, *target;
	unsigned char type;
};

struct host_entries {
	struct host_entry *at;
	size_t count, space;
};

int host_entries(struct host *host, const char *path, struct host_entries *ret_entries)
	__attribute__((nonnull, warn_unused_result));

/*
 * The path without any links, `.` or `..`, in the host's arena. From where something is missing it
 * goes on as the path does, as with `realpath -m`.
 */
int host_canonical(struct host *host, const char *path, char **ret_path)
	__attribute__((nonnull, warn_unused_result));

/* What a file holds. `data` ends with a NUL behind `size` bytes. Free it with host_text_free(). */
struct host_text {
	char *data;
	size_t size;
};

void host_text_free(struct host_text *text);

static inline void cleanup_text(struct host_text *text)
{
	host_text_free(text);
}

/*
 * Reads a regular file of text. A NUL inside is -EILSEQ, since programs differ in what they make of
 * it; more than `limit` bytes are -EFBIG (0: HOST_READ_LIMIT).
 */
int host_read(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
	__attribute__((nonnull, warn_unused_result));

/* The same, NULs allowed: for compressed and binary files. */
int host_read_bytes(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
	__attribute__((nonnull, warn_unused_result));

/*
 * Opens, or reads, below the /proc of the live host: "sys/kernel/kptr_restrict", "1/mountinfo".
 * It is checked to be of a procfs. -ENODEV for an image, -ENOTSUP if it is none.
 */
int host_proc_open(struct host *host, const char *path, int flags)
	__attribute__((nonnull, warn_unused_result));
int host_proc_read(struct host *host, const char *path, size_t limit, struct host_text *ret_text)
	__attribute__((nonnull, warn_unused_result));
int host_proc_read_bytes(struct host *host, const char *path, size_t limit,
			 struct host_text *ret_text) __attribute__((nonnull, warn_unused_result));

/* Will what is written at this path be there after the next boot? As the os-profile says. */
bool host_persists(const struct host *host, const char *path) __attribute__((nonnull));

/*
 * The paths that match a pattern as glob(3) has it, sorted: `*`, `?` and `[]` within components; a
 * slash at the end asks for directories. A backslash stands for itself, as units have it in names,
 * and "." and ".." match nothing.
 */
int host_glob(struct host *host, const char *pattern, struct strv *ret_paths)
	__attribute__((nonnull, warn_unused_result));

/*
 * The configuration files of a drop-in directory as systemd and its kin read them: all names
 * ending in `suffix` of the directories, of which an earlier one replaces the same name in a later
 * one, sorted by name. Links to /dev/null and empty files stay in the list: the reader decides.
 * Hidden names do not count; directories do. `dirs` ends with NULL. A directory that is not there
 * is no error; one that cannot be read is.
 */
int host_dropins(struct host *host, const char *const *dirs, const char *suffix,
		 struct strv *ret_paths) __attribute__((nonnull, warn_unused_result));

/* Reads one of those; empty where a dangling link, or one to /dev/null, puts it out of force. */
int host_read_dropin(struct host *host, const char *path, struct host_text *ret_text)
	__attribute__((nonnull, warn_unused_result));

/* Makes a view: parsed tables of the host, in host->arena. Errors are part of what it returns. */
typedef const void *host_view_load(struct host *host);

/* The view that `load` makes: made on first use, and kept for the run. */
const void *host_view(struct host *host, host_view_load *load) __attribute__((nonnull));

/* A negative errno of this header's functions in words: "no such file", "larger than the limit". */
const char *host_error(int error) __attribute__((returns_nonnull));
