#include "host/security/lock.h"

#include "host/boot/kernel_value.h"
#include "host/kernel/sysctls.h"
#include "host/security/lsm.h"
#include "host/security/lsm_boot.h"

#include <errno.h>

static struct lsm_boot running(struct host *host)
{
	return (struct lsm_boot){host->arena, kconfig_running(host), cmdline_running(host),
				 FIRMWARE_UNKNOWN};
}

static struct lsm_boot configured(struct host *host)
{
	return (struct lsm_boot){host->arena, kconfig_configured(host), cmdline_configured(host),
				 FIRMWARE_UNKNOWN};
}

static struct finding unreadable(struct host *host, const char *path, int error)
{
	return not_known(path,
			 arena_printf(host->arena, "it cannot be read: %s", host_error(error)));
}

static bool is_locked(const struct finding *lockdown)
{
	return found_is(lockdown, "integrity") || found_is(lockdown, "confidentiality");
}

/* What lockdown does unless it is off: `value` under a lock, `other` without, or not known. */
static struct finding under_lockdown(const struct finding *lockdown, const char *value,
				     struct finding other)
{
	if (is_locked(lockdown))
		return found(value, lockdown->source);
	return lockdown->why ? *lockdown : other;
}

/* --- modules */

/* Only ever switched on: an argument that says no does nothing. */
static bool takes_yes(const char *value)
{
	bool yes;

	return !kernel_bool(value, &yes) && yes;
}

/* Without modules, or without signatures: that, else nothing or why it is not known. */
static struct finding builds_signatures(const struct lsm_boot *boot)
{
	const char *why = NULL;
	int known = lsm_boot_symbol(boot, "MODULES", &why);

	if (!known)
		return found("no-modules", boot->kconfig->source);
	if (known > 0)
		known = lsm_boot_symbol(boot, "MODULE_SIG", &why);
	if (!known)
		return found("none", boot->kconfig->source);
	return known < 0 ? not_known(boot->kconfig->source, why) : (struct finding){0};
}

struct finding module_signatures_now(struct host *host)
{
	static const char path[] = "/sys/module/module/parameters/sig_enforce";
	cleanup(text) struct host_text text = {0};
	struct lsm_boot boot = running(host);
	struct finding lockdown;
	int error = host_read(host, path, 0, &text);

	if (error == -ENOENT) {
		struct finding built = builds_signatures(&boot);

		if (built.value || built.why)
			return built;
		return not_known(path, "it is not to be seen here");
	}
	if (error)
		return unreadable(host, path, error);
	if (*text.data == 'Y')
		return found("enforced", path);
	lockdown = lockdown_now(host);
	return under_lockdown(&lockdown, "enforced", found("checked", path));
}

struct finding module_signatures_next(struct host *host)
{
	struct lsm_boot boot = configured(host);
	struct finding built = builds_signatures(&boot), lockdown;
	const struct cmdline_arg *arg;
	const char *why = NULL;
	int known;

	if (built.value || built.why)
		return built;
	known = lsm_boot_symbol(&boot, "MODULE_SIG_FORCE", &why);
	if (known > 0)
		return found("enforced", boot.kconfig->source);
	known = cmdline_find_if(host->arena, boot.cmdline, "module.sig_enforce", takes_yes, &arg,
				&why);
	if (known > 0)
		return found("enforced", arg->source);
	lockdown = lockdown_next(host);
	if (is_locked(&lockdown) || known < 0)
		return under_lockdown(&lockdown, "enforced", not_known(NULL, why));
	return under_lockdown(&lockdown, "enforced", found("checked", boot.kconfig->source));
}

/* --- kexec and hibernation */

/* Is one of two symbols in the kernel? 1, 0, or -1 and why. */
static int has_either(const struct lsm_boot *boot, const char *a, const char *b,
		      const char **ret_why)
{
	int one = lsm_boot_symbol(boot, a, ret_why), other = lsm_boot_symbol(boot, b, ret_why);

	if (one > 0 || other > 0)
		return 1;
	return one < 0 || other < 0 ? -1 : 0;
}

static bool is_switched_on(const struct sysctl_value *value)
{
	long long number;

	return value->state == SYSCTL_SET && !str_to_number(value->value, &number) && number;
}

struct finding kexec_now(struct host *host)
{
	struct sysctl_value disabled;
	struct finding lockdown;

	/* The key is there exactly where kexec is. */
	sysctl_running(host, "kernel/kexec_load_disabled", &disabled);
	if (disabled.state == SYSCTL_ABSENT)
		return found("absent", disabled.source);
	if (disabled.state != SYSCTL_SET)
		return not_known(disabled.source, disabled.reason);
	if (is_switched_on(&disabled))
		return found("disabled", disabled.source);
	lockdown = lockdown_now(host);
	return under_lockdown(&lockdown, "signed", found("allowed", disabled.source));
}

struct finding kexec_next(struct host *host)
{
	struct lsm_boot boot = configured(host);
	struct sysctl_value disabled;
	struct finding lockdown;
	const char *why = NULL;
	int there = has_either(&boot, "KEXEC", "KEXEC_FILE", &why);

	if (!there)
		return found("absent", boot.kconfig->source);
	sysctl_configured(host, "kernel/kexec_load_disabled", &disabled);
	if (is_switched_on(&disabled))
		return found("disabled", disabled.source);
	if (there < 0)
		return not_known(boot.kconfig->source, why);
	lockdown = lockdown_next(host);
	if (is_locked(&lockdown) || disabled.state == SYSCTL_SET)
		return under_lockdown(&lockdown, "signed", found("allowed", disabled.source));
	return not_known(disabled.source, disabled.reason);
}

struct finding hibernation_now(struct host *host)
{
	static const char path[] = "/sys/power/disk";
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (error == -ENOENT && host_exists(host, "/sys/power/state"))
		return found("absent", "/sys/power");
	if (error)
		return unreadable(host, path, error);
	/* nohibernate and lockdown make it so. */
	return found(str_eq(str_trim(text.data), "[disabled]") ? "disabled" : "allowed", path);
}

static bool takes_no(const char *value)
{
	return value && str_eq(value, "no");
}

static bool takes_all(const char *value)
{
	(void)value;
	return true;
}

struct finding hibernation_next(struct host *host)
{
	struct lsm_boot boot = configured(host);
	const struct cmdline_arg *arg;
	const char *why = NULL;
	struct finding lockdown;
	int there = lsm_boot_symbol(&boot, "HIBERNATION", &why), by_flag, by_value;

	if (!there)
		return found("absent", boot.kconfig->source);
	by_flag = cmdline_find_if(host->arena, boot.cmdline, "nohibernate", takes_all, &arg, &why);
	if (by_flag > 0)
		return found("disabled", arg->source);
	by_value = cmdline_find_if(host->arena, boot.cmdline, "hibernate", takes_no, &arg, &why);
	if (by_value > 0)
		return found("disabled", arg->source);
	lockdown = lockdown_next(host);
	if (!is_locked(&lockdown) && (there < 0 || by_flag < 0 || by_value < 0))
		return not_known(boot.kconfig->source, why);
	return under_lockdown(&lockdown, "disabled", found("allowed", boot.kconfig->source));
}

/* --- FIPS */

struct finding fips_now(struct host *host)
{
	struct sysctl_value value;

	sysctl_running(host, "crypto/fips_enabled", &value);
	if (value.state == SYSCTL_ABSENT)
		return found("disabled", value.source);
	if (value.state != SYSCTL_SET)
		return not_known(value.source, value.reason);
	return found(is_switched_on(&value) ? "enabled" : "disabled", value.source);
}

static bool has_value(const char *value)
{
	return value != NULL;
}

struct finding fips_next(struct host *host)
{
	struct lsm_boot boot = configured(host);
	const struct cmdline_arg *arg;
	const char *why = NULL;
	unsigned long number;
	int known = lsm_boot_symbol(&boot, "CRYPTO_FIPS", &why), given;

	if (!known)
		return found("disabled", boot.kconfig->source);
	given = cmdline_find_if(host->arena, boot.cmdline, "fips", has_value, &arg, &why);
	if (!given)
		return found("disabled", boot.cmdline->source);
	if (given < 0 || known < 0)
		return not_known(boot.cmdline->source, why);
	/* What is no number older kernels take for 0, and newer ones ignore. */
	if (kernel_number(arg->value, &number))
		return not_known(arg->source, "it is no number");
	return found(number ? "enabled" : "disabled", arg->source);
}

/* --- random numbers */

struct finding entropy_now(struct host *host)
{
	struct sysctl_value value;

	sysctl_running(host, "kernel/random/entropy_avail", &value);
	if (value.state == SYSCTL_SET)
		return found(value.value, value.source);
	return not_known(value.source, value.reason ? value.reason : "it is not there");
}

static bool takes_bool(const char *value)
{
	bool yes;

	return value && !kernel_bool(value, &yes);
}

/* An argument; or the build's default, which since 6.2 is yes where no symbol says otherwise. */
static struct finding trusts(const struct lsm_boot *boot, const char *argument, const char *symbol)
{
	const struct cmdline_arg *arg;
	const char *why = NULL, *value;
	bool yes;
	int given = cmdline_find_if(boot->arena, boot->cmdline, argument, takes_bool, &arg, &why);

	if (given < 0)
		return not_known(boot->cmdline->source, why);
	if (given && !kernel_bool(arg->value, &yes))
		return found(yes ? "yes" : "no", arg->source);
	if (boot->kconfig->unknown || !strstr(boot->kconfig->text, symbol))
		return not_known(boot->kconfig->source, "its default differs between kernels");
	value = kconfig_value(boot->arena, boot->kconfig, symbol, &why);
	if (!value)
		return not_known(boot->kconfig->source, why);
	return found(str_eq(value, "y") ? "yes" : "no", boot->kconfig->source);
}

#define TRUST_CPU "random.trust_cpu", "CONFIG_RANDOM_TRUST_CPU"
#define TRUST_LOADER "random.trust_bootloader", "CONFIG_RANDOM_TRUST_BOOTLOADER"

struct finding trust_cpu_now(struct host *host)
{
	struct lsm_boot boot = running(host);

	return trusts(&boot, TRUST_CPU);
}

struct finding trust_cpu_next(struct host *host)
{
	struct lsm_boot boot = configured(host);

	return trusts(&boot, TRUST_CPU);
}

struct finding trust_loader_now(struct host *host)
{
	struct lsm_boot boot = running(host);

	return trusts(&boot, TRUST_LOADER);
}

struct finding trust_loader_next(struct host *host)
{
	struct lsm_boot boot = configured(host);

	return trusts(&boot, TRUST_LOADER);
}
