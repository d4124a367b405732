/* The packet filter: sets of values, what becomes of packets, and what the kernel sends. */
#include "base/str.h"
#include "host/firewall/fw_ask.h"
#include "host/firewall/fw_legacy.h"
#include "host/firewall/nft_tables.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

/* "1-3,5" */
static const char *show(struct fw_set set)
{
	struct strv all = {0};

	for (size_t i = 0; i < set.count; i++)
		strv_push(&all, &arena,
			  arena_printf(&arena, "%u-%u", (unsigned)set.at[i].low,
				       (unsigned)set.at[i].high));
	return strv_join(&all, &arena, ",");
}

static void test_sets(void **state)
{
	const struct fw_range ranges[] = {{7, 9}, {1, 2}, {3, 3}, {8, 12}, {6, 5}};
	struct fw_set some = fw_set_make(&arena, ranges, 5);
	struct fw_set middle = fw_set_range(&arena, 3, 8), all = fw_everything(&arena, FW_IIF);

	(void)state;
	assert_string_equal(show(some), "1-3,7-12");
	assert_string_equal(show(fw_set_and(&arena, some, middle)), "3-3,7-8");
	assert_string_equal(show(fw_set_or(&arena, some, middle)), "1-12");
	assert_string_equal(show(fw_set_minus(&arena, some, middle)), "1-2,9-12");
	assert_string_equal(show(fw_set_minus(&arena, middle, some)), "4-6");
	assert_true(fw_set_within(fw_set_range(&arena, 8, 9), some));
	assert_false(fw_set_within(middle, some));
	assert_true(fw_set_meets(middle, some));
	assert_false(fw_set_meets(fw_set_range(&arena, 4, 6), some));
	assert_int_equal(fw_set_minus(&arena, all, all).count, 0);
	assert_int_equal(fw_set_or(&arena, all, some).count, 1);
	assert_string_equal(show(fw_set_masked(&arena, 4, 6, 2)), "2-3,10-11");
	assert_true(fw_set_within(fw_set_interface(&arena, "eth0", '+'),
				  fw_set_interface(&arena, "eth+", '+')));
	assert_false(fw_set_meets(fw_set_interface(&arena, "et", '+'),
				  fw_set_interface(&arena, "eth+", '+')));
}

/* Any set against any other, by the values one by one. */
static void test_sets_by_value(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 256; a++)
		for (unsigned b = 0; b < 256; b += 3) {
			struct fw_range ranges[2][8];
			size_t n[2] = {0};
			struct fw_set left, right, both, rest;

			for (unsigned bit = 0; bit < 8; bit++) {
				if (a >> bit & 1)
					ranges[0][n[0]++] = (struct fw_range){bit, bit};
				if (b >> bit & 1)
					ranges[1][n[1]++] = (struct fw_range){bit, bit};
			}
			left = fw_set_make(&arena, ranges[0], n[0]);
			right = fw_set_make(&arena, ranges[1], n[1]);
			both = fw_set_and(&arena, left, right);
			rest = fw_set_minus(&arena, left, right);
			assert_int_equal(fw_set_meets(left, right), (a & b) != 0);
			assert_int_equal(fw_set_within(left, right), (a & ~b) == 0);
			assert_true(fw_set_equal(fw_set_or(&arena, both, rest), left));
			assert_false(fw_set_meets(rest, right));
		}
}

/* A filter with one chain at input, and chains `a` and `b` to jump to. */
struct filter {
	struct fw_model model;
	struct fw_chain *input, *a, *b;
};

static struct filter *make_filter(enum fw_action policy)
{
	struct filter *filter = arena_new(&arena, struct filter);
	struct fw_table *table;

	filter->model.arena = &arena;
	table = fw_table_new(&filter->model, "test", "t", FW_IP4);
	filter->input = fw_chain_get(&filter->model, table, "input");
	filter->input->hook = FW_INPUT;
	filter->input->policy = policy;
	filter->a = fw_chain_get(&filter->model, table, "a");
	filter->b = fw_chain_get(&filter->model, table, "b");
	return filter;
}

static struct fw_rule *add(struct filter *filter, struct fw_chain *chain, enum fw_action action)
{
	struct fw_rule *rule = fw_rule_add(&filter->model, chain, "rule");

	rule->action = action;
	return rule;
}

static void add_port(struct filter *filter, struct fw_rule *rule, unsigned low, unsigned high)
{
	fw_match_range(&filter->model, rule, FW_PROTO, IPPROTO_TCP, IPPROTO_TCP);
	fw_match_range(&filter->model, rule, FW_DPORT, low, high);
}

/* What is answered, or why not. */
static const char *ask(struct filter *filter, enum fw_question question)
{
	const struct fw_subject subject = {.hook = FW_INPUT, .family = FW_IP4};
	struct fw_answer answer;

	fw_link(&filter->model);
	fw_ask(&arena, &filter->model, &subject, question, &answer);
	return answer.value ? answer.value : answer.why;
}

static void test_answers(void **state)
{
	struct filter *filter = make_filter(FW_DROP);
	struct fw_rule *rule = add(filter, filter->input, FW_JUMP);

	(void)state;
	rule->target = "a";
	add_port(filter, add(filter, filter->a, FW_RETURN), 22, 22);
	add_port(filter, add(filter, filter->a, FW_ACCEPT), 20, 30);
	assert_string_equal(ask(filter, FW_OPEN_PORTS), "tcp/20-21,tcp/23-30");
	assert_string_equal(ask(filter, FW_POLICY), "drop");
	assert_string_equal(ask(filter, FW_LOOPBACK), "no");
	assert_string_equal(ask(filter, FW_SPOOFED), "no");
	assert_string_equal(ask(make_filter(FW_ACCEPT), FW_OPEN_PORTS), "any");
	assert_string_equal(ask(make_filter(FW_ACCEPT), FW_LOOPBACK), "yes");
	filter = make_filter(FW_ACCEPT);
	add(filter, filter->input, FW_REJECT);
	assert_string_equal(ask(filter, FW_POLICY), "reject");
}

/* What is not understood makes an answer unknown only where it could change it. */
static void test_doubt(void **state)
{
	struct filter *filter = make_filter(FW_DROP);
	struct fw_rule *rule = add(filter, filter->input, FW_ACCEPT);

	(void)state;
	add_port(filter, rule, 80, 80);
	fw_match_add(&filter->model, rule, (struct fw_match){.kind = FW_OTHER, .what = "riddle"});
	assert_string_equal(ask(filter, FW_OPEN_PORTS), "rule: riddle");
	assert_string_equal(ask(filter, FW_POLICY), "drop");
	add_port(filter, add(filter, filter->input, FW_ACCEPT), 80, 80);
	assert_string_equal(ask(filter, FW_OPEN_PORTS), "tcp/80");
}

static void test_marks(void **state)
{
	struct filter *filter = make_filter(FW_DROP);
	struct fw_rule *rule = add(filter, filter->input, FW_CONTINUE);

	(void)state;
	add_port(filter, rule, 80, 80);
	rule->effect = FW_SETS_MARK;
	rule->mask = rule->value = 4;
	rule = add(filter, filter->input, FW_ACCEPT);
	fw_match_add(&filter->model, rule,
		     (struct fw_match){.kind = FW_MARK_IS, .mask = 6, .value = 4});
	assert_string_equal(ask(filter, FW_OPEN_PORTS), "tcp/80");
}

/* Chains that lead to each other, and ones that fork at every rule, come to an end. */
static void test_cycles(void **state)
{
	struct filter *filter = make_filter(FW_DROP);

	(void)state;
	add(filter, filter->input, FW_JUMP)->target = "a";
	add(filter, filter->a, FW_JUMP)->target = "b";
	add(filter, filter->b, FW_JUMP)->target = "a";
	assert_string_equal(ask(filter, FW_POLICY), "the rules are too many to follow");
	filter = make_filter(FW_DROP);
	add(filter, filter->input, FW_JUMP)->target = "nowhere";
	assert_string_equal(ask(filter, FW_POLICY), "rule: there is no chain nowhere");
}

/* What the kernel never sends. */
static void test_nonsense(void **state)
{
	struct nft_reading *reading = arena_new(&arena, struct nft_reading);
	struct filter *filter = make_filter(FW_DROP);
	unsigned char bytes[4096];

	(void)state;
	reading->model = &filter->model;
	srand(1);
	for (unsigned round = 0; round < 2000; round++) {
		struct fw_blob blob = {.data = bytes, .size = round * 2U, .hooks = 14};

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = rand() % 4 ? 0 : (unsigned char)rand();
		blob.six = round % 2;
		(void)!fw_legacy_read(&filter->model, "filter", &blob);
		(void)!nft_read(reading, bytes, round * 2U);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_sets, forget),
		cmocka_unit_test_teardown(test_sets_by_value, forget),
		cmocka_unit_test_teardown(test_answers, forget),
		cmocka_unit_test_teardown(test_doubt, forget),
		cmocka_unit_test_teardown(test_marks, forget),
		cmocka_unit_test_teardown(test_cycles, forget),
		cmocka_unit_test_teardown(test_nonsense, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
