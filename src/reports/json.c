/* The report for programs. Its names are stable; the schema is man/hostaudit-report.schema.json. */
#include "base/json.h"

#include "host/host.h"
#include "judge/factjson.h"
#include "reports/report.h"

/* The schema's version: it changes when a name is renamed or taken away, not when one is added. */
#define SCHEMA "hostaudit-report-1"

static void write_time(struct json *json, const char *key, const struct timespec *time)
{
	char text[sizeof("YYYY-MM-DDTHH:MM:SSZ")];
	struct tm parts;

	strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&time->tv_sec, &parts));
	json_string(json, key, text);
}

static void write_strings(struct json *json, const char *key, const struct strv *list)
{
	json_open(json, key, '[');
	for (size_t i = 0; i < list->count; i++)
		json_string(json, NULL, list->at[i]);
	json_close(json, ']');
}

static void write_host(struct json *json, const struct audit *audit)
{
	json_open(json, "host", '{');
	json_string(json, "root", audit->host->name);
	json_bool(json, "live", audit->host->live);
	json_string(json, "name", audit->host_name);
	json_open(json, "os", '{');
	json_string(json, "id", audit->os.id);
	json_string(json, "version_id", audit->os.version_id);
	json_string(json, "variant_id", audit->os.variant_id);
	json_string(json, "pretty_name", audit->os.pretty_name);
	json_close(json, '}');
	json_close(json, '}');
}

static void write_profile(struct json *json, const struct policy *policy)
{
	const struct profile *profile = &policy->profile;

	json_open(json, "profile", '{');
	json_string(json, "name", profile->os.id);
	json_number(json, "level", policy->level);
	write_strings(json, "roles", &profile->os.roles);
	json_string(json, "digest", profile->digest);
	json_string(json, "chosen", profile->chosen);
	json_string(json, "note", profile->note);
	json_close(json, '}');
}

static void write_guard(struct json *json, const struct guard_state *guard)
{
	json_open(json, "sandbox", '{');
	json_number(json, "landlock_abi", guard->landlock);
	json_bool(json, "seccomp", guard->seccomp);
	json_bool(json, "no_new_privileges", guard->no_new_privileges);
	json_string(json, "capabilities", guard->capabilities);
	json_close(json, '}');
}

static void write_summary(struct json *json, const struct audit *audit)
{
	json_open(json, "summary", '{');
	for (int i = 0; i < N_OUTCOMES; i++)
		json_number(json, outcome_name((enum outcome)i), audit->count[i]);
	json_close(json, '}');
}

static void write_part(struct json *json, const struct part_result *part)
{
	json_open(json, NULL, '{');
	json_string(json, "part", part_name(part->part->part));
	json_string(json, "check", part->part->check.text);
	json_string(json, "outcome", outcome_name(part->verdict.outcome));
	json_string(json, "reason", part->verdict.reason);
	facts_write(json, part->facts);
	json_close(json, '}');
}

static void write_waiver(struct json *json, const struct waiver *waiver)
{
	json_open(json, "waiver", '{');
	json_string(json, "name", waiver->name);
	json_string(json, "owner", waiver->owner);
	json_string(json, "reason", waiver->reason);
	json_string(json, "expires", waiver->expires);
	json_close(json, '}');
}

static void write_result(struct json *json, const struct result *result)
{
	const struct rule *rule = result->rule;

	json_open(json, NULL, '{');
	json_string(json, "rule", rule->id);
	json_string(json, "title", rule->title);
	json_string(json, "benchmark", rule->benchmark);
	json_string(json, "outcome", outcome_name(result->outcome));
	json_string(json, "severity", severity_name(rule->severity));
	json_number(json, "level", rule->level);
	json_string(json, "reason", result->reason);
	json_string(json, "tailored", rule->tailored);
	if (result->waiver)
		write_waiver(json, result->waiver);
	write_strings(json, "refs", &rule->refs);
	json_open(json, "checks", '[');
	for (size_t i = 0; i < result->part_count; i++)
		write_part(json, &result->parts[i]);
	json_close(json, ']');
	json_close(json, '}');
}

static void write_json(FILE *out, const struct audit *audit, const struct report_style *style)
{
	struct json json = {.out = out};

	(void)style; /* programs get all of it, and no colours */
	json_open(&json, NULL, '{');
	json_string(&json, "schema", SCHEMA);
	json_open(&json, "tool", '{');
	json_string(&json, "name", "hostaudit");
	json_string(&json, "version", VERSION);
	json_close(&json, '}');
	write_time(&json, "started", &audit->started);
	json_number(&json, "duration_ms", audit->duration_ms);
	write_host(&json, audit);
	write_profile(&json, audit->policy);
	write_guard(&json, &audit->guard);
	write_summary(&json, audit);
	json_open(&json, "results", '[');
	for (size_t i = 0; i < audit->result_count; i++)
		write_result(&json, &audit->results[i]);
	json_close(&json, ']');
	json_close(&json, '}');
}

const struct report report_json = {
	.name = "json",
	.summary = "everything, for programs",
	.write = write_json,
};
