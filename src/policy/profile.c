/* os-profiles/NAME.ini: what is known of an operating system. */
#include "base/date.h"
#include "policy/key.h"

static void read_lower_etc(struct load *load, const struct ini_entry *entry, void *target)
{
	struct os *os = target;
	struct strv words = {0};

	read_words(load, entry, &words);
	os->lower_mode = LOWER_NONE;
	if (words.count == 2 && str_eq(words.at[1], "overlay"))
		os->lower_mode = LOWER_OVERLAY;
	else if (words.count == 2 && str_eq(words.at[1], "if-missing"))
		os->lower_mode = LOWER_IF_MISSING;
	if (words.count && (os->lower_mode == LOWER_NONE || words.at[0][0] != '/'))
		problem_add(load->problems, entry->origin,
			    "'%s' is a PATH and then overlay or if-missing", entry->key);
	os->lower_etc = words.count ? words.at[0] : NULL;
}

/* Paths as the host sees them; a slash at the end would match nothing. */
static void read_paths(struct load *load, const struct ini_entry *entry, void *target)
{
	struct strv *paths = target;

	read_words(load, entry, paths);
	for (size_t i = 0; i < paths->count; i++)
		if (paths->at[i][0] != '/' || str_ends(paths->at[i], "/"))
			problem_add(load->problems, entry->origin,
				    "'%s' is no absolute path without a slash at its end",
				    paths->at[i]);
}

static void read_persists(struct load *load, const struct ini_entry *entry, void *target)
{
	if (str_eq(ini_text(load->arena, entry), "none"))
		read_words(load, entry, target);
	else
		read_paths(load, entry, target);
}

static void read_benchmarks(struct load *load, const struct ini_entry *entry, void *target)
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

enum { KEY_LIST = 4 }; /* a value that begins with `+` is added to what is inherited */

#define LIST (KEY_LIST | KEY_MAY_BE_EMPTY)
#define OS(field) offsetof(struct profile, os.field)

static const struct key os_keys[] = {
	{"title", read_text, OS(title), KEY_REQUIRED},
	{"inherits", NULL, 0, 0},
	{"match", NULL, 0, 0},
	{"traits", read_names, OS(traits), LIST},
	{"roles", read_names, OS(roles), LIST},
	{"lower-etc", read_lower_etc, offsetof(struct profile, os), KEY_MAY_BE_EMPTY},
	{"persists", read_persists, OS(persists), LIST},
	{"arguments", read_paths, OS(arguments), LIST},
	{"targets", read_words, OS(targets), LIST},
	{"kconfig", read_paths, OS(kconfig), LIST},
	{"accounts", read_paths, OS(accounts), LIST},
	{"renderer", read_name, offsetof(struct profile, renderer), 0},
	{"benchmarks", read_benchmarks, offsetof(struct profile, benchmarks), LIST},
	{"level", read_level, offsetof(struct profile, level), 0},
	{0},
};

/* `VALUE by WHO`; the part from `by` on may be missing. */
static void split_by(struct arena *arena, const char *text, struct os_value *value)
{
	const char *by = strstr(text, " by ");

	value->value = by ? arena_strndup(arena, text, (size_t)(by - text)) : text;
	value->note = by ? by + strlen(" by ") : NULL;
}

static void read_default(struct load *load, const struct ini_entry *entry, struct os_value *value)
{
	struct strv words = {0};

	value->value = ini_text(load->arena, entry);
	strv_split(&words, load->arena, value->value, STR_BLANKS);
	if (words.count && str_eq(words.at[0], "config") && words.count != 4 && words.count != 2)
		problem_add(load->problems, entry->origin,
			    "write `config SYMBOL A B`: A where the kernel has it, else B; or "
			    "`config SYMBOL`: its number");
}

static void read_written_by(struct load *load, const struct ini_entry *entry,
			    struct os_value *value)
{
	split_by(load->arena, ini_text(load->arena, entry), value);
	if (!value->note)
		problem_add(load->problems, entry->origin, "who writes it? VALUE by WHO");
}

static void read_mount(struct load *load, const struct ini_entry *entry, struct os_value *value)
{
	struct strv words = {0};

	split_by(load->arena, ini_text(load->arena, entry), value);
	strv_split(&words, load->arena, value->value, STR_BLANKS);
	if (words.count != 2)
		problem_add(load->problems, entry->origin, "a mount is TYPE OPTIONS [by WHO]");
	if (entry->key[0] != '/')
		problem_add(load->problems, entry->origin, "'%s' is no absolute path", entry->key);
}

static void read_support_end(struct load *load, const struct ini_entry *entry,
			     struct os_value *value)
{
	day_t day;

	value->value = ini_text(load->arena, entry);
	if (date_parse(value->value, &day))
		problem_add(load->problems, entry->origin, "'%s' is no day, written YYYY-MM-DD",
			    value->value);
}

/* The sections of a profile. Those that are lists of facts are read into `struct os`. */
static const struct section {
	const char *name;
	void (*read)(struct load *load, const struct ini_entry *entry, struct os_value *value);
	size_t offset; /* in struct os */
} sections[] = {
	{"os", NULL, 0},
	{"variables", NULL, 0},
	{"tailor", NULL, 0},
	{"not-applicable", NULL, 0},
	{"sysctl-defaults", read_default, offsetof(struct os, sysctl_default)},
	{"written-by", read_written_by, offsetof(struct os, written_by)},
	{"known-mounts", read_mount, offsetof(struct os, known_mounts)},
	{"support-end", read_support_end, offsetof(struct os, support_end)},
};

#define N_SECTIONS (sizeof(sections) / sizeof(sections[0]))

static void read_values(struct load *load, const struct ini_section *from,
			const struct section *section, struct os_values *ret_values)
{
	size_t count = 0;

	for (const struct ini_entry *entry = from->entries; entry; entry = entry->next)
		count++;
	ret_values->at = arena_alloc(load->arena, count * sizeof(*ret_values->at));
	for (const struct ini_entry *entry = from->entries; entry; entry = entry->next) {
		struct os_value *value = &ret_values->at[ret_values->count];

		if (!entry->lines) {
			problem_add(load->problems, entry->origin, "'%s' has no value", entry->key);
			continue;
		}
		value->key = entry->key;
		value->origin = origin_short(load->arena, entry->origin);
		section->read(load, entry, value);
		ret_values->count++;
	}
}

static void check_section(struct load *load, const struct ini_section *section)
{
	struct strv names = {0};

	for (size_t i = 0; i < N_SECTIONS; i++) {
		if (str_eq(sections[i].name, section->name))
			return;
		strv_push(&names, load->arena, sections[i].name);
	}
	if (!section->refused)
		complain_word(load, section->origin, "section", section->name, &names);
}

static bool is_list(const char *key)
{
	for (const struct key *at = os_keys; at->name; at++)
		if (str_eq(at->name, key))
			return at->flags & KEY_LIST;
	return false;
}

static void read_file(struct load *load, const struct source_file *file,
		      struct profile_file *ret_file)
{
	const struct ini_entry *match;

	*ret_file = (struct profile_file){
		.name = file->name,
		.sections = file->sections,
		.os = ini_section(file->sections, "os"),
		.origin = {file->path, 0},
	};
	if (!is_name(file->name))
		problem_add(load->problems, ret_file->origin,
			    "a file's name is made of a-z, 0-9 and '-', and ends in .ini");
	for (const struct ini_section *at = file->sections; at; at = at->next)
		check_section(load, at);
	if (!ret_file->os) {
		problem_add(load->problems, ret_file->origin, "the section [os] is missing");
		return;
	}
	ret_file->origin = ret_file->os->origin;
	keys_check(load, ret_file->os, os_keys);
	match = ini_entry(ret_file->os, "match");
	if (match)
		match_check(load, match);
}

static void add_parent(struct load *load, struct profile_file *file, const struct ini_line *line,
		       const char *name)
{
	const size_t size = sizeof(struct profile_file *);
	struct profile_file *parent = load_profile(load, name);

	if (!parent) {
		load_miss(load, line->origin, "os-profile", name);
		return;
	}
	file->parents = arena_grow(load->arena, file->parents, file->parent_count * size,
				   (file->parent_count + 1) * size);
	file->parents[file->parent_count++] = parent;
	file->inherits = line->origin;
}

static void find_parents(struct load *load, struct profile_file *file)
{
	const struct ini_entry *inherits = file->os ? ini_entry(file->os, "inherits") : NULL;

	for (const struct ini_line *line = inherits ? inherits->lines : NULL; line;
	     line = line->next) {
		struct strv names = {0};

		strv_split(&names, load->arena, line->text, STR_BLANKS);
		for (size_t i = 0; i < names.count; i++)
			add_parent(load, file, line, names.at[i]);
	}
}

/* A profile behind all that it inherits. */
struct chain {
	struct profile_file **at;
	size_t count;
};

static void follow(struct load *load, struct profile_file *file, struct chain *chain)
{
	for (size_t i = 0; i < chain->count; i++)
		if (chain->at[i] == file)
			return;
	if (file->on_path) {
		problem_add(load->problems, file->inherits,
			    "what os-profile '%s' inherits leads back to it", file->name);
		return;
	}
	file->on_path = true;
	for (size_t i = 0; i < file->parent_count; i++)
		follow(load, file->parents[i], chain);
	file->on_path = false;
	chain->at[chain->count++] = file;
}

static struct chain make_chain(struct load *load, struct profile_file *file)
{
	struct chain chain = {0};

	chain.at = arena_alloc(load->arena, (load->profile_count + 1) * sizeof(*chain.at));
	follow(load, file, &chain);
	return chain;
}

void profiles_read(struct load *load)
{
	struct source_files files;

	sources_read(&load->sources, KIND_PROFILES, &files);
	load->profile_count = files.count;
	load->profiles = arena_alloc(load->arena, files.count * sizeof(*load->profiles));
	for (size_t i = 0; i < files.count; i++)
		read_file(load, &files.at[i], &load->profiles[i]);
	for (size_t i = 0; i < files.count; i++)
		find_parents(load, &load->profiles[i]);
	for (size_t i = 0; i < files.count; i++)
		make_chain(load, &load->profiles[i]);
}

/* The lines of a value behind its `+`, behind those that are there already. */
static struct ini_line *add_lines(struct arena *arena, const struct ini_line *before,
				  const struct ini_line *more)
{
	struct ini_line *first = NULL, **tail = &first;
	const struct ini_line *lists[] = {before, more};

	for (size_t i = 0; i < 2; i++)
		for (const struct ini_line *line = lists[i]; line; line = line->next) {
			*tail = arena_new(arena, struct ini_line);
			**tail = *line;
			(*tail)->next = NULL;
			if (line == more)
				(*tail)->text += strspn(line->text, "+" STR_BLANKS);
			tail = &(*tail)->next;
		}
	return first;
}

static bool adds(const struct ini_section *section, const struct ini_entry *entry)
{
	return str_eq(section->name, "os") && is_list(entry->key) && entry->lines &&
	       entry->lines->text[0] == '+';
}

static void merge_entry(struct arena *arena, struct ini_section *into,
			const struct ini_entry *entry)
{
	struct ini_entry **at = &into->entries, *next;
	const struct ini_line *before;

	while (*at && !str_eq((*at)->key, entry->key))
		at = &(*at)->next;
	next = *at ? (*at)->next : NULL;
	before = *at ? (*at)->lines : NULL;
	*at = arena_new(arena, struct ini_entry);
	**at = *entry;
	(*at)->next = next;
	if (adds(into, entry))
		(*at)->lines = add_lines(arena, before, entry->lines);
}

void sections_merge(struct arena *arena, struct ini_section **into, const struct ini_section *from)
{
	for (; from; from = from->next) {
		struct ini_section *section = ini_section(*into, from->name);

		if (!section) {
			section = arena_new(arena, struct ini_section);
			*section = *from;
			section->entries = NULL;
			section->damaged = true; /* what is missing in it was told of the files */
			section->next = *into;
			*into = section;
		}
		for (const struct ini_entry *entry = from->entries; entry; entry = entry->next)
			merge_entry(arena, section, entry);
	}
}

void profile_build(struct load *load, struct profile_file *file, struct ini_section **ret_sections,
		   struct profile *ret_profile)
{
	struct chain chain = make_chain(load, file);
	struct ini_section *merged = NULL;
	const struct ini_section *found;

	*ret_profile = (struct profile){.os.id = file->name,
					.os.title = file->name,
					.level = 1,
					.origin = file->origin};
	for (size_t i = 0; i < chain.count; i++)
		sections_merge(load->arena, &merged, chain.at[i]->sections);
	for (size_t i = chain.count; i-- > 0;)
		if (chain.at[i] != file)
			strv_push(&ret_profile->inherits, load->arena, chain.at[i]->name);
	found = ini_section(merged, "os");
	if (found)
		keys_read(load, found, os_keys, ret_profile);
	for (size_t i = 0; i < N_SECTIONS; i++)
		if (sections[i].read && (found = ini_section(merged, sections[i].name)))
			read_values(load, found, &sections[i],
				    (void *)((char *)&ret_profile->os + sections[i].offset));
	*ret_sections = merged;
}
