/* Command lines, and where they come from: loader entries, scripts, images. All pure. */
#include "base/arena.h"
#include "host/boot/bls.h"
#include "host/boot/bootscript.h"
#include "host/boot/cmdline.h"
#include "host/boot/uki.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* The arguments, joined: "name=[value]" or "name"; "?" stands before those that are doubtful. */
static const char *shown(const struct cmdline *cmdline)
{
	struct strv words = {0};

	for (size_t i = 0; i < cmdline->count; i++) {
		const struct cmdline_arg *arg = &cmdline->args[i];

		strv_push(&words, &arena,
			  arena_printf(&arena, arg->value ? "%s%s=[%s]" : "%s%s",
				       arg->maybe ? "?" : "", arg->name ? arg->name : "*",
				       arg->value));
	}
	return strv_join(&words, &arena, " ");
}

static const char *parsed(const char *text)
{
	struct cmdline cmdline = {0};

	cmdline_parse(&arena, text, "x", false, &cmdline);
	return shown(&cmdline);
}

/* As next_arg() of the kernel's lib/cmdline.c is documented to cut them. */
static void test_tokens(void **state)
{
	static const char *const cases[][2] = {
		{"", ""},
		{"  \n\t ", ""},
		{"quiet", "quiet"},
		{" a=1  b=2\n", "a=[1] b=[2]"},
		{"a=", "a=[]"},
		{"a==b", "a=[=b]"},
		{"=a", "=a"},
		{"a=\"b c\" d", "a=[b c] d"},
		{"\"a=b c\" d", "a=[b c] d"},
		{"\"a b\"=c d", "a b\"=[c] d"},
		{"a=b\"c d\"e f", "a=[b\"c d\"e] f"},
		{"a=\"b c", "a=[b c]"},
		{"a=\"", "a=[]"},
		{"\"a=\"b\"\"", "a=[b\"]"},
		{"a -- b", "a"},
		{"a --b \"--\" c", "a --b"},
		{"a --=b c", "a --=[b] c"},
		{"a\xa0"
		 "b",
		 "a b"},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(parsed(cases[i][0]), cases[i][1]);
}

/* The lines of real hosts. */
static void test_real_lines(void **state)
{
	static const char bottlerocket[] =
		"BOOT_IMAGE=(hd0,gpt3)/vmlinuz console=tty0 console=ttyS0,115200n8 quiet "
		"bootconfig "
		"root=/dev/dm-0 rootwait ro selinux=1 enforcing=1 dm-mod.create=\"root,,,ro,0 188 "
		"verity 1 PARTUUID=1/PARTNROFF=1 PARTUUID=1/PARTNROFF=2 4096\" -- "
		"systemd.log_target=journal-or-kmsg systemd.log_color=0\n";
	static const char talos[] = "init_on_alloc=1 slab_nomerge= pti=on consoleblank=0\n";
	struct cmdline cmdline = {0};
	const struct cmdline_arg *arg = NULL;
	const char *why = NULL;
	struct strv values = {0};

	(void)state;
	cmdline_parse(&arena, bottlerocket, "x", false, &cmdline);
	assert_int_equal(cmdline_find(&arena, &cmdline, "dm_mod.create", &arg, &why), 1);
	assert_non_null(strstr(arg->value, "188 verity 1 PARTUUID"));
	assert_int_equal(cmdline_find(&arena, &cmdline, "systemd.log_color", &arg, &why), 0);
	assert_int_equal(cmdline_find(&arena, &cmdline, "enforcing", &arg, &why), 1);
	assert_int_equal(cmdline_find_all(&arena, &cmdline, "console", &values, &why), 1);
	assert_string_equal(strv_join(&values, &arena, "|"), "tty0|ttyS0,115200n8");
	cmdline = (struct cmdline){0};
	cmdline_parse(&arena, talos, "x", false, &cmdline);
	assert_int_equal(cmdline_find(&arena, &cmdline, "slab-nomerge", &arg, &why), 1);
	assert_string_equal(arg->value, "");
}

/* What is certain behind something doubtful, and what is not. */
static void test_doubt(void **state)
{
	static const struct {
		const char *before, *maybe, *after;
		int found;
	} cases[] = {
		{"a=1", "b", "", 1},
		{"a=1", "a=2", "", -1},
		{"", "a=1", "", -1},
		{"a=1", "a=1", "", 1},
		{"", "a=2", "a=1", 1},
		{"a=1", "\1", "", -1},
		{"", "\1", "a=1", 1},
		{"", "b", "", 0},
		{"", "a=\1", "", -1},
		{"",
		 "\1"
		 "a=1",
		 "", -1},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const struct cmdline_arg *arg = NULL;
		const char *why = NULL;
		struct cmdline cmdline = {0};

		cmdline_parse(&arena, cases[i].before, "x", false, &cmdline);
		cmdline_parse(&arena, cases[i].maybe, "y", true, &cmdline);
		cmdline_parse(&arena, cases[i].after, "z", false, &cmdline);
		assert_int_equal(cmdline_find(&arena, &cmdline, "a", &arg, &why), cases[i].found);
		if (cases[i].found > 0)
			assert_string_equal(arg->value, "1");
		assert_int_equal(!why, cases[i].found >= 0);
	}
}

static bool takes_digits(const char *value)
{
	return value && *value && !value[strspn(value, "0123456789")];
}

/* What the kernel does not take does not count, be it the last; a doubt behind what counts does. */
static void test_taken(void **state)
{
	static const struct {
		const char *text, *value; /* NULL: it cannot be told; "": there is none */
	} cases[] = {
		{"a=1 a=x a", "1"}, {"a=1 a=2", "2"},         {"a=x a", ""},       {"b=1", ""},
		{"a=1 a=\1", NULL}, {"a=\1 a=1", "1"},        {"a=\1 a=x", NULL},  {"\1 a=3", "3"},
		{"a=3 \1", NULL},   {"a-b=1 a_b=2 a=7", "7"}, {"a=1 -- a=2", "1"},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct cmdline cmdline = {.source = "x"};
		const struct cmdline_arg *arg = NULL;
		const char *why = NULL;
		int given;

		cmdline_parse(&arena, cases[i].text, "x", false, &cmdline);
		given = cmdline_find_if(&arena, &cmdline, "a", takes_digits, &arg, &why);
		assert_int_equal(given, cases[i].value ? *cases[i].value != '\0' : -1);
		if (given > 0)
			assert_string_equal(arg->value, cases[i].value);
		if (given < 0)
			assert_non_null(why);
	}
}

static void test_versions(void **state)
{
	/* In order, from the oldest on. */
	static const char *const versions[] = {
		"",         "~",    "123-r1", "123.45", "123.a",      "123.a.1", "5",     "6.9",
		"6.10~rc1", "6.10", "6.10-1", "6.10-2", "6.10^post1", "6.10.1",  "a-6.9", "a-6.10",
	};

	(void)state;
	for (size_t i = 0; i < N(versions); i++)
		assert_int_equal(version_compare(versions[i], versions[i]), 0);
	assert_true(version_compare("6.10~rc1", "6.10") < 0);
	assert_true(version_compare("6.9", "6.10") < 0);
	assert_true(version_compare("6.10", "6.9") > 0);
	assert_true(version_compare("6.10-1", "6.10.1") < 0);
	assert_true(version_compare("6.10^post1", "6.10.1") < 0);
	assert_true(version_compare("6.10", "6.10-1") < 0);
	assert_true(version_compare("ostree-2-x", "ostree-10-x") < 0);
	assert_true(version_compare("007", "7") == 0);
	assert_true(version_compare("a", "b") < 0);
	assert_true(version_compare("99999999999999999999", "100000000000000000000") < 0);
}

static void test_entries(void **state)
{
	char text[] = "title  X\n#options no\nversion 2\noptions\ta b\nsort-key k\noptions c\n";
	struct bls_entry entry, other;

	(void)state;
	bls_parse(&arena, "/boot/loader/entries/x+3-1.conf", text, &entry);
	assert_string_equal(entry.id, "x");
	assert_false(entry.failed);
	assert_string_equal(entry.options, "a b c");
	assert_string_equal(entry.source, "/boot/loader/entries/x+3-1.conf:4");
	assert_string_equal(entry.version, "2");
	bls_name(&arena, "y+0.conf", ".conf", &other);
	assert_true(other.failed);
	assert_true(bls_compare(&entry, &other) < 0);
	bls_name(&arena, "a+b.conf", ".conf", &other);
	assert_string_equal(other.id, "a+b");
	/* One that has a key to be sorted by comes first. */
	assert_true(bls_compare(&entry, &other) < 0);
}

/* What a variable comes to at the end of a script. */
static const char *followed(const char *text, const char *name, bool shell)
{
	struct cmdline cmdline = {0};
	struct bootscript script;
	struct boottext value;

	bootscript_start(&script, &arena, shell);
	bootscript_follow(&script, "x", arena_strdup(&arena, text));
	value = bootscript_value(&script, name);
	boottext_arguments(&arena, &value, &cmdline);
	bootscript_end(&script);
	return shown(&cmdline);
}

static void test_shell(void **state)
{
	static const char *const cases[][2] = {
		{"A=b", "b"},
		{"A=\"b c=d\"", "b c=[d]"},
		{"A='b $c'", "b $c"},
		{"A=b\\ c", "b c"},
		{"A=\"b \\\n c\"", "b c"},
		{"A=b # c", "b"},
		{"A=b; A=c", "c"},
		{"A=1\nA=\"$A b\"\nA+=\" c\"", "1 b c"},
		{"B=x\nA=\"${B}y $C z\"", "xy z"},
		{"A=$(echo b)", "?*"},
		{"A=\"b `echo c` d\"", "b ?* d"},
		{"A=\"b=`echo c` d\"", "?b=[\1] d"},
		{"A=\"b ${C:-d}\"", "b ?*"},
		{"A=b\n[ x ] && A=c", "?b ?c"},
		{"A=b\nif x; then A=c; else A=d; fi\nA=\"$A e\"", "?b ?c ?d e"},
		{"A=b\nif x; then A=c; fi\nA=d", "d"},
		{"A=b\ncase x in\n y) A=c;;\nesac", "?b ?c"},
		{"for i in 1 2; do A=$i; done", "?*"},
		{"A=b\nread A", "?b ?*"},
		{"A=b\neval x", "?*"},
		{"A=b\n. /etc/other", "?*"},
		{"A=b\ncat <<EOF\nA=c\nEOF", "?b ?c"},
		{"export A=b", "b"},
		{"A=b command", ""},
		{"f() {\n A=c\n}\nA=b", "b"},
		{"B=1\nif x; then B=2; fi\nA=\"a=$B\"", "?a=[\1]"},
		{"B=1\nif x; then B=2; fi\nA=\"a=$B c\"\nA=\"$A d\"", "?a=[\1] c d"},
		{"A=\"b", "b"},
		{"A='b", "b"},
		{"A=$", "$"},
		{"A=b\\", "b"},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		const char *came = followed(cases[i][0], "A", true);

		if (!str_eq(came, cases[i][1]))
			print_error("%s\n", cases[i][0]);
		assert_string_equal(came, cases[i][1]);
	}
}

static void test_grub(void **state)
{
	static const char *const cases[][2] = {
		{"set A=\"b c\"", "b c"},
		{"set B=\"b\"\nset A=\"$B $grub_cpu $prefix c\"", "b ?* ?* c"},
		{"set A=\"b $nothing c\"", "b c"},
		{"set A=b\nsearch --no-floppy --set A --label X", "?b ?*"},
		{"set A=b\nsearch --set=A --label X", "?b ?*"},
		{"set A=b\nsource \"$prefix/x.cfg\"", "?*"},
		{"# GRUB Environment Block\nA=b c=d $e\n####", "b c=[d] $e"},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(followed(cases[i][0], "A", false), cases[i][1]);
}

/* Whatever stands in a script, it is read to its end, soon, and within its bounds. */
static void test_hostile_scripts(void **state)
{
	static const char *const pieces[] = {
		"A=",
		"$A",
		"${A}",
		"\"",
		"'",
		"`",
		"$(",
		")",
		"\\",
		"\n",
		";",
		"if ",
		"fi",
		"{",
		"}",
		"|",
		"#",
		" ",
		"menuentry x {",
		"linux y ",
		"source ",
		"load_env",
		"set B=$A$A$A",
		"case",
		"<<",
		"submenu z {",
		"A+=$A",
		"for",
		"done",
		"\1",
		"=",
		"default",
	};
	unsigned long long seed = 42;

	(void)state;
	for (unsigned round = 0; round < 300; round++) {
		char text[2000] = "";

		for (unsigned i = 0; i < 100; i++) {
			seed = seed * 6364136223846793005ULL + 1442695040888963407ULL;
			strcat(text, pieces[(seed >> 33) % N(pieces)]);
		}
		followed(text, "A", round & 1);
		arena_free(&arena);
	}
}

static void test_large_scripts(void **state)
{
	static const char *const lines[] = {
		"A=\"$A$A x\"\n",                      /* grows twofold with each line */
		"if x; then A=\"$A y\"; fi\n",         /* a choice of choices */
		"A=b''c''d''e''f''g''h''i''j''k''l\n", /* many pieces */
		"A$A=$A\n",
		"menuentry x {\n",
		"{ ",
		"x|",
	};

	(void)state;
	for (size_t i = 0; i < N(lines); i++) {
		const size_t size = (size_t)48 * 1024;
		char *text = arena_alloc(&arena, size);
		clock_t start = clock();

		for (size_t end = 0; end + 50 < size; end += strlen(lines[i]))
			strcpy(text + end, lines[i]);
		followed(text, "A", true);
		assert_true(clock() - start < 10 * CLOCKS_PER_SEC);
		arena_free(&arena);
	}
}

/* A PE file with one section. */
static size_t make_image(unsigned char *image, const char *name, uint32_t size)
{
	memset(image, 0, 512);
	memcpy(image, "MZ", 2);
	image[0x3c] = 0x80;
	memcpy(image + 0x80, "PE\0\0", 4);
	image[0x86] = 1;
	image[0x94] = 0x10; /* optional header */
	memcpy(image + 0xa8, name, strlen(name));
	memcpy(image + 0xb0, &size, sizeof(size));
	memcpy(image + 0xb8, &(uint32_t){0x200}, 4);
	memcpy(image + 0xbc, &(uint32_t){0x1000}, 4);
	return 512;
}

static void test_images(void **state)
{
	unsigned char image[512];
	struct uki_section section = {0};
	size_t size = make_image(image, ".cmdline", 5);

	(void)state;
	assert_int_equal(uki_find(image, size, ".cmdline", &section), 0);
	assert_int_equal(section.size, 5);
	assert_int_equal(section.offset, 0x1000);
	assert_int_equal(uki_find(image, size, ".osrel", &section), -ENOENT);
	make_image(image, ".cmdline", 0x10000);
	assert_int_equal(uki_find(image, size, ".cmdline", &section), 0);
	assert_int_equal(section.size, 0x200); /* no more than the file holds */
	for (size_t cut = 0; cut < 0xd0; cut++) {
		/* Exactly as large, so that a byte too far is seen. */
		unsigned char *head = test_malloc(cut + 1);

		memcpy(head, image, cut);
		assert_int_equal(uki_find(head, cut, ".cmdline", &section), -EBADMSG);
		test_free(head);
	}
	memset(image + 0x3c, 0xff, 4);
	assert_int_equal(uki_find(image, size, ".cmdline", &section), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tokens),          cmocka_unit_test(test_real_lines),
		cmocka_unit_test(test_doubt),           cmocka_unit_test(test_taken),
		cmocka_unit_test(test_versions),        cmocka_unit_test(test_entries),
		cmocka_unit_test(test_shell),           cmocka_unit_test(test_grub),
		cmocka_unit_test(test_hostile_scripts), cmocka_unit_test(test_large_scripts),
		cmocka_unit_test(test_images),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
