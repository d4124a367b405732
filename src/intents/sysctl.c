/* A parameter of the kernel, in a file of sysctl.d that no other one comes behind. */
#include "host/change/live.h"
#include "host/kernel/sysctls.h"
#include "intents/intent.h"

#include "base/arena.h"

#include <errno.h>

#define OWN_NAME "zz-hostaudit.conf"

/* Forwarding resets others of the network: it has to be written before them. */
static const char *const forwarding[] = {
	"net.ipv4.ip_forward ",
	"net.ipv4.conf.all.forwarding ",
	"net.ipv6.conf.all.forwarding ",
	NULL,
};

static const struct sheet_kind kind = {.first = forwarding};

/* The value that the check asks for, where it is one. */
static const char *wanted(const struct check *check)
{
	switch (check->expect.op) {
	case OP_EQUAL:
	case OP_AT_LEAST:
	case OP_AT_MOST:
	case OP_IN:
		return check->expect.operands.at[0];
	default:
		return NULL;
	}
}

static const char *base_name(const char *path)
{
	return strrchr(path, '/') + 1;
}

/*
 * A later file wins, so ours has to have the last name of all: a name and ".z…" sorts behind that
 * name and ".conf".
 */
static int own_path(struct draft *draft, struct host *host, const char **ret_path)
{
	static const char *const dirs[] = {"/etc/sysctl.d",           "/run/sysctl.d",
					   "/usr/local/lib/sysctl.d", "/usr/lib/sysctl.d",
					   "/lib/sysctl.d",           NULL};
	const char *last = OWN_NAME;
	struct strv paths;
	int error = host_dropins(host, dirs, ".conf", &paths);

	if (error)
		return intent_refuse(draft, "the directories of sysctl.d cannot be listed: %s",
				     host_error(error));
	for (size_t i = 0; i < paths.count; i++)
		if (strcmp(base_name(paths.at[i]), last) > 0)
			last = base_name(paths.at[i]);
	if (!str_ends(last, "z-hostaudit.conf"))
		last = arena_printf(draft->arena, "%.*s.z-hostaudit.conf",
				    (int)(strlen(last) - strlen(".conf")), last);
	*ret_path = arena_printf(draft->arena, "/etc/sysctl.d/%s", last);
	return 0;
}

static int set(const struct wish *wish, struct draft *draft, const char *path, const char *key)
{
	return draft_line(draft, path, &kind, wish->rule,
			  arena_printf(draft->arena, "%s = %s", key, wanted(wish->check)));
}

/* What the kernel combines with the values of the interfaces, and what new ones begin with. */
static int set_common(const struct wish *wish, struct draft *draft, const char *path)
{
	static const char *const names[] = {"all", "default"};
	const char *star = strchr(wish->check->subject, '*');
	int error = 0;

	for (size_t i = 0; star && i < 2 && !error; i++)
		error = set(wish, draft, path,
			    arena_printf(draft->arena, "%.*s%s%s",
					 (int)(star - wish->check->subject), wish->check->subject,
					 names[i], star + 1));
	return error;
}

/*
 * IPv4 forwarding has two names, and systemd-sysctl leaves a key in its old place where the value
 * stays the same: the other name could win.
 */
static int set_twin(const struct wish *wish, struct draft *draft, const char *path)
{
	static const char *const names[] = {"net.ipv4.ip_forward", "net.ipv4.conf.all.forwarding"};

	for (size_t i = 0; i < 2; i++)
		if (str_eq(wish->check->subject, names[i]))
			return set(wish, draft, path, names[!i]);
	return 0;
}

static int lower(const struct wish *wish, struct draft *draft)
{
	const char *path, *why;
	int error;

	if (!wanted(wish->check))
		return intent_refuse(draft, "'%s' names no single value", wish->check->text);
	for (const struct fact *fact = wish->facts; fact; fact = fact->next)
		if (fact->state == FACT_ABSENT)
			return intent_refuse(draft, "the kernel has no %s", fact->object);
	error = own_path(draft, wish->host, &path);
	if (!error)
		error = set_common(wish, draft, path);
	if (!error)
		error = set_twin(wish, draft, path);
	for (const struct fact *fact = wish->facts; fact && !error; fact = fact->next)
		if (expect_test(&wish->check->expect, fact, &why) != HELD_YES)
			error = set(wish, draft, path, fact->object);
	return error;
}

/* One after the other as the file has them; what is not there now will be there at the boot. */
static int apply(const struct wish *wish)
{
	const char *value = wanted(wish->check);
	int error = value ? 0 : -EINVAL;

	for (const struct fact *fact = wish->facts; fact && !error; fact = fact->next) {
		error = live_sysctl(wish->host, sysctl_path(wish->host->arena, fact->object),
				    value);
		if (error == -ENOENT)
			error = 0;
	}
	return error;
}

const struct intent intent_sysctl = {
	.name = "sysctl",
	.summary = "a parameter of the kernel, in a drop-in of sysctl.d and in the running kernel",
	.probe = "sysctl",
	.lower = lower,
	.apply = apply,
};
