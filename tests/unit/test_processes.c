/* What /proc tells of a process: its privileges. */
#include "host/processes/process_status.h"
#include "host/processes/processes.h"

#include <errno.h>
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

static int parse(const char *text, struct process_status *ret_status)
{
	return process_status_parse(arena_strdup(&arena, text), ret_status);
}

#define BEGINNING "Name:\tx\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nCapEff:\t0000000000000401\n"
#define MIDDLE "CapBnd:\t000001ffffffffff\nNoNewPrivs:\t1\n"

static void test_status(void **state)
{
	struct process_status status;

	(void)state;
	assert_int_equal(parse(BEGINNING MIDDLE "Seccomp:\t2\nSeccomp_filters:\t1\n", &status), 0);
	assert_int_equal(status.user, 2);
	assert_int_equal(status.group, 6);
	assert_true(status.effective == 0x401);
	assert_true(status.bounding == 0x1ffffffffff);
	assert_int_equal(status.no_new_privileges, 1);
	assert_int_equal(status.seccomp, 2);
	/* A kernel without seccomp. */
	assert_int_equal(parse(BEGINNING MIDDLE, &status), 0);
	assert_int_equal(status.seccomp, -1);
	assert_int_equal(parse(BEGINNING, &status), -EBADMSG);
	assert_int_equal(parse("", &status), -EBADMSG);
}

static void test_capabilities(void **state)
{
	(void)state;
	assert_string_equal(process_capabilities(&arena, 0), "none");
	assert_string_equal(process_capabilities(&arena, 0x401), "cap_chown cap_net_bind_service");
	/* One that is newer than the names. */
	assert_string_equal(process_capabilities(&arena, UINT64_C(1) << 63), "63");
}

static void test_units(void **state)
{
	(void)state;
	assert_true(process_is_unit("docker.service"));
	assert_true(process_is_unit("user@0.service"));
	assert_true(process_is_unit("cri-containerd-1.scope"));
	assert_false(process_is_unit("dockerd"));
	assert_false(process_is_unit("python3.11"));
	assert_false(process_is_unit(".service"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_status, forget),
		cmocka_unit_test_teardown(test_capabilities, forget),
		cmocka_unit_test_teardown(test_units, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
