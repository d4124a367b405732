/*
 * What a probe saw. One subject may yield several facts: one for each aspect, and one for each
 * thing that a pattern matches.
 */
#pragma once

struct arena;

/*
 * When it is true. A bit mask: a rule or a question can ask for both, and a fact can be true of
 * both (the mode of a file that stays as it is).
 */
enum aspect {
	ASPECT_RUNNING = 1,    /* now, on the running host */
	ASPECT_CONFIGURED = 2, /* after the next boot, worked out from files */
	ASPECT_BOTH = 3,
};

enum fact_state {
	FACT_VALUE,   /* it is there, and `value` is what it is */
	FACT_ABSENT,  /* it is not there: somebody looked */
	FACT_UNKNOWN, /* nobody could tell: `error` says why. Never a pass. */
};

struct fact {
	struct fact *next;
	enum aspect aspect;
	enum fact_state state;
	const char *object; /* the very file, mount point, unit or key */
	const char *value;  /* only with FACT_VALUE; booleans are "yes" and "no" */
	const char
		*source; /* what decides: "/etc/sysctl.d/50-x.conf:3", "/proc/sys/…"; may be NULL */
	const char *error; /* only with FACT_UNKNOWN: the reason, without a full stop */
};

/* A list of facts in the order in which they were added. Make it with facts_init(). */
struct facts {
	struct arena *arena; /* owns the facts and their strings */
	struct fact *head, **tail;
};

void facts_init(struct facts *facts, struct arena *arena);

/*
 * Each appends one fact. The strings are kept, not copied: they have to live in the arena or be
 * static. `source` may be NULL.
 */
void fact_value(struct facts *facts, enum aspect aspect, const char *object, const char *value,
		const char *source);
void fact_bool(struct facts *facts, enum aspect aspect, const char *object, int value,
	       const char *source);
void fact_absent(struct facts *facts, enum aspect aspect, const char *object, const char *source);
void fact_unknown(struct facts *facts, enum aspect aspect, const char *object, const char *source,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

const char *aspect_name(enum aspect aspect);
const char *fact_state_name(enum fact_state state);
