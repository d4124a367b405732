/* limits.conf(5), as pam_limits(8) of Linux-PAM 1.5 reads it. */
#include "host/settings/limits.h"

#include <ctype.h>
#include <errno.h>

/* Lines are read into a buffer of so many bytes; what is longer falls into two. */
#define LONGEST_LINE 1022

static const char *const dirs[] = {"/etc/security/limits.d", "/usr/etc/security/limits.d", NULL};

static char *lower(char *text)
{
	for (char *at = text; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	return text;
}

static void push(struct limit_lines *lines, struct arena *arena, struct limit_line line)
{
	if (lines->count == lines->space) {
		size_t space = lines->space ? lines->space * 2 : 32;

		lines->at = arena_grow(arena, lines->at, lines->count * sizeof(line),
				       space * sizeof(line));
		lines->space = space;
	}
	lines->at[lines->count++] = line;
}

/* A range of numbers behind the sign of a group: "1000:2000", ":1000", "1000:". */
struct range {
	bool is_range, wrong;
	unsigned long first, last;
};

static struct range parse_range(const char *domain)
{
	const char *text = domain + strspn(domain, "@%"), *colon = strchr(text, ':');
	struct range range = {.is_range = colon != NULL, .last = UINT32_MAX};
	char *end;

	if (!colon)
		return range;
	if (colon != text) {
		range.first = strtoul(text, &end, 10);
		range.wrong = end != colon;
	}
	if (colon[1]) {
		range.last = strtoul(colon + 1, &end, 10);
		range.wrong |= *end || end == colon + 1;
	}
	range.wrong |= colon == text && !colon[1];
	if (colon == text)
		range.first = range.last;
	return range;
}

void limit_lines_parse(struct limit_lines *lines, struct arena *arena, const char *file, char *text)
{
	char *at;

	for (unsigned number = 1; (at = str_next_line(&text)); number++) {
		struct limit_line line = {.file = file, .line = number};
		struct strv words = {0};

		if (strlen(at) > LONGEST_LINE)
			lines->why = arena_printf(arena, "%s:%u is longer than pam_limits reads",
						  file, number);
		at[strcspn(at, "#")] = '\0';
		if (!at[strspn(at, STR_BLANKS)])
			continue;
		strv_split(&words, arena, at, STR_BLANKS);
		if (words.count < 2 || parse_range(words.at[0]).wrong)
			continue;
		line.domain = words.at[0];
		line.type = lower(arena_strdup(arena, words.at[1]));
		if (words.count >= 4) {
			line.item = lower(arena_strdup(arena, words.at[2]));
			line.value = lower(arena_strdup(arena, words.at[3]));
		} else if (words.count != 2 || *line.type != '-') {
			continue;
		}
		push(lines, arena, line);
	}
}

static void read_file(struct host *host, const char *path, struct limit_lines *lines)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (error)
		lines->why = arena_printf(host->arena, "cannot read %s: %s", path,
					  host_error(error));
	else
		limit_lines_parse(lines, host->arena, path, text.data);
}

static const void *load(struct host *host)
{
	struct limit_lines *lines = arena_new(host->arena, struct limit_lines);
	struct strv files = {0};
	int error;

	if (host_exists(host, "/etc/security/limits.conf"))
		read_file(host, "/etc/security/limits.conf", lines);
	else if (host_exists(host, "/usr/etc/security/limits.conf"))
		read_file(host, "/usr/etc/security/limits.conf", lines);
	error = host_dropins(host, dirs, ".conf", &files);
	if (error)
		lines->why = arena_printf(host->arena, "cannot list limits.d: %s",
					  host_error(error));
	for (size_t i = 0; i < files.count; i++)
		read_file(host, files.at[i], lines);
	return lines;
}

const struct limit_lines *limit_lines_get(struct host *host)
{
	return host_view(host, load);
}

static const char *unlimited_or(struct arena *arena, const struct limit_resource *resource,
				uint64_t number)
{
	if (number >= UINT64_MAX / resource->factor)
		return "unlimited";
	number *= resource->factor;
	return arena_printf(arena, "%llu", (unsigned long long)number);
}

static bool is_unlimited(const char *value)
{
	return str_eq(value, "-1") || str_eq(value, "-") || str_eq(value, "unlimited") ||
	       str_eq(value, "infinity");
}

const char *limit_line_value(struct arena *arena, const struct limit_line *line,
			     const struct limit_resource *resource)
{
	bool logins = !resource->shown;
	char *end;
	long number;

	if (!line->item || !str_eq(line->item, resource->name))
		return NULL;
	if (!logins && !str_eq(line->type, "soft") && !str_eq(line->type, "hard") &&
	    !str_eq(line->type, "-"))
		return NULL;
	if (resource->kind != LIMIT_NICE && is_unlimited(line->value))
		return "unlimited";
	if (!logins && resource->kind != LIMIT_NICE) {
		uint64_t limit = strtoull(line->value, &end, 10);

		return end == line->value ? NULL : unlimited_or(arena, resource, limit);
	}
	number = strtol(line->value, &end, 10);
	if (end == line->value)
		return NULL;
	if (logins)
		return arena_printf(arena, "%ld", number);
	number = number > 19 ? 19 : number < -20 ? -20 : number;
	return arena_printf(arena, "%ld", 20 - number);
}

bool limit_line_is_special(const struct limit_line *line)
{
	return !str_eq(line->domain, "*") && !str_eq(line->domain, "%");
}

/* How near a line speaks of somebody: the nearest one wins, whatever the order. */
enum nearness { OF_USER, OF_GROUP, OF_ALL_OF_GROUP, OF_ALL_TOGETHER, OF_EVERYBODY, OF_OTHERS };

static bool is_in_range(const struct range *range, unsigned id)
{
	return id >= range->first && id <= range->last;
}

static bool is_of_group(struct arena *arena, const struct limit_user *user,
			const struct range *range, const char *name)
{
	if (!range->is_range)
		return strv_has(&user->groups, name);
	if (range->first != range->last || strchr(name, ':') != name)
		return is_in_range(range, user->group);
	return strv_has(&user->group_ids, arena_printf(arena, "%lu", range->last));
}

static enum nearness nearness(struct arena *arena, const struct limit_line *line,
			      const struct limit_user *user)
{
	const struct range range = parse_range(line->domain);
	const char *domain = line->domain;

	if (user->name && str_eq(domain, user->name))
		return OF_USER;
	if (str_eq(domain, "*"))
		return OF_EVERYBODY;
	/* Those who log in together are counted, and nothing else is. */
	if (*domain == '%' && (!line->item || !str_eq(line->item, "maxlogins")))
		return OF_OTHERS;
	if (str_eq(domain, "%"))
		return OF_ALL_TOGETHER;
	if (!user->name)
		return OF_OTHERS;
	if (*domain == '@')
		return is_of_group(arena, user, &range, domain + 1) ? OF_GROUP : OF_OTHERS;
	if (*domain == '%')
		return strv_has(&user->groups, domain + 1) ? OF_ALL_OF_GROUP : OF_OTHERS;
	return range.is_range && is_in_range(&range, user->id) ? OF_USER : OF_OTHERS;
}

/* A line of two words leaves somebody alone, whatever stands elsewhere. */
static bool is_left_alone(enum nearness near)
{
	return near == OF_USER || near == OF_GROUP;
}

struct best {
	enum nearness soft, hard;
	bool mixed; /* both kinds of limits of logins: there is but one place for them */
};

/* pam_limits looks at the soft limit first, and leaves the line there. */
static void take(struct arena *arena, const struct limit_line *line,
		 const struct limit_resource *resource, enum nearness near, struct best *best,
		 struct limit *limit)
{
	const char *value = limit_line_value(arena, line, resource);
	struct finding finding = found(value, arena_printf(arena, "%s:%u", line->file, line->line));
	bool logins = !resource->shown;

	if (logins && line->item && str_starts(line->item, "max") &&
	    !str_eq(line->item, resource->name))
		best->mixed = true;
	if (!value)
		return;
	if (str_eq(resource->name, "nofile") && str_eq(value, "unlimited"))
		finding = not_known(finding.source, "it becomes what fs.nr_open is then");
	if (logins || !str_eq(line->type, "hard")) {
		if (best->soft < near)
			return;
		limit->soft = finding;
		best->soft = near;
	}
	if (logins || !str_eq(line->type, "soft")) {
		if (best->hard < near)
			return;
		limit->hard = finding;
		best->hard = near;
	}
}

void limit_of_user(struct arena *arena, const struct limit_lines *lines,
		   const struct limit_user *user, const struct limit_resource *resource,
		   struct limit *ret_limit)
{
	const struct finding none = found(NULL, "no line of limits.conf");
	struct best best = {OF_OTHERS, OF_OTHERS, false};
	struct limit limit = {none, none};
	/* Debian's PAM gives root nothing but what names it, others do. */
	const struct finding differs =
		not_known(NULL, "whether lines for groups or for everybody count for root depends "
				"on how PAM was built");
	bool root = user->name && !user->id;

	for (size_t i = 0; i < lines->count; i++) {
		const struct limit_line *line = &lines->at[i];
		enum nearness near = nearness(arena, line, user);

		if (near == OF_OTHERS)
			continue;
		if (!line->item && is_left_alone(near)) {
			limit.hard = found(NULL,
					   arena_printf(arena, "%s:%u", line->file, line->line));
			limit.soft = limit.hard;
			best.soft = best.hard = OF_USER;
			break;
		}
		take(arena, line, resource, near, &best, &limit);
	}
	if (best.mixed && best.hard != OF_OTHERS) {
		limit.hard = not_known(limit.hard.source,
				       "maxlogins and maxsyslogins take each other's place");
		limit.soft = limit.hard;
	}
	if (root && best.soft != OF_USER && best.soft != OF_OTHERS)
		limit.soft = differs;
	if (root && best.hard != OF_USER && best.hard != OF_OTHERS)
		limit.hard = differs;
	*ret_limit = limit;
}
