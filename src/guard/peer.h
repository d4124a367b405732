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

/* readlinkat(2), by the thread where there is one. Returns the length or a negative errno. */
ssize_t peer_readlink(int dir, const char *path, char *buffer, size_t size)
	__attribute__((nonnull, warn_unused_result));
