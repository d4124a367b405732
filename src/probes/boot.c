/* What the boot vouches for: firmware, verified file systems, locked kernel, boot loader. */
#include "host/boot/efivars.h"
#include "host/boot/loader.h"
#include "host/security/lock.h"
#include "probes/tell.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_BOTH, "the words of the subject, as the manual has them"},
	{0},
};

static struct finding verity_root_now(struct host *host)
{
	return verity_now(host, "/");
}

static struct finding verity_root_next(struct host *host)
{
	return verity_next(host, "/");
}

static struct finding verity_usr_now(struct host *host)
{
	return verity_now(host, "/usr");
}

/* /usr is part of a verified root, or has a hash of its own. */
static struct finding verity_usr_next(struct host *host)
{
	struct finding own = verity_next(host, "/usr");

	return own.value || own.why ? own : verity_next(host, "/");
}

/* One of the two may be NULL: nothing is to be told of that aspect. */
static const struct setting {
	const char *name;
	struct finding (*now)(struct host *host);
	struct finding (*next)(struct host *host);
} settings[] = {
	{"secure-boot", secure_boot_now, NULL},
	{"setup-mode", setup_mode_now, NULL},
	{"measured-boot", measured_boot_now, NULL},
	{"verity.root", verity_root_now, verity_root_next},
	{"verity.usr", verity_usr_now, verity_usr_next},
	{"module-signatures", module_signatures_now, module_signatures_next},
	{"kexec", kexec_now, kexec_next},
	{"hibernation", hibernation_now, hibernation_next},
	{"fips", fips_now, fips_next},
	{"entropy", entropy_now, NULL},
	{"entropy.trust-cpu", trust_cpu_now, trust_cpu_next},
	{"entropy.trust-bootloader", trust_loader_now, trust_loader_next},
	{"loader-password", NULL, loader_password},
	{"loader-editor", NULL, loader_editor},
};

static const struct setting *find(const char *name)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++)
		if (str_eq(settings[i].name, name))
			return &settings[i];
	return NULL;
}

static const char *refuse(const char *subject)
{
	if (find(subject))
		return NULL;
	return "the subjects are secure-boot, setup-mode, measured-boot, verity.root, verity.usr, "
	       "module-signatures, kexec, hibernation, fips, entropy, entropy.trust-cpu, "
	       "entropy.trust-bootloader, loader-password and loader-editor";
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct setting *setting = find(question->subject);
	struct finding finding;

	if (question->aspects & ASPECT_RUNNING && setting->now) {
		finding = setting->now(host);
		tell_finding(ret_facts, ASPECT_RUNNING, setting->name, &finding);
	}
	if (question->aspects & ASPECT_CONFIGURED && setting->next) {
		finding = setting->next(host);
		tell_finding(ret_facts, ASPECT_CONFIGURED, setting->name, &finding);
	}
}

const struct probe probe_boot = {
	.name = "boot",
	.summary = "what the boot vouches for: Secure Boot, verity, signatures, the boot loader",
	.subject = "SUBJECT",
	.example = "boot module-signatures in enforced no-modules",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
