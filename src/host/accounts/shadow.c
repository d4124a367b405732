#include "host/accounts/shadow.h"

#include "host/accounts/password.h"
#include "host/os.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#define MOST_LINES 65536

/* The next part of a line, up to a colon or its end. */
static const char *take_text(char **at)
{
	char *text = *at;

	*at += strcspn(text, ":");
	if (**at)
		*(*at)++ = '\0';
	return text;
}

/*
 * The next part as the C library reads a number that may be missing: 32 bits, of which the largest
 * is read as -1. False where the line ends too early, or it is none.
 */
static bool take_days(char **at, long *ret_days)
{
	char *end;
	unsigned long number;

	if (!**at)
		return false;
	number = strtoul(*at, &end, 10);
	if (number > UINT32_MAX || (*end && *end != ':'))
		return false;
	*ret_days = end == *at ? SHADOW_UNSET : (long)(int32_t)(uint32_t)number;
	*at = *end ? end + 1 : end;
	return true;
}

/* A line may end behind `most`: the old form. */
static bool take_aging(char *line, struct shadow *shadow)
{
	long ignored;

	shadow->warn = shadow->inactive = shadow->expires = SHADOW_UNSET;
	if (!take_days(&line, &shadow->changed) || !take_days(&line, &shadow->least) ||
	    !take_days(&line, &shadow->most))
		return false;
	line += strspn(line, STR_BLANKS);
	if (!*line)
		return true;
	if (!take_days(&line, &shadow->warn) || !take_days(&line, &shadow->inactive) ||
	    !take_days(&line, &shadow->expires))
		return false;
	/* Behind the last number not even a colon may stand. */
	return !*line || (!strchr(line, ':') && take_days(&line, &ignored) && !*line);
}

/* Nobody needs the hash from here on. */
static const char *take_method(char **at)
{
	size_t length = strcspn(*at, ":");
	char *field = *at;
	const char *method = password_method(take_text(at));

	explicit_bzero(field, length);
	return method;
}

static bool parse_line(enum account_kind kind, char *line, struct shadow *shadow)
{
	if (!*line || *line == '#')
		return false;
	shadow->name = take_text(&line);
	shadow->method = take_method(&line);
	if (kind == ACCOUNT_USER)
		return take_aging(line, shadow);
	shadow->administrators = take_text(&line);
	return true;
}

static void keep(struct arena *arena, struct shadows *shadows, const struct shadow *shadow)
{
	if (shadows->count == shadows->space) {
		size_t space = shadows->space ? shadows->space * 2 : 64;

		shadows->at = arena_grow(arena, shadows->at, shadows->count * sizeof(*shadows->at),
					 space * sizeof(*shadows->at));
		shadows->space = space;
	}
	shadows->at[shadows->count] = *shadow;
	shadows->at[shadows->count].order = shadows->count;
	shadows->count++;
}

static void keep_nis(struct arena *arena, struct shadows *shadows, const struct shadow *shadow,
		     char *line)
{
	struct account *nis = arena_new(arena, struct account);

	nis->name = take_text(&line);
	nis->file = shadow->file;
	nis->line = shadow->line;
	nis->next = shadows->nis;
	shadows->nis = nis;
}

int shadows_parse(struct arena *arena, enum account_kind kind, const char *file, char *text,
		  struct shadows *shadows)
{
	unsigned number = 0;
	char *line;

	while ((line = str_next_line(&text))) {
		struct shadow shadow = {.file = file, .line = ++number};

		if (number > MOST_LINES)
			return -E2BIG;
		line += strspn(line, STR_BLANKS);
		if (*line == '+' || *line == '-')
			keep_nis(arena, shadows, &shadow, line);
		else if (parse_line(kind, line, &shadow))
			keep(arena, shadows, &shadow);
	}
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct shadow *x = a, *y = b;
	int order = strcmp(x->name, y->name);

	if (order)
		return order;
	return x->order < y->order ? -1 : 1;
}

void shadows_sort(struct shadows *shadows)
{
	if (shadows->count)
		qsort(shadows->at, shadows->count, sizeof(*shadows->at), compare);
}

const struct shadow *shadow_find(const struct shadows *shadows, const char *name)
{
	size_t low = 0, high = shadows->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(shadows->at[middle].name, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < shadows->count && str_eq(shadows->at[low].name, name) ? &shadows->at[low]
									   : NULL;
}

/* A file that is not there has no lines. */
static int read_file(struct host *host, enum account_kind kind, const char *path,
		     struct shadows *shadows)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (error == -ENOENT || error == -ENOTDIR)
		return 0;
	if (!error) {
		error = shadows_parse(host->arena, kind, path,
				      arena_strndup(host->arena, text.data, text.size), shadows);
		explicit_bzero(text.data, text.size);
	}
	if (error) {
		shadows->error = error;
		shadows->error_file = path;
	}
	return error;
}

static const struct shadows *load(struct host *host, enum account_kind kind, const char *name)
{
	struct shadows *shadows = arena_new(host->arena, struct shadows);
	const struct strv *dirs = &host->os->accounts;
	const char *path = arena_printf(host->arena, "/etc/%s", name);

	shadows->looked_at = path;
	if (!read_file(host, kind, path, shadows))
		for (size_t i = 0; i < dirs->count; i++) {
			path = arena_printf(host->arena, "%s/%s", dirs->at[i], name);
			if (read_file(host, kind, path, shadows))
				break;
		}
	shadows_sort(shadows);
	return shadows;
}

static const void *load_users(struct host *host)
{
	return load(host, ACCOUNT_USER, "shadow");
}

static const void *load_groups(struct host *host)
{
	return load(host, ACCOUNT_GROUP, "gshadow");
}

const struct shadows *user_shadows(struct host *host)
{
	return host_view(host, load_users);
}

const struct shadows *group_shadows(struct host *host)
{
	return host_view(host, load_groups);
}
