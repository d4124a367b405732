/* sysctl.d: lines in, what is left in a key out; and how the kernel combines two values. */
#include "base/arena.h"
#include "base/str.h"
#include "host/kernel/sysctl_boot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
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

static void test_paths(void **state)
{
	static const char *const keys[][3] = {
		/* key, path, the usual spelling */
		{"kernel.kptr_restrict", "kernel/kptr_restrict", "kernel.kptr_restrict"},
		{"kernel/kptr_restrict", "kernel/kptr_restrict", "kernel.kptr_restrict"},
		{"net.ipv4.conf.eth0/1.tag", "net/ipv4/conf/eth0.1/tag",
		 "net.ipv4.conf.eth0/1.tag"},
		{"net/ipv4/conf/eth0.1/tag", "net/ipv4/conf/eth0.1/tag",
		 "net.ipv4.conf.eth0/1.tag"},
		{"/net//ipv4/./ip_forward/", "net/ipv4/ip_forward", "net.ipv4.ip_forward"},
		{"a..b", "a/b", "a.b"},
		{"a.b/c/d", "a/b.c.d", "a.b/c/d"},
		{"a/../b", "a/../b", NULL},
		{"word", "word", "word"},
		{"", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < N(keys); i++) {
		char *path = sysctl_path(&arena, keys[i][0]);

		assert_string_equal(path, keys[i][1]);
		if (!keys[i][2])
			continue;
		assert_string_equal(sysctl_name(&arena, path), keys[i][2]);
		/* A name leads back to its path. */
		assert_string_equal(sysctl_path(&arena, sysctl_name(&arena, path)), path);
	}
	/* A dot that comes first can only be written with slashes. */
	assert_string_equal(sysctl_name(&arena, "a.b/c"), "a.b/c");
}

static struct sysctl_stack stack_of(const char *text)
{
	struct sysctl_stack stack = {.arena = &arena};

	sysctl_stack_parse(&stack, "x.conf", arena_strdup(&arena, text));
	sysctl_stack_seal(&stack);
	return stack;
}

static struct sysctl_value left_in(const struct sysctl_stack *stack, const char *path)
{
	struct sysctl_boot boot;

	sysctl_boot_start(&arena, path, &boot);
	sysctl_boot_run(&boot, stack);
	return boot.value;
}

static void test_lines(void **state)
{
	struct sysctl_stack stack = stack_of("a.b = 1\n"
					     " # a.b = 2\n"
					     "\t; a.b = 3\n"
					     "a.c =  4 = 5 \r\n"
					     "one = 1\rtwo = 2\n"
					     "no assignment\n"
					     "-a.d\n"
					     "\va.e = 1\n"
					     "last = yes");

	(void)state;
	assert_string_equal(left_in(&stack, "a/b").value, "1");
	assert_string_equal(left_in(&stack, "a/c").value, "4 = 5");
	assert_string_equal(left_in(&stack, "two").value, "2");
	assert_string_equal(left_in(&stack, "two").source, "x.conf:5");
	assert_string_equal(left_in(&stack, "last").source, "x.conf:9");
	assert_int_equal(left_in(&stack, "a/d").state, SYSCTL_UNSET);
	/* A vertical tab is no blank, but a part of the name. */
	assert_int_equal(left_in(&stack, "a/e").state, SYSCTL_UNSET);
	assert_string_equal(left_in(&stack, "\va/e").value, "1");
}

static void test_patterns(void **state)
{
	static const struct {
		const char *pattern, *path;
		bool writes;
	} cases[] = {
		{"net/*/conf/*/tag", "net/ipv4/conf/eth0/tag", true},
		{"net/*/tag", "net/ipv4/conf/eth0/tag", false},
		{"a/*", "a/.b", false},
		{"a/[!b]", "a/c", true},
		{"a/?{b,c{d,e}}", "a/xce", true},
		{"a/?{b,c{d,e}}", "a/xc", false},
		{"a/?{b", "a/x{b", true},
		{"a/?\\{b,c}", "a/x{b,c}", true},
		{"a/{b,c}", "a/b", false}, /* braces alone make no pattern */
		{"a/*{,x}", "a/bx", true},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct sysctl_stack stack = {.arena = &arena};

		sysctl_stack_add(&stack, cases[i].pattern, "1", "x:1");
		sysctl_stack_seal(&stack);
		assert_int_equal(left_in(&stack, cases[i].path).state == SYSCTL_SET,
				 cases[i].writes);
	}
}

static void test_too_many_braces(void **state)
{
	struct sysctl_stack stack = {.arena = &arena};
	char pattern[400] = "a/*";

	(void)state;
	for (unsigned i = 0; i < 30; i++)
		strcat(pattern, "{x,y,z}");
	sysctl_stack_add(&stack, pattern, "1", "x:1");
	sysctl_stack_seal(&stack);
	assert_int_equal(left_in(&stack, "a/b").state, SYSCTL_UNKNOWN);
}

/* A file as large as they are read must not take seconds, whatever is in it. */
static void test_large(void **state)
{
	const size_t lines = 100000;
	char *text = arena_alloc(&arena, lines * 24), *end = text;
	struct sysctl_stack stack;
	clock_t start = clock();

	(void)state;
	for (size_t i = 0; i < lines; i++)
		end += sprintf(end, "k%zu=%zu\n", i, i);
	stack = stack_of(text);
	assert_int_equal(stack.count, lines);
	assert_string_equal(left_in(&stack, "k77777").value, "77777");
	assert_true(clock() - start < 10 * CLOCKS_PER_SEC);
}

static void test_unread(void **state)
{
	struct sysctl_stack stack = {.arena = &arena};

	(void)state;
	sysctl_stack_add(&stack, "before", "1", "a:1");
	sysctl_stack_add(&stack, "both", "1", "a:2");
	sysctl_stack_add_error(&stack, "b", "b cannot be read");
	sysctl_stack_add(&stack, "both", "2", "c:1");
	sysctl_stack_add(&stack, "p*", "3", "c:2");
	sysctl_stack_add(&stack, "gone", NULL, "c:3");
	sysctl_stack_seal(&stack);
	assert_int_equal(left_in(&stack, "before").state, SYSCTL_UNKNOWN);
	assert_string_equal(left_in(&stack, "both").value, "2");
	assert_int_equal(left_in(&stack, "pattern").state, SYSCTL_UNKNOWN);
	assert_int_equal(left_in(&stack, "gone").state, SYSCTL_UNSET);
	assert_int_equal(left_in(&stack, "other").state, SYSCTL_UNKNOWN);
}

static struct sysctl_value a_value(const char *value)
{
	if (!value)
		return (struct sysctl_value){SYSCTL_UNKNOWN, NULL, NULL, "because"};
	return (struct sysctl_value){SYSCTL_SET, value, "x", NULL};
}

static void test_combining(void **state)
{
	static const struct {
		enum sysctl_combine how;
		const char *own, *all, *result; /* NULL: not known */
	} cases[] = {
		{SYSCTL_OWN, "0", NULL, "0"},      {SYSCTL_LARGER, "1", "2", "2"},
		{SYSCTL_LARGER, "2", "1", "2"},    {SYSCTL_LARGER, "2", NULL, NULL},
		{SYSCTL_LARGER, "x", "1", NULL},   {SYSCTL_SMALLER, "-1", "0", "-1"},
		{SYSCTL_EITHER, "0", "0", "0"},    {SYSCTL_EITHER, "0", "1", "1"},
		{SYSCTL_EITHER, "1", NULL, "1"},   {SYSCTL_EITHER, "0", NULL, NULL},
		{SYSCTL_EITHER, NULL, "1", "1"},   {SYSCTL_BOTH, "1", "1", "1"},
		{SYSCTL_BOTH, "1", "0", "0"},      {SYSCTL_BOTH, "0", NULL, "0"},
		{SYSCTL_BOTH, "1", NULL, NULL},    {SYSCTL_REDIRECTS, "0", "0", "0"},
		{SYSCTL_REDIRECTS, "1", "1", "1"}, {SYSCTL_REDIRECTS, "1", "0", NULL},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct sysctl_value own = a_value(cases[i].own), all = a_value(cases[i].all);
		struct sysctl_value result = sysctl_combined(cases[i].how, &own, &all);

		if (cases[i].result) {
			assert_int_equal(result.state, SYSCTL_SET);
			assert_string_equal(result.value, cases[i].result);
		} else {
			assert_int_equal(result.state, SYSCTL_UNKNOWN);
			assert_non_null(result.reason);
		}
	}
	assert_int_equal(sysctl_combination("ipv4", "rp_filter"), SYSCTL_LARGER);
	assert_int_equal(sysctl_combination("ipv6", "accept_redirects"), SYSCTL_OWN);
}

/* Forwarding, each time that it changes, turns accept_redirects of `all` over. */
static void test_forwarding(void **state)
{
	static const struct {
		const char *text, *redirects;
	} cases[] = {
		{"net.ipv4.conf.all.accept_redirects=1\nnet.ipv4.ip_forward=1\n", "0"},
		{"net.ipv4.ip_forward=1\nnet.ipv4.conf.all.accept_redirects=1\n", "1"},
		{"net.ipv4.conf.all.accept_redirects=1\nnet.ipv4.ip_forward=0\n", "1"},
		{"net.ipv4.conf.all.accept_redirects=0\nnet.ipv4.ip_forward=1\n"
		 "net.ipv4.conf.all.forwarding=0\n",
		 "1"},
	};

	(void)state;
	for (size_t i = 0; i < N(cases); i++) {
		struct sysctl_stack stack = stack_of(cases[i].text);

		assert_string_equal(left_in(&stack, "net/ipv4/conf/all/accept_redirects").value,
				    cases[i].redirects);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_paths),     cmocka_unit_test(test_lines),
		cmocka_unit_test(test_patterns),  cmocka_unit_test(test_too_many_braces),
		cmocka_unit_test(test_large),     cmocka_unit_test(test_unread),
		cmocka_unit_test(test_combining), cmocka_unit_test(test_forwarding),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
