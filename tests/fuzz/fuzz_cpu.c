/* What a kernel says of a flaw, and arguments that switch mitigations. */
#include "host/security/cpu_flaw.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct cmdline cmdline = {.source = "arguments"};
	struct kconfig kconfig = {.text = "", .source = "config", .full = true};
	struct strv names = {0};
	char *text;

	/* The door refuses text with a NUL in it. */
	if (memchr(data, '\0', size))
		return 0;
	text = arena_strndup(&arena, (const char *)data, size);
	if (cpu_flaw_state(text) && !*text)
		__builtin_trap();
	cmdline_parse(&arena, text, "arguments", false, &cmdline);
	cpu_flaw_known(&arena, &names);
	for (size_t i = 0; i < names.count; i++) {
		struct finding finding = cpu_flaw_switched_off(&arena, &kconfig, &cmdline,
							       names.at[i]);

		if (!finding.value == !finding.why)
			__builtin_trap();
	}
	arena_free(&arena);
	return 0;
}
