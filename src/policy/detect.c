/* Which profile does a host ask for? The `match` clauses of all of them are held against it. */
#include "policy/key.h"

#include "host/osrelease.h"

#include <fnmatch.h>

#define MARKER "path:"
#define FALLBACK "systemd-container-host"

/* The clause that fits best so far. */
struct best {
	struct profile_file *file, *rival; /* the rival fits as well */
	const struct ini_line *clause;
	size_t terms;
	bool asks_release; /* a term of it is about os-release */
};

static bool is_marker(const char *term)
{
	return str_starts(term, MARKER);
}

void match_check(struct load *load, const struct ini_entry *match)
{
	for (const struct ini_line *line = match->lines; line; line = line->next) {
		struct strv terms = {0};

		strv_split(&terms, load->arena, line->text, STR_BLANKS);
		for (size_t i = 0; i < terms.count; i++) {
			const char *term = terms.at[i];
			size_t key = strspn(term, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

			if (is_marker(term) ? term[strlen(MARKER)] != '/'
					    : !key || term[key] != '=')
				problem_add(load->problems, line->origin,
					    "'%s' is neither KEY=GLOB of os-release nor " MARKER
					    "/FILE",
					    term);
		}
	}
}

static bool term_holds(struct load *load, struct host *host, const char *term)
{
	const char *glob = strchr(term, '='), *key;

	if (is_marker(term))
		return host_exists(host, term + strlen(MARKER));
	if (!glob)
		return false;
	key = arena_strndup(load->arena, term, (size_t)(glob - term));
	return !fnmatch(glob + 1, osrelease_get(host, key), 0);
}

static void try_clause(struct load *load, struct host *host, struct profile_file *file,
		       const struct ini_line *clause, struct best *best)
{
	struct strv terms = {0};
	bool asks_release = false;

	strv_split(&terms, load->arena, clause->text, STR_BLANKS);
	if (terms.count < best->terms)
		return;
	for (size_t i = 0; i < terms.count; i++) {
		if (!term_holds(load, host, terms.at[i]))
			return;
		asks_release |= !is_marker(terms.at[i]);
	}
	if (terms.count > best->terms)
		*best = (struct best){file, NULL, clause, terms.count, asks_release};
	else if (file != best->file)
		best->rival = file;
}

static void complain(struct load *load, struct host *host)
{
	const struct osrelease *release = osrelease(host);
	const char *id = osrelease_get(host, "ID");

	if (release->error)
		problem_add(load->problems, (struct origin){release->path, 0},
			    "cannot read it (%s), so name the os-profile with --profile",
			    host_error(release->error));
	else if (!release->path)
		problem_add(load->problems, (struct origin){"/etc/os-release", 0},
			    "there is none, nor is /usr/lib/os-release; name the os-profile with "
			    "--profile");
	else if (!*id)
		problem_add(load->problems, (struct origin){release->path, 0},
			    "it has no ID=, so name the os-profile with --profile");
	else
		problem_add(load->problems, (struct origin){release->path, 0},
			    "no os-profile matches ID=%s, and no systemd is here; name one with "
			    "--profile",
			    id);
}

static struct best find_best(struct load *load, struct host *host)
{
	struct best best = {0};

	for (size_t i = 0; i < load->profile_count; i++) {
		struct profile_file *file = &load->profiles[i];
		const struct ini_entry *match = file->os ? ini_entry(file->os, "match") : NULL;

		for (const struct ini_line *clause = match ? match->lines : NULL; clause;
		     clause = clause->next)
			try_clause(load, host, file, clause, &best);
	}
	return best;
}

static bool can_fall_back(struct load *load, struct host *host)
{
	return load_profile(load, FALLBACK) && !osrelease(host)->error &&
	       (host_exists(host, "/usr/lib/systemd/systemd") ||
		host_exists(host, "/lib/systemd/systemd"));
}

bool profile_fits(struct load *load, struct host *host)
{
	struct best best = find_best(load, host);

	return best.file || can_fall_back(load, host);
}

static struct profile_file *fall_back(struct load *load, struct host *host, const char **ret_chosen,
				      const char **ret_note)
{
	if (!can_fall_back(load, host)) {
		complain(load, host);
		return NULL;
	}
	*ret_chosen = "systemd is here, and no os-profile matches";
	*ret_note = arena_printf(load->arena,
				 "no os-profile matches this host (ID=%s): it is held "
				 "against the general profile " FALLBACK,
				 osrelease_get(host, "ID"));
	return load_profile(load, FALLBACK);
}

static const char *describe(struct load *load, struct host *host, const struct best *best)
{
	return arena_printf(load->arena, "%s%s%s (%s)", best->clause->text,
			    best->asks_release ? " in " : "",
			    best->asks_release ? osrelease(host)->path : "",
			    origin_short(load->arena, best->clause->origin));
}

struct profile_file *profile_detect(struct load *load, struct host *host, const char **ret_chosen,
				    const char **ret_note)
{
	struct best best = find_best(load, host);

	if (!best.file)
		return fall_back(load, host, ret_chosen, ret_note);
	if (best.rival) {
		problem_add(
			load->problems, best.clause->origin,
			"the os-profiles %s and %s match the host alike; name one with --profile",
			best.file->name, best.rival->name);
		return NULL;
	}
	*ret_chosen = describe(load, host, &best);
	return best.file;
}
