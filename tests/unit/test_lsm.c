/* Security modules: the kernel's order of precedence, libselinux's configuration, profiles, IMA. */
#include "host/boot/kernel_value.h"
#include "host/security/ima.h"
#include "host/security/lsm.h"
#include "host/security/lsm_boot.h"
#include "host/security/selinux_config.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
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

static const char built[] =
	"CONFIG_SECURITY=y\nCONFIG_SECURITY_SELINUX=y\nCONFIG_SECURITY_SELINUX_BOOTPARAM=y\n"
	"CONFIG_SECURITY_SMACK=y\nCONFIG_SECURITY_TOMOYO=y\nCONFIG_SECURITY_APPARMOR=y\n"
	"CONFIG_SECURITY_YAMA=y\nCONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_SECURITY_LANDLOCK=y\n";

/* The value of a module, or "?" where it is not known. */
static const char *ask(const char *config, const char *arguments, const char *name)
{
	struct kconfig kconfig = {.text = config, .source = "config", .full = true};
	struct cmdline cmdline = {.source = "cmdline"};
	struct lsm_boot boot = {&arena, &kconfig, &cmdline, FIRMWARE_UNKNOWN};
	struct finding finding;

	cmdline_parse(&arena, arguments, "cmdline", false, &cmdline);
	finding = str_eq(name, "level") ? lsm_boot_lockdown(&boot) : lsm_boot_module(&boot, name);
	return finding.value ? finding.value : "?";
}

/* As kernel-parameters.txt and security/security.c have it, since Linux 5.1. */
static void test_precedence(void **state)
{
	static const struct {
		const char *list, *arguments, *name, *expected;
	} cases[] = {
		{"yama,selinux,apparmor", "", "selinux", "enabled"},
		{"yama,selinux,apparmor", "", "apparmor", "disabled"},
		{"yama,apparmor,selinux", "", "apparmor", "enabled"},
		{"yama,apparmor,selinux", "apparmor=0", "selinux", "enabled"},
		{"yama,apparmor,selinux", "apparmor=1 apparmor=0x00", "selinux", "enabled"},
		{"yama,apparmor,selinux", "apparmor=0 apparmor=no", "apparmor", "disabled"},
		{"yama,apparmor,selinux", "apparmor=0 apparmor.enabled=1", "apparmor", "enabled"},
		{"yama,apparmor,selinux", "apparmor.enabled=N", "selinux", "enabled"},
		{"yama,apparmor,selinux", "security=selinux", "apparmor", "disabled"},
		{"yama,apparmor,selinux", "security=selinux", "selinux", "enabled"},
		{"yama,apparmor,selinux", "security=selinux", "yama", "enabled"},
		/* It is appended to the list, and does not fall back when it is off itself. */
		{"yama,apparmor", "security=selinux", "selinux", "enabled"},
		{"yama,apparmor", "security=selinux selinux=0", "selinux", "disabled"},
		{"yama,apparmor", "security=selinux selinux=0", "apparmor", "disabled"},
		{"yama,apparmor", "security=none", "apparmor", "disabled"},
		{"apparmor", "security=yama", "yama", "enabled"},
		{"apparmor", "security=yama", "apparmor", "disabled"},
		/* lsm= is the list, and security= is ignored beside it. */
		{"yama,apparmor", "lsm=selinux security=apparmor", "selinux", "enabled"},
		{"yama,apparmor", "lsm=selinux security=apparmor", "apparmor", "disabled"},
		{"yama,apparmor", "lsm=selinux", "yama", "disabled"},
		{"yama,apparmor", "lsm=a lsm=yama", "yama", "enabled"},
		{"yama,apparmor", "lsm=yama lsm", "yama", "enabled"},
		{"yama,apparmor", "lsm=", "yama", "disabled"},
		{"yama,apparmor", "lsm=", "capability", "enabled"},
		{"yama,apparmor", "lsm=bpf", "bpf", "disabled"},
		{"selinux,smack,tomoyo", "", "tomoyo", "enabled"},
		{"selinux,smack,tomoyo", "", "smack", "disabled"},
		{"lockdown", "", "level", "none"},
		{"lockdown", "lockdown=integrity", "level", "integrity"},
		{"lockdown", "lockdown=integrity lockdown=confidentiality", "level",
		 "confidentiality"},
		{"lockdown", "lockdown=confidentiality lockdown=none", "level", "confidentiality"},
		{"lockdown", "lockdown lockdown=Integrity", "level", "none"},
		{"yama", "lockdown=confidentiality", "level", "none"},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const char *config = arena_printf(&arena, "%sCONFIG_LSM=\"%s\"\n", built,
						  cases[i].list);

		assert_string_equal(ask(config, cases[i].arguments, cases[i].name),
				    cases[i].expected);
	}
}

static void test_lockdown(void **state)
{
	static const char early[] =
		"CONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_SECURITY_LOCKDOWN_LSM_EARLY=y\n"
		"CONFIG_LSM=\"\"\n";
	static const char forced[] = "CONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_LSM=\"lockdown\"\n"
				     "CONFIG_LOCK_DOWN_KERNEL_FORCE_INTEGRITY=y\n";
	static const char firmware[] = "CONFIG_SECURITY_LOCKDOWN_LSM=y\nCONFIG_LSM=\"lockdown\"\n"
				       "CONFIG_LOCK_DOWN_IN_EFI_SECURE_BOOT=y\n";

	(void)state;
	assert_string_equal(ask(early, "lsm=yama lockdown=integrity", "level"), "integrity");
	assert_string_equal(ask(forced, "", "level"), "integrity");
	assert_string_equal(ask(forced, "lockdown=confidentiality", "level"), "confidentiality");
	assert_string_equal(ask(firmware, "", "level"), "?");
	assert_string_equal(ask(firmware, "lockdown=integrity", "level"), "integrity");
}

/* What might be given counts as it might. */
static void test_doubt(void **state)
{
	const char *config = arena_printf(&arena, "%sCONFIG_LSM=\"yama,apparmor\"\n", built);

	(void)state;
	assert_string_equal(ask(config, "\1", "apparmor"), "?");
	assert_string_equal(ask(config, "apparmor=\1", "apparmor"), "?");
	assert_string_equal(ask(config, "apparmor=\1 apparmor=0", "apparmor"), "disabled");
	assert_string_equal(ask(config, "lockdown=\1 lockdown=confidentiality", "level"), "none");
	assert_string_equal(ask("", "lsm=selinux,apparmor", "apparmor"), "disabled");
	assert_string_equal(ask("", "", "yama"), "disabled");
}

static void test_selinux_config(void **state)
{
	static const struct {
		const char *text, *mode, *type;
		unsigned line;
	} cases[] = {
		{"SELINUX=enforcing\nSELINUXTYPE=mls\n", "enforcing", "mls", 1},
		{"#SELINUX=enforcing\nSELINUX= Permissive", "permissive", "targeted", 2},
		{" SELINUX=enforcing\nSELINUX=disabledx", "disabled", "targeted", 2},
		{"SELINUX=what\n", NULL, "targeted", 0},
		{"SELINUX=disabled\nSELINUX=enforcing\n", "disabled", "targeted", 1},
		{"\tselinuxtype=\ta \r\nSELINUXTYPE=b c\n", NULL, "b c", 0},
		{"", NULL, "targeted", 0},
		{"SELINUXTYPE=\nSELINUX=", NULL, "", 0},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct selinux_config config;

		selinux_config_parse(&arena, arena_strdup(&arena, cases[i].text), &config);
		if (cases[i].mode)
			assert_string_equal(config.mode, cases[i].mode);
		else
			assert_null(config.mode);
		assert_string_equal(config.type, cases[i].type);
		assert_int_equal(config.mode_line, cases[i].line);
	}
}

static int count(const char *text, const char *mode, size_t *ret_count)
{
	return apparmor_count(arena_strdup(&arena, text), mode, ret_count);
}

static void test_profiles(void **state)
{
	static const char text[] = "/usr/bin/man (enforce)\na (b) (complain)\n( (enforce)\n";
	size_t number = 9;

	(void)state;
	assert_int_equal(count(text, "enforce", &number), 0);
	assert_int_equal(number, 2);
	assert_int_equal(count(text, NULL, &number), 0);
	assert_int_equal(number, 3);
	assert_int_equal(count(text, "kill", &number), 0);
	assert_int_equal(number, 0);
	assert_int_equal(count("", NULL, &number), 0);
	assert_int_equal(count("a", NULL, &number), -EBADMSG);
	assert_int_equal(count("a (enforce", NULL, &number), -EBADMSG);
	assert_int_equal(count("(enforce)", NULL, &number), -EBADMSG);
	assert_int_equal(count(" (enforce)", NULL, &number), -EBADMSG);
	assert_int_equal(count("a (enforce)\n\n", NULL, &number), -EBADMSG);
}

static void test_ima(void **state)
{
	char text[] = "# measure\n  measure func=X\ndont_appraise a\n";
	char other[] = "appraise func=MODULE_CHECK\naudit measure\n";
	struct ima_rules rules;

	(void)state;
	ima_rules_parse(text, &rules);
	assert_true(rules.measure && !rules.appraise);
	ima_rules_parse(other, &rules);
	assert_true(!rules.measure && rules.appraise);
}

static void test_values(void **state)
{
	static const char *const bad[] = {"",   "-1", " 1",  "1 ",    "0x",
					  "08", "x",  "++1", "1\n\n", "99999999999999999999"};
	unsigned long number = 7;
	bool yes = false;

	(void)state;
	for (size_t i = 0; i < N(bad); i++)
		assert_int_equal(kernel_number(bad[i], &number), -EINVAL);
	assert_int_equal(kernel_number(NULL, &number), -EINVAL);
	assert_int_equal(number, 7);
	assert_int_equal(kernel_number("0x1F\n", &number), 0);
	assert_int_equal(number, 31);
	assert_int_equal(kernel_number("+010", &number), 0);
	assert_int_equal(number, 8);
	assert_int_equal(kernel_bool(NULL, &yes), 0);
	assert_true(yes);
	assert_int_equal(kernel_bool("off", &yes), 0);
	assert_false(yes);
	assert_int_equal(kernel_bool("2", &yes), -EINVAL);
	assert_int_equal(kernel_bool("", &yes), -EINVAL);
	assert_int_equal(kernel_bool("o", &yes), -EINVAL);
	assert_int_equal(kernel_bool("ON", &yes), 0);
	assert_true(yes);
}

/* A list of a million names, and as many lines, are read once. */
static void test_bounds(void **state)
{
	const size_t lines = 1000000;
	char *text = malloc(lines * 12 + 1), *list = malloc(lines * 5 + 32);
	struct selinux_config config;
	size_t number, at = 0;

	(void)state;
	for (size_t i = 0; i < lines; i++)
		memcpy(text + i * 12, "a (enforce)\n", 12);
	text[lines * 12] = '\0';
	assert_int_equal(apparmor_count(text, NULL, &number), 0);
	assert_int_equal(number, lines);
	for (size_t i = 0; i < lines; i++)
		at += (size_t)sprintf(list + at, "yam,\n");
	selinux_config_parse(&arena, list, &config);
	assert_null(config.mode);
	at = (size_t)sprintf(list, "lsm=");
	for (size_t i = 0; i < lines; i++)
		at += (size_t)sprintf(list + at, "yam,");
	sprintf(list + at, "yama");
	assert_string_equal(ask(built, list, "yama"), "enabled");
	assert_string_equal(ask(built, list, "selinux"), "disabled");
	free(text);
	free(list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_precedence), cmocka_unit_test(test_lockdown),
		cmocka_unit_test(test_doubt),      cmocka_unit_test(test_selinux_config),
		cmocka_unit_test(test_profiles),   cmocka_unit_test(test_ima),
		cmocka_unit_test(test_values),     cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
