/* Keys and values: text in, lines out. */
#include "host/settings/keyfile.h"

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

static struct keyfile parse(enum keyfile_dialect dialect, const char *text)
{
	struct keyfile keyfile = {0};

	keyfile_parse(&arena, dialect, arena_strdup(&arena, text), &keyfile);
	return keyfile;
}

/* What a text comes to: "[S]K=V@LINE" for each line, `?` for a value that cannot be told. */
static const char *show(enum keyfile_dialect dialect, const char *text)
{
	struct keyfile keyfile = parse(dialect, text);
	struct strv all = {0};

	for (size_t i = 0; i < keyfile.count; i++) {
		const struct keyfile_line *line = &keyfile.at[i];

		strv_push(&all, &arena,
			  arena_printf(&arena, "%s%s%s%s=%s@%u", line->section ? "[" : "",
				       line->section ? line->section : "", line->section ? "]" : "",
				       line->key, line->why ? "?" : line->value, line->line));
	}
	if (keyfile.why)
		strv_push(&all, &arena, arena_printf(&arena, "lost@%u", keyfile.why_line));
	return strv_join(&all, &arena, "|");
}

static void test_dialects(void **state)
{
	static const struct {
		enum keyfile_dialect dialect;
		const char *text, *shown;
	} rows[] = {
		{KEYFILE_BLANK, "A 1\n#B 2\n\tC\t\"x y\" z\r\nD\nE  \n", "A=1@1|C=x y@3"},
		{KEYFILE_PLAIN, "a=1#x\nb = 2 3 \nc 4\nd\n= 5\n#e=6", "a=1@1|b=2 3@2|c=4@3|d=@4"},
		{KEYFILE_PLAIN, "a = = b", "a== b@1"},
		{KEYFILE_AUDIT, "a = 1\nB = exec /x\nc=1\nd = 1 2\ne =\n",
		 "a=1@1|B=exec /x@2|c=?@3|d=?@4|e=?@5"},
		{KEYFILE_AUDIT, "a = exec\na = exec b c", "a=exec@1|a=?@2"},
		{KEYFILE_INI, "a=1\n[ S ]\n a = b = c \n;x=1\n[T]\nb=\nodd\n",
		 "[S]a=b = c@3|[T]b=?@6"},
		{KEYFILE_INI, "[S\na=1\n[]\nb=2", "[]b=2@4"},
		{KEYFILE_SYSTEMD, "[S]\nA=1 \\\n  2\n#B=3\n[T]\nC=", "[S]A=1  2@2|[T]C=@6"},
		{KEYFILE_SYSTEMD, "[S]\nA=1\n[T\n", "lost@0"},
		{KEYFILE_SHELL,
		 "A=1\nexport B='x y'\"z\"\\ w # c\n\n#D=1\nC=", "A=1@1|B=x yz w@2|C=@5"},
		{KEYFILE_SHELL, "A=\"\\$\\`\\x\"", "A=$`\\x@1"},
		{KEYFILE_SHELL, "A=$x\nB=`x`\nC=\"$x\"\nD='$x'\nE=\\$x",
		 "A=?@1|B=?@2|C=?@3|D=$x@4|E=$x@5"},
		{KEYFILE_SHELL, "A=\"1\n2\"\nB=3", "A=1\n2@1|B=3@3"},
		{KEYFILE_SHELL, "A=1\\\n2\nB=3; C=4", "A=12@1|B=3@3|C=4@3"},
		{KEYFILE_SHELL, "A=1 B=2\nC=3", "A=1@1|lost@1"},
		{KEYFILE_SHELL, "export A=1 B=2\nC=3", "A=1@1|B=2@1|C=3@2"},
		{KEYFILE_SHELL, "A+=1", "lost@1"},
		{KEYFILE_SHELL, "A=(1 2)", "A=@1|lost@1"},
		{KEYFILE_SHELL, "A=1&", "A=1@1|lost@1"},
		{KEYFILE_SHELL, "\n1A=1", "lost@2"},
		{KEYFILE_SHELL, "A='", "lost@1"},
		{KEYFILE_SHELL, "A=~", "A=?@1"},
		{KEYFILE_SHELL, "A=\\", "A=\\@1"},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(show(rows[i].dialect, rows[i].text), rows[i].shown);
}

static void test_paths(void **state)
{
	enum keyfile_dialect dialect;

	(void)state;
	assert_int_equal(keyfile_dialect_of("/etc/login.defs", &dialect), 0);
	assert_int_equal(dialect, KEYFILE_BLANK);
	assert_int_equal(keyfile_dialect_of("/etc/systemd/journald.conf", &dialect), 0);
	assert_int_equal(dialect, KEYFILE_SYSTEMD);
	assert_true(keyfile_dialect_of("/etc/x.conf", &dialect) < 0);
}

/* A quarter of a megabyte of anything is a matter of moments. */
static void test_long_texts(void **state)
{
	static const char *const units[] = {"a",    "a=b\n", "a b ",   "\"",  "'\\",
					    "\\\n", "[",     "a=\"\"", "# \n"};
	size_t size = 256 * 1024;

	(void)state;
	for (size_t i = 0; i < COUNT(units); i++) {
		for (int dialect = 0; dialect < N_KEYFILE_DIALECTS; dialect++) {
			char *text = arena_alloc(&arena, size + 1);
			size_t length = strlen(units[i]);

			for (size_t at = 0; at + length <= size; at += length)
				memcpy(text + at, units[i], length);
			keyfile_parse(&arena, (enum keyfile_dialect)dialect, text,
				      &(struct keyfile){0});
		}
		arena_free(&arena);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_dialects, forget),
		cmocka_unit_test_teardown(test_paths, forget),
		cmocka_unit_test_teardown(test_long_texts, forget),
	};

	return cmocka_run_group_tests_name("keyfile", tests, NULL, NULL);
}
