/*
 * passwd and group files: what the C library makes of random ones, we make of them; whose name an
 * owner is told by; which file comes first. And the attributes that are parsed: ACLs, capabilities.
 */
#include "tree.h"

#include "host/users.h"
#include "host/xattrs.h"

#include <grp.h>
#include <pwd.h>

static struct tree tree;

static int set_up(void **state)
{
	(void)state;
	tree_make(&tree);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	tree_remove(&tree);
	return 0;
}

static const char *const pieces[] = {
	"root",
	"x",
	"0",
	"1000",
	":",
	":",
	":",
	":",
	":",
	"\n",
	"\n",
	"core",
	"-1",
	"+",
	"-",
	" ",
	"\t",
	"#",
	"0x10",
	"07",
	"65534",
	"/",
	"",
	"a b",
	",",
	"4294967295",
	"4294967296",
	"\r",
	"99999999999999999999999",
	"\xff\xfe",
};

/* Mostly lines that are nearly right. */
static void random_text(char *text, size_t size)
{
	unsigned lines = random_below(8);
	size_t length = 0;

	*text = '\0';
	for (unsigned i = 0; i < lines; i++) {
		unsigned parts = random_below(2) ? 7 : random_below(10);

		for (unsigned k = 0; k < parts; k++) {
			const char *piece = pieces[random_below(sizeof(pieces) / sizeof(*pieces))];

			if (random_below(3) && (k == 2 || k == 3))
				piece = random_below(2) ? "0" : "1000";
			length += (size_t)snprintf(text + length, size - length, "%s%s",
						   k ? ":" : "", piece);
		}
		/* Of a last line without a newline fgetpwent() of glibc 2.36 doubles a byte. */
		length += (size_t)snprintf(text + length, size - length, "\n");
	}
}

static FILE *as_file(const char *text)
{
	/* fmemopen does not take an empty buffer. */
	FILE *file = tmpfile();

	assert_non_null(file);
	fputs(text, file);
	rewind(file);
	return file;
}

static bool is_nis(const char *name)
{
	return *name == '+' || *name == '-';
}

static void compare_users(const char *text)
{
	struct accounts ours = {0};
	cleanup(file) FILE *file = as_file(text);
	struct passwd *theirs;
	size_t i = 0;

	assert_int_equal(accounts_parse(&tree.arena, ACCOUNT_USER, "/etc/passwd",
					arena_strdup(&tree.arena, text), &ours),
			 0);
	while ((theirs = fgetpwent(file))) {
		if (is_nis(theirs->pw_name))
			continue;
		if (i == ours.count)
			fail_msg("'%s': the C library has %s as well", text, theirs->pw_name);
		assert_string_equal(ours.at[i].name, theirs->pw_name);
		assert_int_equal(ours.at[i].id, theirs->pw_uid);
		assert_int_equal(ours.at[i].group, theirs->pw_gid);
		if (!str_eq(ours.at[i].home, theirs->pw_dir))
			fail_msg("'%s': home %s, not %s", text, theirs->pw_dir, ours.at[i].home);
		if (!str_eq(ours.at[i].shell, theirs->pw_shell))
			fail_msg("'%s': shell %s, not %s", text, theirs->pw_shell,
				 ours.at[i].shell);
		i++;
	}
	if (i < ours.count)
		fail_msg("'%s': the C library has no '%s'", text, ours.at[i].name);
}

static void compare_groups(const char *text)
{
	struct accounts ours = {0};
	cleanup(file) FILE *file = as_file(text);
	struct group *theirs;
	size_t i = 0;

	assert_int_equal(accounts_parse(&tree.arena, ACCOUNT_GROUP, "/etc/group",
					arena_strdup(&tree.arena, text), &ours),
			 0);
	while ((theirs = fgetgrent(file))) {
		if (is_nis(theirs->gr_name))
			continue;
		if (i == ours.count)
			fail_msg("'%s': the C library has %s as well", text, theirs->gr_name);
		if (!str_eq(ours.at[i].name, theirs->gr_name))
			fail_msg("'%s': group %s, not %s", text, theirs->gr_name, ours.at[i].name);
		assert_int_equal(ours.at[i].id, theirs->gr_gid);
		i++;
	}
	if (i < ours.count)
		fail_msg("'%s': the C library has no '%s'", text, ours.at[i].name);
}

static void test_random(void **state)
{
	char text[1024];

	(void)state;
	random_seed();
	for (int i = 0; i < 2000; i++) {
		random_text(text, sizeof(text));
		compare_users(text);
		compare_groups(text);
	}
}

static const char *name_of(unsigned id)
{
	const struct accounts *users = users_get(&tree.host);
	const char *name = NULL;
	int error = account_name(&tree.arena, users, id, &name);

	return error ? host_error(error) : name;
}

static void test_names(void **state)
{
	(void)state;
	tree_text(&tree, "etc/passwd",
		  "toor:x:0:0::/:/bin/sh\nroot:x:1000:0::/:\ncore:x:500:500::/:\ntwo:x:500:1::/:\n"
		  "core:x:501:1::/:\n77:x:78:1::/:\n:x:79:1::/:\nesc\x1b:x:80:1::/:\n");
	assert_string_equal(name_of(0), "root");
	assert_string_equal(name_of(1000), "1000");
	assert_string_equal(name_of(500), "core");
	assert_string_equal(name_of(501), "501");
	assert_string_equal(name_of(78), "78");
	assert_string_equal(name_of(79), "79");
	assert_string_equal(name_of(80), "esc\x1b");
	assert_string_equal(name_of(4294967295u), "4294967295");
	assert_int_equal(account_find(users_get(&tree.host), "two")->line, 4);
	assert_string_equal(account_find(users_get(&tree.host), "two")->file, "/etc/passwd");
	assert_null(account_find(users_get(&tree.host), "none"));
	assert_int_equal(groups_get(&tree.host)->count, 0);
	assert_int_equal(groups_get(&tree.host)->error, 0);
}

static void test_order(void **state)
{
	struct os os = {0};

	(void)state;
	strv_split(&os.accounts, &tree.arena, "/usr/share/a /usr/lib", " ");
	tree_text(&tree, "etc/passwd", "core:x:500:500::/:\n");
	tree_text(&tree, "usr/share/a/passwd",
		  "other:x:500:500::/:\ncore:x:9:9::/:\na:x:1:1::/:\n");
	tree_text(&tree, "usr/lib/passwd", "b:x:1:1::/:\nc:x:2:2::/:\n");
	host_set_os(&tree.host, &os);
	assert_string_equal(name_of(500), "core");
	assert_string_equal(name_of(9), "9");
	assert_string_equal(name_of(1), "a");
	assert_string_equal(name_of(2), "c");
	/* From a file that cannot be read on, nobody knows. */
	assert_int_equal(unlinkat(tree.fd, "usr/share/a/passwd", 0), 0);
	tree_dir(&tree, "usr/share/a/passwd", 0755);
	host_set_os(&tree.host, &os);
	assert_string_equal(name_of(0), "root");
	assert_string_equal(name_of(500), "core");
	assert_string_equal(name_of(2), host_error(-EISDIR));
	assert_string_equal(users_get(&tree.host)->error_file, "/usr/share/a/passwd");
}

static void test_too_many(void **state)
{
	const size_t most = 65536;
	char *text = malloc((most + 1) * 8 + 1), *end = text;
	struct accounts accounts = {0};

	(void)state;
	for (size_t i = 0; i <= most; i++)
		end = stpcpy(end, "a::1:1\n");
	assert_int_equal(accounts_parse(&tree.arena, ACCOUNT_USER, "x", text, &accounts), -E2BIG);
	assert_int_equal(accounts.count, most);
	free(text);
}

static void test_capabilities(void **state)
{
	static const struct {
		const char *data, *text;
		size_t size;
	} cases[] = {
		{"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "cap_net_raw=ep", 20},
		{"\0\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "cap_net_raw=p", 20},
		{"\x01\0\0\x02\x01\0\0\0\x03\0\0\0\0\0\0\0\0\0\0\0",
		 "cap_chown=eip cap_dac_override=ei", 20},
		{"\0\0\0\x02\0\0\0\0\0\0\0\x80\0\0\0\0\x01\0\0\0", "cap_setfcap,cap_mac_override=i",
		 20},
		{"\x01\0\0\x02\xff\xff\xff\xff\0\0\0\0\xff\x01\0\0\0\0\0\0", "=ep", 20},
		{"\0\0\0\x02\0\0\0\0\0\0\0\0\0\x02\0\0\0\0\0\0", "41=p", 20},
		{"\0\0\0\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", "=", 20},
		{"\x01\0\0\x03\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xe8\x03\0\0",
		 "cap_net_raw=ep [rootid=1000]", 24},
		{"\x01\0\0\x01\x01\0\0\0\0\0\0\0", "cap_chown=ep", 12},
		{"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", NULL, 19},
		{"\x01\0\0\x02\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", NULL, 24},
		{"\x01\0\0\x04\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", NULL, 20},
		{"\x01\0\0\0\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", NULL, 20},
		{"\x01\0", NULL, 2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = NULL;
		int error = capabilities_parse(&tree.arena, (const uint8_t *)cases[i].data,
					       cases[i].size, &text);

		assert_int_equal(error, cases[i].text ? 0 : -EPROTO);
		if (cases[i].text)
			assert_string_equal(text, cases[i].text);
	}
}

static void test_acl(void **state)
{
	uint8_t data[4 + 8 * 5] = {2};
	bool extended;

	(void)state;
	for (size_t entries = 0; entries <= 5; entries++) {
		assert_int_equal(acl_parse(data, 4 + entries * 8, &extended), 0);
		assert_int_equal(extended, entries > 3);
		assert_int_equal(acl_parse(data, 4 + entries * 8 + 1, &extended), -EPROTO);
	}
	assert_int_equal(acl_parse(data, 3, &extended), -EPROTO);
	data[0] = 1;
	assert_int_equal(acl_parse(data, 4 + 24, &extended), -EPROTO);
}

#define in_tree(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(test_random),   in_tree(test_names),        in_tree(test_order),
		in_tree(test_too_many), in_tree(test_capabilities), in_tree(test_acl),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
