/* Limits of processes and of units. */
#include "host/settings/limits.h"

#include "host/settings/keyfile.h"
#include "host/units/units.h"
#include "host/units/units_file.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#define ALL "unlimited"

/* What services have where no file says anything: INIT_RLIMITS of the kernel, and nofile since
 * systemd 240. The rest depends on the memory, or on how systemd was built. */
static const struct limit_resource resources[] = {
	{"as", "Max address space", ALL, ALL, 1024, LIMIT_SIZE},
	{"core", "Max core file size", NULL, NULL, 1024, LIMIT_SIZE},
	{"cpu", "Max cpu time", ALL, ALL, 60, LIMIT_SECONDS},
	{"data", "Max data size", ALL, ALL, 1024, LIMIT_SIZE},
	{"fsize", "Max file size", ALL, ALL, 1024, LIMIT_SIZE},
	{"locks", "Max file locks", ALL, ALL, 1, LIMIT_COUNT},
	{"memlock", "Max locked memory", NULL, NULL, 1024, LIMIT_SIZE},
	{"msgqueue", "Max msgqueue size", "819200", "819200", 1, LIMIT_SIZE},
	{"nice", "Max nice priority", "0", "0", 1, LIMIT_NICE},
	{"nofile", "Max open files", "1024", "524288", 1, LIMIT_COUNT},
	{"nproc", "Max processes", NULL, NULL, 1, LIMIT_COUNT},
	{"rss", "Max resident set", ALL, ALL, 1024, LIMIT_SIZE},
	{"rtprio", "Max realtime priority", "0", "0", 1, LIMIT_COUNT},
	{"rttime", "Max realtime timeout", ALL, ALL, 1, LIMIT_USECONDS},
	{"sigpending", "Max pending signals", NULL, NULL, 1, LIMIT_COUNT},
	{"stack", "Max stack size", "8388608", ALL, 1024, LIMIT_SIZE},
	{"maxlogins", NULL, NULL, NULL, 1, LIMIT_COUNT},
	{"maxsyslogins", NULL, NULL, NULL, 1, LIMIT_COUNT},
};

const struct limit_resource *limit_resource_find(const char *name)
{
	for (size_t i = 0; i < sizeof(resources) / sizeof(resources[0]); i++)
		if (str_eq(resources[i].name, name))
			return &resources[i];
	return NULL;
}

int limit_table_parse(struct arena *arena, char *text, const struct limit_resource *resource,
		      struct limit *ret_limit)
{
	size_t length = strlen(resource->shown);
	char *line;

	while ((line = str_next_line(&text))) {
		struct strv words = {0};

		if (!str_starts(line, resource->shown) || !isspace((unsigned char)line[length]))
			continue;
		strv_split(&words, arena, line + length, " ");
		if (words.count < 2)
			return -EBADMSG;
		ret_limit->soft.value = words.at[0];
		ret_limit->hard.value = words.at[1];
		return 0;
	}
	return -EBADMSG;
}

int limit_of_process(struct host *host, int pid, const struct limit_resource *resource,
		     struct limit *ret_limit)
{
	const char *path = arena_printf(host->arena, "%d/limits", pid);
	cleanup(text) struct host_text text = {0};
	struct limit limit = {0};
	int error = host_proc_read(host, path, 0, &text);

	if (!error)
		error = limit_table_parse(host->arena, text.data, resource, &limit);
	if (error)
		return error == -ENOENT ? -ESRCH : error;
	limit.soft.source = limit.hard.source = arena_printf(host->arena, "/proc/%s", path);
	*ret_limit = limit;
	return 0;
}

struct suffix {
	const char *name;
	uint64_t factor;
};

/* Multiples of bytes, or of a second. */
static const struct suffix sizes[] = {
	{"", 1}, {"B", 1}, {"K", 1024}, {"M", 1 << 20}, {"G", 1 << 30}, {"T", UINT64_C(1) << 40},
	{0},
};
static const struct suffix seconds[] = {
	{"", 1}, {"s", 1}, {"sec", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {0},
};
static const struct suffix useconds[] = {
	{"", 1}, {"us", 1}, {"ms", 1000}, {"s", 1000000}, {0},
};

/* A count is read as C has it, "0x10" and "010" too; multiples are decimal. */
static int parse_count(const char *text, uint64_t *ret_number)
{
	long long number;

	if (!isdigit((unsigned char)*text) || str_to_number(text, &number))
		return -ENOTSUP;
	*ret_number = (uint64_t)number;
	return 0;
}

static int parse_multiple(const char *text, const struct suffix *suffixes, uint64_t *ret_number)
{
	char *end;
	uint64_t number;

	if (!isdigit((unsigned char)*text))
		return -ENOTSUP;
	errno = 0;
	number = strtoull(text, &end, 10);
	end += strspn(end, STR_BLANKS);
	for (; suffixes->name && !errno; suffixes++)
		if (str_eq(end, suffixes->name) && number <= UINT64_MAX / suffixes->factor) {
			*ret_number = number * suffixes->factor;
			return 0;
		}
	return -ENOTSUP;
}

/* "-5" and "+5" are levels of niceness, "25" what the kernel makes of them. */
static int parse_nice(const char *text, uint64_t *ret_number)
{
	long long level;

	if (str_eq(text, "infinity"))
		return -EINVAL;
	if (*text != '-' && *text != '+')
		return parse_count(text, ret_number) ? -ENOTSUP : *ret_number > 40 ? -EINVAL : 0;
	if (str_to_number(text, &level))
		return -ENOTSUP;
	if (level < -20 || level > 19)
		return -EINVAL;
	*ret_number = (uint64_t)(20 - level);
	return 0;
}

static int parse_one(const struct limit_resource *resource, const char *text, uint64_t *ret_number)
{
	if (!*text)
		return -EINVAL;
	if (resource->kind != LIMIT_NICE && str_eq(text, "infinity")) {
		*ret_number = UINT64_MAX;
		return 0;
	}
	switch (resource->kind) {
	case LIMIT_NICE:
		return parse_nice(text, ret_number);
	case LIMIT_SIZE:
		return parse_multiple(text, sizes, ret_number);
	case LIMIT_SECONDS:
		return parse_multiple(text, seconds, ret_number);
	case LIMIT_USECONDS:
		return parse_multiple(text, useconds, ret_number);
	default:
		return parse_count(text, ret_number);
	}
}

static const char *show(struct arena *arena, uint64_t number)
{
	return number == UINT64_MAX ? "unlimited"
				    : arena_printf(arena, "%llu", (unsigned long long)number);
}

int limit_value_parse(struct arena *arena, const struct limit_resource *resource, const char *text,
		      const char **ret_soft, const char **ret_hard)
{
	const char *colon = strchr(text, ':');
	const char *first = arena_strndup(arena, text,
					  colon ? (size_t)(colon - text) : strlen(text));
	uint64_t soft = 0, hard = 0;
	int error = parse_one(resource, first, &soft);

	hard = soft;
	if (!error && colon)
		error = parse_one(resource, colon + 1, &hard);
	if (!error && soft > hard)
		error = -EINVAL;
	if (error)
		return error;
	*ret_soft = show(arena, soft);
	*ret_hard = show(arena, hard);
	return 0;
}

static void set(struct limit *limit, const char *soft, const char *hard, const char *source)
{
	limit->soft = found(soft, source);
	limit->hard = found(hard, source);
}

static void set_unknown(struct limit *limit, const char *source, const char *why)
{
	limit->soft = not_known(source, why);
	limit->hard = limit->soft;
}

/* One assignment on top of those before it. */
static void take(struct arena *arena, const struct limit_resource *resource, const char *value,
		 const char *source, struct limit *limit)
{
	const char *soft, *hard;
	int error = limit_value_parse(arena, resource, value, &soft, &hard);

	if (error == -ENOTSUP)
		set_unknown(limit, source,
			    arena_printf(arena, "what \"%s\" comes to is not known", value));
	else if (!error)
		set(limit, soft, hard, source);
}

static const char *key_of(struct arena *arena, const char *prefix,
			  const struct limit_resource *resource)
{
	char *key = arena_printf(arena, "%s%s", prefix, resource->name);

	for (char *at = key + strlen(prefix); *at; at++)
		*at = (char)toupper((unsigned char)*at);
	return key;
}

/* What holds for all units: DefaultLimitX= of system.conf, or what is there without it. */
static void of_manager(struct host *host, const struct limit_resource *resource,
		       struct limit *ret_limit)
{
	const struct keyfile_question question = {
		.dialect = KEYFILE_SYSTEMD,
		.path = "/etc/systemd/system.conf",
		.section = "Manager",
		.key = key_of(host->arena, "DefaultLimit", resource),
	};
	struct keyfile_answer answer;
	struct limit limit = {0};

	if (resource->soft)
		set(&limit, resource->soft, resource->hard, "default of the kernel and systemd");
	else
		set_unknown(
			&limit, NULL,
			"no file sets it; it depends on the memory, or on how systemd was built");
	keyfile_ask(host, &question, &answer);
	/* systemd skips an empty one, here, and nobody has kept what stood before it. */
	if (!answer.all_why && !answer.values.count && strchr(answer.source, ':'))
		answer.all_why = "an empty assignment stands behind others";
	if (answer.all_why)
		set_unknown(&limit, answer.source, answer.all_why);
	else
		for (size_t i = 0; i < answer.values.count; i++)
			take(host->arena, resource, answer.values.at[i], answer.source, &limit);
	*ret_limit = limit;
}

static bool has_limits(const char *section)
{
	return str_eq(section, "Service") || str_eq(section, "Socket") ||
	       str_eq(section, "Mount") || str_eq(section, "Swap");
}

void limit_of_unit(struct host *host, const char *unit, const struct limit_resource *resource,
		   struct limit *ret_limit)
{
	const char *key = key_of(host->arena, "Limit", resource);
	struct unit_lines lines;
	struct limit limit;
	int error;

	of_manager(host, resource, &limit);
	*ret_limit = limit;
	if (!unit)
		return;
	error = unit_assignments(host, unit, &lines);
	if (error == -ENOENT || error == -ERFKILL) {
		set(ret_limit, NULL, NULL, error == -ENOENT ? "no such unit" : "it is masked");
		return;
	}
	if (error) {
		set_unknown(ret_limit, unit,
			    arena_printf(host->arena, "cannot be read: %s", host_error(error)));
		return;
	}
	for (size_t i = 0; i < lines.count; i++)
		if (has_limits(lines.at[i].section) && str_eq(lines.at[i].key, key))
			take(host->arena, resource, lines.at[i].value,
			     arena_printf(host->arena, "%s:%u", lines.at[i].file, lines.at[i].line),
			     &limit);
	*ret_limit = limit;
}
