/* Sockets: tables of /proc, messages of the kernel, addresses of socket units; processes. */
#include "host/processes/cgroups.h"
#include "host/processes/processes.h"
#include "host/sockets/sockets.h"
#include "tree.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static const char *show(const struct listeners *listeners)
{
	struct strv all = {0};

	for (size_t i = 0; i < listeners->count; i++) {
		const struct listener *listener = &listeners->at[i];

		strv_push(&all, &arena,
			  arena_printf(&arena, "%s %s %u%s u%u i%u", listener->protocol,
				       listener->address, listener->port,
				       listener->exposed ? " exposed" : "", listener->user,
				       listener->inode));
	}
	return strv_join(&all, &arena, "|");
}

#define HEADER "  sl  local_address rem_address   st tx_queue ...\n"
#define REST " 00000000:00000000 00:00000000 00000000  "

/* The kernel writes words as they are in memory. */
static const char *word(const char *address)
{
	struct in_addr bytes;

	assert_int_equal(inet_pton(AF_INET, address, &bytes), 1);
	return arena_printf(&arena, "%08X", bytes.s_addr);
}

static void test_tables(void **state)
{
	struct listeners listeners = {0};
	char *text = arena_printf(&arena,
				  HEADER "   0: %s:0016 00000000:0000 0A" REST "1000 0 77 1 0\n"
					 "   1: 00000000:0050 00000000:0000 0A" REST
					 "0 0 78 1 0 100 0 0 10 0\n"
					 "   2: 00000000:0051 00000000:0000 01" REST "0 0 79 1 0\n",
				  word("127.0.0.1"));
	char *more = arena_printf(&arena,
				  HEADER "   0: 0000000000000000%s%s:FFFF "
					 "00000000000000000000000000000000:0000 07" REST "0 0 80 2",
				  word("0.0.255.255"), word("10.0.0.1"));

	(void)state;
	assert_int_equal(listeners_parse(&listeners, &arena, "tcp", text), 0);
	assert_int_equal(listeners_parse(&listeners, &arena, "udp6", more), 0);
	assert_string_equal(show(&listeners), "tcp 127.0.0.1 22 u1000 i77|"
					      "tcp 0.0.0.0 80 exposed u0 i78|"
					      "udp ::ffff:10.0.0.1 65535 exposed u0 i80");
}

static void test_broken_tables(void **state)
{
	static const char *const texts[] = {
		"",
		"no table\n",
		HEADER "   0: 0100007F:0016\n",
		HEADER "   0: 0100007:0016 00000000:0000 0A" REST "0 0 77 1 0\n",
		HEADER "   0: 010000ZZ:0016 00000000:0000 0A" REST "0 0 77 1 0\n",
		HEADER "   0: 0100007F0016 00000000:0000 0A" REST "0 0 77 1 0\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct listeners listeners = {0};

		assert_int_equal(listeners_parse(&listeners, &arena, "tcp",
						 arena_strdup(&arena, texts[i])),
				 -EBADMSG);
		assert_int_equal(listeners.count, 0);
	}
}

/* A busy host: none but those that wait are kept. */
static void test_many(void **state)
{
	static const char line[] =
		"   1: 0100007F:0051 0100007F:0050 01 00000000:00000000 00:00000000 00000000 0 0 "
		"7 1\n";
	const size_t count = 300000, size = sizeof(line) - 1;
	struct listeners listeners = {0};
	char *text = malloc(sizeof(HEADER) + count * size);
	size_t at = sizeof(HEADER) - 1;

	(void)state;
	assert_non_null(text);
	memcpy(text, HEADER, sizeof(HEADER));
	for (size_t i = 0; i < count; i++, at += size)
		memcpy(text + at, line, size + 1);
	assert_int_equal(listeners_parse(&listeners, &arena, "tcp", text), 0);
	assert_int_equal(listeners.count, 0);
	assert_null(arena.block);
	free(text);
}

static void test_messages(void **state)
{
	struct listeners listeners = {0};
	struct {
		struct inet_diag_msg told;
		uint16_t length, type;
		char id[8];
	} message = {.told = {.idiag_family = AF_INET, .idiag_inode = 5}, .length = 12, .type = 21};
	const uint64_t id = UINT64_C(0x100000005);

	(void)state;
	memcpy(message.id, &id, sizeof(id));
	message.told.id.idiag_sport = htons(53);
	assert_int_equal(listeners_take(&listeners, &arena, "udp", &message, sizeof(message)), 0);
	assert_string_equal(show(&listeners), "udp 0.0.0.0 53 exposed u0 i5");
	assert_true(listeners.at[0].cgroup == id);

	/* Attributes that go beyond the end, and messages that are too short. */
	message.length = 13;
	assert_int_equal(listeners_take(&listeners, &arena, "udp", &message, sizeof(message)), 0);
	assert_true(listeners.at[1].cgroup == 0);
	assert_int_equal(listeners_take(&listeners, &arena, "udp", &message, 71), -EBADMSG);
	message.told.idiag_family = 99;
	assert_int_equal(listeners_take(&listeners, &arena, "udp", &message, sizeof(message)),
			 -EBADMSG);
}

static void test_sorting(void **state)
{
	struct listeners listeners = {0};
	struct listener one = {.protocol = "tcp", .address = "::", .port = 443, .inode = 1};

	(void)state;
	listeners_push(&listeners, &arena, one);
	one.inode = 2; /* the second worker of a server that shares its port */
	listeners_push(&listeners, &arena, one);
	one.port = 80;
	listeners_push(&listeners, &arena, one);
	listeners_sort(&listeners);
	assert_string_equal(show(&listeners), "tcp :: 80 u0 i2|tcp :: 443 u0 i1");
}

static void test_addresses(void **state)
{
	static const struct {
		const char *value, *address;
		unsigned port;
		int error;
	} rows[] = {
		{"22", "::", 22, 0},
		{"0x50", "::", 80, 0},
		{"022", "::", 18, 0},
		{"127.0.0.1:80", "127.0.0.1", 80, 0},
		{"127.0.0.1:80%lo", "127.0.0.1", 80, 0},
		{"[::0001]:80", "::1", 80, 0},
		{"[fe80::1]:80%eth0", "fe80::1%eth0", 80, 0},
		{"/run/x", NULL, 0, -ENOENT},
		{"@x", NULL, 0, -ENOENT},
		{"vsock::80", NULL, 0, -ENOENT},
		{"", NULL, 0, -EINVAL},
		{"0", NULL, 0, -EINVAL},
		{"-1", NULL, 0, -EINVAL},
		{"65536", NULL, 0, -EINVAL},
		{"[::1]", NULL, 0, -EINVAL},
		{"[::1:80", NULL, 0, -EINVAL},
		{"::1:80", NULL, 0, -EINVAL},
		{"localhost:80", NULL, 0, -EINVAL},
		{"[10.0.0.1]:80", NULL, 0, -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *address = NULL;
		unsigned port = 0;

		assert_int_equal(listen_address_parse(&arena, rows[i].value, &address, &port),
				 rows[i].error);
		if (rows[i].error)
			continue;
		assert_string_equal(address, rows[i].address);
		assert_int_equal(port, rows[i].port);
	}
}

static void test_exposed(void **state)
{
	static const char *const inside[] = {"127.0.0.1",        "127.9.8.7",     "::1",
					     "::ffff:127.0.0.1", "0.0.0.0%lo",    "::%lo",
					     "::1%lo",           "127.0.0.1%eth0"};
	static const char *const outside[] = {"0.0.0.0",         "::",
					      "10.0.0.1",        "fe80::1%eth0",
					      "::ffff:10.0.0.1", "::1234",
					      "::%lo0"};

	(void)state;
	for (size_t i = 0; i < sizeof(inside) / sizeof(inside[0]); i++)
		assert_false(listener_is_exposed(inside[i]));
	for (size_t i = 0; i < sizeof(outside) / sizeof(outside[0]); i++)
		assert_true(listener_is_exposed(outside[i]));
}

static void test_processes(void **state)
{
	struct process process;

	(void)state;
	assert_int_equal(process_parse(&arena, "12 (a (b) c) S 1 12 12 0", &process), 0);
	assert_int_equal(process.pid, 12);
	assert_int_equal(process.parent, 1);
	assert_string_equal(process.name, "a (b) c");
	assert_false(process.gone);
	assert_int_equal(process_parse(&arena, "12 (a) Z 1", &process), 0);
	assert_true(process.gone);
	assert_int_equal(process_parse(&arena, "12 (a", &process), -EBADMSG);
	assert_int_equal(process_parse(&arena, "12 )a(", &process), -EBADMSG);
	assert_int_equal(process_parse(&arena, "(a) S 1", &process), -EBADMSG);
	assert_int_equal(process_parse(&arena, "", &process), -EBADMSG);
}

static const char *group(const char *text)
{
	const char *path = process_cgroup_parse(&arena, arena_strdup(&arena, text));

	return path ? path : "none";
}

static void test_groups(void **state)
{
	static const char *const rows[][2] = {
		{"/system.slice/docker.service", "docker.service"},
		{"/system.slice/docker.service/x/y.service", "docker.service"},
		{"/user.slice/user-0.slice/user@0.service/app.slice/a.service", "user@0.service"},
		{"/../../init.scope", "init.scope"},
		{"/kubepods.slice/kubepods-pod1.slice/cri-containerd-1.scope",
		 "cri-containerd-1.scope"},
		{"/system.slice/_cpu.service", "cpu.service"},
		{"/system.slice", "none"},
		{"/kubepods/pod1/2", "none"},
		{"/", "none"},
		{"", "none"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *unit = cgroup_unit(&arena, rows[i][0]);

		assert_string_equal(unit ? unit : "none", rows[i][1]);
	}
	assert_string_equal(group("0::/a\n"), "/a");
	assert_string_equal(group("9:name=systemd:/b\n0::/a\n"), "/b");
	assert_string_equal(group("9:name=systemd:/\n0::/a\n"), "/a");
	assert_string_equal(group("4:memory:/c\n"), "none");
	assert_string_equal(group("nonsense"), "none");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_tables, forget),
		cmocka_unit_test_teardown(test_broken_tables, forget),
		cmocka_unit_test_teardown(test_many, forget),
		cmocka_unit_test_teardown(test_messages, forget),
		cmocka_unit_test_teardown(test_sorting, forget),
		cmocka_unit_test_teardown(test_addresses, forget),
		cmocka_unit_test_teardown(test_exposed, forget),
		cmocka_unit_test_teardown(test_processes, forget),
		cmocka_unit_test_teardown(test_groups, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
