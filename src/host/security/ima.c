#include "host/security/ima.h"

#include <errno.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))
#define SECURITYFS "/sys/kernel/security"
#define CUSTOM "/etc/ima/ima-policy"

void ima_rules_parse(char *text, struct ima_rules *ret_rules)
{
	struct ima_rules rules = {0};
	char *line;

	while ((line = str_next_line(&text))) {
		line += strspn(line, " \t");
		line[strcspn(line, " \t")] = '\0';
		rules.measure = rules.measure || str_eq(line, "measure");
		rules.appraise = rules.appraise || str_eq(line, "appraise");
	}
	*ret_rules = rules;
}

/* A custom policy, or a negative errno. */
static int read_rules(struct host *host, const char *path, struct ima_rules *ret_rules)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (!error)
		ima_rules_parse(text.data, ret_rules);
	return error;
}

/* The policies that are built in, by the names that arguments give them. */
static const struct {
	const char *argument, *name;
	struct ima_rules rules;
} built_in[] = {
	{"ima_policy", "tcb", {.measure = true}},
	{"ima_policy", "appraise_tcb", {.appraise = true}},
	{"ima_policy", "secure_boot", {.appraise = true}},
	{"ima_policy", "critical_data", {.measure = true}},
	{"ima_tcb", NULL, {.measure = true}},
	{"ima_appraise_tcb", NULL, {.appraise = true}},
};

/* Words are parted by `|` as the kernel does it. */
static bool has_word(struct arena *arena, const char *value, const char *word)
{
	struct strv words = {0};

	strv_split(&words, arena, value ? value : "", " |\n");
	return strv_has(&words, word);
}

/* What arguments choose. All of them count. Returns where the last one stands; NULL: unsure. */
static const char *rules_of_arguments(struct host *host, const struct cmdline *cmdline,
				      struct ima_rules *rules)
{
	const char *source = cmdline->source ? cmdline->source : "the kernel's arguments";

	for (size_t i = 0; i < cmdline->count; i++) {
		const struct cmdline_arg *arg = &cmdline->args[i];

		if (!arg->name || (arg->maybe && str_starts(arg->name, "ima")))
			return NULL;
		for (size_t k = 0; k < N(built_in); k++) {
			if (!cmdline_same_name(arg->name, built_in[k].argument) ||
			    (built_in[k].name &&
			     !has_word(host->arena, arg->value, built_in[k].name)))
				continue;
			rules->measure |= built_in[k].rules.measure;
			rules->appraise |= built_in[k].rules.appraise;
			source = arg->source;
		}
	}
	return source;
}

/* The rules of the next boot, as far as they can be told. */
struct next {
	struct lsm_boot boot;
	struct ima_rules first;  /* by arguments and the kernel's build */
	struct ima_rules custom; /* which replace them, once systemd has read the file */
	int error;               /* of the file */
	const char *source, *why;
};

static void read_next(struct host *host, struct next *next)
{
	const char *why = NULL;
	int built;

	next->error = -ENOENT;
	next->boot = (struct lsm_boot){host->arena, kconfig_configured(host),
				       cmdline_configured(host), FIRMWARE_UNKNOWN};
	next->source = next->boot.kconfig->source;
	built = lsm_boot_symbol(&next->boot, "IMA", &why);
	if (built < 0)
		next->why = why;
	if (built <= 0)
		return;
	next->why = next->boot.cmdline->unknown;
	if (!next->why) {
		next->source = rules_of_arguments(host, next->boot.cmdline, &next->first);
		if (!next->source)
			next->why = "what arguments are given is not all known";
	}
	if (lsm_boot_symbol(&next->boot, "IMA_APPRAISE_BUILD_POLICY", &why) > 0)
		next->first.appraise = true;
	next->error = read_rules(host, CUSTOM, &next->custom);
}

/* Of the first and the custom rules, both or the only ones have to say the same. */
static struct finding agreed(struct host *host, const struct next *next, bool first, bool custom)
{
	if (next->why)
		return not_known(next->source, next->why);
	if (next->error == -ENOENT || (!next->error && first == custom))
		return found(first ? "yes" : "no", next->error ? next->source : CUSTOM);
	if (!next->error)
		return not_known(CUSTOM, "the arguments say otherwise, and this counts only where "
					 "systemd was built to load it");
	return not_known(CUSTOM, arena_printf(host->arena, "it cannot be read: %s",
					      host_error(next->error)));
}

struct finding ima_measures_next(struct host *host)
{
	struct next next = {0};

	read_next(host, &next);
	return agreed(host, &next, next.first.measure, next.custom.measure);
}

static const char *const modes[] = {"off", "log", "fix", "enforce"};

static bool takes_mode(const char *value)
{
	for (size_t i = 0; value && i < N(modes); i++)
		if (str_eq(value, modes[i]))
			return true;
	return false;
}

/* What becomes of a file that fails, where there are rules. */
static struct finding mode_of(const struct lsm_boot *boot)
{
	const struct cmdline_arg *arg;
	const char *why = NULL;
	int known = lsm_boot_symbol(boot, "IMA_APPRAISE", &why), given;

	if (!known)
		return found("off", boot->kconfig->source);
	if (known > 0)
		known = lsm_boot_symbol(boot, "IMA_APPRAISE_BOOTPARAM", &why);
	if (!known)
		return found("enforce", boot->kconfig->source);
	if (known < 0)
		return not_known(boot->kconfig->source, why);
	given = cmdline_find_if(boot->arena, boot->cmdline, "ima_appraise", takes_mode, &arg, &why);
	if (given < 0)
		return not_known(boot->cmdline->source, why);
	if (!given)
		return found("enforce", boot->kconfig->source);
	if (!str_eq(arg->value, "enforce") && lsm_boot_symbol(boot, "IMA_ARCH_POLICY", &why))
		return not_known(arg->source, "the kernel ignores it where Secure Boot is on");
	return found(arg->value, arg->source);
}

struct finding ima_appraises_next(struct host *host)
{
	struct next next = {0};
	struct finding rules, mode;

	read_next(host, &next);
	rules = agreed(host, &next, next.first.appraise, next.custom.appraise);
	if (found_is(&rules, "no"))
		return found("off", rules.source);
	if (rules.why)
		return rules;
	mode = mode_of(&next.boot);
	return mode;
}

static const char closed[] = "the kernel does not show its IMA policy";

/* Is there securityfs, and IMA in it? 1, 0, or -1 and the reason in `ret_finding`. */
static int is_there(struct host *host, struct finding *ret_finding)
{
	if (host_exists(host, SECURITYFS "/ima"))
		return 1;
	if (host_exists(host, SECURITYFS "/lsm"))
		return 0;
	*ret_finding = not_known(SECURITYFS, "securityfs is not to be seen here");
	return -1;
}

/* More than the record of the boot itself has been measured. */
static bool has_measured(struct host *host)
{
	cleanup(text) struct host_text text = {0};
	long long count;

	return !host_read(host, SECURITYFS "/ima/runtime_measurements_count", 0, &text) &&
	       !str_to_number(str_trim(text.data), &count) && count > 1;
}

struct finding ima_measures_now(struct host *host)
{
	struct ima_rules rules;
	struct finding finding;
	int there = is_there(host, &finding);

	if (there < 0)
		return finding;
	if (!there)
		return found("no", SECURITYFS);
	if (!read_rules(host, SECURITYFS "/ima/policy", &rules))
		return found(rules.measure ? "yes" : "no", SECURITYFS "/ima/policy");
	if (has_measured(host))
		return found("yes", SECURITYFS "/ima/runtime_measurements_count");
	return not_known(SECURITYFS "/ima/policy", closed);
}

struct finding ima_appraises_now(struct host *host)
{
	struct lsm_boot boot = {host->arena, kconfig_running(host), cmdline_running(host),
				FIRMWARE_UNKNOWN};
	struct ima_rules rules;
	struct finding finding;
	int there = is_there(host, &finding);

	if (there < 0)
		return finding;
	if (!there)
		return found("off", SECURITYFS);
	if (read_rules(host, SECURITYFS "/ima/policy", &rules))
		return not_known(SECURITYFS "/ima/policy", closed);
	if (!rules.appraise)
		return found("off", SECURITYFS "/ima/policy");
	return mode_of(&boot);
}
