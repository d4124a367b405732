/* sshd_config: lines, values, conditions; and what many lines come to. Text in, answers out. */
#include "host/settings/sshd_config.h"
#include "host/settings/sshd_match.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct sshd_lines lex(const char *text)
{
	struct sshd_lines lines = {0};

	sshd_lex(&arena, arena_strdup(&arena, text), &lines);
	return lines;
}

static void test_lines(void **state)
{
	static const struct {
		const char *text, *keyword, *words;
	} rows[] = {
		{"Port 22", "Port", "22"},
		{"\t Port=22\r", "Port", "22"},
		{"Port = 22", "Port", "22"},
		{"Port == 22", "Port", "=|22"},
		{"\"Port\" 22", "Port", "22"},
		{"Banner \"/a b\" # c", "Banner", "/a b"},
		{"Banner '/a \"b'c", "Banner", "/a \"bc"},
		{"Banner /a\\ b\\\"", "Banner", "/a b\""},
		{"Banner \"\"", "Banner", ""},
		{"AcceptEnv a#b #c d", "AcceptEnv", "a#b"},
		{"AcceptEnv a  b\tc\f", "AcceptEnv", "a|b|c"},
		{"Foo\"bar baz\" x", "Foobar baz", "x"},
		{"X \\q\\", "X", "\\q\\"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct sshd_lines lines = lex(rows[i].text);

		assert_int_equal(lines.count, 1);
		assert_int_equal(lines.at[0].error, 0);
		assert_string_equal(lines.at[0].keyword, rows[i].keyword);
		assert_string_equal(strv_join(&lines.at[0].words, &arena, "|"), rows[i].words);
	}
}

static void test_odd_lines(void **state)
{
	static const char *const empty[] = {"",   "   ",       "# x", "\t#",
					    "\f", "\"Port 22", "=",   "\r\n\n"};
	static const char *const wrong[] = {"Port", "Port=", "Port \"22", "Port 'x",
					    "Port \"a\\\""};

	(void)state;
	for (size_t i = 0; i < COUNT(empty); i++)
		assert_int_equal(lex(empty[i]).count, 0);
	for (size_t i = 0; i < COUNT(wrong); i++) {
		struct sshd_lines lines = lex(wrong[i]);

		assert_int_equal(lines.count, 1);
		assert_true(lines.at[0].error < 0);
	}
	assert_int_equal(lex("a 1\n\n#\nb 2").at[1].number, 4);
}

/* Lines, and the values they hold. NULL: sshd refuses the line. */
static const char *const values[][2] = {
	{"PermitRootLogin Prohibit-Password", "without-password"},
	{"PermitRootLogin maybe", NULL},
	{"PermitRootLogin yes no", NULL},
	{"AllowTcpForwarding ALL", "yes"},
	{"LoginGraceTime 1h30m", "5400"},
	{"LoginGraceTime 1w1D1h1M1s", "694861"},
	{"LoginGraceTime 10x", NULL},
	{"LoginGraceTime -1", NULL},
	{"LoginGraceTime 9999999999", NULL},
	{"LoginGraceTime 4000w", NULL},
	{"MaxAuthTries 007", "7"},
	{"MaxAuthTries 0x10", NULL},
	{"MaxAuthTries 2147483648", NULL},
	{"MaxStartups 10", "10:30:10"},
	{"MaxStartups 10:0:60", NULL},
	{"MaxStartups 60:30:10", NULL},
	{"MaxStartups 1:2", NULL},
	{"RekeyLimit 1.5K", "1536 0"},
	{"RekeyLimit default 1h", "0 3600"},
	{"RekeyLimit 15", NULL},
	{"RekeyLimit 1G x", NULL},
	{"RekeyLimit 99999999999999999999", NULL},
	{"RekeyLimit 9E", NULL},
	{"LogLevel debug1", "DEBUG"},
	{"LogLevel loud", NULL},
	{"SyslogFacility local7", "LOCAL7"},
	{"FingerprintHash sha256", "SHA256"},
	{"StreamLocalBindMask 77", "077"},
	{"StreamLocalBindMask 1777", NULL},
	{"PerSourceNetBlockSize 24:64", "24:64"},
	{"PerSourceNetBlockSize 33", NULL},
	{"IPQoS EF 17", "ef 0x11"},
	{"IPQoS 256", NULL},
	{"PubkeyAuthOptions verify-required Touch-Required", "touch-required verify-required"},
	{"PubkeyAuthOptions none x", NULL},
	{"PermitListen 22 *:9", "*:22 *:9"},
	{"PermitOpen 22", NULL},
	{"PermitOpen any none", NULL},
	{"SetEnv A=1 B=2 A=3", "A=1 B=2"},
	{"SetEnv A", NULL},
	{"Banner NONE", "none"},
	{"Banner /A", "/A"},
	{"Banner \"\"", NULL},
	{"ForceCommand  x 'y' # z", "x 'y' # z"},
	{"AcceptEnv A B", "A B"},
	{"AcceptEnv # A", NULL},
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct sshd_lines lines = lex(values[i][0]);
		const struct sshd_keyword *keyword = sshd_keyword_find(lines.at[0].keyword);
		const char *value;

		assert_int_equal(lines.count, 1);
		assert_non_null(keyword);
		value = sshd_value(&arena, keyword, &lines.at[0]);
		if (!values[i][1])
			assert_null(value);
		else
			assert_string_equal(value ? value : values[i][0], values[i][1]);
	}
}

static void test_keywords(void **state)
{
	(void)state;
	assert_string_equal(sshd_keyword_find("permittty")->name, "PermitTTY");
	assert_string_equal(sshd_keyword_find("CHALLENGERESPONSEAUTHENTICATION")->name,
			    "KbdInteractiveAuthentication");
	assert_null(sshd_keyword_find("Match"));
	assert_null(sshd_keyword_find("Include"));
	assert_null(sshd_keyword_find("Protocol"));
	assert_true(sshd_keyword_is_dead("protocol"));
	assert_false(sshd_keyword_is_dead("Port"));
}

static void test_listen(void **state)
{
	static const char *const rows[][3] = {
		{"1.2.3.4", "22 23", "1.2.3.4:22 1.2.3.4:23"},
		{"1.2.3.4:9 ::", "22", "1.2.3.4:9 [::]:22"},
		{"[0:0::1]:9 [1.2.3.4] name", "1", "[::1]:9 1.2.3.4:1 name:1"},
		{"[::1", "1", NULL},
		{"1.2.3.4:", "1", NULL},
		{"1.2.3.4/8", "1", NULL},
		{"[::1]x", "1", NULL},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		const char *all = sshd_listen(&arena, rows[i][0], rows[i][1]);

		if (!rows[i][2])
			assert_null(all);
		else
			assert_string_equal(all ? all : rows[i][0], rows[i][2]);
	}
}

static void test_patterns(void **state)
{
	(void)state;
	assert_true(sshd_match_patterns("root", "admin,r*"));
	assert_true(sshd_match_patterns("root", "?oo?"));
	assert_true(sshd_match_patterns("a,b", "*"));
	assert_false(sshd_match_patterns("root", "admin,!root,*"));
	assert_false(sshd_match_patterns("root", "!admin"));
	assert_false(sshd_match_patterns("root", "roo"));
	assert_false(sshd_match_patterns("root", "[r]oot"));
	assert_false(sshd_match_patterns("", "?"));
	assert_true(sshd_match_patterns("aaaaaaaaaaaaaaaaaaaaaaab", "*a*a*a*a*a*a*a*b"));
}

static void test_conditions(void **state)
{
	const char *in_group[] = {"wheel", "staff"};
	const struct strv groups = {.at = in_group, .count = 2};
	const struct sshd_connection connection = {
		.user = "core",
		.host = "A.Example",
		.address = "10.1.2.3",
		.local_port = "22",
		.groups = &groups,
	};
	static const struct {
		const char *condition;
		enum sshd_matched matched;
	} rows[] = {
		{"all", SSHD_MATCH_YES},
		{"All # x", SSHD_MATCH_YES},
		{"all User x", SSHD_MATCH_WRONG},
		{"User core all", SSHD_MATCH_WRONG},
		{"user core", SSHD_MATCH_YES},
		{"User=core Host=a.example", SSHD_MATCH_YES},
		{"User \"core\"", SSHD_MATCH_YES},
		{"User Core", SSHD_MATCH_NO},
		{"User", SSHD_MATCH_WRONG},
		{"", SSHD_MATCH_WRONG},
		{"# x", SSHD_MATCH_WRONG},
		{"Group wheel", SSHD_MATCH_YES},
		{"Group wheel,!staff", SSHD_MATCH_NO},
		{"Group users", SSHD_MATCH_NO},
		{"Address 10.0.0.0/8", SSHD_MATCH_YES},
		{"Address !10.1.0.0/16,10.0.0.0/8", SSHD_MATCH_NO},
		{"Address 10.1.2.?", SSHD_MATCH_YES},
		{"Address 10.0.0.1/8", SSHD_MATCH_WRONG},
		{"Address 10.0.0.0/33", SSHD_MATCH_WRONG},
		{"Address 10.0.0.0/8,", SSHD_MATCH_WRONG},
		{"Address ::/0", SSHD_MATCH_NO},
		{"LocalAddress 10.1.2.3", SSHD_MATCH_NO},
		{"LocalPort 22", SSHD_MATCH_YES},
		{"LocalPort 70000", SSHD_MATCH_WRONG},
		{"LocalPort ssh", SSHD_MATCH_UNSURE},
		{"RDomain x", SSHD_MATCH_NO},
		{"Tagged x", SSHD_MATCH_UNSURE},
		{"Tagged x User root", SSHD_MATCH_NO},
		{"invalid-user User core", SSHD_MATCH_UNSURE},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (sshd_match(&arena, rows[i].condition, &connection) != rows[i].matched)
			fail_msg("%s", rows[i].condition);
	assert_int_equal(sshd_match(&arena, "Group x", &(struct sshd_connection){.user = "x"}),
			 SSHD_MATCH_UNSURE);
	assert_int_equal(sshd_match(&arena, "Group x", &(struct sshd_connection){0}),
			 SSHD_MATCH_NO);
}

/* Megabytes of quotes, blanks and words are a matter of moments. */
static void test_long_lines(void **state)
{
	size_t size = 1024 * 1024;

	(void)state;
	for (const char *unit = "\" a\\#="; *unit; unit++) {
		char *text = arena_alloc(&arena, size + 16);

		strcpy(text, "Match ");
		for (size_t i = 6; i < size; i++)
			text[i] = i % 2 ? *unit : 'x';
		sshd_lex(&arena, text, &(struct sshd_lines){0});
		strcpy(text, "User");
		memset(text + 4, *unit, size - 4);
		sshd_match(&arena, text, &(struct sshd_connection){.user = "x"});
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_lines, forget),
		cmocka_unit_test_teardown(test_odd_lines, forget),
		cmocka_unit_test_teardown(test_values, forget),
		cmocka_unit_test_teardown(test_keywords, forget),
		cmocka_unit_test_teardown(test_listen, forget),
		cmocka_unit_test_teardown(test_patterns, forget),
		cmocka_unit_test_teardown(test_conditions, forget),
		cmocka_unit_test_teardown(test_long_lines, forget),
	};

	return cmocka_run_group_tests_name("sshd", tests, NULL, NULL);
}
