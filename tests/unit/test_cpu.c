/* Flaws of processors: the kernel's words, and arguments. */
#include "base/arena.h"
#include "host/security/cpu_flaw.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void test_states(void **state)
{
	static const char *const cases[][2] = {
		{"Not affected", "not-affected"},
		{"Mitigation: x; BHI: Not affected", "mitigated"},
		{"Mitigation: x; SMT VULNERABLE", "partly"},
		{"Processor vulnerable", "vulnerable"},
		{"KVM: Not affected", "not-affected"},
	};
	static const char *const nothing[] = {
		"",
		"Not affected; x",
		"not affected",
		"Mitigation: a; SMT Host state unknown",
		"Unknown: x",
		" Mitigation: x",
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(cpu_flaw_state(cases[i][0]), cases[i][1]);
	for (size_t i = 0; i < N(nothing); i++)
		assert_null(cpu_flaw_state(nothing[i]));
}

static const char *ask(const char *arguments, const char *config, const char *name)
{
	struct cmdline cmdline = {.source = "cmdline"};
	struct kconfig kconfig = {.text = config, .source = "config", .full = true};
	struct finding finding;

	cmdline_parse(&arena, arguments, "cmdline", false, &cmdline);
	finding = cpu_flaw_switched_off(&arena, &kconfig, &cmdline, name);
	return finding.value ? finding.value : "?";
}

static void test_arguments(void **state)
{
	static const struct {
		const char *arguments, *name, *expected;
	} cases[] = {
		{"", "mds", "no"},
		{"mds=off", "mds", "yes"},
		{"mds=off mds=full", "mds", "no"},
		{"mds=full mds=off", "mds", "yes"},
		{"mds=off", "l1tf", "no"},
		{"mitigations=off", "l1tf", "yes"},
		{"mitigations=off l1tf=full", "l1tf", "?"},
		{"mitigations=off l1tf=off", "l1tf", "yes"},
		{"mitigations=auto,nosmt", "l1tf", "no"},
		{"mitigations=auto;no_user_kernel", "l1tf", "?"},
		{"mitigations", "l1tf", "no"},
		{"nospectre_v1", "spectre-v1", "yes"},
		{"nospectre-v1", "spectre_v1", "yes"},
		{"nopti pti=on", "meltdown", "?"},
		{"pti=auto", "meltdown", "no"},
		{"ssbd=force-off", "spec_store_bypass", "yes"},
		{"spectre_v2=retpoline spectre_bhi=off", "spectre_v2", "?"},
		{"\1", "mds", "?"},
		{"mds=\1", "mds", "?"},
		{"mitigations=\1", "mds", "?"},
		{"mitigations=\1 mitigations=auto", "mds", "no"},
		{"-- mds=off", "mds", "no"},
		{"", "flaw_of_tomorrow", "?"},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(ask(cases[i].arguments, "", cases[i].name), cases[i].expected);
	assert_string_equal(ask("", "# CONFIG_SPECULATION_MITIGATIONS is not set\n", "tsa"), "yes");
}

/* A million arguments are read once for each switch. */
static void test_bounds(void **state)
{
	const size_t count = 1000000;
	char *text = malloc(count * 8 + 1);

	(void)state;
	for (size_t i = 0; i < count; i++)
		memcpy(text + i * 8, "mds=off ", 8);
	text[count * 8] = '\0';
	assert_string_equal(ask(text, "", "mds"), "yes");
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
