/* What the kernel says of a process, and what that means for a container. Pure. */
#pragma once

#include "base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct status {
	uint64_t bounding, permitted, effective, ambient;
	unsigned uid[4];   /* real, effective, saved, of the file system */
	int seccomp;       /* 0: none, 1: strict, 2: a filter; 0 where the kernel has none */
	bool no_new_privs; /* exec can gain nothing */
	bool ended;        /* it is a zombie, or dead */
	bool kernel;       /* it is a thread of the kernel, which has no memory of its own */
	const char *name;
};

/* Takes the text of /proc/PID/status apart, in place. False when something is missing. */
bool status_parse(struct arena *arena, char *text, struct status *ret_status)
	__attribute__((nonnull, warn_unused_result));

/* "CHOWN SYS_ADMIN 41", sorted by number. */
const char *capabilities_write(struct arena *arena, uint64_t set)
	__attribute__((nonnull, returns_nonnull));

/* Sets of capabilities. */
extern const uint64_t capabilities_usual;  /* what Docker, Podman, CRI-O or containerd give */
extern const uint64_t capabilities_mighty; /* any of them takes the host over */
extern const uint64_t capabilities_tight;  /* what a restricted pod may have */

/* What the label of a process's security module says. */
enum confinement {
	CONFINED,
	UNCONFINED, /* by its profile, its type, or a profile that only complains */
	NO_LABEL,   /* no module that labels processes is there */
	ODD_LABEL,  /* of a module that hostaudit does not know */
};

/* The text of /proc/PID/attr/current, without the newline at its end. "" where it cannot be had. */
enum confinement label_judge(const char *label) __attribute__((nonnull));
