/*
 * What the service manager of a running host says of its units, over the host's own system bus.
 * libsystemd is loaded when the first question comes, so that the program runs without it.
 */
#pragma once

#include "host/host.h"

struct bus_unit {
	const char *active; /* ActiveState: "active", "inactive", "failed", … */
	const char *sub;    /* SubState: "running", "dead", … */
	const char *id;     /* the unit's own name, where it was asked for by an alias */
};

/*
 * Asks for a unit by its full name. A unit that is not loaded is inactive and dead. Only reads:
 * nothing is loaded or started by it. Returns 0 or a negative errno; then `*ret_why` says in words
 * what is in the way. One connection a run; a bus that does not answer within a second is not asked
 * again.
 */
int bus_unit(struct host *host, const char *name, struct bus_unit *ret_unit, const char **ret_why)
	__attribute__((nonnull, warn_unused_result));

/* host_close() ends the connection. */
void bus_close(struct host *host) __attribute__((nonnull));
