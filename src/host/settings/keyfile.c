#include "host/settings/keyfile.h"

#include "host/units/units_file.h"

#include <ctype.h>
#include <errno.h>
#include <fnmatch.h>
#include <strings.h>

static const char *const names[N_KEYFILE_DIALECTS] = {
	[KEYFILE_BLANK] = "blank", [KEYFILE_SHELL] = "shell", [KEYFILE_INI] = "ini",
	[KEYFILE_AUDIT] = "audit", [KEYFILE_PLAIN] = "plain", [KEYFILE_SYSTEMD] = "systemd",
};

static const struct {
	const char *pattern;
	enum keyfile_dialect dialect;
} paths[] = {
	{"/etc/login.defs", KEYFILE_BLANK},
	{"/etc/os-release", KEYFILE_SHELL},
	{"/etc/locale.conf", KEYFILE_SHELL},
	{"/etc/vconsole.conf", KEYFILE_SHELL},
	{"/etc/default/*", KEYFILE_SHELL},
	{"/etc/sysconfig/*", KEYFILE_SHELL},
	{"/etc/selinux/config", KEYFILE_SHELL},
	{"/etc/audit/*.conf", KEYFILE_AUDIT},
	{"/etc/security/pwquality.conf", KEYFILE_PLAIN},
	{"/etc/security/faillock.conf", KEYFILE_PLAIN},
	{"/etc/security/pwhistory.conf", KEYFILE_PLAIN},
	{"/etc/systemd/*.conf", KEYFILE_SYSTEMD},
	{"*.ini", KEYFILE_INI},
};

const char *keyfile_dialect_name(enum keyfile_dialect dialect)
{
	return names[dialect];
}

int keyfile_dialect_of(const char *path, enum keyfile_dialect *ret_dialect)
{
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
		if (!fnmatch(paths[i].pattern, path, 0)) {
			*ret_dialect = paths[i].dialect;
			return 0;
		}
	return -ENOENT;
}

static void push(struct arena *arena, struct keyfile *keyfile, struct keyfile_line line)
{
	if (keyfile->count == keyfile->space) {
		size_t space = keyfile->space ? keyfile->space * 2 : 32;

		keyfile->at = arena_grow(arena, keyfile->at, keyfile->count * sizeof(line),
					 space * sizeof(line));
		keyfile->space = space;
	}
	keyfile->at[keyfile->count++] = line;
}

/* The value goes up to a quote, whatever stands in front of it, or to the end of the line. */
static void parse_blank(struct arena *arena, char *line, unsigned number, struct keyfile *keyfile)
{
	size_t length = strcspn(line, " \t");
	char *value = line + length;

	if (*line == '#' || !*value)
		return;
	value += strspn(value, " \"\t");
	push(arena, keyfile,
	     (struct keyfile_line){
		     .key = arena_strndup(arena, line, length),
		     .value = arena_strndup(arena, value, strcspn(value, "\"")),
		     .line = number,
	     });
}

/* A `#` begins a comment anywhere, and the `=` may be missing. */
static void parse_plain(struct arena *arena, char *line, unsigned number, struct keyfile *keyfile)
{
	size_t length;
	char *value;

	line[strcspn(line, "#")] = '\0';
	line = str_trim(line);
	length = strcspn(line, STR_BLANKS "=");
	if (!length)
		return;
	value = line + length;
	value += strspn(value, STR_BLANKS);
	value += *value == '=';
	value += strspn(value, STR_BLANKS);
	push(arena, keyfile,
	     (struct keyfile_line){
		     .key = arena_strndup(arena, line, length),
		     .value = arena_strdup(arena, value),
		     .line = number,
	     });
}

/* auditd takes `KEY = VALUE` with blanks around the `=`, and one word more only behind `exec`. */
static void parse_audit(struct arena *arena, char *line, unsigned number, struct keyfile *keyfile)
{
	struct keyfile_line at = {.line = number};
	struct strv words = {0};
	size_t most;

	if (!*line || *line == '#')
		return;
	at.key = arena_strndup(arena, line, strcspn(line, STR_BLANKS "="));
	strv_split(&words, arena, line, " \t\r");
	most = words.count > 2 && !strcasecmp(words.at[2], "exec") ? 4 : 3;
	if (words.count < 3 || words.count > most || !str_eq(words.at[1], "="))
		at.why = "auditd would refuse the line";
	else
		at.value = most == 4 && words.count == 4
				   ? arena_printf(arena, "%s %s", words.at[2], words.at[3])
				   : words.at[2];
	push(arena, keyfile, at);
}

static void parse_ini(struct arena *arena, char *line, unsigned number, struct keyfile *keyfile,
		      const char **section)
{
	size_t length = strlen(line);
	char *equals;

	if (!length || *line == '#' || *line == ';')
		return;
	if (*line == '[' && line[length - 1] == ']') {
		*section = str_trim(arena_strndup(arena, line + 1, length - 2));
		return;
	}
	equals = strchr(line, '=');
	if (equals && equals != line && *section) {
		*equals = '\0';
		push(arena, keyfile,
		     (struct keyfile_line){
			     .section = *section,
			     .key = arena_strdup(arena, str_trim(line)),
			     .value = arena_strdup(arena, str_trim(equals + 1)),
			     .line = number,
		     });
	} else if (keyfile->count && !keyfile->at[keyfile->count - 1].why) {
		/* Some programs take it for a part of the value above, others skip it. */
		keyfile->at[keyfile->count - 1].why = "a line that is no setting stands below it";
	}
}

static void parse_systemd(struct arena *arena, const char *text, struct keyfile *keyfile)
{
	struct unit_lines lines = {0};

	if (unit_lines_parse(&lines, arena, "", text)) {
		keyfile->why = "systemd gives the file up: a broken section header";
		return;
	}
	for (size_t i = 0; i < lines.count; i++)
		push(arena, keyfile,
		     (struct keyfile_line){
			     .section = lines.at[i].section,
			     .key = lines.at[i].key,
			     .value = lines.at[i].value,
			     .line = lines.at[i].line,
		     });
}

void keyfile_parse(struct arena *arena, enum keyfile_dialect dialect, char *text,
		   struct keyfile *keyfile)
{
	const char *section = NULL;
	char *line;

	if (dialect == KEYFILE_SYSTEMD) {
		parse_systemd(arena, text, keyfile);
		return;
	}
	if (dialect == KEYFILE_SHELL) {
		keyfile_parse_shell(arena, text, keyfile);
		return;
	}
	for (unsigned number = 1; (line = str_next_line(&text)); number++) {
		line = str_trim(line);
		if (dialect == KEYFILE_BLANK)
			parse_blank(arena, line, number, keyfile);
		else if (dialect == KEYFILE_PLAIN)
			parse_plain(arena, line, number, keyfile);
		else if (dialect == KEYFILE_AUDIT)
			parse_audit(arena, line, number, keyfile);
		else
			parse_ini(arena, line, number, keyfile, &section);
	}
}
