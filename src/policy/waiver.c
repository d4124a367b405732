/* waivers/NAME.ini: failures that somebody answers for, until a day. */
#include "base/date.h"
#include "policy/key.h"

#include <stdlib.h>

static void read_date(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *text = ini_text(load->arena, entry);
	day_t day;

	if (date_parse(text, &day))
		problem_add(load->problems, entry->origin, "'%s' is no day, written YYYY-MM-DD",
			    text);
	*(const char **)target = text;
}

static void read_rule_id(struct load *load, const struct ini_entry *entry, void *target)
{
	const char *id = ini_text(load->arena, entry);

	if (!load_rule(load, id))
		load_miss(load, entry->origin, "rule", id);
	*(const char **)target = id;
}

static const struct key keys[] = {
	{"rule", read_rule_id, offsetof(struct waiver, rule), KEY_REQUIRED},
	{"reason", read_text, offsetof(struct waiver, reason), KEY_REQUIRED},
	{"owner", read_text, offsetof(struct waiver, owner), KEY_REQUIRED},
	{"expires", read_date, offsetof(struct waiver, expires), KEY_REQUIRED},
	{"subject", read_text, offsetof(struct waiver, subject), 0},
	{"value", read_text, offsetof(struct waiver, value), 0},
	{"role", read_name, offsetof(struct waiver, role), 0},
	{0},
};

/* A waiver, and the rank of the directory that it is from. */
struct candidate {
	struct waiver waiver;
	unsigned rank;
};

static int compare(const void *a, const void *b)
{
	const struct candidate *x = a, *y = b;
	int order = strcmp(x->waiver.name, y->waiver.name);

	if (!order)
		order = (x->rank > y->rank) - (x->rank < y->rank);
	return order ? order : strcmp(x->waiver.origin.file, y->waiver.origin.file);
}

/* Of waivers with the same name the one of the highest directory counts. */
static void keep_highest(struct load *load, struct candidate *all, size_t count)
{
	qsort(all, count, sizeof(*all), compare);
	load->waivers = arena_alloc(load->arena, count * sizeof(*load->waivers));
	for (size_t i = 0; i < count; i++) {
		const struct waiver *waiver = &all[i].waiver;

		if (!i || !str_eq(waiver->name, all[i - 1].waiver.name)) {
			load->waivers[load->waiver_count++] = *waiver;
			continue;
		}
		if (all[i].rank == all[i - 1].rank)
			problem_add(load->problems, waiver->origin,
				    "%s:%u has a waiver '%s' already",
				    all[i - 1].waiver.origin.file, all[i - 1].waiver.origin.line,
				    waiver->name);
	}
}

void waivers_read(struct load *load)
{
	struct source_files files;
	struct candidate *all;
	size_t count = 0;

	sources_read(&load->sources, KIND_WAIVERS, &files);
	for (size_t i = 0; i < files.count; i++)
		for (const struct ini_section *at = files.at[i].sections; at; at = at->next)
			count++;
	all = arena_alloc(load->arena, count * sizeof(*all));
	count = 0;
	for (size_t i = 0; i < files.count; i++)
		for (const struct ini_section *at = files.at[i].sections; at; at = at->next) {
			struct waiver waiver = {.name = at->name, .origin = at->origin};

			keys_read(load, at, keys, &waiver);
			if (!at->refused)
				all[count++] = (struct candidate){waiver, files.at[i].rank};
		}
	keep_highest(load, all, count);
}
