/* What the lines of sshd_config say, spelt as `sshd -T` does. */
#include "host/settings/sshd_keyword.h"
#include "host/settings/sshd_lex.h"

#include <ctype.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>

/* A hostile line must not make us compare millions of names with one another. */
#define MOST_SETTINGS 4096

static bool is_none(const char *word)
{
	return !strcasecmp(word, "none");
}

/* The word a table has for it, or NULL. */
static const char *find_word(struct arena *arena, const char *const *words, const char *word)
{
	size_t length = strlen(word);

	for (; *words; words++) {
		if (strncasecmp(*words, word, length) != 0)
			continue;
		if (!(*words)[length])
			return *words;
		if ((*words)[length] == '=')
			return arena_strdup(arena, *words + length + 1);
	}
	return NULL;
}

/* A decimal number, 0 to INT_MAX. */
static int read_int(const char *word)
{
	char *end;
	long number;

	if (!isdigit((unsigned char)*word))
		return -1;
	number = strtol(word, &end, 10);
	return *end || number > INT_MAX ? -1 : (int)number;
}

static const char *print_int(struct arena *arena, const char *word)
{
	int number = read_int(word);

	return number < 0 ? NULL : arena_printf(arena, "%d", number);
}

static long unit_seconds(char unit)
{
	switch (tolower((unsigned char)unit)) {
	case '\0':
	case 's':
		return 1;
	case 'm':
		return 60;
	case 'h':
		return 3600;
	case 'd':
		return 86400;
	case 'w':
		return 604800;
	default:
		return 0;
	}
}

/* `1h30m`, `90` and the like, in seconds. */
static const char *print_time(struct arena *arena, const char *word)
{
	long total = 0;

	do {
		char *end;
		long number = isdigit((unsigned char)*word) ? strtol(word, &end, 10) : -1, unit;

		if (number < 0)
			return NULL;
		unit = unit_seconds(*end);
		if (!unit || number > INT_MAX / unit || total > INT_MAX - number * unit)
			return NULL;
		total += number * unit;
		word = *end ? end + 1 : end;
	} while (*word);
	return arena_printf(arena, "%ld", total);
}

/* `1.5G` and the like, in bytes; 0 stands for the default. */
static const char *print_amount(struct arena *arena, const char *word)
{
	static const char units[] = "bkmgtpe";
	unsigned long long whole, part = 0, divisor = 1, scale;
	const char *unit;
	char *end;

	if (str_eq(word, "default"))
		return "0";
	if (!isdigit((unsigned char)*word))
		return NULL;
	whole = strtoull(word, &end, 10);
	if (*end == '.')
		for (end++; isdigit((unsigned char)*end); end++)
			if (divisor < 1000000000) {
				part = part * 10 + (unsigned)(*end - '0');
				divisor *= 10;
			}
	unit = *end ? strchr(units, tolower((unsigned char)*end)) : units;
	if (!unit || (*end && end[1]))
		return NULL;
	scale = 1ULL << 10 * (unit - units);
	if (whole > LLONG_MAX / scale)
		return NULL;
	whole = whole * scale + (scale >= divisor
					 ? scale / divisor * part + scale % divisor * part / divisor
					 : scale * part / divisor);
	if (whole && whole < 16)
		return NULL;
	return arena_printf(arena, "%llu", whole);
}

bool sshd_rekey(struct arena *arena, const struct sshd_line *line, const char **ret_amount,
		const char **ret_time)
{
	const struct strv *words = &line->words;
	const char *amount, *time = NULL;

	if (words->count < 1 || words->count > 2)
		return false;
	amount = print_amount(arena, words->at[0]);
	if (words->count == 2 && !str_eq(words->at[1], "none")) {
		time = print_time(arena, words->at[1]);
		if (!time)
			return false;
	}
	*ret_amount = amount;
	*ret_time = time;
	return amount != NULL;
}

static const char *print_rekey(struct arena *arena, const struct sshd_line *line)
{
	const char *amount, *time;

	if (!sshd_rekey(arena, line, &amount, &time))
		return NULL;
	return arena_printf(arena, "%s %s", amount, time ? time : "0");
}

static const char *print_level(struct arena *arena, const char *word)
{
	static const char *const levels[] = {
		"SILENT", "QUIET=SILENT", "FATAL",  "ERROR",  "INFO", "VERBOSE",
		"DEBUG",  "DEBUG1=DEBUG", "DEBUG2", "DEBUG3", NULL,
	};

	return find_word(arena, levels, word);
}

static const char *print_facility(struct arena *arena, const char *word)
{
	static const char *const facilities[] = {
		"DAEMON", "USER",   "AUTH",   "AUTHPRIV", "LOCAL0", "LOCAL1", "LOCAL2",
		"LOCAL3", "LOCAL4", "LOCAL5", "LOCAL6",   "LOCAL7", NULL,
	};

	return find_word(arena, facilities, word);
}

static const char *print_hash(struct arena *arena, const char *word)
{
	static const char *const digests[] = {"MD5", "SHA1", "SHA256", "SHA384", "SHA512", NULL};

	return find_word(arena, digests, word);
}

static const char *print_mode(struct arena *arena, const char *word)
{
	char *end;
	long mode = strtol(word, &end, 8);

	if (end == word || mode < 0 || mode > 0777)
		return NULL;
	return arena_printf(arena, "0%lo", (unsigned long)mode);
}

/* Numbers with colons between them: how many, or -1 when anything else stands there. */
static int read_ints(struct arena *arena, const char *word, int *ret_ints, size_t most)
{
	struct strv parts = {0};

	strv_split(&parts, arena, word, ":");
	if (parts.count > most)
		return -1;
	for (size_t i = 0; i < parts.count; i++) {
		ret_ints[i] = read_int(parts.at[i]);
		if (ret_ints[i] < 0)
			return -1;
	}
	return (int)parts.count;
}

static const char *print_startups(struct arena *arena, const char *word)
{
	int parts[3], found = read_ints(arena, word, parts, 3);

	if (found == 1)
		return arena_printf(arena, "%d:30:%d", parts[0], parts[0]);
	if (found != 3 || parts[0] > parts[2] || parts[1] < 1 || parts[1] > 100)
		return NULL;
	return arena_printf(arena, "%d:%d:%d", parts[0], parts[1], parts[2]);
}

static const char *print_netblock(struct arena *arena, const char *word)
{
	int parts[2] = {0, 128};

	if (read_ints(arena, word, parts, 2) < 1 || parts[0] > 32 || parts[1] > 128)
		return NULL;
	return arena_printf(arena, "%d:%d", parts[0], parts[1]);
}

static const char *print_class(struct arena *arena, const char *word)
{
	static const struct {
		const char *name;
		int value;
	} classes[] = {
		{"af11", 0x28},        {"af12", 0x30},    {"af13", 0x38},     {"af21", 0x48},
		{"af22", 0x50},        {"af23", 0x58},    {"af31", 0x68},     {"af32", 0x70},
		{"af33", 0x78},        {"af41", 0x88},    {"af42", 0x90},     {"af43", 0x98},
		{"cs0", 0x00},         {"cs1", 0x20},     {"cs2", 0x40},      {"cs3", 0x60},
		{"cs4", 0x80},         {"cs5", 0xa0},     {"cs6", 0xc0},      {"cs7", 0xe0},
		{"ef", 0xb8},          {"le", 0x04},      {"lowdelay", 0x10}, {"throughput", 0x08},
		{"reliability", 0x04}, {"none", INT_MAX},
	};
	char *end;
	long value = strtol(word, &end, 0);
	bool number = *word && !*end;

	if (number && (value < 0 || value > 255))
		return NULL;
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (number ? value == classes[i].value : !strcasecmp(classes[i].name, word))
			return classes[i].name;
	return number ? arena_printf(arena, "0x%02lx", (unsigned long)value) : NULL;
}

static const char *print_qos(struct arena *arena, const struct strv *words)
{
	const char *first = print_class(arena, words->at[0]), *second;

	second = words->count > 1 ? print_class(arena, words->at[1]) : first;
	if (!first || !second || words->count > 2)
		return NULL;
	return arena_printf(arena, "%s %s", first, second);
}

/* Flags in the order of their table. */
static const char *print_flags(struct arena *arena, const char *const *table,
			       const struct strv *words)
{
	struct strv flags = {0};

	for (size_t i = 0; i < words->count; i++)
		if (!is_none(words->at[i]) && !find_word(arena, table, words->at[i]))
			return NULL;
	for (; *table; table++)
		for (size_t i = 0; i < words->count; i++)
			if (!strcasecmp(words->at[i], *table)) {
				strv_push(&flags, arena, *table);
				break;
			}
	return flags.count ? strv_join(&flags, arena, " ") : "none";
}

/* A number alone is a port on any address, where sshd listens for a client. */
static const char *print_ports(struct arena *arena, bool listen, const struct strv *words)
{
	struct strv ports = {0};

	for (size_t i = 0; i < words->count; i++) {
		const char *word = words->at[i];

		if (str_eq(word, "any") || str_eq(word, "none")) {
			if (words->count > 1)
				return NULL;
		} else if (!strchr(word, ':')) {
			if (!listen)
				return NULL;
			word = arena_printf(arena, "*:%s", word);
		}
		strv_push(&ports, arena, word);
	}
	return strv_join(&ports, arena, " ");
}

static const char *print_environment(struct arena *arena, const struct strv *words)
{
	struct strv names = {0}, settings = {0};

	if (words->count > MOST_SETTINGS)
		return NULL;
	for (size_t i = 0; i < words->count; i++) {
		const char *equals = strchr(words->at[i], '='), *name;

		if (!equals)
			return NULL;
		name = arena_strndup(arena, words->at[i], (size_t)(equals - words->at[i]));
		if (strv_has(&names, name))
			continue;
		strv_push(&names, arena, name);
		strv_push(&settings, arena, words->at[i]);
	}
	return strv_join(&settings, arena, " ");
}

/* Values that are a single argument. */
static const char *print_one(struct arena *arena, const struct sshd_keyword *keyword,
			     const char *word)
{
	switch (keyword->kind) {
	case SSHD_WORD:
		return find_word(arena, keyword->words, word);
	case SSHD_INT:
		return print_int(arena, word);
	case SSHD_INT_NONE:
		return str_eq(word, "none") ? "none" : print_int(arena, word);
	case SSHD_TIME:
		return print_time(arena, word);
	case SSHD_TIME_NONE:
		return str_eq(word, "none") ? "none" : print_time(arena, word);
	case SSHD_LOG_LEVEL:
		return print_level(arena, word);
	case SSHD_FACILITY:
		return print_facility(arena, word);
	case SSHD_HASH:
		return print_hash(arena, word);
	case SSHD_MODE:
		return print_mode(arena, word);
	case SSHD_STARTUPS:
		return print_startups(arena, word);
	case SSHD_NETBLOCK:
		return print_netblock(arena, word);
	default:
		return is_none(word) ? "none" : word;
	}
}

const char *sshd_value(struct arena *arena, const struct sshd_keyword *keyword,
		       const struct sshd_line *line)
{
	const struct strv *words = &line->words;

	for (size_t i = 0; i < words->count; i++)
		if (!*words->at[i])
			return NULL;
	if (keyword->kind == SSHD_REST)
		return is_none(line->rest) ? "none" : line->rest;
	if (!words->count)
		return keyword->kind == SSHD_FLAGS ? "none" : NULL;
	switch (keyword->kind) {
	case SSHD_REKEY:
		return print_rekey(arena, line);
	case SSHD_QOS:
		return print_qos(arena, words);
	case SSHD_FLAGS:
		return print_flags(arena, keyword->words, words);
	case SSHD_PORTS:
		return print_ports(arena, str_eq(keyword->name, "PermitListen"), words);
	case SSHD_ENVIRONMENT:
		return print_environment(arena, words);
	case SSHD_LIST:
		return strv_join(words, arena, " ");
	default:
		return words->count == 1 ? print_one(arena, keyword, words->at[0]) : NULL;
	}
}
