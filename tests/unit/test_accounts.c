/*
 * Accounts: shadow and gshadow as the C library reads them, what opens an account, the subjects
 * of the probes, sysusers.d, and texts that were made to be too much.
 */
#include "tree.h"

#include "host/accounts/password.h"
#include "host/accounts/roster.h"
#include "host/accounts/select.h"
#include "host/accounts/shadow.h"
#include "host/accounts/sysusers.h"

#include <gshadow.h>
#include <shadow.h>

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

static const char *const pieces[] = {"root",       "core",  "x",
				     "",           "0",     "7",
				     "99999",      ":",     ":",
				     ":",          ":",     ":",
				     "\n",         "-1",    "+",
				     "-",          " ",     "\t",
				     "#",          "!",     "*",
				     "!*",         "$6$a$", "4294967295",
				     "4294967296", "0x10",  "18446744073709551616",
				     "a,b",        ",",     "\r",
				     "\xff"};

static void random_text(char *text, size_t size)
{
	unsigned lines = random_below(8);
	size_t length = 0;

	*text = '\0';
	for (unsigned i = 0; i < lines; i++) {
		unsigned parts = random_below(2) ? 9 : random_below(11);

		for (unsigned k = 0; k < parts; k++) {
			const char *piece = pieces[random_below(sizeof(pieces) / sizeof(*pieces))];

			if (k > 1 && random_below(4))
				piece = random_below(3) ? "" : "17";
			length += (size_t)snprintf(text + length, size - length, "%s%s",
						   k ? ":" : "", piece);
		}
		length += (size_t)snprintf(text + length, size - length, "\n");
	}
}

/* fmemopen() does not take an empty buffer. */
static FILE *as_file(const char *text)
{
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

static void compare_shadow(const char *text)
{
	struct shadows ours = {0};
	cleanup(file) FILE *file = as_file(text);
	struct spwd *theirs;
	size_t i = 0;

	assert_int_equal(shadows_parse(&tree.arena, ACCOUNT_USER, "/etc/shadow",
				       arena_strdup(&tree.arena, text), &ours),
			 0);
	while ((theirs = fgetspent(file))) {
		if (is_nis(theirs->sp_namp))
			continue;
		if (i == ours.count || !str_eq(ours.at[i].name, theirs->sp_namp))
			fail_msg("'%s': the C library has %s", text, theirs->sp_namp);
		assert_string_equal(ours.at[i].method, password_method(theirs->sp_pwdp));
		if (ours.at[i].changed != theirs->sp_lstchg || ours.at[i].least != theirs->sp_min ||
		    ours.at[i].most != theirs->sp_max || ours.at[i].warn != theirs->sp_warn ||
		    ours.at[i].inactive != theirs->sp_inact ||
		    ours.at[i].expires != theirs->sp_expire)
			fail_msg("'%s': other numbers in line %u", text, ours.at[i].line);
		i++;
	}
	if (i < ours.count)
		fail_msg("'%s': the C library has no '%s'", text, ours.at[i].name);
}

static void compare_gshadow(const char *text)
{
	struct shadows ours = {0};
	cleanup(file) FILE *file = as_file(text);
	struct sgrp *theirs;
	size_t i = 0;

	assert_int_equal(shadows_parse(&tree.arena, ACCOUNT_GROUP, "/etc/gshadow",
				       arena_strdup(&tree.arena, text), &ours),
			 0);
	while ((theirs = fgetsgent(file))) {
		if (is_nis(theirs->sg_namp))
			continue;
		if (i == ours.count || !str_eq(ours.at[i].name, theirs->sg_namp))
			fail_msg("'%s': the C library has %s", text, theirs->sg_namp);
		assert_string_equal(ours.at[i].method, password_method(theirs->sg_passwd));
		i++;
	}
	if (i < ours.count)
		fail_msg("'%s': the C library has no '%s'", text, ours.at[i].name);
}

static void test_random(void **state)
{
	char text[2048];

	(void)state;
	random_seed();
	for (int i = 0; i < 2000; i++) {
		random_text(text, sizeof(text));
		compare_shadow(text);
		compare_gshadow(text);
	}
}

static void test_methods(void **state)
{
	static const char *const cases[][2] = {
		{"", "empty"},
		{"*", "locked"},
		{"!", "locked"},
		{"!!", "locked"},
		{"*LK*", "locked"},
		{"!$6$salt$hash", "locked"},
		{"$y$j9T$a$b", "yescrypt"},
		{"$gy$j9T$a$b", "gost-yescrypt"},
		{"$7$CU..../....a$b", "scrypt"},
		{"$2b$05$abcdefghijklmnopqrstuu", "bcrypt"},
		{"$6$rounds=5000$a$b", "sha512"},
		{"$5$a$b", "sha256"},
		{"$sha1$1$a$b", "sha1"},
		{"$md5,rounds=5$a$b", "sunmd5"},
		{"$1$a$b", "md5"},
		{"$3$$b", "nt"},
		{"abJnggxhB/yWI", "des"},
		{"abJnggxhB/yWIabJnggxhB/y", "des"},
		{"_J9..rasmBYk8r9AiWNc", "bsdi"},
		{"_J9..rasm", "invalid"},
		{"abJnggxhB/yW", "invalid"},
		{"abJnggxhB/y!I", "invalid"},
		{"x", "invalid"},
		{"$9$a$b", "invalid"},
		{" ", "invalid"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(password_method(cases[i][0]), cases[i][1]);
}

static void test_subjects(void **state)
{
	static const char *const good[] = {"root",        "0",         "1-999",        "*",
					   "@login",      "!@system",  "@group:a b",   "@gid:0",
					   "a,!b,@login", "systemd-*", "@gid:100-200", "1-a"};
	static const char *const bad[] = {"",  ",",       "a,",      ",a",     "!",    "!!,",
					  "@", "@nobody", "@group:", "@gid:x", "@gid:"};
	struct terms terms;

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_null(terms_parse(&tree.arena, ACCOUNT_USER, good[i], &terms));
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (!str_eq(bad[i], "!!,"))
			assert_non_null(terms_parse(&tree.arena, ACCOUNT_USER, bad[i], &terms));
	assert_non_null(terms_parse(&tree.arena, ACCOUNT_GROUP, "@login", &terms));
	assert_null(terms_parse(&tree.arena, ACCOUNT_USER, "!7-9,@gid:5", &terms));
	assert_int_equal(terms.count, 2);
	assert_true(terms.at[0].negated && terms.at[0].kind == TERM_ID);
	assert_int_equal(terms.at[0].first, 7);
	assert_int_equal(terms.at[0].last, 9);
	assert_int_equal(terms.at[1].last, 5);
}

static void test_shells(void **state)
{
	(void)state;
	assert_false(shell_lets_in("/usr/sbin/nologin"));
	assert_false(shell_lets_in("/bin/false"));
	assert_false(shell_lets_in("/bin/sync"));
	assert_false(shell_lets_in("/dev/null"));
	assert_true(shell_lets_in(""));
	assert_true(shell_lets_in("/bin/sh"));
	assert_true(shell_lets_in("/home/x/nologin"));
	assert_true(shell_lets_in("/usr/sbin/nologin2"));
	assert_true(shell_lets_in("nologin"));
}

static void test_sysusers(void **state)
{
	char text[] = "u a 5:wheel \"A, B\" /h//a/ '/bin/'sh\n# x\n\nu b - - /../x\nm a b c\n"
		      "g g 07\nu c 5 \"open\nu d:e\nm a\nu f /usr\nu g%b\nu! h - - - -\nr - 5-9\n"
		      "g i 8 x\nu j -:9";
	struct sysusers sysusers = {0};

	(void)state;
	sysusers_parse(&tree.arena, "/x", text, &sysusers);
	assert_int_equal(sysusers.count, 3);
	assert_string_equal(sysusers.at[0].home, "/h/a");
	assert_string_equal(sysusers.at[0].shell, "/bin/sh");
	assert_string_equal(sysusers.at[0].group, "wheel");
	assert_int_equal(sysusers.at[0].uid, 5);
	assert_string_equal(sysusers.at[1].name, "h");
	assert_null(sysusers.at[1].home);
	assert_int_equal(sysusers.at[2].gid, 9);
	assert_int_equal(sysusers.at[2].uid, -1);
	assert_string_equal(sysusers.at[2].source, "/x:15");
	assert_int_equal(sysusers.holes.count, 2);
	assert_true(sysusers.ranged);
}

static void repeat(const char *path, const char *head, const char *body, size_t times)
{
	size_t length = strlen(body);
	char *text = malloc(strlen(head) + length * times + 1), *end = stpcpy(text, head);

	for (size_t i = 0; i < times; i++)
		end = stpcpy(end, body);
	tree_text(&tree, path, text);
	free(text);
}

/* As many users, groups and members as the door lets in are told of within a moment. */
static void test_many(void **state)
{
	const struct roster *roster;
	size_t count;

	(void)state;
	repeat("etc/passwd", "root:x:0:0::/:\n", "a:x:7:7::/:\n", 60000);
	repeat("etc/group", "g:x:7:", "a,b,", 250000);
	repeat("etc/shadow", "root:*:1::::::\n", "a:*:1::::::\n", 60000);
	roster = roster_get(&tree.host);
	assert_int_equal(roster->users.count, 60001);
	assert_false(entry_of_name(&roster->users, "a")->unique_name);
	assert_true(entry_of_name(&roster->users, "root")->unique_name);
	assert_non_null(roster_members(roster, 7, &count));
	assert_int_equal(count, 2);
	assert_non_null(roster_memberships(roster, "b", &count));
	assert_int_equal(count, 1);
	assert_null(roster_memberships(roster, "c", &count));
	assert_string_equal(entry_of_name(&roster->users, "a")->method, "locked");
}

static void test_too_many(void **state)
{
	(void)state;
	repeat("etc/passwd", "", "a::1:1\n", 65537);
	repeat("etc/gshadow", "", "\n", 65537);
	repeat("etc/group", "", "g:x:1:\n", 3);
	assert_int_equal(roster_get(&tree.host)->users.holes.count, 1);
	assert_int_equal(group_shadows(&tree.host)->error, -E2BIG);
	assert_null(entry_of_name(&roster_get(&tree.host)->groups, "g")->method);
}

#define in_tree(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		in_tree(test_random),   in_tree(test_methods),  in_tree(test_subjects),
		in_tree(test_shells),   in_tree(test_sysusers), in_tree(test_many),
		in_tree(test_too_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
