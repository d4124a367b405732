/* The lists of modules and aliases, modprobe.d and modules-load.d: text in, tables out. */
#include "host/kernel/modalias.h"
#include "host/kernel/modload.h"
#include "host/kernel/modprobe.h"
#include "host/kernel/modsymbol.h"
#include "host/kernel/modules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void test_names(void **state)
{
	static const char *const names[][2] = {
		{"usb-storage", "usb_storage"},
		{"net-pf-[0-9]-x", "net_pf_[0-9]_x"},
		{"a-[b-c", "a_[b_c"},
		{"a]-b", "a]_b"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char name[32];

		strcpy(name, names[i][0]);
		assert_string_equal(modprobe_name(name), names[i][1]);
	}
}

static void test_denials(void **state)
{
	static const char *const deny[] = {
		"/bin/true",
		"/bin/false",
		"/usr/bin/true",
		"/sbin/nologin",
		"false",
		" /bin/true",
		"/bin/false -x y",
		"/bin/false # ; insmod x",
		"/usr/sbin/nologin\t",
	};
	static const char *const allow[] = {
		"",
		" ",
		"/bin/echo no",
		"/sbin/modprobe -i x",
		"/bin/true; insmod x",
		"/bin/true && insmod x",
		"/bin/falsehood",
		"/bin/false || insmod x",
		"/bin/true;",
		"/bin/true $(insmod x)",
		"/bin/true `insmod x`",
		"true\r",
		"/bin/true $CMDLINE_OPTS",
		"/bin",
		"/bin/",
		"/home/me/bin/true",
		"tru",
		"#",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(deny) / sizeof(deny[0]); i++)
		assert_true(modprobe_denies(deny[i]));
	for (size_t i = 0; i < sizeof(allow) / sizeof(allow[0]); i++)
		assert_false(modprobe_denies(allow[i]));
}

static void test_modprobe_lines(void **state)
{
	char text[] = "install a-b /bin/false\n"
		      "\n"
		      "# install c /bin/false\n"
		      "blacklist \\\n"
		      "  d-e\n"
		      "alias net-pf-1 f-g trailing\n"
		      "install h\n"
		      "install i  a\\\\b \\c\n"
		      "install\n"
		      "alias x\n"
		      "options j k=1\n"
		      "install l /bin/true\\";
	struct modprobe modprobe = {0};

	(void)state;
	modprobe_parse(&arena, text, "/f", &modprobe);
	assert_int_equal(modprobe.count, 5);
	assert_int_equal(modprobe.at[0].kind, MODPROBE_INSTALL);
	assert_string_equal(modprobe.at[0].name, "a_b");
	assert_string_equal(modprobe.at[0].value, "/bin/false");
	assert_string_equal(modprobe.at[0].source, "/f:1");
	assert_int_equal(modprobe.at[1].kind, MODPROBE_BLACKLIST);
	assert_string_equal(modprobe.at[1].name, "d_e");
	assert_string_equal(modprobe.at[1].source, "/f:4");
	assert_int_equal(modprobe.at[2].kind, MODPROBE_ALIAS);
	assert_string_equal(modprobe.at[2].name, "net_pf_1");
	assert_string_equal(modprobe.at[2].value, "f_g");
	assert_string_equal(modprobe.at[2].source, "/f:6");
	assert_string_equal(modprobe.at[3].value, " a\\b c");
	assert_string_equal(modprobe.at[3].source, "/f:8");
	assert_string_equal(modprobe.at[4].value, "/bin/true");
}

static void test_first_command(void **state)
{
	char text[] = "install x* /bin/true\ninstall xy /bin/false\nblacklist xy\nblacklist x\n";
	struct modprobe modprobe = {0};

	(void)state;
	modprobe_parse(&arena, text, "/f", &modprobe);
	assert_ptr_equal(modprobe_find(&modprobe, MODPROBE_INSTALL, "xy"), &modprobe.at[0]);
	assert_ptr_equal(modprobe_command(&modprobe, "xy"), &modprobe.at[1]);
	assert_null(modprobe_command(&modprobe, "xz"));
	assert_ptr_equal(modprobe_find(&modprobe, MODPROBE_BLACKLIST, "x"), &modprobe.at[3]);
	assert_null(modprobe_find(&modprobe, MODPROBE_BLACKLIST, "xz"));
	assert_null(modprobe_find(&modprobe, MODPROBE_INSTALL, "yx"));
}

static void test_lists(void **state)
{
	char text[] = "kernel/b/usb-storage.ko.xz: kernel/a/zz.ko.xz\n"
		      "kernel/a.ko:\n\nnonsense\n/.ko\nextra/c.ko.zst: x.ko";
	struct module_list list = {0};

	(void)state;
	module_list_parse(&arena, text, &list);
	assert_int_equal(list.names.count, 3);
	assert_true(module_list_has(&list, "a"));
	assert_true(module_list_has(&list, "c"));
	assert_true(module_list_has(&list, "usb_storage"));
	assert_false(module_list_has(&list, "zz"));
	assert_false(module_list_has(&(struct module_list){0}, "a"));
}

static void test_aliases(void **state)
{
	char text[] = "# made by depmod\nalias fs-cramfs cramfs\nalias char-major-9-* m-d\n"
		      "alias pci:v8086* e1000\nalias broken\nalias fs-cramfs other\n";
	char again[] = "alias pci:v8086* e1000\nalias pci:v10* r8169\nalias fs-x x\n";
	char info[] = "loop.license=GPL\0loop.alias=block-major-7-*\0nothing\0x.aliases=y\0";
	struct host_text builtin = {.data = info, .size = sizeof(info) - 1};
	struct modalias_table table = {0}, bus = {0};
	struct strv modules = {0}, md = {0}, loop = {0}, card = {0};

	(void)state;
	modalias_parse(&arena, text, "fs_cramfs", &table);
	modalias_parse_builtin(&arena, &builtin, "fs_cramfs", &table);
	assert_int_equal(table.count, 4);
	modalias_find(&table, "fs_cramfs", &arena, &modules);
	assert_int_equal(modules.count, 2);
	modalias_find(&table, "char_major_9_1", &arena, &md);
	assert_int_equal(md.count, 1);
	assert_string_equal(md.at[0], "m_d");
	modalias_find(&table, "block_major_7_0", &arena, &loop);
	assert_int_equal(loop.count, 1);
	assert_string_equal(loop.at[0], "loop");
	modalias_parse(&arena, again, "pci:v8086d1", &bus);
	assert_int_equal(bus.count, 1);
	modalias_find(&bus, "pci:v8086d1", &arena, &card);
	assert_int_equal(card.count, 1);
	assert_string_equal(card.at[0], "e1000");
}

static void test_symbols(void **state)
{
	/* From both ends and the middle: a row out of order would hide others. */
	static const char *const rows[][2] = {
		{"adfs", "ADFS_FS"},       {"af_key", "NET_KEY"},
		{"bridge", "BRIDGE"},      {"cramfs", "CRAMFS"},
		{"dccp_ipv6", "IP_DCCP"},  {"hfs", "HFS_FS"},
		{"hfsplus", "HFSPLUS_FS"}, {"n_hdlc", "N_HDLC"},
		{"squashfs", "SQUASHFS"},  {"usb_storage", "USB_STORAGE"},
		{"usbcore", "USB"},        {"xfs", "XFS_FS"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(module_symbols(rows[i][0]), rows[i][1]);
	assert_null(module_symbols("no_such_module"));
	assert_null(module_symbols(""));
}

static void test_modload(void **state)
{
	char text[] = "# one\noverlay\n\n  br-netfilter \n;x\nlast";
	struct modload modload = {0};

	(void)state;
	modload_parse(&arena, text, "/f", &modload);
	assert_int_equal(modload.count, 3);
	assert_string_equal(modload.at[1].module, "br-netfilter");
	assert_string_equal(modload.at[1].source, "/f:4");
	assert_string_equal(modload.at[2].source, "/f:6");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),          cmocka_unit_test(test_denials),
		cmocka_unit_test(test_modprobe_lines), cmocka_unit_test(test_first_command),
		cmocka_unit_test(test_lists),          cmocka_unit_test(test_aliases),
		cmocka_unit_test(test_symbols),        cmocka_unit_test(test_modload),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
