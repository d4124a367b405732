/* Kernel modules: can they be loaded, are they, and will boot do it? */
#include "host/boot/cmdline.h"
#include "host/kernel/kconfig.h"
#include "host/kernel/modload.h"
#include "host/kernel/modprobe.h"
#include "host/kernel/modsymbol.h"
#include "host/kernel/modules.h"
#include "probes/probe.h"

#include <errno.h>

enum { LOADABLE, LOADED, STATE, BLACKLISTED, AT_BOOT };

static const struct field fields[] = {
	[LOADABLE] = {"loadable", VALUE_BOOL, ASPECT_CONFIGURED,
		      "nothing keeps its code out of the kernel"},
	[LOADED] = {"loaded", VALUE_BOOL, ASPECT_RUNNING, "it is loaded or built in"},
	[STATE] = {"state", VALUE_STRING, ASPECT_BOTH,
		   "loaded, loadable, denied, builtin or absent"},
	[BLACKLISTED] = {"blacklisted", VALUE_BOOL, ASPECT_CONFIGURED,
			 "aliases do not lead to it any more"},
	[AT_BOOT] = {"at-boot", VALUE_BOOL, ASPECT_CONFIGURED,
		     "modules-load.d has it loaded at boot"},
	{0},
};

/* What is known of one module. Without a `state` nobody could tell, and `why` says the reason. */
struct answer {
	const char *state, *source, *why;
};

static struct answer known(const char *state, const char *source)
{
	return (struct answer){.state = state, .source = source};
}

static struct answer unknown(const char *source, const char *why)
{
	return (struct answer){.source = source, .why = why};
}

static struct answer unreadable(struct host *host, const char *path, int error)
{
	return unknown(path,
		       arena_printf(host->arena, "cannot read %s: %s", path, host_error(error)));
}

/* Does module_blacklist= have it? The kernel takes the last of several, and as it stands. */
static const char *refused_by_kernel(struct host *host, const char *name)
{
	const struct cmdline *cmdline = cmdline_configured(host);
	const struct cmdline_arg *arg;
	const char *why;
	struct strv names = {0};

	/* Where the arguments are not known, a module counts as one that can be loaded. */
	if (cmdline_find(host->arena, cmdline, "module_blacklist", &arg, &why) <= 0 || !arg->value)
		return NULL;
	strv_split(&names, host->arena, arg->value, ",");
	return strv_has(&names, name) ? arg->source : NULL;
}

/* There is a module that could be loaded: does something deny it? */
static struct answer ask_modprobe(struct host *host, const char *name, const char *source)
{
	const struct modprobe *modprobe = modprobe_get(host);
	const struct modprobe_line *line = modprobe_find(modprobe, MODPROBE_INSTALL, name);
	const char *argument = refused_by_kernel(host, name);

	if (argument)
		return known("denied", argument);
	if (!line)
		return known("loadable", source);
	if (line->kind == MODPROBE_UNREADABLE)
		return unreadable(host, line->source, line->error);
	return known(modprobe_denies(line->value) ? "denied" : "loadable", line->source);
}

/* y, m or n, or NULL where the kernel's configuration does not say how a module was built. */
static const char *built_as(struct host *host, const struct kconfig *kconfig, const char *name)
{
	const char *text = module_symbols(name), *how = NULL, *why;
	struct strv symbols = {0};

	strv_split(&symbols, host->arena, text ? text : "", " ");
	for (size_t i = 0; i < symbols.count; i++) {
		how = kconfig_value(host->arena, kconfig, symbols.at[i], &why);
		if (!how || !str_eq(how, "n"))
			break;
	}
	return how && (str_eq(how, "y") || str_eq(how, "m") || str_eq(how, "n")) ? how : NULL;
}

/* The lists of the kernel do not say whether it has the module. */
static struct answer ask_elsewhere(struct host *host, const struct kernel *kernel, const char *name)
{
	const struct kconfig *kconfig = kconfig_configured(host);
	const char *how = built_as(host, kconfig, name);
	struct answer answer = ask_modprobe(host, name, kconfig->source);

	if (how)
		return str_eq(how, "y")   ? known("builtin", kconfig->source)
		       : str_eq(how, "n") ? known("absent", kconfig->source)
					  : answer;
	/* Not in the kernel itself: then it matters not whether there is a module to deny. */
	if (!kernel->builtin.error && answer.state && str_eq(answer.state, "denied"))
		return answer;
	return unknown(answer.source,
		       kernel->dir ? "the kernel's lists of modules are not complete"
				   : "no lists of the kernel's modules: it may be built in");
}

static struct answer configured(struct host *host, const char *name)
{
	const struct kernel *kernel = kernel_next(host);
	const struct module_list *built = &kernel->built, *builtin = &kernel->builtin;

	if (module_list_has(builtin, name))
		return known("builtin", builtin->source);
	if (module_list_has(built, name))
		return ask_modprobe(host, name, built->source);
	if (!built->error && !builtin->error)
		return known("absent", built->source);
	if (kernel->error && kernel->error != -ENOENT)
		return unreadable(host, "/usr/lib/modules", kernel->error);
	if (built->error && built->error != -ENOENT)
		return unreadable(host, built->source, built->error);
	if (builtin->error && builtin->error != -ENOENT)
		return unreadable(host, builtin->source, builtin->error);
	return ask_elsewhere(host, kernel, name);
}

static struct answer running(struct host *host, const char *name)
{
	const struct module_list *loaded = modules_loaded(host);
	const struct kernel *kernel = kernel_running(host);
	const struct kconfig *kconfig;
	const char *sysfs, *how;

	if (loaded->error)
		return unreadable(host, loaded->source, loaded->error);
	if (module_list_has(loaded, name))
		return known("loaded", loaded->source);
	if (module_list_has(&kernel->builtin, name))
		return known("builtin", kernel->builtin.source);
	/* Built-in code shows up here only where it has parameters: its absence tells nothing. */
	sysfs = arena_printf(host->arena, "/sys/module/%s", name);
	if (!host_stat(host, sysfs, true, &(struct statx){0}))
		return known("builtin", sysfs);
	if (!kernel->builtin.error)
		return known("absent", loaded->source);
	if (kernel->builtin.error != -ENOENT)
		return unreadable(host, "modules.builtin", kernel->builtin.error);
	kconfig = kconfig_running(host);
	how = built_as(host, kconfig, name);
	if (how)
		return str_eq(how, "y") ? known("builtin", kconfig->source)
					: known("absent", loaded->source);
	return unknown(NULL, "it is not loaded, but may be built in: the running kernel has no "
			     "modules.builtin");
}

/* Does it look like the kernel's own aliases, which are never names of modules? */
static bool is_alias(const char *subject)
{
	static const char *const kinds[] = {"net_pf_", "fs_", "char_major_", "block_major_",
					    "crypto_"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (str_starts(subject, kinds[i]))
			return true;
	return strchr(subject, ':') != NULL;
}

static bool is_module(const struct kernel *kernel, const char *name)
{
	return module_list_has(&kernel->builtin, name) || module_list_has(&kernel->built, name);
}

/* What a name stands for. */
struct targets {
	struct strv modules;              /* itself, or those it is an alias of */
	const struct modprobe_line *line; /* what makes it an alias in modprobe.d, or NULL */
	bool by_alias;
	struct answer failed; /* without modules: why they are not known */
};

/*
 * kmod's order: modprobe.d, then the modules themselves, then the kernel's aliases. But a module
 * stays one: an alias of its name in modprobe.d does not keep the kernel's aliases from loading it.
 */
static struct targets resolve(struct host *host, const struct kernel *kernel, const char *name)
{
	const struct modprobe *modprobe = modprobe_get(host);
	struct targets targets = {0};
	int error;

	if (!kernel->dir || is_module(kernel, name)) {
		strv_push(&targets.modules, host->arena, name);
		return targets;
	}
	targets.by_alias = true;
	error = modprobe_aliases(modprobe, name, host->arena, &targets.modules, &targets.line);
	if (error) {
		targets.failed = unreadable(host, "modprobe.d", error);
		return targets;
	}
	if (!targets.modules.count) {
		error = kernel_alias(host, kernel, name, &targets.modules);
		if (error && (error != -ENOENT || is_alias(name)))
			targets.failed = unreadable(host, "modules.alias", error);
	}
	if (!targets.modules.count && !targets.failed.why) {
		targets.by_alias = false;
		strv_push(&targets.modules, host->arena, name);
	}
	return targets;
}

/* kmod reads modprobe.blacklist= from the kernel's arguments, all of them. */
static const char *refused_by_modprobe(struct host *host, const char *name)
{
	const struct cmdline *cmdline = cmdline_configured(host);
	struct strv values = {0}, names = {0};
	const char *why;

	if (cmdline_find_all(host->arena, cmdline, "modprobe.blacklist", &values, &why) <= 0)
		return NULL;
	for (size_t i = 0; i < values.count; i++)
		strv_split(&names, host->arena, values.at[i], ",");
	return strv_has(&names, name) ? "modprobe.blacklist=" : NULL;
}

/* Is it on a blacklist? The answer's state is "yes" or "no". */
static struct answer blacklisted(struct host *host, const char *name)
{
	const struct modprobe_line *line;
	const char *argument;

	argument = refused_by_modprobe(host, name);
	if (argument)
		return known("yes", argument);
	line = modprobe_find(modprobe_get(host), MODPROBE_BLACKLIST, name);
	if (!line)
		return known("no", "modprobe.d");
	if (line->kind == MODPROBE_UNREADABLE)
		return unreadable(host, line->source, line->error);
	return known("yes", line->source);
}

/* As configured(), of a module that is asked for by an alias: there the blacklist counts. */
static struct answer configured_alias(struct host *host, const struct targets *targets,
				      const char *alias, const char *name)
{
	const struct modprobe_line *command;
	struct answer answer = configured(host, name), black;

	if (!answer.state || str_eq(answer.state, "builtin") || str_eq(answer.state, "absent"))
		return answer;
	/* A command for the alias itself comes before the kernel's aliases, not before others. */
	command = targets->line ? NULL : modprobe_command(modprobe_get(host), alias);
	if (command)
		return known(modprobe_denies(command->value) ? "denied" : "loadable",
			     command->source);
	black = blacklisted(host, name);
	if (black.state && str_eq(black.state, "yes"))
		return known("denied", black.source);
	return black.state || str_eq(answer.state, "denied") ? answer : black;
}

static bool leads_to(struct host *host, const char *name, const char *module)
{
	struct targets targets;

	if (str_eq(name, module))
		return true;
	targets = resolve(host, kernel_next(host), name);
	return strv_has(&targets.modules, module);
}

static struct answer at_boot(struct host *host, const char *module)
{
	const struct modload *modload = modload_get(host);
	const struct modload_line *line = modload->at;
	const struct modload_line *end = line + modload->count;
	struct answer answer, black;

	while (line < end &&
	       !leads_to(host, modprobe_name(arena_strdup(host->arena, line->module)), module))
		line++;
	if (line == end)
		return modload->error ? unreadable(host, modload->error_path, modload->error)
				      : known("no", "modules-load.d");
	answer = configured(host, module);
	if (!answer.state)
		return answer;
	if (str_eq(answer.state, "builtin"))
		return known("yes", line->source);
	if (!str_eq(answer.state, "loadable"))
		return known("no", answer.source);
	/* systemd-modules-load heeds the blacklist for every name, not for aliases only. */
	black = blacklisted(host, module);
	return black.state && str_eq(black.state, "no") ? known("yes", line->source)
	       : black.state                            ? known("no", black.source)
							: black;
}

static struct answer ask(struct host *host, const struct question *question,
			 const struct targets *targets, const char *name)
{
	const char *subject = modprobe_name(arena_strdup(host->arena, question->subject));

	switch (question->field - fields) {
	case BLACKLISTED:
		return blacklisted(host, name);
	case AT_BOOT:
		return at_boot(host, name);
	default:
		return targets->by_alias ? configured_alias(host, targets, subject, name)
					 : configured(host, name);
	}
}

static bool in_kernel(const char *state)
{
	return !str_eq(state, "denied") && !str_eq(state, "absent");
}

static void tell(struct facts *facts, const struct question *question, enum aspect aspect,
		 const char *name, const struct answer *answer)
{
	if (!answer->state)
		fact_unknown(facts, aspect, name, answer->source, "%s", answer->why);
	else if (question->field == &fields[LOADABLE] || question->field == &fields[LOADED])
		fact_bool(facts, aspect, name, in_kernel(answer->state), answer->source);
	else
		fact_value(facts, aspect, name, answer->state, answer->source);
}

static void look_in(struct host *host, const struct question *question, enum aspect aspect,
		    struct facts *ret_facts)
{
	const char *name = modprobe_name(arena_strdup(host->arena, question->subject));
	bool now = aspect == ASPECT_RUNNING;
	struct targets targets;

	targets = resolve(host, now ? kernel_running(host) : kernel_next(host), name);
	if (!targets.modules.count)
		tell(ret_facts, question, aspect, name, &targets.failed);
	for (size_t i = 0; i < targets.modules.count; i++) {
		const char *module = targets.modules.at[i];
		struct answer answer = now ? running(host, module)
					   : ask(host, question, &targets, module);

		tell(ret_facts, question, aspect, module, &answer);
	}
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	if (question->aspects & ASPECT_RUNNING)
		look_in(host, question, ASPECT_RUNNING, ret_facts);
	if (question->aspects & ASPECT_CONFIGURED)
		look_in(host, question, ASPECT_CONFIGURED, ret_facts);
}

const struct probe probe_module = {
	.name = "module",
	.summary = "a kernel module: loaded, loadable, built in",
	.subject = "MODULE",
	.example = "module cramfs not loadable",
	.fields = fields,
	.look = look,
};
