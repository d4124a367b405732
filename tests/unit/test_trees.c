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

static void test_toml(void **state)
{
	static const struct row rows[] = {
		{"", "{}@1"},
		{"# x\r\n\t\n", "{}@1"},
		{"a = 1 # x\nb.c = 'd'", "{a=i:1@1,b={c=s:d@2}@2}@1"},
		{"\"\" = 1\n'a.b' . c=2", "{=i:1@1,a.b={c=i:2@2}@2}@1"},
		{"a=[1,\n# x\n 'y',\n]", "{a=[i:1@1,s:y@3]@1}@1"},
		{"a={b=1,c.d={}}", "{a={b=i:1@1,c={d={}@1}@1}@1}@1"},
		{"[a.b]\nc=1\n[a]\nd=2", "{a={b={c=i:1@2}@1,d=i:2@4}@1}@1"},
		{"[[a]]\nb=1\n[[a]]\n[a.c]\nd=2", "{a=[{b=i:1@2}@1,{c={d=i:2@5}@4}@3]@1}@1"},
		{"[a]\nb.c=1\nb.d=2\n[a.b.e]", "{a={b={c=i:1@2,d=i:2@3,e={}@4}@2}@1}@1"},
		{"a=0xDE_ad\nb=+7\nc=-0\nd=1_000\ne=0b11\nf=0o17",
		 "{a=i:57005@1,b=i:7@2,c=i:0@3,d=i:1000@4,e=i:3@5,f=i:15@6}@1"},
		{"a=1.5\nb=1e-3\nc=-inf\nd=nan", "{a=f:1.5@1,b=f:1e-3@2,c=f:-inf@3,d=f:nan@4}@1"},
		{"a=2024-02-29\nb=07:32:00.5\nc=1979-05-27 07:32:00-07:00",
		 "{a=t:2024-02-29@1,b=t:07:32:00.5@2,c=t:1979-05-27 07:32:00-07:00@3}@1"},
		{"a=\"\"\"\r\nx\r\n\\\n  y\"\"\"\"\"\nb=1", "{a=s:x\ny\"\"@1,b=i:1@5}@1"},
		{"a='''\n\\n'x'''", "{a=s:\\n'x@1}@1"},
		{"a=\"\\u00e9\\U0001F600\\t\"", "{a=s:\xc3\xa9\xf0\x9f\x98\x80\t@1}@1"},
		{"a=1\na=2", "2: the key a stands twice"},
		{"a=1\na.b=2", "2: a is no table, or closed by its braces"},
		{"a={}\na.b=2", "2: a is no table, or closed by its braces"},
		{"a={}\n[a.b]", "2: a is no table, or closed by its braces"},
		{"a=[{}]\n[a.b]", "2: a is no table, or closed by its braces"},
		{"a=[]\n[[a]]", "2: a is no array of tables"},
		{"[a]\n[a]", "2: the table a is there already"},
		{"[a]\n[[a]]", "2: a is no array of tables"},
		{"[[a]]\n[a]", "2: the table a is there already"},
		{"[a]\nb.c=1\n[a.b]", "3: the table b is there already"},
		{"[a.b.c]\nz=1\n[a]\nb.c.t=2", "4: the table c is there already"},
		{"a={b=1,}", "1: a comma stands before a closing brace"},
		{"a={b=1\n}", "1: a comma or a closing brace is missing"},
		{"a={b.c=1,b={}}", "1: the key b stands twice"},
		{"a=1 b=2", "1: something stands behind the value"},
		{"[a] b=1", "1: something stands behind the value"},
		{"[a\n]", "1: the closing bracket of a header is missing"},
		{"[]", "1: no key stands where one should"},
		{"[ [a]]", "1: no key stands where one should"},
		{"=1", "1: no key stands where one should"},
		{"a", "1: an equals sign is missing"},
		{"a=", "1: no value stands where one should, or a wrong number"},
		{"a=01", "1: no value stands where one should, or a wrong number"},
		{"a=1__0", "1: something stands behind the value"},
		{"a=1.", "1: something stands behind the value"},
		{"a=.5", "1: no value stands where one should, or a wrong number"},
		{"a=0x", "1: a wrong number, or one that is too large"},
		{"a=9223372036854775808", "1: a number that is too large"},
		{"a=2023-02-29", "1: something stands behind the value"},
		{"a=24:00:00", "1: something stands behind the value"},
		{"a=\"x\ny\"", "1: a control character or line's end in a string"},
		{"a=\"x", "1: a string without its end"},
		{"a='''x", "1: a string without its end"},
		{"a=\"\"\"x\"\"\"\"\"\"", "1: something stands behind the value"},
		{"a=\"\\x41\"", "1: a wrong escape in a string"},
		{"a=\"\\ud800\"", "1: a wrong escape in a string"},
		{"a=\"\\u0000\"", "1: a wrong escape in a string"},
		{"a=1\rb=2", "1: something stands behind the value"},
		{"# \x01", "1: something stands behind the value"},
		{"a=[1 2]", "1: a comma or a closing bracket is missing"},
		{"a=[1", "1: a comma or a closing bracket is missing"},
		{"\"\"\"a\"\"\"=1", "1: no key stands where one should"},
	};

	(void)state;
	check_rows(TREE_TOML, rows, COUNT(rows));
}

static void test_yaml(void **state)
{
	static const struct row rows[] = {
		{"", "n:null@1"},
		{"--- {}", "{}@1"},
		{"a: 1\nb:\n- x\n- {c: yes}\n", "{a=i:1@1,b=[s:x@3,{c=b:true@4}@4]@3}@1"},
		{"{\"a\": [1.5, null, ~, \"1\", '2', !!str 3]}",
		 "{a=[f:1.5@1,n:null@1,n:null@1,s:1@1,s:2@1,s:3@1]@1}@1"},
		{"[0x1F, 017, 0o17, 0b11, -1_0, 08, 0x, y, Off, yEs, 1:30]",
		 "[i:31@1,i:15@1,i:15@1,i:3@1,i:-10@1,f:08@1,s:0x@1,"
		 "b:true@1,b:false@1,s:yEs@1,s:1:30@1]@1"},
		{"[2024-02-29, 2024-2-9, .5, .inf, -.INF, .nan, 1e3, 10Mi, +]",
		 "[t:2024-02-29@1,s:2024-2-9@1,f:.5@1,f:inf@1,f:-inf@1,f:nan@1,f:1e3@1,s:10Mi@1,"
		 "s:+@1]@1"},
		{"a: &x {b: 1}\nc: *x\nd:\n  <<: *x\n  e: 2",
		 "{a={b=i:1@1}@1,c={b=i:1@1}@1,d={e=i:2@5,b=i:1@1}@4}@1"},
		{"a: |\n  x\n  y\n", "{a=s:x\ny\n@1}@1"},
		{"1: a\ntrue: b", "{1=s:a@1,true=s:b@2}@1"},
		{"[!!int \"7\", !!bool 'no']", "[i:7@1,b:false@1]@1"},
		{"a: 1\na: 2", "2: the key a stands twice"},
		{"1: a\n'1': b", "2: the key 1 stands twice"},
		{"a: *x", "1: an alias without its anchor"},
		{"a: &x [*x]", "1: an alias of what it stands in"},
		{"a: !x 1", "1: a tag that is not known"},
		{"\xef\xbb\xbf--- {}", "{}@1"},
		{"a: ! x", "1: a tag that is not known"},
		{"a: !!int x", "1: a tag that is not known"},
		{"? [a]\n: 1", "1: a key that is no single value"},
		{"~: 1", "1: a key that is no single value"},
		{"<<: 1", "1: what `<<` merges is no map"},
		{"a: 1\n---\nb: 2", "2: more than one document"},
		{"a: \"\\0\"", "1: a NUL in a string"},
		{"a: b: c", "1: mapping values are not allowed in this context"},
	};

	(void)state;
	check_rows(TREE_YAML, rows, COUNT(rows));
	assert_null(read_text(TREE_YAML, "a: [").root);
	assert_null(read_text(TREE_YAML, "a: \x01").root);
	assert_null(read_text(TREE_YAML, "%YAML 2.0\n--- a").root);
}

/* Aliases of aliases: what they come to is not made. */
static const char *laughs(unsigned levels)
{
	const char *text = "l0: &l0 [x, x, x, x, x, x, x, x, x]\n";

	for (unsigned i = 1; i < levels; i++)
		text = arena_printf(&arena, "%sl%u: &l%u [*l%u, *l%u, *l%u, *l%u, *l%u, *l%u]\n",
				    text, i, i, i - 1, i - 1, i - 1, i - 1, i - 1, i - 1);
	return text;
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
	assert_null(read_text(TREE_YAML, laughs(20)).root);
	assert_non_null(read_text(TREE_YAML, laughs(2)).root);
	assert_null(read_text(TREE_YAML, repeat("[", 1000000, "", "")).root);
	assert_null(read_text(TREE_YAML, repeat("- ", 100000, "", "")).root);
	assert_null(read_text(TREE_YAML, repeat("? ", 100000, "", "")).root);
	assert_null(read_text(TREE_TOML, repeat("a.", 500000, "a=1", "")).root);
	assert_null(read_text(TREE_TOML, arena_printf(&arena, "a=%s", repeat("[", 1000000, "", "")))
			    .root);
	assert_null(
		read_text(TREE_TOML, arena_printf(&arena, "a=%s", repeat("{a=", 300000, "", "")))
			.root);
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
		cmocka_unit_test_teardown(test_toml, forget),
		cmocka_unit_test_teardown(test_yaml, forget),
		cmocka_unit_test_teardown(test_bombs, forget),
		cmocka_unit_test_teardown(test_map, forget),
		cmocka_unit_test_teardown(test_paths, forget),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
