/* What the next boot starts: the kernel's own choice, and then libselinux and sysctl.d. */
#include "host/boot/efivars.h"
#include "host/kernel/sysctls.h"
#include "host/security/lsm.h"
#include "host/security/lsm_boot.h"
#include "host/security/selinux_config.h"

#include <errno.h>
#include <stdlib.h>

#define CONFIG "/etc/selinux/config"

/* The firmware of a running host will be as it is now. */
static struct lsm_boot boot_of(struct host *host)
{
	struct lsm_boot boot = {host->arena, kconfig_configured(host), cmdline_configured(host),
				FIRMWARE_UNKNOWN};
	struct finding secure = {0};

	if (host->live)
		secure = secure_boot_now(host);
	if (found_is(&secure, "enabled"))
		boot.firmware = FIRMWARE_SECURE;
	else if (secure.value)
		boot.firmware = FIRMWARE_OPEN;
	return boot;
}

struct finding lsm_module_next(struct host *host, const char *name)
{
	struct lsm_boot boot = boot_of(host);

	return lsm_boot_module(&boot, name);
}

struct finding lockdown_next(struct host *host)
{
	struct lsm_boot boot = boot_of(host);

	return lsm_boot_lockdown(&boot);
}

struct finding yama_next(struct host *host)
{
	struct finding module = lsm_module_next(host, "yama");
	struct sysctl_value scope;

	if (found_is(&module, "disabled"))
		return found("0", module.source);
	if (!module.value)
		return module;
	sysctl_configured(host, "kernel/yama/ptrace_scope", &scope);
	if (scope.state == SYSCTL_SET)
		return found(scope.value, scope.source);
	return not_known(scope.source, scope.reason ? scope.reason : "it is nowhere set");
}

struct loaded_config {
	int error;
	struct selinux_config config;
};

static const void *load_config(struct host *host)
{
	struct loaded_config *loaded = arena_new(host->arena, struct loaded_config);
	cleanup(text) struct host_text text = {0};

	loaded->error = host_read(host, CONFIG, 0, &text);
	if (!loaded->error)
		selinux_config_parse(host->arena, text.data, &loaded->config);
	else
		loaded->config = (struct selinux_config){.type = "targeted"};
	return loaded;
}

static const char *line_of(struct host *host, unsigned line)
{
	return line ? arena_printf(host->arena, CONFIG ":%u", line) : "default of libselinux";
}

struct finding selinux_policy_next(struct host *host)
{
	const struct loaded_config *loaded = host_view(host, load_config);

	if (loaded->error == -ENOENT)
		return found(NULL, CONFIG);
	if (loaded->error)
		return not_known(CONFIG, arena_printf(host->arena, "it cannot be read: %s",
						      host_error(loaded->error)));
	return found(loaded->config.type, line_of(host, loaded->config.type_line));
}

/* Is there something to load? Nothing, or why nobody knows what comes of it. */
static struct finding needs_policy(struct host *host, const char *type)
{
	const char *dir = arena_printf(host->arena, "/etc/selinux/%s/policy", type);
	struct strv paths = {0};
	int error = host_glob(host, arena_printf(host->arena, "%s/policy.*", dir), &paths);

	if (error)
		return not_known(dir, arena_printf(host->arena, "it cannot be read: %s",
						   host_error(error)));
	if (!paths.count)
		return not_known(dir, "SELinux is on, and there is no policy to load");
	return (struct finding){0};
}

static bool ends_in_enforcing(const char *name)
{
	return str_ends(name, "enforcing");
}

/*
 * libselinux looks for the first "enforcing=" on the command line, and for no other if that is not
 * a word of its own. Anything but a number is 0; a negative one is as if it was not there.
 */
static struct finding mode_of_arguments(const struct cmdline *cmdline)
{
	if (cmdline->unknown)
		return not_known(cmdline->source, cmdline->unknown);
	for (size_t i = 0; i < cmdline->count; i++) {
		const struct cmdline_arg *arg = &cmdline->args[i];
		long mode;

		if (!arg->name || (arg->maybe && ends_in_enforcing(arg->name)))
			return not_known(arg->source, "what arguments are given is not all known");
		if (!arg->value || !ends_in_enforcing(arg->name))
			continue;
		mode = str_eq(arg->name, "enforcing") ? strtol(arg->value, NULL, 10) : -1;
		if (mode < 0)
			return (struct finding){0};
		return found(mode ? "enforcing" : "permissive", arg->source);
	}
	/* It looks there, too. */
	if (cmdline->ended)
		return not_known(cmdline->source, "there are arguments for init, which libselinux "
						  "looks at as well");
	return (struct finding){0};
}

/* What libselinux asks the kernel for, once a policy is there to be loaded. */
static struct finding asked_mode(struct host *host, const struct loaded_config *loaded)
{
	struct finding arguments = mode_of_arguments(cmdline_configured(host));

	if (arguments.value || arguments.why)
		return arguments;
	if (loaded->config.mode)
		return found(loaded->config.mode, line_of(host, loaded->config.mode_line));
	return found("permissive", CONFIG);
}

struct finding selinux_next(struct host *host)
{
	const struct loaded_config *loaded = host_view(host, load_config);
	struct lsm_boot boot = boot_of(host);
	struct finding module = lsm_boot_module(&boot, "selinux"), policy;
	const char *why = NULL;
	int can_permit;

	if (found_is(&module, "disabled"))
		return module;
	if (loaded->error && loaded->error != -ENOENT)
		return selinux_policy_next(host);
	/* No policy is loaded then. */
	if (loaded->config.mode && str_eq(loaded->config.mode, "disabled"))
		return found("disabled", line_of(host, loaded->config.mode_line));
	if (module.why)
		return module;
	policy = needs_policy(host, loaded->config.type);
	if (policy.why)
		return policy;
	can_permit = lsm_boot_symbol(&boot, "SECURITY_SELINUX_DEVELOP", &why);
	if (!can_permit)
		return found("enforcing", boot.kconfig->source);
	return can_permit < 0 ? not_known(boot.kconfig->source, why) : asked_mode(host, loaded);
}
