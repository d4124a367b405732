/* Lines of audit rules, their order, and which rules stand in for which. */
#include "host/audit/audit_field.h"
#include "host/audit/audit_files.h"
#include "host/audit/audit_match.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static struct arena arena;

static struct audit_line parse(const char *text)
{
	const struct audit_names names = {.arena = &arena, .arch = AUDIT_ARCH_X86_64};
	struct audit_line line;

	audit_line_parse(&names, arena_strdup(&arena, text), &line);
	return line;
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static void lines_are_read(void **state)
{
	struct audit_line line = parse(
		"-a always,exit -F arch=b64 -S open,openat -F auid>=1000 -k x");

	(void)state;
	assert_true(line.adds && !line.error && !line.doubt);
	assert_int_equal(line.rule.list, AUDIT_FILTER_EXIT);
	assert_int_equal(line.rule.action, AUDIT_ALWAYS);
	assert_int_equal(line.rule.count, 3);
	assert_int_equal(line.rule.at[0].value, AUDIT_ARCH_X86_64);
	assert_int_equal(line.rule.mask[0], 1u << 2);
	assert_int_equal(line.rule.mask[257 / 32], 1u << 257 % 32);
	assert_true(audit_rule_has_keys(&line.rule, "x"));
	assert_false(audit_rule_has_keys(&line.rule, "y"));
	line = parse("-e 1 -b 0x10 --backlog_wait=7");
	assert_int_equal(line.sets,
			 1 << AUDIT_SET_ENABLED | 1 << AUDIT_SET_BACKLOG | 1 << AUDIT_SET_WAIT);
	assert_int_equal(line.values[AUDIT_SET_BACKLOG], 16);
	/* What belongs to no option is refused behind all others. */
	line = parse("-e 1 stray -f 2");
	assert_non_null(line.error);
	assert_int_equal(line.sets, 1 << AUDIT_SET_ENABLED | 1 << AUDIT_SET_FAILURE);
	line = parse("-ix");
	assert_true(line.tolerates && line.error);
	line = parse("-D x");
	assert_true(!line.clears && line.error);
	line = parse("-D -k some");
	assert_true(line.clears);
	assert_string_equal(line.clear_key, "some");
	line = parse("-w /a\\ b\\\\ -prx -k one -k two");
	assert_string_equal(line.rule.at[0].text, "/a b\\");
	assert_int_equal(line.rule.at[1].value, AUDIT_PERM_READ | AUDIT_PERM_EXEC);
	assert_true(audit_rule_has_keys(&line.rule, "two"));
}

static void wrong_lines_are_refused(void **state)
{
	static const char *const wrong[] = {
		"-w",
		"-w x",
		"-a exit",
		"-a always,exit,never",
		"-a exit,always -F auid",
		"x",
		"- s",
		"-a exit,always -F =1",
		"-a exit,always -F auid=",
		"-a task,never -S open",
		"-p wa",
		"-F auid=0",
		"-k x",
		"-S open",
		"-e 3",
		"-e",
		"-b x",
		"-D x",
		"-i -c",
		"-R file",
		"-w /x -w /y",
		"-a exit,always -F path=/x -F dir=/y",
		"-a exit,always -F path=x",
		"-a exit,always -F path=/x/",
		"-a exit,always -F path!=/x",
		"-a exit,always -F uid&1",
		"-a exclude,always -F euid=0",
		"-a exit,always -F msgtype=1300",
		"-a exit,entry -S open",
		"-a exit,always -S 99999",
		"-a exit,always -S open -F arch=b64",
		"-z",
		"--nothing 1",
		"-a exit,always -C uid>euid",
		"-a exit,always -C uid=gid",
		"-w /x -p wax -p q",
		"-a exit,always -F perm=rwxaa",
		"-a exit,always -F inode=x",
		"-a user,always -S open",
	};
	static const char *const doubtful[] = {
		"-a exit,always -S nosuchcall",         "-a exit,always -F nofield=1",
		"-a exit,always -F arch=vax",           "-a exit,always -F exit=ENOTHING",
		"-a exclude,always -F msgtype=NOTHING", "-a io_uring,always -S openat",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct audit_line line = parse(wrong[i]);

		if (!line.error || line.doubt || line.adds)
			fail_msg("taken: %s", wrong[i]);
	}
	for (size_t i = 0; i < sizeof(doubtful) / sizeof(doubtful[0]); i++) {
		struct audit_line line = parse(doubtful[i]);

		if (line.error || !line.doubt || line.adds)
			fail_msg("not in doubt: %s", doubtful[i]);
	}
}

/* Is `asked` in force among rules that are separated by newlines? */
static enum audit_effect effect(const char *text, const char *asked)
{
	struct audit_rules rules = {0};
	struct audit_line line = parse(asked);
	char *rest = arena_strdup(&arena, text), *one;

	assert_true(line.adds);
	while ((one = str_next_line(&rest))) {
		struct audit_line have = parse(one);

		assert_true(have.adds);
		audit_rules_add(&rules, &arena, &have.rule);
	}
	return audit_rules_find(&rules, &line.rule, AUDIT_ARCH_X86_64, false).effect;
}

static void rules_stand_in_for_others(void **state)
{
	(void)state;
	assert_int_equal(effect("-w /x -p wa", "-a exit,always -F perm=w -F path=/x"),
			 AUDIT_IN_FORCE);
	assert_int_equal(effect("-w /x -p w", "-w /x -p wa"), AUDIT_MISSING);
	assert_int_equal(effect("-w /x -p w\n-w /x -p a", "-w /x -p wa"), AUDIT_IN_FORCE);
	assert_int_equal(effect("-w /x/y", "-w /x"), AUDIT_MISSING);
	assert_int_equal(effect("-w /x", "-w /x/y"), AUDIT_MISSING);
	assert_int_equal(effect("-a exit,always -F arch=b64 -F path=/x", "-w /x"), AUDIT_MISSING);
	assert_int_equal(effect("-a exit,always -F arch=b64 -F path=/x\n"
				"-a exit,always -F arch=b32 -F path=/x",
				"-w /x"),
			 AUDIT_IN_FORCE);
	/* What is missing for one kind of programs is not made up for by what is silenced. */
	assert_int_equal(effect("-a never,task\n-a exit,always -F arch=b64 -S open",
				"-a exit,always -S open"),
			 AUDIT_MISSING);
	assert_int_equal(effect("-a exit,always -F arch!=b32 -S 2",
				"-a exit,always -F arch=b64 -S open"),
			 AUDIT_IN_FORCE);
	assert_int_equal(effect("-a exit,always -F auid>=500", "-a exit,always -F auid>=1000"),
			 AUDIT_IN_FORCE);
	assert_int_equal(effect("-a exit,always -F auid>999", "-a exit,always -F auid>=1000"),
			 AUDIT_IN_FORCE);
	assert_int_equal(effect("-a exit,always -F auid>1000", "-a exit,always -F auid>=1000"),
			 AUDIT_MISSING);
	assert_int_equal(effect("-a exit,always -F exit>=-5", "-a exit,always -F exit=-1"),
			 AUDIT_MISSING);
	assert_int_equal(effect("-a exit,always -C uid!=euid", "-a exit,always -C uid=euid"),
			 AUDIT_MISSING);
	assert_int_equal(effect("-a exit,always -S open -k a\n-a exit,always -S open -F uid=0 -k b",
				"-a exit,always -S open -F uid=0 -k b"),
			 AUDIT_IN_FORCE);
}

static void rules_are_silenced(void **state)
{
	static const char write[] = "-w /x -p wa";

	(void)state;
	assert_int_equal(effect("-a never,task\n-w /x -p wa", write), AUDIT_SILENCED);
	assert_int_equal(effect("-a always,task\n-a never,task\n-w /x -p wa", write),
			 AUDIT_IN_FORCE);
	assert_int_equal(effect("-a never,exit -F arch=b32\n-w /x -p wa", write), AUDIT_SILENCED);
	assert_int_equal(effect("-w /x -p wa\n-a never,exit -S all", write), AUDIT_IN_FORCE);
	assert_int_equal(effect("-w /x -p wa\n-A never,exit -S all", write), AUDIT_SILENCED);
	assert_int_equal(effect("-a never,exit -S openat\n-w /x -p wa", write), AUDIT_SILENCED);
	assert_int_equal(effect("-a never,exit -F arch=b64 -S getpid\n-w /x -p wa", write),
			 AUDIT_IN_FORCE);
	/* Without an arch it is number 39, which to 32-bit programs is mkdir. */
	assert_int_equal(effect("-a never,exit -S getpid\n-w /x -p wa", write), AUDIT_SILENCED);
	assert_int_equal(effect("-a never,exit -F path=/y\n-w /x -p wa", write), AUDIT_IN_FORCE);
	assert_int_equal(effect("-w /x -p wa\n-a never,exclude -F msgtype=SYSCALL", write),
			 AUDIT_SILENCED);
	assert_int_equal(effect("-w /x -p wa\n-a always,exclude -F msgtype=PATH", write),
			 AUDIT_IN_FORCE);
	assert_int_equal(effect("-w /x -p wa\n-a always,user -F msgtype=SYSCALL", write),
			 AUDIT_IN_FORCE);
}

static void files_are_joined(void **state)
{
	struct audit_text text = {0};

	(void)state;
	audit_text_add(&text, &arena, arena_strdup(&arena, "-e 2\n# no\n-w /a"), "1");
	audit_text_add(&text, &arena, arena_strdup(&arena, ""), "2");
	audit_text_add(&text, &arena, arena_strdup(&arena, "-k b\n\n -D \n-D -k x\n-b 1\n -b 2\n"),
		       "3");
	audit_text_generate(&text, &arena);
	assert_int_equal(text.count, 5);
	assert_string_equal(text.at[0].source, "3:3");
	assert_string_equal(text.at[1].text, " -b 2");
	assert_string_equal(text.at[2].text, "-w /a-k b");
	assert_string_equal(text.at[2].source, "1:3");
	assert_string_equal(text.at[3].text, "-D -k x");
	assert_string_equal(text.at[4].text, "-e 2");
}

/* The order of `LC_ALL=C ls -1v` of coreutils 9.1. */
static void names_are_sorted(void **state)
{
	static const char *const sorted[] = {
		"9-b.rules",   "10-a~.rules", "10-a.rules",   "10-a.1.rules", "010-c.rules",
		"100-x.rules", "A.rules",     "Z.rules",      "a.b.rules",    "a.rules",
		"a1.rules",    "a10b2.rules", "a10b10.rules", "a-1.rules",    "a.9.rules",
		"a.10.rules",  "b.rules",     "_x.rules",
	};
	const size_t count = sizeof(sorted) / sizeof(sorted[0]);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < count; k++) {
			int order = audit_name_compare(sorted[i], sorted[k]);

			if ((i < k && order >= 0) || (i == k && order) || (i > k && order <= 0))
				fail_msg("%s and %s", sorted[i], sorted[k]);
		}
}

static void broken_messages_are_refused(void **state)
{
	unsigned char bytes[sizeof(struct audit_rule_data) + 8] = {0};
	struct audit_rule_data *data = (struct audit_rule_data *)bytes;
	struct audit_rule rule;

	(void)state;
	assert_int_equal(audit_rule_listed(&arena, bytes, 8, &rule), -EBADMSG);
	data->field_count = AUDIT_MAX_FIELDS + 1;
	assert_int_equal(audit_rule_listed(&arena, bytes, sizeof(bytes), &rule), -EBADMSG);
	data->field_count = 1;
	data->fields[0] = AUDIT_WATCH;
	data->values[0] = 9;
	data->buflen = 8;
	assert_int_equal(audit_rule_listed(&arena, bytes, sizeof(bytes), &rule), -EBADMSG);
	data->buflen = 9;
	assert_int_equal(audit_rule_listed(&arena, bytes, sizeof(bytes), &rule), -EBADMSG);
	data->values[0] = data->buflen = 2;
	memcpy(bytes + sizeof(*data), "/x", 2);
	assert_int_equal(audit_rule_listed(&arena, bytes, sizeof(bytes), &rule), 0);
	assert_string_equal(rule.at[0].text, "/x");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(lines_are_read, tear_down),
		cmocka_unit_test_teardown(wrong_lines_are_refused, tear_down),
		cmocka_unit_test_teardown(rules_stand_in_for_others, tear_down),
		cmocka_unit_test_teardown(rules_are_silenced, tear_down),
		cmocka_unit_test_teardown(files_are_joined, tear_down),
		cmocka_unit_test_teardown(names_are_sorted, tear_down),
		cmocka_unit_test_teardown(broken_messages_are_refused, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
