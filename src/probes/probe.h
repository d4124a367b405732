/*
 * A probe looks at one kind of thing on the host and says what it saw: subject in, facts out. It
 * judges nothing and prints nothing. One file a probe, `foo.c` with `const struct probe probe_foo`
 * at its end; the build makes the list from the file names.
 */
#pragma once

#include "host/host.h"
#include "host/os.h"
#include "judge/expect.h"
#include "judge/fact.h"

#include <stdbool.h>

/* What a sentence asks of a probe. */
struct question {
	const char *subject;       /* in the probe's own terms: a key, a path, a unit, … */
	const struct field *field; /* what is wanted; NULL: only whether it is there */
	unsigned aspects;          /* which aspects are wanted, never more than the host has */
};

struct probe {
	const char *name;
	const char *summary;        /* one line for `hostaudit list probes` */
	const char *subject;        /* what the subject is called in help: "KEY", "PATH" */
	const char *example;        /* a sentence that works: "sysctl kernel.kptr_restrict >= 1" */
	const struct field *fields; /* what it can tell; the first is meant where none is named;
				       ends with a field that has no name */
	bool presence;              /* `present` and `absent` make sense */

	/* Why a subject makes no sense, or NULL. May be NULL itself. The answer is static. */
	const char *(*refuse)(const char *subject);

	/*
	 * Told of each subject that a run asks for, before the first look: what is worth doing once
	 * for all of them can be done then. May be NULL.
	 */
	void (*announce)(struct host *host, const char *subject);

	/*
	 * Appends what it sees: at least one fact for each aspect that was asked for and that the
	 * field has. What cannot be read is a fact as well, an unknown one with its reason. A
	 * subject may match several things: one fact each. `ret_facts->arena` owns the strings.
	 */
	void (*look)(struct host *host, const struct question *question, struct facts *ret_facts);
};

/* All of them, sorted by name, with NULL at the end. Made by the build from the file names. */
extern const struct probe *const probes[];

/* The probe of that name, or NULL. */
static inline const struct probe *probe_find(const char *name)
{
	for (const struct probe *const *at = probes; *at; at++)
		if (str_eq((*at)->name, name))
			return *at;
	return NULL;
}
