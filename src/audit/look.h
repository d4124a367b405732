/* Asks probes, and remembers what they said: two rules that ask the same get the same facts. */
#pragma once

struct arena;
struct check;
struct fact;
struct host;

/* All zero but for `host` is the start of a run. */
struct look {
	struct host *host;
	void *answers; /* a tree of what was asked before */
};

/* Tells the probe of a check that this will be looked at. */
void look_announce(struct look *look, const struct check *check);

/*
 * The facts that a check is judged by, in the aspects that this host has. The list belongs to the
 * host's arena and may be empty: an image has no running facts.
 */
const struct fact *look_at_check(struct look *look, const struct check *check, unsigned aspects);

/* The aspects in which something can be said of this host: an image has only the configured one. */
unsigned look_aspects(const struct host *host);

void look_release(struct look *look);
