/* A symbol of the kernel's build configuration. */
#include "host/kernel/kconfig.h"

#include "probes/probe.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_BOTH, "y, m, n, a number, or text without its quotes"},
	{0},
};

static const char *refuse(const char *subject)
{
	const char *symbol = str_starts(subject, "CONFIG_") ? subject + strlen("CONFIG_") : subject;

	/* A few symbols have small letters in them. */
	if (!*symbol || symbol[strspn(symbol, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"
					      "abcdefghijklmnopqrstuvwxyz")])
		return "it is no name of a configuration symbol";
	return NULL;
}

static void look_at_aspect(const struct kconfig *kconfig, const char *symbol, enum aspect aspect,
			   struct facts *facts)
{
	const char *why = NULL;
	const char *value = kconfig_value(facts->arena, kconfig, symbol, &why);

	if (value)
		fact_value(facts, aspect, symbol, value, kconfig->source);
	else
		fact_unknown(facts, aspect, symbol, kconfig->source, "%s", why);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const char *symbol = question->subject;

	if (!str_starts(symbol, "CONFIG_"))
		symbol = arena_printf(ret_facts->arena, "CONFIG_%s", symbol);
	if (question->aspects & ASPECT_RUNNING)
		look_at_aspect(kconfig_running(host), symbol, ASPECT_RUNNING, ret_facts);
	if (question->aspects & ASPECT_CONFIGURED)
		look_at_aspect(kconfig_configured(host), symbol, ASPECT_CONFIGURED, ret_facts);
}

const struct probe probe_kconfig = {
	.name = "kconfig",
	.summary = "a symbol of the kernel's configuration",
	.subject = "SYMBOL",
	.example = "kconfig STRICT_KERNEL_RWX = y",
	.fields = fields,
	.presence = false,
	.refuse = refuse,
	.look = look,
};
