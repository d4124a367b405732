/* The kernel's configuration: values of symbols, and what is unpacked on the way to them. */
#include "base/arena.h"
#include "host/kernel/inflate.h"
#include "host/kernel/kconfig.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <zlib.h>

#include <cmocka.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void test_full(void **state)
{
	(void)state;
	assert_true(kconfig_is_full("#\n# Automatically generated file; DO NOT EDIT.\n"));
	assert_true(kconfig_is_full("# Automatically generated make config: don't edit\n"));
	assert_false(kconfig_is_full("CONFIG_A=y\n# Automatically generated file\n"));
	assert_false(kconfig_is_full("# For the root file system\nCONFIG_A=y\n"));
	assert_false(kconfig_is_full(""));
}

static void test_values(void **state)
{
	static const char *const cases[][2] = {
		{"A", "y"},    {"CONFIG_A", "y"}, {"B", "n"},          {"AB", "m"},
		{"NUM", "16"}, {"HEX", "0x10"},   {"TEXT", "a \"b\""}, {"EMPTY", ""},
		{"LAST", "y"}, {"NOBODY", "n"},   {"CONFIG", "n"},     {"TWICE", "m"},
	};
	static const char text[] =
		"CONFIG_A=y\n# CONFIG_B is not set\nCONFIG_AB=m\nCONFIG_NUM=16\n"
		"CONFIG_HEX=0x10\nCONFIG_TEXT=\"a \\\"b\\\"\"\nCONFIG_EMPTY=\"\"\n"
		"# CONFIG_TWICE is not set\nCONFIG_TWICE=m\nCONFIG_LAST=y";
	struct kconfig kconfig = {.text = text, .source = "x", .full = true};
	const char *why = NULL;

	(void)state;
	for (size_t i = 0; i < N(cases); i++)
		assert_string_equal(kconfig_value(&arena, &kconfig, cases[i][0], &why),
				    cases[i][1]);
	kconfig.full = false;
	assert_string_equal(kconfig_value(&arena, &kconfig, "B", &why), "n");
	assert_null(kconfig_value(&arena, &kconfig, "NOBODY", &why));
	assert_non_null(why);
	kconfig = (struct kconfig){.unknown = "because"};
	assert_null(kconfig_value(&arena, &kconfig, "A", &why));
	assert_string_equal(why, "because");
}

static size_t pack(const char *text, size_t size, char *packed, size_t space)
{
	z_stream stream = {.next_in = (z_const unsigned char *)text, .avail_in = (unsigned)size};

	stream.next_out = (unsigned char *)packed;
	stream.avail_out = (unsigned)space;
	assert_int_equal(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 9,
				      Z_DEFAULT_STRATEGY),
			 Z_OK);
	assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
	deflateEnd(&stream);
	return space - stream.avail_out;
}

static void test_unpacking(void **state)
{
	const size_t large = (size_t)3 * 1024 * 1024;
	char *zeros = arena_alloc(&arena, large), packed[8192], *text = NULL;
	size_t size = pack("CONFIG_A=y\n", 11, packed, sizeof(packed)), length = 0;

	(void)state;
	assert_int_equal(inflate_gzip(&arena, packed, size, 100, &text, &length), 0);
	assert_int_equal(length, 11);
	assert_string_equal(text, "CONFIG_A=y\n");
	assert_int_equal(inflate_gzip(&arena, packed, size, 10, &text, &length), -EFBIG);
	for (size_t cut = 0; cut < size; cut++)
		assert_int_equal(inflate_gzip(&arena, packed, cut, 100, &text, &length), -EBADMSG);
	packed[size - 6] ^= 1; /* the checksum */
	assert_int_equal(inflate_gzip(&arena, packed, size, 100, &text, &length), -EBADMSG);
	/* A few bytes that come to megabytes are stopped at the limit. */
	size = pack(zeros, large, packed, sizeof(packed));
	assert_int_equal(inflate_gzip(&arena, packed, size, large, &text, &length), 0);
	assert_int_equal(length, large);
	assert_int_equal(inflate_gzip(&arena, packed, size, large - 1, &text, &length), -EFBIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_unpacking),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
