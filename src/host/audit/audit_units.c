/* Who loads audit rules at boot, and who switches audit on. */
#include "host/audit/audit_load.h"
#include "host/boot/cmdline.h"
#include "host/units/units.h"
#include "host/units/units_file.h"

#include <ctype.h>
#include <errno.h>
#include <strings.h>

#define RULES "/etc/audit/audit.rules"

/* In the order in which boot comes to them. */
static const char *const loaders[] = {"audit-rules.service", "augenrules.service",
				      "auditd.service"};
static const char *const stages[] = {"ExecStartPre", "ExecStart", "ExecStartPost"};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* augenrules makes audit.rules of the directory, and loads the old one when there is none. */
static void run_augenrules(struct host *host, struct audit_state *state)
{
	struct audit_text text = {0};
	int error = audit_text_directory(host, &text);

	if (error == -ENOENT)
		error = audit_text_file(host, RULES, &text);
	if (error != -ENOENT)
		audit_load(host, &text, state);
}

static void run_auditctl(struct host *host, const struct strv *words, const char *source,
			 struct audit_state *state)
{
	struct audit_text text = {0};
	struct strv rest = {.at = words->at + 1, .count = words->count - 1};

	if (words->count == 3 && str_eq(words->at[1], "-R")) {
		if (audit_text_file(host, words->at[2], &text) != -ENOENT)
			audit_load(host, &text, state);
	} else if (rest.count) {
		audit_text_add(&text, host->arena, strv_join(&rest, host->arena, " "), source);
		text.at[0].source = source;
		audit_load(host, &text, state);
	}
}

/* auditd switches audit on when it starts, unless it was told otherwise or all is locked. */
static void run_auditd(const struct strv *words, const char *source, struct audit_state *state)
{
	struct audit_value *enabled = &state->values[AUDIT_SET_ENABLED];
	const char *how = "enable";

	for (size_t i = 1; i < words->count; i++)
		if (str_starts(words->at[i], "-s"))
			how = words->at[i][2]        ? words->at[i] + 2
			      : i + 1 < words->count ? words->at[i + 1]
						     : "";
	if (str_eq(how, "nochange") || (enabled->known && enabled->value == 2))
		return;
	*enabled = (struct audit_value){
		.known = true,
		.value = !str_eq(how, "disable"),
		.source = source,
	};
}

/* Does a script do more to the rules than ask how things are? */
static bool meddles(const char *script)
{
	if (strstr(script, "augenrules"))
		return true;
	while ((script = strstr(script, "auditctl"))) {
		script += strlen("auditctl");
		if (!str_starts(script, " -s") && !str_starts(script, " -l"))
			return true;
	}
	return false;
}

/* Of a script only the beginning is certain to run: if that loads the rules, all is said. */
static void run_script(struct host *host, const char *script, const char *source,
		       struct audit_state *state)
{
	size_t first;

	script += strspn(script, STR_BLANKS);
	first = strcspn(script, ";&|\n");
	if (!meddles(script))
		return;
	if (first >= strlen("augenrules --load") &&
	    !strncmp(script + first - strlen("augenrules --load"), "augenrules --load",
		     strlen("augenrules --load")) &&
	    !memchr(script, ' ', first - strlen(" --load")) && !meddles(script + first))
		run_augenrules(host, state);
	else
		state->unknown = arena_printf(host->arena, "%s: a script loads the rules", source);
}

static void run(struct host *host, const char *command, const char *source,
		struct audit_state *state)
{
	struct strv words = {0};
	const char *program;

	/* Prefixes that say how a command is run. */
	unit_words(&words, host->arena, command + strspn(command, "@-:+!|"));
	if (!words.count)
		return;
	program = base_name(words.at[0]);
	if (str_eq(program, "augenrules")) {
		if (words.count == 2 && str_eq(words.at[1], "--load"))
			run_augenrules(host, state);
	} else if (str_eq(program, "auditctl")) {
		run_auditctl(host, &words, source, state);
	} else if (str_eq(program, "auditd")) {
		run_auditd(&words, source, state);
	} else if (words.count == 3 && str_eq(words.at[1], "-c")) {
		run_script(host, words.at[2], source, state);
	}
}

static void start_unit(struct host *host, const struct unit *unit, struct audit_state *state)
{
	for (size_t i = 0; i < sizeof(stages) / sizeof(stages[0]); i++) {
		struct strv values = {0};
		const char *source = NULL;
		int error = unit_option(host, unit->name, "Service", stages[i], &values, &source);

		if (error) {
			state->unknown = arena_printf(host->arena, "cannot read %s: %s", unit->name,
						      host_error(error));
			return;
		}
		for (size_t k = 0; k < values.count && !state->unknown; k++)
			run(host, values.at[k], source, state);
	}
}

/* The files of journald's settings, the ones that count most at the end. */
static int read_journald(struct host *host, struct unit_lines *lines)
{
	static const char *const mains[] = {
		"/etc/systemd/journald.conf",
		"/run/systemd/journald.conf",
		"/usr/local/lib/systemd/journald.conf",
		"/usr/lib/systemd/journald.conf",
	};
	static const char *const dirs[] = {
		"/etc/systemd/journald.conf.d",
		"/run/systemd/journald.conf.d",
		"/usr/local/lib/systemd/journald.conf.d",
		"/usr/lib/systemd/journald.conf.d",
		NULL,
	};
	struct strv files = {0}, dropins = {0};
	int error = host_dropins(host, dirs, ".conf", &dropins);

	if (error)
		return error;
	for (size_t i = 0; i < sizeof(mains) / sizeof(mains[0]) && !files.count; i++)
		if (host_exists(host, mains[i]))
			strv_push(&files, host->arena, mains[i]);
	for (size_t i = 0; i < dropins.count; i++)
		strv_push(&files, host->arena, dropins.at[i]);
	for (size_t i = 0; i < files.count; i++) {
		cleanup(text) struct host_text text = {0};

		error = host_read(host, files.at[i], 0, &text);
		if (!error)
			error = unit_lines_parse(lines, host->arena, files.at[i], text.data);
		if (error && error != -ENOENT && error != -EOPNOTSUPP)
			return error;
	}
	return 0;
}

static const struct unit_line *find_audit(const struct unit_lines *lines)
{
	const struct unit_line *found = NULL;

	for (size_t i = 0; i < lines->count; i++)
		if (str_eq(lines->at[i].section, "Journal") && str_eq(lines->at[i].key, "Audit") &&
		    (!*lines->at[i].value || unit_boolean(lines->at[i].value) >= 0))
			found = &lines->at[i];
	return found;
}

/* systemd-journald switches audit on or off, or leaves it; which of them by itself differs. */
static void start_journald(struct host *host, struct audit_state *state)
{
	struct audit_value *enabled = &state->values[AUDIT_SET_ENABLED];
	const struct unit *unit = units_get(host, "systemd-journald.service");
	struct unit_lines lines = {0};
	const struct unit_line *line;
	int error;

	if (!unit->error && (!unit->exists || unit->masked))
		return;
	error = read_journald(host, &lines);
	line = find_audit(&lines);
	if (error || !line) {
		*enabled = (struct audit_value){
			.source = "journald.conf",
			.why = error ? "the settings of systemd-journald cannot be read"
				     : "systemd-journald switches it on or off as it was built: "
				       "Audit= is not set",
		};
		return;
	}
	if (*line->value)
		*enabled = (struct audit_value){
			.known = true,
			.value = unit_boolean(line->value) > 0,
			.source = arena_printf(host->arena, "%s:%u", line->file, line->line),
		};
}

static void start_kernel(struct host *host, struct audit_state *state)
{
	static const char by_itself[] = "the kernel's default";
	const struct cmdline *cmdline = cmdline_configured(host);
	struct audit_value *values = state->values;
	const struct cmdline_arg *arg;
	const char *why;
	int found;

	values[AUDIT_SET_FAILURE] = (struct audit_value){true, 1, by_itself, NULL};
	values[AUDIT_SET_RATE] = (struct audit_value){true, 0, by_itself, NULL};
	values[AUDIT_SET_WAIT].why = "the kernel's default depends on how it was built";
	values[AUDIT_SET_ENABLED] = values[AUDIT_SET_BACKLOG] = (struct audit_value){true, 0,
										     by_itself,
										     NULL};
	values[AUDIT_SET_BACKLOG].value = 64;
	found = cmdline_find(host->arena, cmdline, "audit_backlog_limit", &arg, &why);
	if (found > 0 && arg->value && isdigit((unsigned char)arg->value[0]))
		values[AUDIT_SET_BACKLOG] = (struct audit_value){true,
								 (uint32_t)strtoul(arg->value, NULL,
										   0),
								 arg->source, NULL};
	else if (found < 0)
		values[AUDIT_SET_BACKLOG] = (struct audit_value){.why = why};
	found = cmdline_find(host->arena, cmdline, "audit", &arg, &why);
	if (found < 0) {
		values[AUDIT_SET_ENABLED] = (struct audit_value){.why = why};
	} else if (found) {
		const char *value = arg->value ? arg->value : "";

		state->absent = !strcasecmp(value, "off") || str_eq(value, "0");
		values[AUDIT_SET_ENABLED] = (struct audit_value){true, !state->absent, arg->source,
								 NULL};
	}
}

void audit_load_units(struct host *host, struct audit_state *state)
{
	const struct unit *unit;

	start_kernel(host, state);
	if (state->absent) {
		state->source = state->values[AUDIT_SET_ENABLED].source;
		return;
	}
	start_journald(host, state);
	for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]) && !state->unknown; i++) {
		unit = units_get(host, loaders[i]);
		if (unit->error || unit->unsure)
			state->unknown = arena_printf(host->arena, "%s: %s", unit->name,
						      unit->error ? unit->why : unit->unsure);
		else if (unit->starts)
			start_unit(host, unit, state);
	}
}
