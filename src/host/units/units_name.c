#include "host/units/units_name.h"

#include "base/arena.h"
#include "base/str.h"

#include <ctype.h>

/* UNIT_NAME_MAX of systemd. */
#define LONGEST_NAME 255

static const struct {
	const char *name;
	bool may_alias, may_template;
} types[] = {
	{"service", true, true}, {"socket", true, true},  {"target", true, true},
	{"timer", true, true},   {"path", true, true},    {"device", true, false},
	{"mount", false, false}, {"swap", false, false},  {"automount", false, false},
	{"slice", false, false}, {"scope", false, false},
};
#define N_TYPES (sizeof(types) / sizeof(*types))

static size_t type_index(const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t i = 0;

	while (i < N_TYPES && !(dot && str_eq(dot + 1, types[i].name)))
		i++;
	return i;
}

const char *unit_type(const char *name)
{
	size_t i = type_index(name);

	return i < N_TYPES ? types[i].name : NULL;
}

bool unit_may_alias(const char *name)
{
	size_t i = type_index(name);

	return i < N_TYPES && types[i].may_alias;
}

bool unit_may_template(const char *name)
{
	size_t i = type_index(name);

	return i < N_TYPES && types[i].may_template;
}

static bool is_name_byte(char byte)
{
	return isalnum((unsigned char)byte) || (byte && strchr(":-_.\\@", byte));
}

enum unit_kind unit_kind(const char *name)
{
	const char *dot = strrchr(name, '.'), *at = strchr(name, '@');

	if (!dot || dot == name || at == name || strlen(name) > LONGEST_NAME || !unit_type(name))
		return UNIT_INVALID;
	for (const char *byte = name; byte < dot; byte++)
		if (!is_name_byte(*byte))
			return UNIT_INVALID;
	if (!at)
		return UNIT_PLAIN;
	return at + 1 == dot ? UNIT_TEMPLATE : UNIT_INSTANCE;
}

const char *unit_instance(struct arena *arena, const char *name)
{
	const char *at = strchr(name, '@'), *dot = strrchr(name, '.');

	return at && dot > at ? arena_strndup(arena, at + 1, (size_t)(dot - at - 1)) : NULL;
}

const char *unit_prefix(struct arena *arena, const char *name)
{
	const char *dot = strrchr(name, '.');
	size_t length = dot ? (size_t)(dot - name) : strlen(name), at = strcspn(name, "@");

	return arena_strndup(arena, name, at < length ? at : length);
}

const char *unit_with_instance(struct arena *arena, const char *name, const char *instance)
{
	const char *dot = strrchr(name, '.');

	return arena_printf(arena, "%.*s@%s%s", (int)strcspn(name, "@"), name, instance,
			    dot ? dot : "");
}

const char *unit_template(struct arena *arena, const char *name)
{
	return strchr(name, '@') ? unit_with_instance(arena, name, "") : NULL;
}

bool unit_may_alias_to(const char *link, const char *target)
{
	enum unit_kind kind = unit_kind(link), other = unit_kind(target);

	if (kind == UNIT_INVALID || other == UNIT_INVALID || !unit_may_alias(link))
		return false;
	if (kind != UNIT_PLAIN && !unit_may_template(link))
		return false;
	if (kind != other && !(kind == UNIT_INSTANCE && other == UNIT_TEMPLATE))
		return false;
	/* From one instance to another one: only of the same instance name. */
	if (other == UNIT_INSTANCE) {
		const char *a = strchr(link, '@'), *b = strchr(target, '@');

		return str_eq(a, b);
	}
	return type_index(link) == type_index(target);
}

static bool is_plain_byte(char byte, bool first)
{
	if (byte == '.')
		return !first;
	return isalnum((unsigned char)byte) || byte == ':' || byte == '_';
}

static char *escape(char *end, unsigned char byte)
{
	static const char digits[] = "0123456789abcdef";

	end = stpcpy(end, "\\x");
	*end++ = digits[byte >> 4];
	*end++ = digits[byte & 15];
	return end;
}

const char *unit_of_path(struct arena *arena, const char *path, const char *type)
{
	char *name = arena_alloc(arena, 4 * strlen(path) + strlen(type) + 3), *end = name;

	for (;;) {
		path += strspn(path, "/");
		if (!*path)
			break;
		if (end > name)
			*end++ = '-';
		for (; *path && *path != '/'; path++) {
			if (is_plain_byte(*path, end == name))
				*end++ = *path;
			else
				end = escape(end, (unsigned char)*path);
		}
	}
	if (end == name)
		*end++ = '-';
	*end++ = '.';
	stpcpy(end, type);
	return name;
}

static int hex(char digit)
{
	return isdigit((unsigned char)digit) ? digit - '0'
					     : tolower((unsigned char)digit) - 'a' + 10;
}

const char *unit_to_path(struct arena *arena, const char *name)
{
	const char *escaped = unit_prefix(arena, name);
	char *path = arena_alloc(arena, strlen(escaped) + 2), *end = path;

	*end++ = '/';
	if (str_eq(escaped, "-"))
		return path;
	for (const char *byte = escaped; *byte; byte++) {
		if (*byte == '-') {
			*end++ = '/';
		} else if (*byte != '\\') {
			*end++ = *byte;
		} else if (byte[1] == 'x' && isxdigit((unsigned char)byte[2]) &&
			   isxdigit((unsigned char)byte[3])) {
			*end++ = (char)(hex(byte[2]) * 16 + hex(byte[3]));
			byte += 3;
		} else {
			return NULL;
		}
	}
	return path;
}

const char *unit_full_name(struct arena *arena, const char *name)
{
	if (*name == '/')
		return unit_of_path(arena, name, str_starts(name, "/dev/") ? "device" : "mount");
	return unit_type(name) ? name : arena_printf(arena, "%s.service", name);
}

const char *unit_family(struct arena *arena, const char *name)
{
	const char *prefix = unit_prefix(arena, name), *rest = name + strlen(prefix);
	size_t length = strlen(prefix);

	while (length && prefix[length - 1] == '-')
		length--;
	while (length && prefix[length - 1] != '-')
		length--;
	/* A dash at the very beginning parts nothing. */
	return length > 1 ? arena_printf(arena, "%.*s%s", (int)length, prefix, rest) : NULL;
}
