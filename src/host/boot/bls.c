#include "host/boot/bls.h"

#include "base/arena.h"

#include <ctype.h>

static int sign(int number)
{
	return (number > 0) - (number < 0);
}

/* The part before the first digit that is not part of a run, as a number: longer is more. */
static int compare_numbers(const char **a, const char **b)
{
	size_t length_a, length_b;
	int order;

	*a += strspn(*a, "0");
	*b += strspn(*b, "0");
	length_a = strspn(*a, "0123456789");
	length_b = strspn(*b, "0123456789");
	if (length_a != length_b)
		return length_a < length_b ? -1 : 1;
	order = strncmp(*a, *b, length_a);
	*a += length_a;
	*b += length_b;
	return order;
}

static size_t letters(const char *text)
{
	size_t length = 0;

	while (isalpha((unsigned char)text[length]))
		length++;
	return length;
}

static int compare_letters(const char **a, const char **b)
{
	size_t length_a = letters(*a), length_b = letters(*b);
	size_t common = length_a < length_b ? length_a : length_b;
	int order = strncmp(*a, *b, common);

	if (!order && length_a != length_b)
		return length_a < length_b ? -1 : 1;
	*a += length_a;
	*b += length_b;
	return order;
}

/* The text that has the separator is the older one; both have it: go on behind it. */
static int compare_separator(const char **a, const char **b, char separator)
{
	bool in_a = **a == separator, in_b = **b == separator;

	if (in_a != in_b)
		return in_a ? -1 : 1;
	*a += in_a;
	*b += in_b;
	return 0;
}

static const char *skip_others(const char *text)
{
	while (*text && !isalnum((unsigned char)*text) && !strchr("-.~^", *text))
		text++;
	return text;
}

int version_compare(const char *a, const char *b)
{
	for (;;) {
		const char *const separators = "-^.";
		int order;

		a = skip_others(a);
		b = skip_others(b);
		order = compare_separator(&a, &b, '~');
		if (order)
			return order;
		if (!*a || !*b)
			return (*a != '\0') - (*b != '\0');
		for (const char *separator = separators; *separator; separator++) {
			order = compare_separator(&a, &b, *separator);
			if (order)
				return order;
		}
		if (isdigit((unsigned char)*a) || isdigit((unsigned char)*b))
			order = compare_numbers(&a, &b);
		else
			order = compare_letters(&a, &b);
		if (order)
			return sign(order);
	}
}

void bls_name(struct arena *arena, const char *path, const char *suffix,
	      struct bls_entry *ret_entry)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	size_t length = strlen(name) - (str_ends(name, suffix) ? strlen(suffix) : 0);
	char *id = arena_strndup(arena, name, length);
	char *counter = strrchr(id, '+');

	*ret_entry = (struct bls_entry){.id = id};
	if (!counter || counter[1 + strspn(counter + 1, "0123456789-")])
		return;
	ret_entry->failed = counter[1] == '0' && (counter[2] == '-' || !counter[2]);
	*counter = '\0';
}

void bls_parse(struct arena *arena, const char *path, char *text, struct bls_entry *ret_entry)
{
	struct bls_entry entry;
	unsigned number = 0;
	char *line;

	bls_name(arena, path, ".conf", &entry);
	while ((line = str_next_line(&text))) {
		char *key = str_trim(line), *value = key + strcspn(key, " \t");

		number++;
		if (*value)
			*value++ = '\0';
		value = str_trim(value);
		if (str_eq(key, "sort-key"))
			entry.sort_key = arena_strdup(arena, value);
		else if (str_eq(key, "machine-id"))
			entry.machine_id = arena_strdup(arena, value);
		else if (str_eq(key, "version"))
			entry.version = arena_strdup(arena, value);
		if (!str_eq(key, "options"))
			continue;
		entry.options = entry.options ? arena_printf(arena, "%s %s", entry.options, value)
					      : arena_strdup(arena, value);
		if (!entry.source)
			entry.source = arena_printf(arena, "%s:%u", path, number);
	}
	*ret_entry = entry;
}

static const char *text_of(const char *text)
{
	return text ? text : "";
}

int bls_compare(const struct bls_entry *a, const struct bls_entry *b)
{
	int order;

	if (a->failed != b->failed)
		return a->failed ? 1 : -1;
	if (!a->sort_key != !b->sort_key)
		return a->sort_key ? -1 : 1;
	if (a->sort_key) {
		order = strcmp(a->sort_key, b->sort_key);
		if (!order)
			order = strcmp(text_of(a->machine_id), text_of(b->machine_id));
		if (!order)
			order = version_compare(text_of(b->version), text_of(a->version));
		if (order)
			return order;
	}
	return version_compare(b->id, a->id);
}
