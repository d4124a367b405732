/* Texts about security modules; the first byte chooses the reader. */
#include "host/security/ima.h"
#include "host/security/lsm.h"
#include "host/security/lsm_boot.h"
#include "host/security/selinux_config.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A configuration, and behind the first empty line the arguments. */
static void boot(struct arena *arena, char *text)
{
	static const char *const names[] = {"lockdown", "selinux", "apparmor", "tomoyo", "bpf"};
	char *arguments = strstr(text, "\n\n");
	struct cmdline cmdline = {.source = "arguments"};
	struct kconfig kconfig = {.text = text, .source = "config", .full = true};
	struct lsm_boot lsm = {arena, &kconfig, &cmdline, FIRMWARE_UNKNOWN};
	struct finding finding;

	if (arguments) {
		*arguments = '\0';
		cmdline_parse(arena, arguments + 2, "arguments", false, &cmdline);
	}
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		finding = lsm_boot_module(&lsm, names[i]);
		if (!finding.value == !finding.why)
			__builtin_trap();
	}
	finding = lsm_boot_lockdown(&lsm);
	if (!finding.value == !finding.why)
		__builtin_trap();
}

static void selinux(struct arena *arena, char *text)
{
	struct selinux_config config;

	selinux_config_parse(arena, text, &config);
	if (!config.type || !config.mode == !!config.mode_line)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct ima_rules rules;
	size_t count;
	char *text;

	/* The door refuses text with a NUL in it. */
	if (!size || memchr(data + 1, '\0', size - 1))
		return 0;
	text = arena_strndup(&arena, (const char *)data + 1, size - 1);
	switch (data[0] % 4) {
	case 0:
		boot(&arena, text);
		break;
	case 1:
		selinux(&arena, text);
		break;
	case 2:
		if (!apparmor_count(text, "enforce", &count) && count > size)
			__builtin_trap();
		break;
	default:
		ima_rules_parse(text, &rules);
	}
	arena_free(&arena);
	return 0;
}
