#include "host/settings/clock.h"

#include "host/processes/processes.h"
#include "host/settings/chrony.h"
#include "host/settings/keyfile.h"
#include "host/units/units.h"

#include <errno.h>
#include <sys/timex.h>

/* What the kernel says while nobody has told it the time; and what timedated takes for a sign. */
#define NOBODY_KNOWS 16000000

/* A unit of another name is but another name of the same program, as distributions have it. */
static const struct client {
	const char *name;
	const char *units[4];
	const char *process;
} clients[] = {
	{"chronyd", {"chronyd.service", "chrony.service"}, "chronyd"},
	{"ntpd", {"ntpd.service", "ntp.service", "ntpsec.service"}, "ntpd"},
	{"openntpd", {"openntpd.service"}, NULL},
	{"phc2sys", {"phc2sys.service"}, "phc2sys"},
	{"systemd-timesyncd", {"systemd-timesyncd.service"}, "systemd-timesyncd"},
	{"timemaster", {"timemaster.service"}, "timemaster"},
};

#define N_CLIENTS (sizeof(clients) / sizeof(clients[0]))

int clock_now(struct clock_state *ret_state)
{
	struct timex timex = {0};

	/* Without modes it only tells. */
	if (adjtimex(&timex) < 0)
		return -errno;
	ret_state->error = timex.maxerror;
	/* STA_UNSYNC is no sign: chronyd leaves it, unless it is to set the hardware's clock. */
	ret_state->synchronised = timex.maxerror < NOBODY_KNOWS;
	return 0;
}

/* The unit that starts the client at boot, or NULL; `*ret_why` is set where that is not certain. */
static const struct unit *started(struct host *host, const struct client *client,
				  const char **ret_why)
{
	for (size_t i = 0; client->units[i]; i++) {
		const struct unit *unit = units_get(host, client->units[i]);

		if (unit->error)
			*ret_why = unit->why;
		else if (unit->unsure)
			*ret_why = unit->unsure;
		else if (unit->starts)
			return unit;
	}
	return NULL;
}

static bool is_running(struct host *host, const struct client *client, const char **ret_why)
{
	struct processes found;

	if (!client->process)
		return false;
	processes_find(host, client->process, &found);
	if (found.why)
		*ret_why = found.why;
	return found.count != 0;
}

struct finding clock_clients(struct host *host, bool now)
{
	const char *why = NULL, *source = now ? "/proc" : "no unit that a boot starts";
	struct strv names = {0};

	for (size_t i = 0; i < N_CLIENTS; i++) {
		const struct unit *unit = now ? NULL : started(host, &clients[i], &why);

		if (!unit && !(now && is_running(host, &clients[i], &why)))
			continue;
		strv_push(&names, host->arena, clients[i].name);
		source = unit ? unit->source : source;
	}
	if (why)
		return not_known(source, why);
	return found(names.count ? strv_join(&names, host->arena, " ") : NULL, source);
}

static struct finding servers_of_chrony(struct host *host, const struct unit *unit)
{
	const struct chrony *chrony = chrony_get(host, unit->name);

	if (chrony->why)
		return not_known(chrony->source, chrony->why);
	if (chrony->absent || !chrony->sources.count)
		return found(NULL, chrony->source);
	return found(strv_join(&chrony->sources, host->arena, " "), chrony->source);
}

static void ask_timesyncd(struct host *host, const char *key, struct keyfile_answer *ret_answer)
{
	const struct keyfile_question question = {
		.dialect = KEYFILE_SYSTEMD,
		.path = "/etc/systemd/timesyncd.conf",
		.section = "Time",
		.key = key,
	};

	keyfile_ask(host, &question, ret_answer);
}

/* Its own servers; where there are none, those to fall back to, which may be built in. */
static struct finding servers_of_timesyncd(struct host *host)
{
	struct keyfile_answer answer;

	ask_timesyncd(host, "NTP", &answer);
	if (!answer.all_why && !answer.values.count)
		ask_timesyncd(host, "FallbackNTP", &answer);
	if (answer.all_why)
		return not_known(answer.source, answer.all_why);
	if (answer.values.count)
		return found(strv_join(&answer.values, host->arena, " "), answer.source);
	/* An empty assignment has a line, and takes those away that are built in. */
	if (strchr(answer.source, ':'))
		return found(NULL, answer.source);
	return not_known(answer.source,
			 "no file names servers; those to fall back to are built in");
}

size_t clock_servers(struct host *host, struct clock_servers ret_servers[CLOCK_CLIENTS],
		     const char **ret_why)
{
	size_t count = 0;

	for (size_t i = 0; i < N_CLIENTS; i++) {
		const struct unit *unit = started(host, &clients[i], ret_why);
		struct clock_servers *servers = &ret_servers[count];

		if (!unit)
			continue;
		servers->client = clients[i].name;
		if (str_eq(servers->client, "chronyd"))
			servers->servers = servers_of_chrony(host, unit);
		else if (str_eq(servers->client, "systemd-timesyncd"))
			servers->servers = servers_of_timesyncd(host);
		else
			servers->servers = not_known(unit->source,
						     "its configuration is not understood");
		count++;
	}
	return count;
}
