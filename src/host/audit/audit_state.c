#include "host/audit/audit_state.h"

#include "host/audit/audit_lib.h"
#include "host/audit/audit_load.h"
#include "host/boot/cmdline.h"

#include <errno.h>
#include <strings.h>

/* How the kernel's answers come in. */
struct answers {
	struct host *host;
	struct audit_state *state;
	int error;
};

static void take_status(void *data, const void *message, size_t size)
{
	struct answers *answers = data;
	struct audit_state *state = answers->state;
	struct audit_status status = {0};
	struct audit_value *values = state->values;

	/* Older kernels know fewer settings. */
	memcpy(&status, message, size < sizeof(status) ? size : sizeof(status));
	values[AUDIT_SET_ENABLED].value = status.enabled;
	values[AUDIT_SET_FAILURE].value = status.failure;
	values[AUDIT_SET_BACKLOG].value = status.backlog_limit;
	values[AUDIT_SET_RATE].value = status.rate_limit;
	values[AUDIT_SET_WAIT].value = status.backlog_wait_time;
	for (unsigned i = 0; i < N_AUDIT_SETTINGS; i++) {
		values[i].known = true;
		values[i].source = state->source;
	}
	state->lost = status.lost;
	state->backlog = status.backlog;
	state->pid = status.pid;
}

static void take_rule(void *data, const void *message, size_t size)
{
	struct answers *answers = data;
	struct audit_rules *rules = &answers->state->rules;
	struct arena *arena = answers->host->arena;
	struct audit_rule rule;
	int error = audit_rule_listed(arena, message, size, &rule);

	if (error) {
		answers->error = error;
		return;
	}
	rule.source = arena_printf(arena, "rule %zu of the kernel", rules->count + 1);
	audit_rule_resolve(answers->host, &rule);
	audit_rules_add(rules, arena, &rule);
}

/* Without any audit to talk to: was it switched off by the command line? */
static bool is_switched_off(struct host *host, const char **ret_source)
{
	const struct cmdline_arg *arg;
	const char *why;

	if (cmdline_find(host->arena, cmdline_running(host), "audit", &arg, &why) <= 0 ||
	    !arg->value || (strcasecmp(arg->value, "off") != 0 && !str_eq(arg->value, "0")))
		return false;
	*ret_source = arg->source;
	return true;
}

static const char *describe(struct host *host, int error)
{
	switch (error) {
	case -EPERM:
	case -EACCES:
		return "the kernel tells of its audit only with CAP_AUDIT_CONTROL";
	case -ECONNREFUSED:
		return "the kernel does not talk of its audit here: another user namespace, or "
		       "none at all";
	case -EPROTONOSUPPORT:
	case -EAFNOSUPPORT:
		return "the kernel has no audit";
	default:
		return arena_printf(host->arena, "the kernel's audit does not answer: %s",
				    host_error(error));
	}
}

static const void *load_now(struct host *host)
{
	struct audit_state *state = arena_new(host->arena, struct audit_state);
	struct answers answers = {.host = host, .state = state};
	int error;

	state->source = "the kernel, over netlink";
	state->arch = audit_lib_this_arch();
	error = audit_lib_ask(AUDIT_GET, take_status, &answers);
	if (!error)
		error = audit_lib_ask(AUDIT_LIST_RULES, take_rule, &answers);
	if (!error)
		error = answers.error;
	if (error == -ECONNREFUSED && is_switched_off(host, &state->source)) {
		state->absent = true;
		state->values[AUDIT_SET_ENABLED] = (struct audit_value){true, 0, state->source,
									NULL};
	} else if (error) {
		state->unknown = describe(host, error);
	}
	return state;
}

const struct audit_state *audit_now(struct host *host)
{
	return host_view(host, load_now);
}

static const void *load_next(struct host *host)
{
	struct audit_state *state = arena_new(host->arena, struct audit_state);

	state->source = "nothing loads audit rules at boot";
	state->arch = audit_names_of(host).arch;
	audit_load_units(host, state);
	if (state->rules.count)
		state->source = state->rules.at[0].source;
	return state;
}

const struct audit_state *audit_next(struct host *host)
{
	return host_view(host, load_next);
}
