/* What brings updates by itself: a unit that starts, and a setting that lets it. */
#include "host/osrelease.h"
#include "host/settings/keyfile.h"
#include "host/units/bus.h"
#include "host/units/units.h"
#include "host/update/update.h"

#include <errno.h>
#include <strings.h>

/* snapd keeps much of what it knows in one file. */
#define SNAPD_LIMIT ((size_t)16 * 1024 * 1024)

/* Each settles what a unit does that starts: yes, no, or unknown. */
typedef void settle(struct host *host, struct update_answer *answer);

const char *const updaters[] = {
	"apt",           "bootc",          "dnf-automatic",
	"hawkbit",       "rpm-ostree",     "snapd",
	"sysupdate",     "tdnf-automatic", "transactional-update",
	"update-engine", "zincati",        NULL,
};

static void say(struct update_answer *answer, bool yes, const char *source)
{
	*answer = (struct update_answer){.value = yes ? "yes" : "no", .source = source};
}

static void doubt(struct update_answer *answer, const char *source, const char *why)
{
	*answer = (struct update_answer){.source = source, .why = why};
}

static bool is_yes(const char *value)
{
	static const char *const words[] = {"yes", "true", "1", "on"};

	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (!strcasecmp(value, words[i]))
			return true;
	return false;
}

/* The last value of a setting. False, with the answer, where it cannot be told. */
static bool ask(struct host *host, const struct keyfile_question *question,
		struct update_answer *answer, const char **ret_value, const char **ret_source)
{
	struct keyfile_answer found;

	keyfile_ask(host, question, &found);
	if (found.why) {
		doubt(answer, found.source, found.why);
		return false;
	}
	*ret_value = found.values.count ? found.values.at[found.values.count - 1] : NULL;
	*ret_source = found.source;
	return true;
}

static void settle_applies(struct host *host, struct update_answer *answer, const char *path)
{
	const struct keyfile_question question = {KEYFILE_INI, path, "commands", "apply_updates"};
	const char *value, *source;

	if (ask(host, &question, answer, &value, &source))
		say(answer, value && is_yes(value), source);
}

static void settle_dnf(struct host *host, struct update_answer *answer)
{
	settle_applies(host, answer, "/etc/dnf/automatic.conf");
}

static void settle_tdnf(struct host *host, struct update_answer *answer)
{
	settle_applies(host, answer, "/etc/tdnf/automatic.conf");
}

static void settle_rpm_ostree(struct host *host, struct update_answer *answer)
{
	const struct keyfile_question question = {KEYFILE_INI, "/etc/rpm-ostreed.conf", "Daemon",
						  "AutomaticUpdatePolicy"};
	const char *value, *source;

	if (!ask(host, &question, answer, &value, &source))
		return;
	value = value ? value : "none";
	say(answer, str_eq(value, "stage") || str_eq(value, "apply"), source);
}

/* /etc has the last word; both files are read as assignments of a shell. */
static void settle_update_engine(struct host *host, struct update_answer *answer)
{
	static const char *const paths[] = {"/etc/flatcar/update.conf", "/etc/coreos/update.conf",
					    "/usr/share/flatcar/update.conf",
					    "/usr/share/coreos/update.conf"};

	if (str_eq(osrelease_get(host, "ID"), "cos")) {
		doubt(answer, NULL, "the metadata of the instance decide, not a file");
		return;
	}
	if (host_exists(host, "/usr/.noupdate")) {
		say(answer, false, "/usr/.noupdate");
		return;
	}
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct keyfile_question question = {KEYFILE_SHELL, paths[i], NULL, "SERVER"};
		const char *value, *source;

		if (!ask(host, &question, answer, &value, &source))
			return;
		if (!value)
			continue;
		say(answer, !str_eq(value, "disabled"), source);
		return;
	}
	say(answer, true, "default of update_engine");
}

static bool read_zincati(struct host *host, const char *path, struct update_answer *answer)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text), enabled;
	unsigned line = 0;

	if (error) {
		doubt(answer, path,
		      arena_printf(host->arena, "cannot read %s: %s", path, host_error(error)));
		return false;
	}
	enabled = zincati_enabled(text.data, &line);
	if (enabled == -EINVAL) {
		doubt(answer, path, "it is not written in one of the usual ways");
		return false;
	}
	if (enabled >= 0)
		say(answer, enabled, arena_printf(host->arena, "%s:%u", path, line));
	return true;
}

static void settle_zincati(struct host *host, struct update_answer *answer)
{
	static const char *const dirs[] = {"/etc/zincati/config.d", "/run/zincati/config.d",
					   "/usr/lib/zincati/config.d", NULL};
	struct strv paths = {0};
	int error = host_dropins(host, dirs, ".toml", &paths);

	say(answer, true, "default of zincati");
	if (error)
		doubt(answer, dirs[0],
		      arena_printf(host->arena, "cannot read the drop-ins: %s", host_error(error)));
	for (size_t i = 0; !error && i < paths.count; i++)
		if (!read_zincati(host, paths.at[i], answer))
			return;
}

static void settle_apt(struct host *host, struct update_answer *answer)
{
	(void)host;
	doubt(answer, "/etc/apt/apt.conf.d", "the configuration of apt decides, which is not read");
}

/* By itself snapd refreshes four times a day, unless it was told to hold. */
static void settle_snapd(struct host *host, struct update_answer *answer)
{
	static const char *const words[] = {"\"hold", "\"refresh-hold", "\"managed\"",
					    "\"snaps-hold"};
	const char *path = "/var/lib/snapd/state.json";
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, SNAPD_LIMIT, &text);

	say(answer, true, "default of snapd");
	if (error && error != -ENOENT)
		doubt(answer, path,
		      arena_printf(host->arena, "cannot read %s: %s", path, host_error(error)));
	for (size_t i = 0; !error && i < sizeof(words) / sizeof(words[0]); i++)
		if (strstr(text.data, words[i]))
			doubt(answer, path, "it speaks of refreshes that are held or managed");
}

/* The units of updaters; what follows where one of them starts, NULL: it installs updates. */
static const struct row {
	const char *updater, *unit;
	settle *settle;
} rows[] = {
	{"apt", "apt-daily-upgrade.timer", settle_apt},
	{"bootc", "bootc-fetch-apply-updates.timer", NULL},
	{"dnf-automatic", "dnf-automatic-install.timer", NULL},
	{"dnf-automatic", "dnf-automatic.timer", settle_dnf},
	{"dnf-automatic", "dnf5-automatic.timer", settle_dnf},
	{"hawkbit", "rauc-hawkbit-updater.service", NULL},
	{"rpm-ostree", "rpm-ostreed-automatic.timer", settle_rpm_ostree},
	{"snapd", "snapd.service", settle_snapd},
	{"sysupdate", "systemd-sysupdate.timer", NULL},
	{"tdnf-automatic", "tdnf-automatic-install.timer", NULL},
	{"tdnf-automatic", "tdnf-automatic.timer", settle_tdnf},
	{"transactional-update", "transactional-update.timer", NULL},
	{"update-engine", "update-engine.service", settle_update_engine},
	{"zincati", "zincati.service", settle_zincati},
};

#define N_ROWS (sizeof(rows) / sizeof(rows[0]))

static bool is_asked(const struct row *row, const char *name)
{
	return !name || str_eq(row->updater, name);
}

void updater_present(struct host *host, const char *name, struct update_answer *ret_answer)
{
	*ret_answer = (struct update_answer){.value = "absent", .source = "no such unit"};
	for (size_t i = 0; i < N_ROWS; i++) {
		const struct unit *unit = units_get(host, rows[i].unit);

		if (!is_asked(&rows[i], name))
			continue;
		if (unit->error || unit->exists)
			*ret_answer = (struct update_answer){
				.value = unit->error ? NULL : "present",
				.source = unit->path,
				.why = unit->why,
			};
		if (unit->error || unit->exists)
			return;
	}
}

static void ask_row(struct host *host, const struct row *row, struct update_answer *answer)
{
	const struct unit *unit = units_get(host, row->unit);

	if (unit->error || unit->unsure)
		doubt(answer, unit->source, unit->error ? unit->why : unit->unsure);
	else if (!unit->starts || !row->settle)
		say(answer, unit->starts, unit->source);
	else
		row->settle(host, answer);
}

/* One that does is enough; one that may stands before those that do not. */
void updater_automatic(struct host *host, const char *name, struct update_answer *ret_answer)
{
	struct update_answer best = {.value = "no", .source = "no updater"};

	for (size_t i = 0; i < N_ROWS; i++) {
		struct update_answer answer;
		bool there = units_get(host, rows[i].unit)->exists ||
			     units_get(host, rows[i].unit)->error;

		if (!is_asked(&rows[i], name) || !there)
			continue;
		ask_row(host, &rows[i], &answer);
		if (!answer.value ? best.value != NULL
				  : str_eq(answer.value, "yes") ||
					    (best.value && str_eq(best.source, "no updater")))
			best = answer;
		if (best.value && str_eq(best.value, "yes"))
			break;
	}
	*ret_answer = best;
}

/* A unit counts for a name; without one, where it brings updates at the next boot as well. */
static bool counts(struct host *host, const struct row *row, const char *name)
{
	struct update_answer answer;

	if (!is_asked(row, name) || !units_get(host, row->unit)->exists)
		return false;
	if (name)
		return true;
	ask_row(host, row, &answer);
	return answer.value && str_eq(answer.value, "yes");
}

void updater_active(struct host *host, const char *name, struct update_answer *ret_answer)
{
	struct update_answer best = {.value = "no", .source = "no updater"};

	for (size_t i = 0; i < N_ROWS; i++) {
		const char *source = arena_printf(host->arena, "%s, over the bus", rows[i].unit);
		struct bus_unit now;
		const char *why;

		if (!counts(host, &rows[i], name))
			continue;
		if (bus_unit(host, rows[i].unit, &now, &why)) {
			doubt(&best, source, why);
			continue;
		}
		if (best.value)
			say(&best, str_eq(now.active, "active"), source);
		if (str_eq(now.active, "active")) {
			say(&best, true, source);
			break;
		}
	}
	*ret_answer = best;
}
