#include "host/units/units_setting.h"

#include "host/units/units_name.h"
#include "host/units/units_view.h"

/* Settings of processes that are yes or no, and no where nothing is said: systemd.exec(5). */
static const char *const switches[] = {
	"DynamicUser",     "LockPersonality",   "MemoryDenyWriteExecute", "NoNewPrivileges",
	"PrivateDevices",  "PrivateIPC",        "PrivateMounts",          "PrivateNetwork",
	"PrivateTmp",      "PrivateUsers",      "ProtectClock",           "ProtectControlGroups",
	"ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",   "ProtectKernelTunables",
	"RemoveIPC",       "RestrictRealtime",  "RestrictSUIDSGID",       NULL,
};

/* Settings that know some words; `yes` and `no` besides where `words` begin with an empty one. */
static const struct {
	const char *key, *normal;
	const char *words[6];
} choices[] = {
	{"KeyringMode", "private", {"inherit", "private", "shared"}},
	{"ProtectHome", "no", {"", "read-only", "tmpfs"}},
	{"ProtectProc", "default", {"noaccess", "invisible", "ptraceable", "default"}},
	{"ProcSubset", "all", {"all", "pid"}},
	{"ProtectSystem", "no", {"", "full", "strict"}},
};

/* What DynamicUser=yes brings along, whatever else is said. */
static const struct {
	const char *key, *value;
} implied[] = {
	{"NoNewPrivileges", "yes"},  {"PrivateTmp", "yes"},       {"RemoveIPC", "yes"},
	{"RestrictSUIDSGID", "yes"}, {"ProtectSystem", "strict"}, {"ProtectHome", "read-only"},
};

/* Lists in which a `~` turns the meaning round. */
static const char *const turned[] = {
	"AmbientCapabilities",
	"CapabilityBoundingSet",
	"RestrictAddressFamilies",
	"RestrictFileSystems",
	"RestrictNamespaces",
	"SystemCallFilter",
	NULL,
};

#define COUNT(list) (sizeof(list) / sizeof(*(list)))

/* What is asked, and of what kind it is. */
struct asked {
	const char *section, *key;
	const char *normal;       /* systemd's default, or NULL */
	const char *const *words; /* NULL: any text */
	size_t n_words;
	bool is_switch; /* 1, on, true and the like make sense */
};

static bool is_one_of(const char *const *list, const char *key)
{
	for (; *list; list++)
		if (str_eq(*list, key))
			return true;
	return false;
}

/* Processes have these settings in the section that is called like the type of the unit. */
static bool is_of_process(const char *unit, const char *section)
{
	static const char *const types[][2] = {
		{"service", "Service"},
		{"socket", "Socket"},
		{"mount", "Mount"},
		{"swap", "Swap"},
	};

	for (size_t i = 0; i < COUNT(types); i++)
		if (str_eq(unit_type(unit), types[i][0]))
			return str_eq(section, types[i][1]);
	return false;
}

static struct asked find(const char *unit, const char *section, const char *key)
{
	struct asked asked = {.section = section, .key = key};

	if (!is_of_process(unit, section))
		return asked;
	if (is_one_of(switches, key)) {
		asked.is_switch = true;
		asked.normal = "no";
	}
	for (size_t i = 0; i < COUNT(choices); i++) {
		if (!str_eq(choices[i].key, key))
			continue;
		asked.normal = choices[i].normal;
		asked.words = choices[i].words;
		asked.n_words = COUNT(choices[i].words);
		asked.is_switch = !*choices[i].words[0];
	}
	return asked;
}

/* As systemd takes a value; NULL if it passes over it. */
static const char *normal_value(const struct asked *asked, const char *value)
{
	if (!asked->normal)
		return value;
	for (size_t i = 0; i < asked->n_words && asked->words[i]; i++)
		if (*value && str_eq(asked->words[i], value))
			return value;
	if (!asked->is_switch || unit_boolean(value) < 0)
		return NULL;
	return unit_boolean(value) ? "yes" : "no";
}

static void take_line(struct units *units, const struct asked *asked, const struct unit_line *line,
		      struct unit_setting *setting)
{
	const char *value = normal_value(asked, line->value);

	if (!value)
		return;
	setting->given = *value;
	setting->value = *value ? value : NULL;
	setting->source = unit_line_source(units->arena, line);
	if (!*value || asked->normal) {
		setting->values.count = 0;
		setting->all_why = NULL;
	}
	unit_words(&setting->values, units->arena, value);
	if (*value == '~' && is_one_of(turned, asked->key))
		setting->all_why = "it names what is taken away, not what is left";
	if (str_eq(asked->key, "RestrictNamespaces") && unit_boolean(value) >= 0)
		setting->all_why = "it is a yes or no, and names none";
}

static void take_lines(struct units *units, const struct unit_lines *lines,
		       const struct asked *asked, struct unit_setting *setting)
{
	for (size_t i = 0; i < lines->count; i++)
		if (str_eq(lines->at[i].key, asked->key) &&
		    str_eq(lines->at[i].section, asked->section))
			take_line(units, asked, &lines->at[i], setting);
	if (setting->value || !asked->normal)
		return;
	setting->value = asked->normal;
	setting->source = "default of systemd";
	strv_push(&setting->values, units->arena, asked->normal);
}

static void imply(struct units *units, const struct unit_load *load, const struct asked *asked,
		  struct unit_setting *setting)
{
	const struct asked dynamic = find(load->id, asked->section, "DynamicUser");
	struct unit_setting user = {0};

	take_lines(units, &load->lines, &dynamic, &user);
	if (!asked->normal || !user.value || !str_eq(user.value, "yes"))
		return;
	for (size_t i = 0; i < COUNT(implied); i++) {
		if (!str_eq(asked->key, implied[i].key))
			continue;
		/* What is stricter than read-only stays. */
		if (str_eq(asked->key, "ProtectHome") && !str_eq(setting->value, "no"))
			continue;
		setting->value = implied[i].value;
		setting->source = user.source;
		setting->values.count = 0;
		strv_push(&setting->values, units->arena, implied[i].value);
	}
}

void unit_setting(struct host *host, const char *unit, const char *section, const char *key,
		  struct unit_setting *ret_setting)
{
	const struct unit *known = units_get(host, unit);
	struct units *units = units_view(host);
	struct unit_setting setting = {.source = known->source};
	const struct unit_load *load;
	struct asked asked;

	*ret_setting = setting;
	if (known->error) {
		ret_setting->why = known->why;
		return;
	}
	load = unit_load(units, known->name);
	if (load->error) {
		ret_setting->source = load->error_path ? load->error_path : load->path;
		ret_setting->why = arena_printf(units->arena, "cannot read it: %s",
						host_error(load->error));
		return;
	}
	if (!load->path)
		ret_setting->why = known->unsure;
	if (!load->path || load->masked) {
		ret_setting->source = load->path ? load->path : "no such unit";
		return;
	}
	asked = find(load->id, section, key);
	setting.source = load->path;
	take_lines(units, &load->lines, &asked, &setting);
	imply(units, load, &asked, &setting);
	*ret_setting = setting;
}
