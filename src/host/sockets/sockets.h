/*
 * Sockets of TCP and UDP that wait for others: those that are open now, as the kernel tells, and
 * those that the socket units of a boot will open.
 */
#pragma once

#include "host/host.h"

#include <stdint.h>

struct listener {
	const char *protocol; /* "tcp", "udp" */
	const char *address;  /* "0.0.0.0", "::", "fe80::1%eth0" */
	unsigned port;
	bool exposed;       /* others than this host can reach it, as far as addresses go */
	const char *source; /* "FILE:LINE", or where the kernel told it */

	/* Who has it, or will have it. NULL: nobody of that kind, unless there is a reason. */
	const char *unit, *unit_why;

	/* Only now: */
	const char *process, *process_why;
	unsigned user;
	uint32_t inode;
	uint64_t cgroup; /* in which it was made; 0: not told */

	/* Only next: */
	const char *unsure; /* why it may not be opened after all */
};

struct listeners {
	struct listener *at;
	size_t count, space;
	const char *why; /* why there may be more than these; NULL: these are all */
	const char *source;
};

/* Both are sorted by protocol, port and address; what is the same in all is told once. */
const struct listeners *listeners_now(struct host *host) __attribute__((nonnull, returns_nonnull));
const struct listeners *listeners_next(struct host *host) __attribute__((nonnull, returns_nonnull));

void listeners_push(struct listeners *listeners, struct arena *arena, struct listener listener)
	__attribute__((nonnull));

/* Sorts, and leaves one of those that are alike in all. */
void listeners_sort(struct listeners *listeners) __attribute__((nonnull));

/* Can others reach an address? It has an interface behind a `%`, or none. Pure. */
bool listener_is_exposed(const char *address) __attribute__((nonnull));

/*
 * Appends the listeners of a text such as /proc/net/tcp; `name` is the name of the file, which says
 * what is in it ("udp6"). Returns 0, or -EBADMSG when it is no such text. Pure.
 */
int listeners_parse(struct listeners *listeners, struct arena *arena, const char *name, char *text)
	__attribute__((nonnull, warn_unused_result));

/* Asks the kernel over netlink. Returns 0 or a negative errno. */
int listeners_ask(struct listeners *listeners, struct arena *arena)
	__attribute__((nonnull, warn_unused_result));

/* Appends what a message of the kernel says. Returns 0, or -EBADMSG. Pure but for the names of
 * interfaces. */
int listeners_take(struct listeners *listeners, struct arena *arena, const char *protocol,
		   const void *message, size_t size) __attribute__((nonnull, warn_unused_result));

/* Says of each listener who has it. */
void listeners_find_owners(struct host *host, struct listeners *listeners) __attribute__((nonnull));

/*
 * What stands behind ListenStream= and the like, as systemd.socket(5) has it: an address, and the
 * port. -ENOENT: it is a socket of another kind; -EINVAL: systemd skips the line. Pure.
 */
int listen_address_parse(struct arena *arena, const char *value, const char **ret_address,
			 unsigned *ret_port) __attribute__((nonnull, warn_unused_result));
