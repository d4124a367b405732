/* site/NAME.ini: what a site wants otherwise, whichever profile is chosen. */
#include "policy/key.h"

/* What [roles] and [benchmarks] have. */
struct change {
	struct strv add, remove;
};

static void read_rows(struct load *load, const struct ini_entry *entry, void *target)
{
	struct strv *names = target;
	size_t i = names->count;

	for (const struct ini_line *line = entry->lines; line; line = line->next) {
		strv_split(names, load->arena, line->text, STR_BLANKS);
		for (; i < names->count; i++)
			if (!load_benchmark(load, names->at[i]))
				load_miss(load, line->origin, "benchmark", names->at[i]);
	}
}

static const struct key role_keys[] = {
	{"add", read_names, offsetof(struct change, add), KEY_MAY_BE_EMPTY},
	{"remove", read_names, offsetof(struct change, remove), KEY_MAY_BE_EMPTY},
	{0},
};

static const struct key benchmark_keys[] = {
	{"add", read_rows, offsetof(struct change, add), KEY_MAY_BE_EMPTY},
	{"remove", read_rows, offsetof(struct change, remove), KEY_MAY_BE_EMPTY},
	{0},
};

static const struct section {
	const char *name;
	const struct key *keys; /* NULL: tailor.c knows */
} sections[] = {
	{"variables", NULL},
	{"tailor", NULL},
	{"not-applicable", NULL},
	{"roles", role_keys},
	{"benchmarks", benchmark_keys},
};

#define N_SECTIONS (sizeof(sections) / sizeof(sections[0]))

static void check_section(struct load *load, const struct ini_section *section)
{
	struct strv names = {0};
	struct change unused = {0};

	for (size_t i = 0; i < N_SECTIONS; i++) {
		if (str_eq(sections[i].name, section->name)) {
			if (sections[i].keys)
				keys_read(load, section, sections[i].keys, &unused);
			return;
		}
		strv_push(&names, load->arena, sections[i].name);
	}
	if (!section->refused)
		complain_word(load, section->origin, "section", section->name, &names);
}

void site_read(struct load *load)
{
	struct source_files files;

	sources_read(&load->sources, KIND_SITE, &files);
	for (size_t i = 0; i < files.count; i++) {
		for (const struct ini_section *at = files.at[i].sections; at; at = at->next)
			check_section(load, at);
		sections_merge(load->arena, &load->site, files.at[i].sections);
	}
}

static struct change site_change(struct load *load, const char *name, const struct key *keys)
{
	const struct ini_section *section = ini_section(load->site, name);
	struct change change = {0};

	if (section)
		keys_read(load, section, keys, &change);
	return change;
}

static void add_new(struct arena *arena, struct strv *list, const struct strv *more)
{
	for (size_t i = 0; i < more->count; i++)
		if (!strv_has(list, more->at[i]))
			strv_push(list, arena, more->at[i]);
}

static void apply(struct arena *arena, struct strv *list, const struct change *change)
{
	struct strv kept = {0};

	add_new(arena, list, &change->add);
	for (size_t i = 0; i < list->count; i++)
		if (!strv_has(&change->remove, list->at[i]))
			strv_push(&kept, arena, list->at[i]);
	*list = kept;
}

void site_apply(struct load *load, const struct strv *roles, struct profile *profile)
{
	struct change change = site_change(load, "roles", role_keys);

	apply(load->arena, &profile->os.roles, &change);
	for (size_t i = 0; i < roles->count; i++)
		if (!is_name(roles->at[i]))
			problem_add(load->problems, (struct origin){"--role", 0},
				    "'%s' is no name of a-z, 0-9 and '-'", roles->at[i]);
	add_new(load->arena, &profile->os.roles, roles);
	change = site_change(load, "benchmarks", benchmark_keys);
	apply(load->arena, &profile->benchmarks, &change);
}
