#include "host/security/lsm_boot.h"

#include "host/boot/kernel_value.h"

#define N(array) (sizeof(array) / sizeof((array)[0]))

enum {
	MAJOR = 1,     /* security= chooses among them */
	EXCLUSIVE = 2, /* only the first of them in the list starts */
	ALWAYS = 4,    /* has a fixed place, whatever the list says */
};

static const struct module {
	const char *name, *symbol;
	unsigned flags;
	const char *gate;  /* the argument that switches it off, or NULL */
	const char *gated; /* the symbol without which that argument does nothing, or NULL */
	const char *early; /* the symbol that starts it before the list is looked at, or NULL */
} modules[] = {
	{"capability", "SECURITY", ALWAYS, NULL, NULL, NULL},
	{"lockdown", "SECURITY_LOCKDOWN_LSM", 0, NULL, NULL, "SECURITY_LOCKDOWN_LSM_EARLY"},
	{"yama", "SECURITY_YAMA", 0, NULL, NULL, NULL},
	{"loadpin", "SECURITY_LOADPIN", 0, NULL, NULL, NULL},
	{"safesetid", "SECURITY_SAFESETID", 0, NULL, NULL, NULL},
	{"selinux", "SECURITY_SELINUX", MAJOR | EXCLUSIVE, "selinux", "SECURITY_SELINUX_BOOTPARAM",
	 NULL},
	{"smack", "SECURITY_SMACK", MAJOR | EXCLUSIVE, NULL, NULL, NULL},
	{"tomoyo", "SECURITY_TOMOYO", MAJOR, NULL, NULL, NULL},
	{"apparmor", "SECURITY_APPARMOR", MAJOR | EXCLUSIVE, "apparmor", NULL, NULL},
	{"bpf", "BPF_LSM", 0, NULL, NULL, NULL},
	{"landlock", "SECURITY_LANDLOCK", 0, NULL, NULL, NULL},
	{"ipe", "SECURITY_IPE", 0, NULL, NULL, NULL},
};

static const struct module *find(const char *name, size_t length)
{
	for (size_t i = 0; i < N(modules); i++)
		if (!strncmp(modules[i].name, name, length) && !modules[i].name[length])
			return &modules[i];
	return NULL;
}

bool lsm_is_module(const char *name)
{
	return find(name, strlen(name)) != NULL;
}

int lsm_boot_symbol(const struct lsm_boot *boot, const char *symbol, const char **ret_why)
{
	const char *value = kconfig_value(boot->arena, boot->kconfig, symbol, ret_why);

	return value ? str_eq(value, "y") : -1;
}

static bool takes_any(const char *value)
{
	return value != NULL;
}

/* The list of modules to start, or why there is none; and what security= chooses. */
struct order {
	const char *list, *source, *why;
	const char *chosen, *chosen_source; /* NULL: nothing was chosen */
	const char *chosen_why;             /* …or nobody knows */
};

static void read_chosen(const struct lsm_boot *boot, struct order *order)
{
	const struct cmdline_arg *arg;
	const char *why;
	int given = cmdline_find_if(boot->arena, boot->cmdline, "security", takes_any, &arg, &why);

	if (given < 0)
		order->chosen_why = why;
	if (given <= 0)
		return;
	order->chosen = arg->value;
	order->chosen_source = arg->source;
}

/* CONFIG_LSM is there since 5.1; before, there was no list at all. */
static void read_built_in_list(const struct lsm_boot *boot, struct order *order)
{
	const char *why = NULL, *list = kconfig_value(boot->arena, boot->kconfig, "LSM", &why);

	order->source = boot->kconfig->source;
	if (!list)
		order->why = why;
	else if (str_eq(list, "n"))
		order->why = "the kernel was built without a list of its security modules";
	else
		order->list = list;
}

static struct order read_order(const struct lsm_boot *boot)
{
	const struct cmdline_arg *arg;
	struct order order = {.list = ""};
	const char *why;
	int given = cmdline_find_if(boot->arena, boot->cmdline, "lsm", takes_any, &arg, &why);

	if (given < 0) {
		order.why = why;
	} else if (given) {
		/* security= is ignored then. */
		order.list = arg->value;
		order.source = arg->source;
	} else {
		read_built_in_list(boot, &order);
		read_chosen(boot, &order);
	}
	return order;
}

/* What comes next in the list: its length, or 0 at the end. */
static size_t next_name(const char **at)
{
	*at += strspn(*at, ",");
	return strcspn(*at, ",");
}

static bool is_listed(const char *list, const char *name)
{
	size_t length;

	for (const char *at = list; (length = next_name(&at)); at += length)
		if (strlen(name) == length && !memcmp(at, name, length))
			return true;
	return false;
}

static bool is_chosen(const struct order *order, const struct module *module)
{
	return order->chosen && (module->flags & MAJOR) && str_eq(order->chosen, module->name);
}

/* Is it in the list, or appended to it? */
static struct finding is_wanted(const struct order *order, const struct module *module)
{
	if (order->why)
		return not_known(order->source, order->why);
	if (module->flags & MAJOR && order->chosen_why)
		return not_known(NULL, order->chosen_why);
	if (module->flags & MAJOR && order->chosen)
		return found(is_chosen(order, module) ? "enabled" : "disabled",
			     order->chosen_source);
	if (order->chosen && str_eq(order->chosen, module->name))
		return found("enabled", order->chosen_source);
	return found(is_listed(order->list, module->name) ? "enabled" : "disabled", order->source);
}

/* Is it this module's own argument, and which way does it switch? NAME=0 and NAME.enabled=no. */
static bool is_gate(struct arena *arena, const struct module *module, const struct cmdline_arg *arg,
		    bool *ret_on)
{
	unsigned long number;

	if (cmdline_same_name(arg->name, module->gate)) {
		if (kernel_number(arg->value, &number))
			return false;
		*ret_on = number != 0;
		return true;
	}
	/* Only AppArmor has a parameter as well. Of the two, the last one counts. */
	return !module->gated &&
	       cmdline_same_name(arg->name, arena_printf(arena, "%s.enabled", module->gate)) &&
	       !kernel_bool(arg->value, ret_on);
}

/* Does its own argument switch it off? "disabled" or nothing. */
static struct finding is_gated(const struct lsm_boot *boot, const struct module *module)
{
	struct finding last = {0};
	const char *why = NULL;
	int heeded;

	if (!module->gate)
		return last;
	if (boot->cmdline->unknown)
		return not_known(boot->cmdline->source, boot->cmdline->unknown);
	for (size_t i = 0; i < boot->cmdline->count; i++) {
		const struct cmdline_arg *arg = &boot->cmdline->args[i];
		bool on = true;

		if (!arg->name || (arg->maybe && str_starts(arg->name, module->gate)))
			last = not_known(arg->source, "what arguments are given is not all known");
		else if (is_gate(boot->arena, module, arg, &on))
			last = found(on ? NULL : "disabled", arg->source);
	}
	if (!last.value)
		return last;
	heeded = module->gated ? lsm_boot_symbol(boot, module->gated, &why) : 1;
	if (heeded < 0)
		return not_known(boot->kconfig->source, why);
	return heeded ? last : found(NULL, NULL);
}

static bool is_off(const struct finding *finding)
{
	return found_is(finding, "disabled");
}

/* What the module would do if there were no others. One thing that forbids it is enough. */
static struct finding alone(const struct lsm_boot *boot, const struct order *order,
			    const struct module *module)
{
	const char *why = NULL;
	int built = lsm_boot_symbol(boot, module->symbol, &why);
	struct finding wanted, gated;

	if (!built)
		return found("disabled", boot->kconfig->source);
	wanted = module->flags & ALWAYS ? found("enabled", boot->kconfig->source)
					: is_wanted(order, module);
	if (is_off(&wanted))
		return wanted;
	gated = is_gated(boot, module);
	if (is_off(&gated))
		return gated;
	if (built < 0)
		return not_known(boot->kconfig->source, why);
	return gated.why ? gated : wanted;
}

/* One that comes before it in the list, and keeps it out or might do so. */
static const struct module *rival_of(const struct lsm_boot *boot, const struct order *order,
				     const struct module *module, bool *ret_certain)
{
	const struct module *maybe = NULL;
	size_t length;

	for (const char *at = order->list; (length = next_name(&at)); at += length) {
		const struct module *other = find(at, length);
		struct finding state;

		if (other == module)
			break;
		if (!other || !(other->flags & EXCLUSIVE))
			continue;
		state = alone(boot, order, other);
		if (is_off(&state))
			continue;
		*ret_certain = state.value != NULL;
		if (*ret_certain)
			return other;
		maybe = other;
	}
	return maybe;
}

/* Those of the kernel's early list start before anybody reads lsm=. */
static bool is_early(const struct lsm_boot *boot, const struct module *module)
{
	const char *why;

	return module->early && lsm_boot_symbol(boot, module->symbol, &why) > 0 &&
	       lsm_boot_symbol(boot, module->early, &why) > 0;
}

struct finding lsm_boot_module(const struct lsm_boot *boot, const char *name)
{
	const struct module *module = find(name, strlen(name)), *rival;
	struct order order = read_order(boot);
	struct finding state;
	bool certain = false;

	if (is_early(boot, module))
		return found("enabled", boot->kconfig->source);
	state = alone(boot, &order, module);
	if (!state.value || is_off(&state) || !(module->flags & EXCLUSIVE))
		return state;
	rival = rival_of(boot, &order, module, &certain);
	if (rival && certain)
		return found("disabled", order.source);
	if (rival)
		return not_known(order.source,
				 arena_printf(boot->arena,
					      "%s comes first and keeps it out, if it is built in",
					      rival->name));
	return state;
}

static const char *const levels[] = {"none", "integrity", "confidentiality"};

/* The highest level that an argument asks for; a lower one is refused once a higher one is set. */
static struct finding level_of_arguments(const struct lsm_boot *boot, int *ret_level)
{
	struct finding result = {0};

	*ret_level = 0;
	if (boot->cmdline->unknown)
		return not_known(boot->cmdline->source, boot->cmdline->unknown);
	for (size_t i = 0; i < boot->cmdline->count; i++) {
		const struct cmdline_arg *arg = &boot->cmdline->args[i];

		if (!arg->name || (arg->maybe && cmdline_same_name(arg->name, "lockdown"))) {
			result.why = "what arguments are given is not all known";
			continue;
		}
		if (!cmdline_same_name(arg->name, "lockdown") || !arg->value)
			continue;
		for (int level = *ret_level + 1; level < (int)N(levels); level++)
			if (str_eq(arg->value, levels[level])) {
				*ret_level = level;
				result.source = arg->source;
			}
	}
	return result;
}

/* The least level that the kernel was built with; -1 if that is not known. */
static int built_level(const struct lsm_boot *boot, const char **ret_why)
{
	int highest = lsm_boot_symbol(boot, "LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY", ret_why);
	int middle = lsm_boot_symbol(boot, "LOCK_DOWN_KERNEL_FORCE_INTEGRITY", ret_why);

	if (highest < 0 || middle < 0)
		return -1;
	return highest ? 2 : middle;
}

/* Distributions have kernels that lock themselves down where Secure Boot is on. */
static bool follows_secure_boot(const struct lsm_boot *boot)
{
	const char *why;

	return lsm_boot_symbol(boot, "LOCK_DOWN_IN_EFI_SECURE_BOOT", &why) > 0 ||
	       lsm_boot_symbol(boot, "LOCK_DOWN_IN_SECURE_BOOT", &why) > 0 ||
	       lsm_boot_symbol(boot, "LOCK_DOWN_KERNEL_IN_EFI_SECURE_BOOT", &why) > 0;
}

struct finding lsm_boot_lockdown(const struct lsm_boot *boot)
{
	struct finding module = lsm_boot_module(boot, "lockdown"), asked;
	const char *why = NULL;
	int level, built;

	/* Without the module the level is kept, and nothing heeds it. */
	if (is_off(&module))
		return found("none", module.source);
	if (!module.value)
		return module;
	asked = level_of_arguments(boot, &level);
	built = built_level(boot, &why);
	if (level == 2)
		return found(levels[2], asked.source);
	if (built == 2)
		return found(levels[2], boot->kconfig->source);
	if (asked.why)
		return not_known(asked.source, asked.why);
	if (built < 0)
		return not_known(boot->kconfig->source, why);
	if (level >= built && level)
		return found(levels[level], asked.source);
	if (!built && boot->firmware != FIRMWARE_OPEN && follows_secure_boot(boot)) {
		if (boot->firmware == FIRMWARE_SECURE)
			return found(levels[1], boot->kconfig->source);
		return not_known(boot->kconfig->source,
				 "this kernel locks itself down where Secure Boot is on, and only "
				 "the firmware knows whether it is");
	}
	return found(levels[built], boot->kconfig->source);
}
