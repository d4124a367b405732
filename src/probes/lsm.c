/* The security modules of the kernel (LSM), and what they are set to. */
#include "host/security/lsm.h"
#include "host/security/ima.h"
#include "probes/tell.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_BOTH, "enabled or disabled, or the subject's own words"},
	{0},
};

typedef struct finding ask(struct host *host);

/* What has words of its own. One of the two aspects may have nothing to tell. */
static const struct setting {
	const char *name;
	ask *now, *next;
} settings[] = {
	{"selinux", selinux_now, selinux_next},
	{"selinux.policy", NULL, selinux_policy_next},
	{"lockdown", lockdown_now, lockdown_next},
	{"yama", yama_now, yama_next},
	{"ima.measure", ima_measures_now, ima_measures_next},
	{"ima.appraise", ima_appraises_now, ima_appraises_next},
};

/* Modes of AppArmor's profiles; `profiles` are all of them. */
static const char *const modes[] = {"profiles", "enforce",    "complain",
				    "kill",     "unconfined", "prompt"};

static const struct setting *find(const char *name)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (str_eq(settings[i].name, name))
			return &settings[i];
	return NULL;
}

static const char *mode_of(const char *subject)
{
	static const char prefix[] = "apparmor.";

	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (str_starts(subject, prefix) && str_eq(subject + strlen(prefix), modes[i]))
			return modes[i];
	return NULL;
}

static const char *refuse(const char *subject)
{
	if (lsm_is_module(subject) || find(subject) || mode_of(subject))
		return NULL;
	return "it is no security module, nor selinux.policy, ima.measure, ima.appraise, "
	       "apparmor.profiles, .enforce, .complain, .kill, .unconfined or .prompt";
}

static struct finding now(struct host *host, const char *subject)
{
	const struct setting *setting = find(subject);
	const char *mode = mode_of(subject);

	if (mode)
		return apparmor_profiles_now(host, str_eq(mode, modes[0]) ? NULL : mode);
	return setting ? setting->now(host) : lsm_module_now(host, subject);
}

static struct finding next(struct host *host, const char *subject)
{
	const struct setting *setting = find(subject);

	return setting ? setting->next(host) : lsm_module_next(host, subject);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const char *subject = question->subject;
	const struct setting *setting = find(subject);
	struct finding finding;

	if (question->aspects & ASPECT_RUNNING && (!setting || setting->now)) {
		finding = now(host, subject);
		tell_finding(ret_facts, ASPECT_RUNNING, subject, &finding);
	}
	/* Profiles are loaded by programs: there is no telling which there will be. */
	if (question->aspects & ASPECT_CONFIGURED && !mode_of(subject)) {
		finding = next(host, subject);
		tell_finding(ret_facts, ASPECT_CONFIGURED, subject, &finding);
	}
}

const struct probe probe_lsm = {
	.name = "lsm",
	.summary = "a security module of the kernel: SELinux, AppArmor, lockdown, Yama, …",
	.subject = "MODULE[.DETAIL]",
	.example = "lsm lockdown in integrity confidentiality",
	.fields = fields,
	.refuse = refuse,
	.look = look,
};
