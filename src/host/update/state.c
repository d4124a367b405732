/* Does the next boot bring another system than the one that runs? */
#include "host/boot/cmdline.h"
#include "host/kernel/modules.h"
#include "host/mounts/mounts.h"
#include "host/os.h"
#include "host/update/slots.h"

#include <errno.h>

/* Files that somebody leaves when an update is in place. They go away with the boot. */
static const char *const marks[] = {
	"/run/ostree/staged-deployment",           /* ostree, rpm-ostree, bootc */
	"/run/reboot-needed",                      /* transactional-update */
	"/run/reboot-required",                    /* Flatcar, Debian and its kin */
	"/run/update_engine_autoupdate_completed", /* update_engine */
};

/* An error that is no absence counts as a mark that nobody can see. */
static bool find_mark(struct host *host, struct update_answer *ret_answer)
{
	struct statx stat;

	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		int error = host_stat(host, marks[i], false, &stat);

		if (error == -ENOENT || error == -ENOTDIR)
			continue;
		ret_answer->source = marks[i];
		if (error)
			ret_answer->why = arena_printf(host->arena, "cannot look at %s: %s",
						       marks[i], host_error(error));
		else
			ret_answer->value = "pending-reboot";
		return true;
	}
	return false;
}

/* "/ostree/deploy/OS/deploy/CHECKSUM.SERIAL" within a path, or NULL. */
static const char *deployment_in(struct arena *arena, const char *path)
{
	const char *start = strstr(path, "/ostree/deploy/");
	const char *name = start ? strstr(start, "/deploy/") : NULL;

	name = name ? strstr(name + strlen("/deploy/"), "/deploy/") : NULL;
	if (!name)
		return NULL;
	name += strlen("/deploy/");
	return arena_strndup(arena, start, (size_t)(name - start) + strcspn(name, "/]"));
}

/* The deployment that / or its /etc lies in: with composefs, only the latter tells. */
static const char *booted_deployment(struct host *host)
{
	static const char *const targets[] = {"/", "/etc", "/usr"};
	const struct mount_table *mounts = mounts_now(host);

	for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
		const struct mount *mount = mount_last(mounts, targets[i]);
		const char *found = mount && mount->source
					    ? deployment_in(host->arena, mount->source)
					    : NULL;

		if (found)
			return found;
	}
	return NULL;
}

static const char *next_deployment(struct host *host, struct update_answer *ret_answer)
{
	const struct cmdline_arg *arg;
	char *path;
	int found = cmdline_find(host->arena, cmdline_configured(host), "ostree", &arg,
				 &ret_answer->why);

	if (found != 1 || !arg->value) {
		if (found >= 0)
			ret_answer->why = "no loader entry names a deployment of ostree";
		return NULL;
	}
	ret_answer->source = arg->source;
	if (host_canonical(host, arg->value, &path) || !deployment_in(host->arena, path)) {
		ret_answer->why = arena_printf(host->arena, "%s leads to no deployment of ostree",
					       arg->value);
		return NULL;
	}
	return deployment_in(host->arena, path);
}

static bool by_ostree(struct host *host, struct update_answer *ret_answer)
{
	const char *booted, *next;

	if (!host_exists(host, "/run/ostree-booted"))
		return false;
	booted = booted_deployment(host);
	next = next_deployment(host, ret_answer);
	if (!booted)
		ret_answer->why = "no mount tells which deployment of ostree runs";
	else if (next)
		ret_answer->value = str_eq(booted, next) ? "current" : "pending-reboot";
	return true;
}

/* It leaves a mark, and there was none. */
static bool by_transactional_update(struct host *host, struct update_answer *ret_answer)
{
	if (!host_exists(host, "/usr/sbin/transactional-update") &&
	    !host_exists(host, "/usr/lib/systemd/system/transactional-update.timer"))
		return false;
	ret_answer->source = "no /run/reboot-needed";
	/* A /run that is not the host's would hide the mark. */
	if (host_exists(host, "/run/systemd"))
		ret_answer->value = "current";
	else
		ret_answer->why = "this is not the /run of the host";
	return true;
}

/* Is the system one that packages are put into, and no image that is replaced as a whole? */
static bool has_packages(struct host *host)
{
	static const char *const places[] = {"/var/lib/dpkg/status", "/usr/lib/sysimage/rpm",
					     "/var/lib/rpm"};
	const struct mount_table *mounts = mounts_now(host);
	const struct mount *usr = mount_last(mounts, "/usr");
	bool there = false;

	if (!usr)
		usr = mount_last(mounts, "/");
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		there = there || host_exists(host, places[i]);
	return there && usr && !strv_has(&usr->options, "ro") &&
	       !strv_has(&host->os->traits, "no-packages") &&
	       !host_exists(host, "/etc/kairos-release") && !host_exists(host, "/etc/elemental");
}

/* Where packages bring updates, a newer kernel is what waits for a boot. */
static bool by_kernel(struct host *host, struct update_answer *ret_answer)
{
	const struct kernel *next = kernel_next(host), *running = kernel_running(host);

	if (!has_packages(host) || next->error || running->error)
		return false;
	ret_answer->source = next->dir;
	ret_answer->value = str_eq(strrchr(next->dir, '/'), strrchr(running->dir, '/'))
				    ? "current"
				    : "pending-reboot";
	return true;
}

/* The first that knows the host answers. */
static bool (*const ways[])(struct host *host, struct update_answer *ret_answer) = {
	find_mark,        by_ostree,      slots_by_priority,
	slots_by_modeenv, slots_by_order, by_transactional_update,
	by_kernel,
};

void update_state(struct host *host, struct update_answer *ret_answer)
{
	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		*ret_answer = (struct update_answer){0};
		if (ways[i](host, ret_answer))
			return;
	}
	*ret_answer = (struct update_answer){
		.why = "nothing that hostaudit knows tells whether an update waits for a reboot"};
}
