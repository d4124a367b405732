/* The INI reader: what it delivers, and each thing that inih would cut, split or swallow. */
#include "policy/ini.h"

#include "base/arena.h"
#include "base/str.h"
#include "tree.h"

static struct arena arena;
static struct problems problems;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	problems = (struct problems){.arena = &arena};
	return 0;
}

static struct ini_section *read_text(const char *text)
{
	forget(NULL);
	return ini_read(&problems, "f.ini", arena_strdup(&arena, text));
}

/* What was read, on one line: "[section] key=line|line;". */
static const char *shown(const struct ini_section *section)
{
	const char *text = "";

	for (; section; section = section->next) {
		text = arena_printf(&arena, "%s[%s]", text, section->name);
		for (const struct ini_entry *entry = section->entries; entry; entry = entry->next) {
			text = arena_printf(&arena, "%s %s:%u=", text, entry->key,
					    entry->origin.line);
			for (const struct ini_line *line = entry->lines; line; line = line->next)
				text = arena_printf(&arena, "%s%s@%u|", text, line->text,
						    line->origin.line);
		}
	}
	return text;
}

static void test_delivers(void **state)
{
	static const char *const texts[][2] = {
		{"", ""},
		{"\n\n; comment\n# comment\n", ""},
		{"[a]", "[a]"},
		{"[a]\n[b]\n", "[a][b]"},
		{"[a]\nk=v", "[a] k:2=v@2|"},
		{"[a]\nk = v w \t\n\n  x  y \n\tz\n", "[a] k:2=v w@2|x  y@4|z@5|"},
		{"[a]\nk =\n  v\n", "[a] k:2=v@3|"},
		{"[a]\nk =\nl =\t\n", "[a] k:2= l:3="},
		{"[a]\nk = v = w : x\n", "[a] k:2=v = w : x@2|"},
		{"[a]\nk = v\n  ; comment\n  # comment\n  w\n", "[a] k:2=v@2|w@5|"},
		{"[a]\nk = a;b# c\n", "[a] k:2=a;b# c@2|"},
		{"[a]\nk =;x\n", "[a] k:2=;x@2|"},
		{"[a]\nk = \"x [y] z\"\n  [y] z\n", NULL},
		{"[a]\nk* ?[x] = v\n", "[a] k* ?[x]:2=v@2|"},
		{"[a]  \t\nk = v\n", "[a] k:2=v@2|"},
		{"[a b]\nk = na\xc3\xafve \xe2\x86\x92\n",
		 "[a b] k:2=na\xc3\xafve \xe2\x86\x92@2|"},
		{"[a]\nk = v\n[b]\nk = v\n", "[a] k:2=v@2|[b] k:4=v@4|"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct ini_section *sections = read_text(texts[i][0]);

		if (!texts[i][1]) {
			assert_int_equal(problems.count, 1);
			continue;
		}
		assert_int_equal(problems.count, 0);
		assert_string_equal(shown(sections), texts[i][1]);
	}
}

/* One trap each: the text, the line of the only problem, and a part of its message. */
static void test_refuses(void **state)
{
	static const struct {
		const char *text;
		unsigned line;
		const char *message;
	} traps[] = {
		{"\xef\xbb\xbf[a]\nk = v\n", 1, "byte order mark"},
		{"k = v\n", 1, "before the first"},
		{"  k = v\n", 1, "nothing before it"},
		{"[a]\n  v\n", 2, "nothing before it"},
		{"[a]\nk = v\n[b]\n  w\n", 4, "nothing before it"},
		{"[a\nk = v\n", 1, "not closed"},
		{"[a] b\nk = v\n", 1, "behind the ']'"},
		{"[a] # b\nk = v\n", 1, "behind the ']'"},
		{"[a]]\nk = v\n", 1, "behind the ']'"},
		{"[ a]\nk = v\n", 1, "blanks around"},
		{"[a\t]\nk = v\n", 1, "blanks around"},
		{"[a]\nk = v\n[a]\nl = w\n", 3, "line 1 already"},
		{"[a]\nk = v\nk = w\n", 3, "line 2 already"},
		{"[a]\nk\n", 2, "neither"},
		{"[a]\nk: v\n", 2, "instead of ':'"},
		{"[a]\nk:l = v\n", 2, "in the key"},
		{"[a]\n= v\n", 2, "key is missing"},
		{"[a]\nk = v ; w\n", 2, "begin a comment"},
		{"[a]\nk = ;\n", 2, "begin a comment"},
		{"[a]\nk = v\n  w\t;x\n", 3, "begin a comment"},
		{"[a]\nk ; l = v\n", 2, "begin a comment"},
		{"[a]\nk = v\n  [b]\n", 3, "indented [section]"},
		{"[a]\nk = v\r\n", 2, "invisible character \\x0d"},
		{"[a]\nk = v\033[0m\n", 2, "invisible character \\x1b"},
		{"[a]\nk = v\x7f\n", 2, "invisible character \\x7f"},
		{"[a]\nk = \xe2\x80\xae v\n", 2, "invisible character \\xe2\\x80\\xae"},
		{"[a]\nk = v\v\n", 2, "invisible character \\x0b"},
		{"[a]\nk = \xff\n", 2, "0xff is no UTF-8"},
		{"[a]\nk = \xc0\x80\n", 2, "0xc0 is no UTF-8"},
		{"[a]\nk = \xc3\n", 2, "0xc3 is no UTF-8"},
		{"; \xff\n[a]\nk = v\n", 1, "0xff is no UTF-8"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
		struct ini_section *ignored = read_text(traps[i].text);

		(void)ignored;
		if (problems.count != 1)
			print_error("of %s\n", traps[i].text);
		assert_int_equal(problems.count, 1);
		assert_int_equal(problems.head->origin.line, traps[i].line);
		assert_string_equal(problems.head->origin.file, "f.ini");
		if (!strstr(problems.head->message, traps[i].message))
			print_error("%s\n", problems.head->message);
		assert_non_null(strstr(problems.head->message, traps[i].message));
	}
}

static char *many(char c, int count)
{
	char *text = arena_alloc(&arena, (size_t)count + 1);

	memset(text, c, (size_t)count);
	return text;
}

/* A text with a line, a section or a key of a length that is still read, and of one more. */
static void test_lengths(void **state)
{
	static const struct {
		const char *format;
		int longest; /* of what stands for %s */
	} texts[] = {
		{"[a]\nk = %s\n", INI_LONGEST_LINE - 4},
		{"[a]\nk = v\n  %s\n", INI_LONGEST_LINE - 2},
		{"; %s\n[a]\nk = v\n", INI_LONGEST_LINE - 2},
		{"[a]\n%s = v\n", INI_LONGEST_NAME},
		{"[%s]\nk = v\n", INI_LONGEST_NAME},
	};
	char text[1024];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		for (int more = 0; more < 30; more++) {
			const struct ini_section *sections;

			forget(NULL);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
			snprintf(text, sizeof(text), texts[i].format,
				 many('x', texts[i].longest + more));
#pragma GCC diagnostic pop
			sections = ini_read(&problems, "f.ini", text);
			assert_int_equal(problems.count, more > 0);
			if (more)
				continue;
			assert_non_null(sections);
			assert_non_null(sections->entries->lines);
		}
}

/* The comment of 198 bytes that inih alone takes for a key. */
static void test_split(void **state)
{
	struct ini_section *sections;
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "[a]\n;%sevil = 1\n", many(' ', 198));
	sections = ini_read(&problems, "f.ini", text);
	assert_int_equal(problems.count, 1);
	assert_null(sections->entries);
	assert_true(sections->damaged);
}

/* Below what was refused, the rest is still looked at, and nothing is put in a wrong place. */
static void test_goes_on(void **state)
{
	const struct ini_section *sections = read_text(
		"[a]\nk = v\nbad\n  indented\nl = w\n[b\n  x\nm = y\n[c]\nn = z ;\n  more\n");

	(void)state;
	assert_int_equal(problems.count, 3);
	assert_string_equal(shown(sections), "[a] k:2=v@2| l:5=w@5|[b] m:8=y@8|[c]");
	assert_true(sections->damaged);
	assert_false(sections->refused);
	assert_true(sections->next->refused);
	assert_true(sections->next->next->damaged);
}

/* Many names: twins are found in any number of them, and each is told once. */
static void test_many(void **state)
{
	const struct ini_section *sections;
	char text[16384], *end = text;

	(void)state;
	for (int i = 0; i < 600; i++)
		end += sprintf(end, "[s%d]\nk = v\n", i % 500);
	sections = ini_read(&problems, "f.ini", text);
	assert_int_equal(problems.count, 100);
	assert_int_equal(ini_section((struct ini_section *)sections, "s499")->origin.line, 999);
	end = text + sprintf(text, "[a]\n");
	for (int i = 0; i < 600; i++)
		end += sprintf(end, "k%d = v\n", i % 500);
	forget(NULL);
	sections = ini_read(&problems, "f.ini", text);
	assert_int_equal(problems.count, 100);
	assert_non_null(ini_entry(sections, "k499"));
	assert_null(ini_entry(sections, "k500"));
}

static void test_text(void **state)
{
	const struct ini_section *sections = read_text("[a]\nk = v\n  w\nl =\nm = x\n");

	(void)state;
	assert_string_equal(ini_text(&arena, ini_entry(sections, "k")), "v w");
	assert_string_equal(ini_text(&arena, ini_entry(sections, "l")), "");
	assert_string_equal(ini_text(&arena, ini_entry(sections, "m")), "x");
}

/* Whatever the bytes are, what comes out is what stands there, or there is a problem. */
static void test_random(void **state)
{
	static const char alphabet[] = "[]ab=:; #\t\n\n\n  \"\\\xc3\xaf\x01";

	(void)state;
	random_seed();
	for (int round = 0; round < 20000; round++) {
		char text[64];
		size_t length = random_below(40);
		const struct ini_section *sections;

		for (size_t i = 0; i < length; i++)
			text[i] = alphabet[random_below(sizeof(alphabet) - 1)];
		text[length] = '\0';
		sections = read_text(text);
		for (; sections; sections = sections->next)
			for (const struct ini_entry *at = sections->entries; at; at = at->next)
				for (const struct ini_line *line = at->lines; line;
				     line = line->next)
					assert_non_null(strstr(text, line->text));
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_delivers, forget),
		cmocka_unit_test_setup(test_refuses, forget),
		cmocka_unit_test_setup(test_lengths, forget),
		cmocka_unit_test_setup(test_split, forget),
		cmocka_unit_test_setup(test_goes_on, forget),
		cmocka_unit_test_setup(test_many, forget),
		cmocka_unit_test_setup(test_text, forget),
		cmocka_unit_test_setup(test_random, forget),
	};

	return cmocka_run_group_tests_name("ini", tests, NULL, forget);
}
