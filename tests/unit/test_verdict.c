/* From facts to the verdict of a sentence, and from sentences to that of a rule. */
#include "base/arena.h"
#include "judge/expect.h"
#include "judge/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct arena arena;
static struct expect is_one;

static int set_up(void **state)
{
	static const struct field fields[] = {{"value", VALUE_SCALAR, ASPECT_BOTH, ""}, {0}};
	struct strv words = {0};
	const char *error;

	(void)state;
	strv_split(&words, &arena, "= 1", " ");
	return expect_parse(&arena, &words, fields, true, &is_one, &error);
}

static int tear_down(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/*
 * Facts as letters: each with its aspect (r, c or b for both), then 1 (holds), 2 (breaks), -
 * (absent) or ? (unknown). "r1 c2" is right now and wrong after the next boot.
 */
static const struct fact *facts_of(const char *text)
{
	struct facts facts;
	struct strv words = {0};

	facts_init(&facts, &arena);
	strv_split(&words, &arena, text, " ");
	for (size_t i = 0; i < words.count; i++) {
		const char *word = words.at[i];
		enum aspect aspect = *word == 'r'   ? ASPECT_RUNNING
				     : *word == 'c' ? ASPECT_CONFIGURED
						    : ASPECT_BOTH;

		if (word[1] == '-')
			fact_absent(&facts, aspect, word, NULL);
		else if (word[1] == '?')
			fact_unknown(&facts, aspect, word, NULL, "because of %d", 7);
		else
			fact_value(&facts, aspect, word, word + 1, "source");
	}
	return facts.head;
}

static const struct {
	const char *facts;
	unsigned aspects;
	const char *outcome, *decided;
	const char *reason; /* begins with that */
} checks[] = {
	{"", 3, "not_applicable", NULL, "only a running host can tell"},
	{"r1", 2, "not_applicable", NULL, "only a running host can tell"},
	{"c1", 1, "not_applicable", NULL, "only a running host can tell"},
	{"r1", 0, "not_applicable", NULL, ""},
	{"r1", 1, "pass", "r1", NULL},
	{"r1", 3, "pass", "r1", NULL},
	{"c1", 3, "pass", "c1", NULL},
	{"b1", 1, "pass", "b1", NULL},
	{"b1", 2, "pass", "b1", NULL},
	{"b1", 3, "pass", "b1", NULL},
	{"r1 c1", 3, "pass", "c1", NULL},
	{"r1 r1 r2", 3, "fail", "r2", "r2 is 2, source, expected 1"},
	{"r2", 3, "fail", "r2", "r2 is 2, source, expected 1"},
	{"r2", 2, "not_applicable", NULL, ""},
	{"b2", 3, "fail", "b2", "b2 is 2, source, expected 1"},
	{"r2 c2", 3, "fail", "r2", "r2 is 2, source, expected 1"},
	{"r2 c1", 3, "fail", "r2", "will be right after a reboot; now r2 is 2, source, expected 1"},
	{"r1 c2", 3, "fail", "c2",
	 "right now, but lost at the next boot: c2 is 2, source, expected 1"},
	{"r2 c1", 2, "pass", "c1", NULL},
	{"r1 c2", 1, "pass", "r1", NULL},
	{"r-", 3, "fail", "r-", "r- is absent, expected 1"},
	{"b-", 2, "fail", "b-", ""},
	{"r?", 3, "unknown", "r?", "r? (running): because of 7"},
	{"c?", 2, "unknown", "c?", "c? (configured): because of 7"},
	{"b?", 3, "unknown", "b?", "b? (both): because of 7"},
	{"r1 c?", 3, "unknown", "c?", ""},
	{"r? c1", 3, "unknown", "r?", ""},
	{"r1 r? c1", 3, "unknown", "r?", ""},
	{"r? c?", 3, "unknown", "r?", ""},
	{"r? c1", 2, "pass", "c1", NULL},
	/* What is wrong is wrong, whatever else is not known; but nothing nice is said then. */
	{"r? c2", 3, "fail", "c2", "c2 is 2, source, expected 1"},
	{"r2 c?", 3, "fail", "r2", "r2 is 2, source, expected 1"},
	{"r2 c1 c?", 3, "fail", "r2", "r2 is 2, source, expected 1"},
	{"r1 r? c2", 3, "fail", "c2", "c2 is 2, source, expected 1"},
	{"r1 r2 c1", 3, "fail", "r2", "will be right"},
	{"r1 c1 c2", 3, "fail", "c2", "right now"},
	{"r1 b2", 3, "fail", "b2", "b2 is 2"},
};

static void test_checks(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(checks); i++) {
		struct verdict verdict = verdict_of_check(&arena, &is_one,
							  facts_of(checks[i].facts),
							  checks[i].aspects);
		const char *outcome = outcome_name(verdict.outcome);

		if (!str_eq(outcome, checks[i].outcome))
			fail_msg("'%s' %u: %s", checks[i].facts, checks[i].aspects, outcome);
		if (checks[i].decided)
			assert_string_equal(verdict.decided->object, checks[i].decided);
		else
			assert_null(verdict.decided);
		if (!checks[i].reason)
			assert_null(verdict.reason);
		else if (!str_starts(verdict.reason, checks[i].reason))
			fail_msg("'%s': %s", checks[i].facts, verdict.reason);
	}
}

/* All facts that there can be, up to three: a pass only if every fact that counts holds. */
static void test_no_false_pass(void **state)
{
	static const char letters[] = "rcb", states[] = "12-?";

	(void)state;
	for (unsigned all = 0; all < 12 * 12 * 12; all++) {
		for (unsigned aspects = 1; aspects <= 3; aspects++) {
			unsigned seen = 0, held = 0, broken = 0;
			struct verdict verdict;
			char text[12] = "";
			enum outcome wanted;

			for (unsigned i = 0, rest = all; i < 3; i++, rest /= 12) {
				char letter = letters[rest % 3], state_is = states[rest / 3 % 4];
				unsigned aspect = letter == 'r' ? 1 : letter == 'c' ? 2 : 3;

				text[i * 3] = letter;
				text[i * 3 + 1] = state_is;
				text[i * 3 + 2] = ' ';
				if (!(aspect & aspects))
					continue;
				seen++;
				held += state_is == '1';
				broken += state_is == '2' || state_is == '-';
			}
			wanted = !seen         ? OUTCOME_NOT_APPLICABLE
				 : broken      ? OUTCOME_FAIL
				 : held < seen ? OUTCOME_UNKNOWN
					       : OUTCOME_PASS;
			verdict = verdict_of_check(&arena, &is_one, facts_of(text), aspects);
			if (verdict.outcome != wanted)
				fail_msg("'%s' %u: %s", text, aspects,
					 outcome_name(verdict.outcome));
			assert_int_equal(verdict.reason == NULL, wanted == OUTCOME_PASS);
			arena_free(&arena);
			set_up(NULL);
		}
	}
}

static void test_when(void **state)
{
	static const char *const table[][2] = {
		{"", "not_applicable"}, {"b1", "pass"},       {"b2", "fail"},
		{"b?", "unknown"},      {"r1 c2", "pass"},    {"r2 c1", "pass"},
		{"r2 c2", "fail"},      {"r? c1", "pass"},    {"r1 c?", "pass"},
		{"r? c2", "unknown"},   {"r2 c?", "unknown"}, {"r2", "fail"},
		{"c2", "fail"},         {"c1", "pass"},       {"r1 r2", "fail"},
		{"r1 r2 c1", "pass"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct verdict verdict = verdict_of_when(&arena, &is_one, facts_of(table[i][0]));

		if (!str_eq(outcome_name(verdict.outcome), table[i][1]))
			fail_msg("'%s': %s", table[i][0], outcome_name(verdict.outcome));
	}
}

/*
 * Parts as words: w, c or a for when, check, any; then p(ass), f(ail), u(nknown), n(ot
 * applicable).
 */
static struct verdict judge(const char *text)
{
	struct part_verdict parts[8];
	struct strv words = {0};

	strv_split(&words, &arena, text, " ");
	for (size_t i = 0; i < words.count; i++) {
		char part = words.at[i][0], outcome = words.at[i][1];

		parts[i].part = part == 'w' ? PART_WHEN : part == 'a' ? PART_ANY : PART_CHECK;
		parts[i].verdict = (struct verdict){
			.outcome = outcome == 'p'   ? OUTCOME_PASS
				   : outcome == 'f' ? OUTCOME_FAIL
				   : outcome == 'u' ? OUTCOME_UNKNOWN
						    : OUTCOME_NOT_APPLICABLE,
			.reason = words.at[i],
		};
	}
	return verdict_of_rule(&arena, parts, words.count);
}

static void test_rules(void **state)
{
	static const char *const table[][3] = {
		{"", "manual", NULL},
		{"wp", "manual", NULL},
		{"cp", "pass", "cp"},
		{"cp cp", "pass", "cp"},
		{"cp cf", "fail", "cf"},
		{"cu cf", "fail", "cf"},
		{"cp cu", "unknown", "cu"},
		{"cn cu", "unknown", "cu"},
		{"cn cp", "pass", "cp"},
		{"cn", "not_applicable", "cn"},
		{"cn cn", "not_applicable", "cn"},
		{"ap", "pass", "ap"},
		{"af ap", "pass", "ap"},
		{"au ap", "pass", "ap"},
		{"af au", "unknown", "au"},
		{"af an", "fail", "none of 2 ways to keep it is kept; af"},
		{"an an", "not_applicable", "an"},
		{"af af", "fail", "none of 2 ways to keep it is kept; af"},
		{"ap cf", "fail", "cf"},
		{"af cp", "fail", "af"},
		{"au cp", "unknown", "au"},
		{"au cf", "fail", "cf"},
		{"ap cu", "unknown", "cu"},
		{"ap cp", "pass", "ap"},
		{"an cp", "pass", "cp"},
		{"an cf", "fail", "cf"},
		{"wp cp", "pass", "cp"},
		{"wp cf", "fail", "cf"},
		{"wf cf", "not_applicable", "wf"},
		{"wf cp", "not_applicable", "wf"},
		{"wn cf", "not_applicable", "wn"},
		{"wu cp", "unknown", "wu"},
		{"wu cf", "unknown", "wu"},
		{"wu wf cp", "not_applicable", "wf"},
		{"wp wf cp", "not_applicable", "wf"},
		{"wp wu af ap", "unknown", "wu"},
		{"wp wp", "manual", NULL},
		{"wf", "not_applicable", "wf"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(table); i++) {
		struct verdict verdict = judge(table[i][0]);

		if (!str_eq(outcome_name(verdict.outcome), table[i][1]))
			fail_msg("'%s': %s", table[i][0], outcome_name(verdict.outcome));
		if (table[i][2])
			assert_string_equal(verdict.reason, table[i][2]);
	}
}

/*
 * The last of what there is to say: an absent object is told by name and, where there is one,
 * source.
 */
static void test_facts(void **state)
{
	struct facts facts;
	struct verdict verdict;

	(void)state;
	facts_init(&facts, &arena);
	assert_null(facts.head);
	fact_absent(&facts, ASPECT_BOTH, "/x", "no label");
	fact_value(&facts, ASPECT_RUNNING, "/y", "", NULL);
	fact_bool(&facts, ASPECT_RUNNING, "/z", 5, NULL);
	fact_bool(&facts, ASPECT_RUNNING, "/z", 0, NULL);
	fact_value(&facts, ASPECT_RUNNING, "/found", "/found", NULL);
	verdict = verdict_of_check(&arena, &is_one, facts.head, ASPECT_BOTH);
	assert_string_equal(verdict.reason, "/x is absent, no label, expected 1");
	verdict = verdict_of_check(&arena, &is_one, facts.head->next, ASPECT_RUNNING);
	assert_string_equal(verdict.reason, "/y is empty, expected 1");
	assert_string_equal(facts.head->next->next->value, "yes");
	assert_string_equal(facts.head->next->next->next->value, "no");
	verdict = verdict_of_check(&arena, &is_one, facts.head->next->next->next->next,
				   ASPECT_RUNNING);
	assert_string_equal(verdict.reason, "/found is there, expected 1");
	assert_null(facts.head->next->next->next->next->next);
	assert_string_equal(aspect_name(ASPECT_RUNNING), "running");
	assert_string_equal(aspect_name(ASPECT_CONFIGURED), "configured");
	assert_string_equal(aspect_name(ASPECT_BOTH), "both");
	assert_string_equal(fact_state_name(FACT_UNKNOWN), "unknown");
}

#define judging(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		judging(test_checks), judging(test_no_false_pass), judging(test_when),
		judging(test_rules),  judging(test_facts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
