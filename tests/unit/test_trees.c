/* Trees: what the readers of JSON, YAML and TOML make of a text, and finding a way in it. */
#include "host/trees/tree_path.h"

#include "base/str.h"
#include "host/trees/tree_build.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static struct arena arena;

static int forget(void **state)
{
	(void)state;
	arena_free(&arena);
	return 0;
}

static struct tree_file read_text(enum tree_syntax syntax, const char *text)
{
	struct tree_file file;

	tree_read(&arena, syntax, "f", text, &file);
	return file;
}

/* A tree on one line: {key=i:12@1,…} with a letter for the type and the line of each value. */
static const char *show(const struct tree *tree)
{
	static const char letters[] = "nbifst";
	struct strv items = {0};
	const char *text;

	if (tree->type < TREE_LIST)
		return arena_printf(&arena, "%c:%s@%u", letters[tree->type], tree->text,
				    tree->line);
	for (const struct tree *at = tree->first; at; at = at->next)
		strv_push(&items, &arena,
			  at->key ? arena_printf(&arena, "%s=%s", at->key, show(at)) : show(at));
	text = strv_join(&items, &arena, ",");
	return arena_printf(&arena, tree->type == TREE_MAP ? "{%s}@%u" : "[%s]@%u", text,
			    tree->line);
}

struct row {
	const char *text, *shown; /* of a refused one: "LINE: WHY" */
};

static void check_rows(enum tree_syntax syntax, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct tree_file file = read_text(syntax, rows[i].text);
		const char *shown = file.root ? show(file.root)
					      : arena_printf(&arena, "%u: %s", file.line, file.why);

		if (!str_eq(shown, rows[i].shown))
			print_message("of %s\n", rows[i].text);
		assert_string_equal(shown, rows[i].shown);
		assert_true(!file.root != !file.why);
	}
}

/* `count` copies of a text, and what stands between and behind them. */
static char *repeat(const char *text, size_t count, const char *middle, const char *end)
{
	size_t length = strlen(text), last = strlen(end);
	char *all = arena_alloc(&arena, (length + last) * count + strlen(middle) + 1), *at = all;

	for (size_t i = 0; i < count; i++, at += length)
		memcpy(at, text, length);
	memcpy(at, middle, strlen(middle));
	at += strlen(middle);
	for (size_t i = 0; i < count; i++, at += last)
		memcpy(at, end, last);
	return all;
}

static void test_json(void **state)
{
	static const struct row rows[] = {
		{"{}", "{}@1"},
		{" [ ] \n", "[]@1"},
		{"\n\n\"x\"", "s:x@3"},
		{"{\"a\": 1,\r\n\"b\"\n:\n[true, null ,\n-0]}",
		 "{a=i:1@1,b=[b:true@4,n:null@4,i:-0@5]@4}@1"},
		{"[1.50, 1e5, 0.1E-2, 12345678901234567890123]",
		 "[f:1.50@1,f:1e5@1,f:0.1E-2@1,i:12345678901234567890123@1]@1"},
		{"\"\\u00e9\\ud83d\\uDE00\\/\\b\\f\\n\\r\\t\\\"\\\\\"",
		 "s:\xc3\xa9\xf0\x9f\x98\x80/\b\f\n\r\t\"\\@1"},
		{"{\"\": {\"\": 0}}", "{={=i:0@1}@1}@1"},
		{"\"\x7f\xe2\x80\xa8\"", "s:\x7f\xe2\x80\xa8@1"},
		{"", "1: the end stands where a value should"},
		{" \n", "2: the end stands where a value should"},
		{"nul", "1: no value stands where one should"},
		{"True", "1: no value stands where one should"},
		{"nullx", "1: something stands behind the value"},
		{"1 2", "1: something stands behind the value"},
		{"[1,]", "1: no value stands where one should"},
		{"[,1]", "1: no value stands where one should"},
		{"[1\n2]", "2: a comma or a closing bracket is missing"},
		{"[1}", "1: a comma or a closing bracket is missing"},
		{"[", "1: the end stands where a value should"},
		{"{\"a\":1,}", "1: no quoted key stands where one should"},
		{"{a:1}", "1: no quoted key stands where one should"},
		{"{\"a\" 1}", "1: a colon is missing"},
		{"{\"a\"", "1: a colon is missing"},
		{"{\"a\":\n}", "2: no value stands where one should"},
		{"{\"a\":1,\n\"b\":2,\n\"a\":3}", "3: the key a stands twice"},
		{"{\"a\":1,\n\"\\u0061\":3}", "2: the key a stands twice"},
		{"01", "1: a wrong number"},
		{"-", "1: a wrong number"},
		{"-a", "1: a wrong number"},
		{"1.", "1: a wrong number"},
		{"1.e3", "1: a wrong number"},
		{"1e", "1: a wrong number"},
		{"1e+", "1: a wrong number"},
		{"+1", "1: no value stands where one should"},
		{".5", "1: no value stands where one should"},
		{"0x10", "1: something stands behind the value"},
		{"NaN", "1: no value stands where one should"},
		{"\"a\nb\"", "1: a control character in a string"},
		{"\"a", "1: a string without its end"},
		{"\"a\\\"", "1: a string without its end"},
		{"\"\\", "1: a wrong escape in a string"},
		{"\"\\x41\"", "1: a wrong escape in a string"},
		{"\"\\u12g4\"", "1: a wrong escape in a string"},
		{"\"\\u12", "1: a wrong escape in a string"},
		{"\"\\u0000\"", "1: a wrong escape in a string"},
		{"\"\\ud800\"", "1: a wrong escape in a string"},
		{"\"\\ud800\\u0041\"", "1: a wrong escape in a string"},
		{"\"\\udc00\"", "1: a wrong escape in a string"},
		{"'a'", "1: no value stands where one should"},
		{"1 // x", "1: something stands behind the value"},
		{"\xef\xbb\xbf{}", "1: no value stands where one should"},
		{"\n\"\xff\"", "2: bytes that are no UTF-8"},
		{"\"\xc0\xaf\"", "1: bytes that are no UTF-8"},
		{"\"\xed\xa0\x80\"", "1: bytes that are no UTF-8"},
	};

	(void)state;
	check_rows(TREE_JSON, rows, COUNT(rows));
}

static void test_bombs(void **state)
{
	char *many = repeat("1,", TREE_VALUES, "1]", "");
	char *list = arena_printf(&arena, "[%s", many);
	struct tree_file file;

	(void)state;
	file = read_text(TREE_JSON, repeat("[", TREE_DEPTH, "", "]"));
	assert_non_null(file.root);
	file = read_text(TREE_JSON, repeat("[", TREE_DEPTH + 1, "", "]"));
	assert_string_equal(file.why, "values within too many others");
	file = read_text(TREE_JSON, repeat("[", 1000000, "", ""));
	assert_string_equal(file.why, "values within too many others");
	file = read_text(TREE_JSON, repeat("{\"a\":", 100000, "", ""));
	assert_string_equal(file.why, "values within too many others");
	file = read_text(TREE_JSON, list);
	assert_string_equal(file.why, "too many values");
}

/* Maps of all sizes find what they hold, and nothing else, also when some of it is gone. */
static void test_map(void **state)
{
	struct tree map = {.type = TREE_MAP}, values[200] = {{0}};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		const char *key = arena_printf(&arena, "k%zu", i);

		assert_null(tree_get(&map, key));
		assert_true(tree_put(&arena, &map, key, &values[i]));
		assert_false(tree_put(&arena, &map, key, &values[0]));
		for (size_t k = 0; k <= i; k++)
			assert_ptr_equal(tree_get(&map, values[k].key), &values[k]);
	}
	assert_int_equal(map.count, COUNT(values));
	for (size_t i = 0; i < COUNT(values); i += 3)
		tree_remove(&arena, &map, &values[i]);
	for (size_t i = 0; i < COUNT(values); i++)
		assert_ptr_equal(tree_get(&map, values[i].key), i % 3 ? &values[i] : NULL);
	tree_put(&arena, &map, "last", &values[0]);
	assert_ptr_equal(map.last, &values[0]);
}

/* "NAME=VALUE" for each hit, "NAME?" for what is not there. */
static const char *find(const char *text, const char *way)
{
	struct tree_file file = read_text(TREE_JSON, text);
	struct tree_path path;
	struct tree_hits hits;
	struct strv found = {0};

	assert_null(tree_path_parse(&arena, way, &path));
	tree_path_find(&arena, file.root, &path, &hits);
	for (size_t i = 0; i < hits.count; i++)
		strv_push(&found, &arena,
			  hits.at[i].tree ? arena_printf(&arena, "%s=%s", hits.at[i].name,
							 show(hits.at[i].tree))
					  : arena_printf(&arena, "%s?", hits.at[i].name));
	return strv_join(&found, &arena, " ");
}

static void test_paths(void **state)
{
	static const char text[] =
		"{\"a\": {\"b.c\": 1, \"0\": 2, \"*\": 3}, \"l\": [{\"x\": 4}, {}, 5]}";
	static const struct {
		const char *path, *found;
	} rows[] = {
		{"a.0", "a.0=i:2@1"},
		{"a.'b.c'", "a.\"b.c\"=i:1@1"},
		{"a.\"*\"", "a.\"*\"=i:3@1"},
		{"a.*", "a.\"b.c\"=i:1@1 a.0=i:2@1 a.\"*\"=i:3@1"},
		{"a.b.c", "a.b.c?"},
		{"l.0.x", "l.0.x=i:4@1"},
		{"l.*.x", "l.0.x=i:4@1 l.1.x? l.2.x?"},
		{"l.2", "l.2=i:5@1"},
		{"l.3", "l.3?"},
		{"l.-1", "l.-1?"},
		{"l.\"0\"", "l.0?"},
		{"l.1.*", "l.1.*?"},
		{"z.*.y", "z.*.y?"},
		{"*.0", "a.0=i:2@1 l.0={x=i:4@1}@1"},
		{".", ".={a={b.c=i:1@1,0=i:2@1,*=i:3@1}@1,l=[{x=i:4@1}@1,{}@1,i:5@1]@1}@1"},
	};
	static const char *const wrong[] = {
		"",       "a.",   ".a",
		"a..b",   "a.'b", "a.'b'c",
		"a\"b\"", "..",   "1.2.3.4.5.6.7.8.9.0.1.2.3.4.5.6.7.8.9.0.1.2.3.4.5",
	};
	struct tree_path path;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_string_equal(find(text, rows[i].path), rows[i].found);
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_non_null(tree_path_parse(&arena, wrong[i], &path));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_json, forget),
		cmocka_unit_test_teardown(test_bombs, forget),
		cmocka_unit_test_teardown(test_map, forget),
		cmocka_unit_test_teardown(test_paths, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
