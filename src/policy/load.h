/*
 * Private to policy/: what is on the table while a policy is put together. The steps, each in a
 * file of its own: benchmark.c, profile.c, site.c, waiver.c and
 * remediation.c read the files; detect.c finds the
 * profile; tailor.c applies it; select.c takes the rules that were asked for.
 */
#pragma once

#include "policy/source.h"
#include "policy/variable.h"

/* The rules of one file in benchmarks/, in its order. */
struct benchmark {
	const char *name;
	struct rule **rules; /* NULL where a higher directory's rule stands elsewhere instead */
	size_t count;
};

/* A file in os-profiles/. */
struct profile_file {
	const char *name;
	struct ini_section *sections;
	struct ini_section *os; /* [os]; NULL when it is missing */
	struct origin origin;
	struct profile_file **parents;
	size_t parent_count;
	struct origin inherits; /* where they are named */
	bool on_path;           /* while the parents are followed: it would be a cycle */
};

/* A name that has to be a rule's. */
struct reference {
	struct reference *next;
	const char *rule;
	struct origin origin;
};

struct load {
	struct arena *arena;
	struct problems *problems;
	struct sources sources;
	struct benchmark *benchmarks; /* sorted by name */
	size_t benchmark_count;
	struct rule **rules; /* sorted by id; sentences are still text */
	size_t rule_count;
	struct variables variables;
	struct reference *references;  /* in `needs` */
	struct profile_file *profiles; /* sorted by name */
	size_t profile_count;
	struct ini_section *site; /* the sections of all site files, merged */
	struct waiver *waivers;
	size_t waiver_count;
	struct remediation *remediations; /* sorted by name */
	size_t remediation_count;
};

/* The places where a policy may lie, for a message. */
const char *policy_places(struct arena *arena, const struct selection *selection)
	__attribute__((nonnull, returns_nonnull));

/* Reads all policy files. Mistakes go into load->problems. */
void load_files(struct load *load) __attribute__((nonnull));

/* One step of it each: */
void benchmarks_read(struct load *load) __attribute__((nonnull));
void profiles_read(struct load *load) __attribute__((nonnull));
void site_read(struct load *load) __attribute__((nonnull));
void waivers_read(struct load *load) __attribute__((nonnull));
void remediations_read(struct load *load) __attribute__((nonnull));

struct rule *load_rule(const struct load *load, const char *id) __attribute__((nonnull));
struct benchmark *load_benchmark(const struct load *load, const char *name)
	__attribute__((nonnull));
struct profile_file *load_profile(const struct load *load, const char *name)
	__attribute__((nonnull));

/* Complains that a rule, benchmark or profile is not there, and suggests a near name. */
void load_miss(const struct load *load, struct origin origin, const char *what, const char *name)
	__attribute__((nonnull));

/* Parses the sentences of a rule, its variables put in. */
void rule_compile(struct load *load, struct rule *rule) __attribute__((nonnull));

/* Is there a profile that profile_detect() would find? */
bool profile_fits(struct load *load, struct host *host) __attribute__((nonnull));

/* Tells which profile a host asks for. NULL, and a problem, if none. */
struct profile_file *profile_detect(struct load *load, struct host *host, const char **ret_chosen,
				    const char **ret_note) __attribute__((nonnull));

/* Checks the clauses of `match`. */
void match_check(struct load *load, const struct ini_entry *match) __attribute__((nonnull));

/*
 * Lays sections over others: of each key the later value counts, or is added to the one before
 * where a list of [os] begins with `+`.
 */
void sections_merge(struct arena *arena, struct ini_section **into, const struct ini_section *from)
	__attribute__((nonnull(1, 2)));

/*
 * Merges a profile with everything that it inherits into `ret_sections`, and fills `ret_profile`
 * from [os] and the sections that are facts.
 */
void profile_build(struct load *load, struct profile_file *file, struct ini_section **ret_sections,
		   struct profile *ret_profile) __attribute__((nonnull));

/* Applies [variables], [tailor] and [not-applicable] to load->rules and load->variables. */
void tailor(struct load *load, struct ini_section *sections) __attribute__((nonnull(1)));

/* Gives a variable the value that "NAME=VALUE" says. */
void set_variable(struct load *load, const char *assignment) __attribute__((nonnull));

/* Applies the site's [roles] and [benchmarks], and then the roles of the command line. */
void site_apply(struct load *load, const struct strv *roles, struct profile *profile)
	__attribute__((nonnull));

/* Takes the rules that were asked for into ret_policy->rules. */
void select_rules(struct load *load, const struct selection *selection, struct policy *ret_policy)
	__attribute__((nonnull));
