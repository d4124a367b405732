#include "host/kernel/modprobe.h"

#include <errno.h>
#include <fnmatch.h>

static const char *const dirs[] = {
	"/etc/modprobe.d",     "/run/modprobe.d", "/usr/local/lib/modprobe.d",
	"/usr/lib/modprobe.d", "/lib/modprobe.d", NULL,
};

/* kmod reads files with either ending. */
static const char *const suffixes[] = {".conf", ".alias"};

char *modprobe_name(char *name)
{
	for (char *at = name; *at; at++) {
		if (*at == '-')
			*at = '_';
		else if (*at == '[' && strchr(at, ']'))
			at = strchr(at, ']');
	}
	return name;
}

static void push(struct arena *arena, struct modprobe *modprobe, struct modprobe_line line)
{
	if (modprobe->count == modprobe->space) {
		size_t space = modprobe->space ? modprobe->space * 2 : 32;

		modprobe->at = arena_grow(arena, modprobe->at, modprobe->count * sizeof(line),
					  space * sizeof(line));
		modprobe->space = space;
	}
	modprobe->at[modprobe->count++] = line;
}

/*
 * The next logical line, cut off in place: a backslash joins it with the one below, and before any
 * other byte it is dropped. NULL at the end.
 */
static char *next_line(char **text, unsigned *line)
{
	char *start = *text, *from = start, *to = start;

	if (!*from)
		return NULL;
	for (; *from && *from != '\n'; from++) {
		if (*from != '\\') {
			*to++ = *from;
			continue;
		}
		if (!*++from)
			break;
		if (*from == '\n')
			++*line;
		else
			*to++ = *from;
	}
	++*line;
	*text = *from ? from + 1 : from;
	*to = '\0';
	return start;
}

static void parse_line(struct arena *arena, char *line, const char *source,
		       struct modprobe *modprobe)
{
	struct modprobe_line parsed = {.source = source};
	char *rest = line, *name, *value = NULL;
	const char *word = strtok_r(line, "\t ", &rest);

	if (!word || word[0] == '#')
		return;
	name = strtok_r(NULL, "\t ", &rest);
	if (!name)
		return;
	if (str_eq(word, "alias")) {
		parsed.kind = MODPROBE_ALIAS;
		value = strtok_r(NULL, "\t ", &rest);
	} else if (str_eq(word, "install")) {
		parsed.kind = MODPROBE_INSTALL;
		value = strtok_r(NULL, "", &rest);
	} else if (str_eq(word, "blacklist")) {
		parsed.kind = MODPROBE_BLACKLIST;
		value = name;
	}
	if (!value)
		return;
	if (parsed.kind == MODPROBE_ALIAS)
		modprobe_name(value);
	parsed.name = arena_strdup(arena, modprobe_name(name));
	parsed.value = arena_strdup(arena, value);
	push(arena, modprobe, parsed);
}

void modprobe_parse(struct arena *arena, char *text, const char *path, struct modprobe *modprobe)
{
	unsigned next = 1;
	char *line;

	for (unsigned at = 1; (line = next_line(&text, &next)); at = next)
		if (*line && *line != '#')
			parse_line(arena, line, arena_printf(arena, "%s:%u", path, at), modprobe);
}

static void read_file(struct host *host, const char *path, struct modprobe *modprobe)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read_dropin(host, path, &text);

	if (!error)
		modprobe_parse(host->arena, text.data, path, modprobe);
	else
		push(host->arena, modprobe,
		     (struct modprobe_line){
			     .kind = MODPROBE_UNREADABLE,
			     .error = error,
			     .source = path,
		     });
}

static int compare(const void *a, const void *b)
{
	return strcmp(strrchr(*(char *const *)a, '/'), strrchr(*(char *const *)b, '/'));
}

/* All files, sorted by name whatever directory they come from. */
static int list_files(struct host *host, struct strv *ret_paths)
{
	struct strv paths = {0};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		struct strv some = {0};
		int error = host_dropins(host, dirs, suffixes[i], &some);

		if (error)
			return error;
		for (size_t k = 0; k < some.count; k++)
			if (strrchr(some.at[k], '/')[1] != '.')
				strv_push(&paths, host->arena, some.at[k]);
	}
	if (paths.count)
		qsort(paths.at, paths.count, sizeof(*paths.at), compare);
	*ret_paths = paths;
	return 0;
}

static const void *load(struct host *host)
{
	struct modprobe *modprobe = arena_new(host->arena, struct modprobe);
	struct strv paths = {0};
	int error = list_files(host, &paths);

	if (error)
		push(host->arena, modprobe,
		     (struct modprobe_line){
			     .kind = MODPROBE_UNREADABLE,
			     .error = error,
			     .source = "modprobe.d",
		     });
	for (size_t i = 0; i < paths.count; i++)
		read_file(host, paths.at[i], modprobe);
	return modprobe;
}

const struct modprobe *modprobe_get(struct host *host)
{
	return host_view(host, load);
}

static bool matches(const struct modprobe_line *line, const char *module)
{
	if (line->kind == MODPROBE_BLACKLIST)
		return str_eq(line->name, module);
	return fnmatch(line->name, module, 0) == 0;
}

const struct modprobe_line *modprobe_find(const struct modprobe *modprobe, enum modprobe_kind kind,
					  const char *module)
{
	const struct modprobe_line *unreadable = NULL;

	for (size_t i = 0; i < modprobe->count; i++) {
		const struct modprobe_line *line = &modprobe->at[i];

		if (line->kind == MODPROBE_UNREADABLE && !unreadable)
			unreadable = line;
		/*
		 * A module is on the blacklist wherever that stands; of commands the first counts.
		 */
		if (line->kind == kind && matches(line, module))
			return kind != MODPROBE_BLACKLIST && unreadable ? unreadable : line;
	}
	return unreadable;
}

const struct modprobe_line *modprobe_command(const struct modprobe *modprobe, const char *name)
{
	for (size_t i = 0; i < modprobe->count; i++) {
		const struct modprobe_line *line = &modprobe->at[i];

		if (line->kind == MODPROBE_INSTALL && str_eq(line->name, name))
			return line;
	}
	return NULL;
}

int modprobe_aliases(const struct modprobe *modprobe, const char *name, struct arena *arena,
		     struct strv *modules, const struct modprobe_line **ret_line)
{
	const struct modprobe_line *first = NULL;

	for (size_t i = 0; i < modprobe->count; i++) {
		const struct modprobe_line *line = &modprobe->at[i];

		if (line->kind == MODPROBE_UNREADABLE)
			return line->error;
		if (line->kind != MODPROBE_ALIAS || !matches(line, name))
			continue;
		first = first ? first : line;
		strv_push(modules, arena, line->value);
	}
	*ret_line = first;
	return 0;
}

bool modprobe_denies(const char *command)
{
	static const char *const places[] = {"/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"};
	static const char *const programs[] = {"false", "true", "nologin"};
	const char *word = command + strspn(command, "\t "), *rest;
	size_t length;

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (str_starts(word, places[i])) {
			word += strlen(places[i]);
			break;
		}
	length = strcspn(word, "\t ");
	rest = word + length + strspn(word + length, "\t ");
	/*
	 * The command goes through a shell: what it would make of anything but plain words counts.
	 */
	if (*rest != '#' && strpbrk(rest, ";|&$`<>()\n\\\"'"))
		return false;
	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		if (strlen(programs[i]) == length && !memcmp(word, programs[i], length))
			return true;
	return false;
}
