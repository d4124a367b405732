/* What keeps the clock right: programs that a boot starts for it, and their servers. */
#pragma once

#include "host/finding.h"
#include "host/host.h"

/* The kernel's own word: adjtimex(2). */
struct clock_state {
	bool synchronised; /* somebody tells it the time, and it is less than 16 s wrong */
	long error;        /* at most, in microseconds */
};

/* Returns 0 or a negative errno. */
int clock_now(struct clock_state *ret_state) __attribute__((nonnull, warn_unused_result));

/* The programs that run now, or that the next boot starts; a list, in alphabetical order. */
struct finding clock_clients(struct host *host, bool now) __attribute__((nonnull));

/* The servers of one that the next boot starts. */
struct clock_servers {
	const char *client;
	struct finding servers;
};

/* Of each of them, in the same order. Returns how many there are, at most CLOCK_CLIENTS; `*ret_why`
 * is set where there may be more. */
#define CLOCK_CLIENTS 8
size_t clock_servers(struct host *host, struct clock_servers ret_servers[CLOCK_CLIENTS],
		     const char **ret_why) __attribute__((nonnull));
