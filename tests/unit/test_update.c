/* Days, zincati's setting, and which copy of a system comes first. */
#include "base/arena.h"
#include "base/date.h"
#include "host/update/update.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

static void test_days(void **state)
{
	static const char *const none[] = {"",           "2026-02-29", "2026-13-01",
					   "2026-1-01",  "2026-01-00", "2026-01-011",
					   "x026-01-01", "2026-01-01 "};
	char text[16];
	day_t day;

	(void)state;
	assert_int_equal(date_parse("1970-01-02", &day), 0);
	assert_int_equal(day, 1);
	assert_int_equal(date_parse("2024-02-29", &day), 0);
	date_write(day, text);
	assert_string_equal(text, "2024-02-29");
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_int_equal(date_parse(none[i], &day), -EINVAL);
}

static void test_builds(void **state)
{
	static const struct {
		const char *text, *day;
	} rows[] = {
		{"20260820", "2026-08-20"},
		{"2026-02-23-2140", "2026-02-23"},
		{"37.20230126.20.0", "2023-01-26"},
		{"413.90.202212151724-0", "2022-12-15"},
		{"10.1.20251005-0 (Coughlan)", "2025-10-05"},
		{"Amazon Linux 2023.10.20260216", "2026-02-16"},
		{"1.2-20240101123456", "2024-01-01"},
		{"20001231 and 20241231", "2024-12-31"},
		{"18613.164.98", NULL},
		{"943d9a41", NULL},
		{"20261301", NULL},
		{"202608201", NULL},
		{"2026-02-30", NULL},
		{"", NULL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[16];
		day_t day;
		int error = date_find(rows[i].text, &day);

		assert_int_equal(error, rows[i].day ? 0 : -ENOENT);
		if (error)
			continue;
		date_write(day, text);
		assert_string_equal(text, rows[i].day);
	}
}

static void test_zincati(void **state)
{
	static const struct {
		const char *text;
		int enabled;
	} rows[] = {
		{"[updates]\nenabled = true\n", 1},
		{"[updates] # x\n  enabled=false # why\n", 0},
		{"updates.enabled = false\n", 0},
		{"[updates]\nenabled = false\nenabled = true\n", 1},
		{"[agent]\nenabled = false\n", -ENOENT},
		{"[agent]\nupdates.enabled = false\n", -ENOENT},
		{"enabled = false\n", -ENOENT},
		{"[[updates.periodic.window]]\nenabled = false\n", -ENOENT},
		{"# updates.enabled = false\n", -ENOENT},
		{"[identity]\ngroup = \"a # b\" # c\n[updates]\nenabled = true", 1},
		{"", -ENOENT},
		{"updates = { enabled = false }\n", -EINVAL},
		{"[\"updates\"]\nenabled = false\n", -EINVAL},
		{"\"updates\".enabled = false\n", -EINVAL},
		{"[updates]\nenabled = \"\"\"\n", -EINVAL},
		{"[updates]\nenabled = 0\n", -EINVAL},
		{"[updates]\nstrategy = '''\nenabled = false\n'''\n", -EINVAL},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[128];
		unsigned line = 0;

		strcpy(text, rows[i].text);
		assert_int_equal(zincati_enabled(text, &line), rows[i].enabled);
		assert_true(rows[i].enabled < 0 || line > 0);
	}
}

/* What udev 252 writes for a partition of a GPT, in part. */
static void test_partition(void **state)
{
	struct arena arena = {0};
	struct partition partition;
	char text[] = "S:disk/by-partlabel/USR-A\nI:12345\n"
		      "E:ID_PART_ENTRY_SCHEME=gpt\n"
		      "E:ID_PART_ENTRY_NAME=USR-A\n"
		      "E:ID_PART_ENTRY_UUID=7130c94a-213a-4e5a-8e26-6cce9662f132\n"
		      "E:ID_PART_ENTRY_TYPE=5dfbf5f4-2848-4bac-aa5e-0d9a20b745a6\n"
		      "E:ID_PART_ENTRY_FLAGS=0x101000000000000\nG:systemd\n";
	char dos[] = "E:ID_PART_ENTRY_SCHEME=dos\nE:ID_PART_ENTRY_UUID=1-01\n"
		     "E:ID_PART_ENTRY_TYPE=0x83\n";
	char disk[] = "E:ID_PART_TABLE_TYPE=gpt\n";

	(void)state;
	assert_true(partition_parse(&arena, text, &partition));
	assert_string_equal(partition.name, "USR-A");
	assert_true(partition.flagged);
	assert_true(partition.flags == 0x101000000000000ULL);
	assert_false(partition_parse(&arena, dos, &partition));
	assert_false(partition_parse(&arena, disk, &partition));
	arena_free(&arena);
}

#define FLAGS(priority, tries, successful)                                                         \
	((unsigned long long)(priority) << 48 | (unsigned long long)(tries) << 52 |                \
	 (unsigned long long)(successful) << 56)

static void test_slots(void **state)
{
	struct partition at[] = {
		{"a", "usr", "USR-A", FLAGS(1, 0, 1), true},
		{"b", "usr", "USR-B", FLAGS(2, 1, 0), true},
		{"c", "other", "", FLAGS(15, 0, 1), true},
		{"d", "usr", "", 0, false},
	};

	(void)state;
	assert_int_equal(partition_is_first(at, 4, "A"), 0);
	assert_int_equal(partition_is_first(at, 4, "b"), 1);
	/* Tried in vain: it counts no more. */
	at[1].flags = FLAGS(2, 0, 0);
	assert_int_equal(partition_is_first(at, 4, "a"), 1);
	/* The one that runs would not be taken again. */
	assert_int_equal(partition_is_first(at, 4, "b"), 0);
	assert_int_equal(partition_is_first(at, 4, "d"), -ENOENT);
	assert_int_equal(partition_is_first(at, 4, "x"), -ENOENT);
	assert_true(slot_is_first("A B", "A"));
	assert_true(slot_is_first(" A", "A"));
	assert_false(slot_is_first("AB A", "A"));
	assert_false(slot_is_first("", "A"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_days),    cmocka_unit_test(test_builds),
		cmocka_unit_test(test_zincati), cmocka_unit_test(test_partition),
		cmocka_unit_test(test_slots),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
