/* Lines of udev rules, and what they come to; properties; options of modules. */
#include "host/devices/sysfs.h"
#include "host/devices/udev_rule.h"
#include "host/devices/usb_next.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void test_lines(void **state)
{
	struct udev_rule rule;

	(void)state;
	assert_int_equal(udev_rule_parse(&arena, " ACTION == \"add\" , ATTR{a b}=\"x\\\"\\n\",",
					 &rule),
			 0);
	assert_int_equal(rule.count, 2);
	assert_string_equal(rule.at[0].key, "ACTION");
	assert_int_equal(rule.at[0].op, UDEV_MATCH);
	assert_null(rule.at[0].attribute);
	assert_string_equal(rule.at[1].attribute, "a b");
	assert_string_equal(rule.at[1].value, "x\"\\n");
	assert_int_equal(udev_rule_parse(&arena, "A+=\"1\"B-=e\"\\t\"C:=i\"3\"D!=\"\"", &rule), 0);
	assert_int_equal(rule.count, 4);
	assert_int_equal(rule.at[0].op, UDEV_ADD);
	assert_true(rule.at[1].special && rule.at[2].special && !rule.at[3].special);
	assert_int_equal(rule.at[3].op, UDEV_NO_MATCH);
	assert_int_equal(udev_rule_parse(&arena, "", &rule), 0);
	assert_int_equal(rule.count, 0);
}

static void test_bad_lines(void **state)
{
	static const char *const cases[] = {
		"A",         "A=",     "A=1",  "A=\"1",     "\"1\"",  "A{=\"1\"", "A{x}",
		"A ~ \"1\"", "=\"1\"", "A=i1", "A=\"1\" B", "A\"1\"", "A=e\"",    "A==",
	};
	struct udev_rule rule;
	char many[UDEV_MOST_TOKENS * 5 + 6] = "";

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_int_equal(udev_rule_parse(&arena, cases[i], &rule), -EBADMSG);
	for (size_t i = 0; i <= UDEV_MOST_TOKENS; i++)
		snprintf(many + i * 5, 6, "A=\"\",");
	assert_int_equal(udev_rule_parse(&arena, many, &rule), -E2BIG);
}

#define SETS "ATTR{authorized_default}=\"0\""

static void test_rules(void **state)
{
	static const struct {
		const char *text, *expected; /* "?": it cannot be told; NULL: nobody sets it */
	} cases[] = {
		{SETS, "0"},
		{"SUBSYSTEM==\"usb\", " SETS, "0"},
		{"SUBSYSTEM==\"block|usb\", " SETS, "0"},
		{"SUBSYSTEM!=\"usb\", " SETS, NULL},
		{"KERNEL==\"sd*\", " SETS, NULL},
		{"KERNEL==\"usb1\", " SETS, "?"},
		{"KERNEL==i\"USB*\", " SETS, "?"},
		{"#" SETS, NULL},
		{"# " SETS " \\\n" SETS, "0"},
		{"ACTION==\"add\", \\\n# between\n" SETS, "0"},
		{"ACTION==\"remove\", \\\n" SETS, NULL},
		{"PROGRAM=\"x\", " SETS, "?"},
		{"IMPORT{program}=\"x\", " SETS, "?"},
		{"GOTO=\"a\"\n" SETS "\nLABEL=\"a\"", NULL},
		{"GOTO=\"a\"\n" SETS "\nLABEL=\"b\"", "?"},
		{"GOTO=\"a\"\nLABEL=\"a\"\n" SETS, "0"},
		{"TAG==\"x\", GOTO=\"a\"\n" SETS "\nLABEL=\"a\"", "?"},
		{"TAG==\"x\", GOTO=\"a\"\nLABEL=\"a\"\n" SETS, "0"},
		{"TAG==\"x\", GOTO=\"a\"\nGOTO=\"b\"\nLABEL=\"b\"\n" SETS "\nLABEL=\"a\"", "?"},
		{"SUBSYSTEM!=\"usb\", GOTO=\"a\"\n" SETS "\nLABEL=\"a\"", "0"},
		{"ATTR{authorized_default}=\"9\"", NULL},
		{"ATTR{authorized_default}=\"%n\"", "?"},
		{"ATTR{authorized_default}=e\"\\x30\"", "?"},
		{"RUN+=\"x authorized_default\"", "?"},
		{"RUN+=\"x authorized_default\"\n" SETS, "0"},
		{SETS "\nTAG==\"x\", ATTR{authorized_default}=\"1\"", "?"},
		{"ATTR{authorized_default}=0", "?"},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct udev_usb usb = {0};
		const char *came;

		udev_usb_follow(&arena, "f", arena_strdup(&arena, cases[i].text), &usb);
		came = usb.doubtful ? "?" : usb.value;
		if (cases[i].expected)
			assert_string_equal(came, cases[i].expected);
		else
			assert_null(came);
	}
}

static void test_words(void **state)
{
	(void)state;
	assert_string_equal(uevent_value(&arena, "A=1\nAB=2=3\n", "AB"), "2=3");
	assert_string_equal(uevent_value(&arena, "A=", "A"), "");
	assert_null(uevent_value(&arena, "AB=2\nA", "A"));
	assert_null(uevent_value(&arena, "", "A"));
	assert_true(sysfs_is_attribute("queue/rotational"));
	assert_false(sysfs_is_attribute("../x"));
	assert_false(sysfs_is_attribute("a/../x"));
	assert_false(sysfs_is_attribute("/x"));
	assert_false(sysfs_is_attribute("x/"));
	assert_false(sysfs_is_attribute(""));
	assert_false(sysfs_is_attribute("a b"));
	assert_false(sysfs_is_name("a/b"));
	assert_false(sysfs_is_name(".."));
	assert_string_equal(modprobe_option(&arena, "options usbcore x=1 a-b=2 a_b=3", "usbcore",
					    "a_b"),
			    "3");
	assert_null(modprobe_option(&arena, "#options usbcore a=1", "usbcore", "a"));
	assert_null(modprobe_option(&arena, "options usbcore a", "usbcore", "a"));
	assert_null(modprobe_option(&arena, "options other a=1", "usbcore", "a"));
}

/* Many lines, each of them one that jumps. */
static void test_bounds(void **state)
{
	static const char line[] = "TAG==\"x\", GOTO=\"a\"\n";
	const size_t lines = 50000, length = sizeof(line) - 1;
	char *text = arena_alloc(&arena, lines * length + 1);
	struct udev_usb usb = {0};

	(void)state;
	for (size_t i = 0; i < lines; i++)
		memcpy(text + i * length, line, length);
	udev_usb_follow(&arena, "f", text, &usb);
	assert_false(usb.doubtful);
	/* One line that never ends. */
	for (size_t i = 0; i + 2 < lines * length; i += 2)
		memcpy(text + i, "\\\n", 2);
	udev_usb_follow(&arena, "f", text, &usb);
	assert_false(usb.doubtful);
	memset(text, 'x', lines * length);
	udev_usb_follow(&arena, "f", text, &usb);
	assert_null(usb.value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),  cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_rules),  cmocka_unit_test(test_words),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
