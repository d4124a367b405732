/* Audit rules: lines, joined files, what the kernel sends, and each rule among all. */
#include "host/audit/audit_files.h"
#include "host/audit/audit_match.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct arena *arena, const struct audit_text *text)
{
	const struct audit_names names = {.arena = arena, .arch = AUDIT_ARCH_X86_64};
	struct audit_rules rules = {0};
	struct audit_line line;

	for (size_t i = 0; i < text->count && i < 256; i++) {
		audit_line_parse(&names, arena_strdup(arena, text->at[i].text), &line);
		if (line.clears)
			audit_rules_clear(&rules, line.clear_key);
		if (line.adds)
			audit_rules_add(&rules, arena, &line.rule);
	}
	for (size_t i = 0; i < rules.count && i < 16; i++)
		audit_rules_find(&rules, &rules.at[i], AUDIT_ARCH_X86_64, true);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct audit_text text = {0};
	struct audit_rule rule;
	size_t half = size / 2;

	audit_text_add(&text, &arena, arena_strndup(&arena, (const char *)data, half), "a");
	audit_text_add(&text, &arena, arena_strndup(&arena, (const char *)data + half, size - half),
		       "b");
	audit_text_generate(&text, &arena);
	use(&arena, &text);
	audit_name_compare(arena_strndup(&arena, (const char *)data, half),
			   arena_strndup(&arena, (const char *)data + half, size - half));
	if (!audit_rule_listed(&arena, data, size, &rule))
		audit_rule_has_keys(&rule, "x");
	arena_free(&arena);
	return 0;
}
