/*
 * Links of /proc/PID that only somebody may read who could trace the process: its namespaces.
 * Landlock denies that to whoever is confined, whatever its rules (the process would have to be in
 * the same domain); so a thread reads them that is not, and can do nothing else at all.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

/*
 * Starts the thread, before the rest of the process is confined. It alone keeps CAP_SYS_PTRACE,
 * and its own filter of system calls. Returns 0 or a negative errno: then links are read as well as
 * they can be.
 */
int peer_start(void) __attribute__((warn_unused_result));

struct peer_link {
	const char *path;
	char text[64];  /* what it says, with a NUL at its end; "" after an error */
	ssize_t length; /* of that, or a negative errno; -ENAMETOOLONG for more than fits */
};

/* readlinkat(2) for each, by the thread where there is one: asking it takes longer than reading. */
void peer_readlinks(int dir, struct peer_link *links, size_t count) __attribute__((nonnull));
