#include "host/security/cpu_flaw.h"

#include <errno.h>
#include <strings.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define FOLDER "/sys/devices/system/cpu/vulnerabilities"

#define MOST_SWITCHES 6

/*
 * What kernel-parameters.txt has to switch mitigations off: arguments that do so with one of these
 * values, or, without a list of values, by being there. Other values of the former switch it on.
 */
static const struct flaw {
	const char *name;
	struct {
		const char *argument, *off;
	} switches[MOST_SWITCHES];
} flaws[] = {
	{"gather_data_sampling", {{"gather_data_sampling", "off"}}},
	{"ghostwrite", {{NULL, NULL}}},
	{"indirect_target_selection", {{"indirect_target_selection", "off"}}},
	{"itlb_multihit", {{"kvm.nx_huge_pages", "off never 0 n N"}}},
	{"l1tf", {{"l1tf", "off"}}},
	{"mds", {{"mds", "off"}}},
	{"meltdown", {{"pti", "off"}, {"nopti", NULL}, {"kpti", "off 0 n N no"}}},
	{"mmio_stale_data", {{"mmio_stale_data", "off"}}},
	{"old_microcode", {{NULL, NULL}}},
	{"reg_file_data_sampling", {{"reg_file_data_sampling", "off"}}},
	{"retbleed", {{"retbleed", "off"}}},
	{"spec_rstack_overflow", {{"spec_rstack_overflow", "off"}}},
	{"spec_store_bypass",
	 {{"spec_store_bypass_disable", "off"},
	  {"nospec_store_bypass_disable", NULL},
	  {"ssbd", "force-off"}}},
	{"spectre_v1", {{"nospectre_v1", NULL}}},
	{"spectre_v2",
	 {{"spectre_v2", "off"},
	  {"nospectre_v2", NULL},
	  {"spectre_v2_user", "off"},
	  {"spectre_bhi", "off"},
	  {"nospectre_bhb", NULL}}},
	{"srbds", {{"srbds", "off"}}},
	{"tsa", {{"tsa", "off"}}},
	{"tsx_async_abort", {{"tsx_async_abort", "off"}}},
	{"vmscape", {{"vmscape", "off"}}},
};

static const struct flaw *find(const char *name)
{
	for (size_t i = 0; i < N(flaws); i++)
		if (cmdline_same_name(flaws[i].name, name))
			return &flaws[i];
	return NULL;
}

bool cpu_flaw_is_known(const char *name)
{
	return find(name) != NULL;
}

int cpu_flaw_list(struct host *host, struct strv *ret_names)
{
	return host_list(host, FOLDER, ret_names);
}

void cpu_flaw_known(struct arena *arena, struct strv *ret_names)
{
	for (size_t i = 0; i < N(flaws); i++)
		strv_push(ret_names, arena, flaws[i].name);
}

struct finding cpu_flaw_text(struct host *host, const char *name)
{
	const struct flaw *flaw = find(name);
	const char *path = arena_printf(host->arena, FOLDER "/%s", flaw ? flaw->name : name);
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (error == -ENOENT && host_exists(host, FOLDER))
		return not_known(path, "the running kernel does not know this flaw");
	if (error)
		return not_known(path, arena_printf(host->arena, "it cannot be read: %s",
						    host_error(error)));
	return found(arena_strdup(host->arena, str_trim(text.data)), path);
}

/* Does it stand somewhere, in capital letters or small ones? */
static bool mentions(const char *text, const char *word)
{
	for (; *text; text++)
		if (!strncasecmp(text, word, strlen(word)))
			return true;
	return false;
}

const char *cpu_flaw_state(const char *text)
{
	/* What itlb_multihit says concerns guests. */
	static const char guests[] = "KVM: ";
	bool doubtful = mentions(text, "unknown");

	if (str_starts(text, guests))
		text += strlen(guests);
	if (str_eq(text, "Not affected"))
		return "not-affected";
	if (str_starts(text, "Vulnerable") || str_starts(text, "Processor vulnerable"))
		return "vulnerable";
	if (!str_starts(text, "Mitigation"))
		return NULL;
	if (mentions(text, "vulnerable"))
		return "partly";
	/* "SMT Host state unknown" in a guest. */
	return doubtful ? NULL : "mitigated";
}

/* What speaks for and against, as the arguments are read. */
struct ballot {
	const struct cmdline_arg *off, *on, *doubt;
};

static bool is_among(struct arena *arena, const char *words, const char *value)
{
	struct strv list = {0};

	strv_split(&list, arena, words, " ");
	return strv_has(&list, value);
}

/* One argument that switches this flaw's mitigation. Of those of one name the last counts. */
static void ask_argument(struct arena *arena, const struct cmdline *cmdline, const char *name,
			 const char *off, struct ballot *ballot)
{
	const struct cmdline_arg *last = NULL;
	bool doubt = false;

	for (size_t i = 0; i < cmdline->count; i++) {
		const struct cmdline_arg *arg = &cmdline->args[i];

		if (arg->name && !cmdline_same_name(arg->name, name))
			continue;
		doubt = !arg->name || arg->maybe;
		last = arg;
	}
	if (!last)
		return;
	if (doubt)
		ballot->doubt = last;
	else if (!off || (last->value && is_among(arena, off, last->value)))
		ballot->off = last;
	else if (last->value)
		ballot->on = last;
}

/* mitigations= that the kernel takes; since 6.17 words behind `auto` leave out ways of attack. */
static bool takes_mitigations(const char *value)
{
	return value && (str_eq(value, "off") || str_eq(value, "auto") ||
			 str_starts(value, "auto,") || str_starts(value, "auto;"));
}

/* Was the kernel built without any? Symbols that older kernels did not have must be named. */
static bool is_built_without(const struct kconfig *kconfig)
{
	static const char *const marks[] = {
		"# CONFIG_CPU_MITIGATIONS is not set",
		"# CONFIG_SPECULATION_MITIGATIONS is not set",
		"# CONFIG_MITIGATIONS is not set",
	};

	for (size_t i = 0; i < N(marks); i++)
		if (!kconfig->unknown && strstr(kconfig->text, marks[i]))
			return true;
	return false;
}

static struct finding count(const struct ballot *ballot, const struct cmdline_arg *all)
{
	static const char contradiction[] =
		"one argument switches the mitigation off and another one on: kernels differ in "
		"which of them counts";
	bool all_off = all && str_eq(all->value, "off");

	if (ballot->doubt)
		return not_known(ballot->doubt->source, "what arguments are given is not all "
							"known");
	if ((ballot->off || all_off) && ballot->on)
		return not_known(ballot->on->source, contradiction);
	if (ballot->off || all_off)
		return found("yes", ballot->off ? ballot->off->source : all->source);
	if (all && strstr(all->value, "no_"))
		return not_known(all->source, "mitigations= leaves out ways of attack");
	return (struct finding){0};
}

struct finding cpu_flaw_switched_off(struct arena *arena, const struct kconfig *kconfig,
				     const struct cmdline *cmdline, const char *name)
{
	const struct flaw *flaw = find(name);
	const struct cmdline_arg *all = NULL;
	struct ballot ballot = {0};
	const char *why = NULL;
	struct finding result;

	if (!flaw)
		return not_known(NULL, "which arguments are for this flaw is not known");
	if (cmdline->unknown)
		return not_known(cmdline->source, cmdline->unknown);
	if (cmdline_find_if(arena, cmdline, "mitigations", takes_mitigations, &all, &why) < 0)
		return not_known(cmdline->source, why);
	for (size_t i = 0; i < MOST_SWITCHES && flaw->switches[i].argument; i++)
		ask_argument(arena, cmdline, flaw->switches[i].argument, flaw->switches[i].off,
			     &ballot);
	result = count(&ballot, all);
	if (result.value || result.why)
		return result;
	if (is_built_without(kconfig))
		return found("yes", kconfig->source);
	return found("no", cmdline->source);
}
