#include "judge/expect.h"

#include "base/arena.h"
#include "judge/fact.h"

#include <errno.h>
#include <fnmatch.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#define TYPE(type) (1u << VALUE_##type)
#define COMPARABLE (TYPE(SCALAR) | TYPE(STRING) | TYPE(LIST) | TYPE(MODE))

/* The operators that take operands: their spelling, and the types of fields they make sense for. */
static const struct op_row {
	const char *word;
	const char *description;
	unsigned types;
	size_t most; /* operands; at least one is needed */
} operators[] = {
	[OP_EQUAL] = {"=", "", COMPARABLE, SIZE_MAX},
	[OP_NOT_EQUAL] = {"!=", "anything but ", COMPARABLE, SIZE_MAX},
	[OP_LESS] = {"<", "less than ", TYPE(SCALAR), 1},
	[OP_AT_MOST] = {"<=", "at most ", TYPE(SCALAR), 1},
	[OP_MORE] = {">", "more than ", TYPE(SCALAR), 1},
	[OP_AT_LEAST] = {">=", "at least ", TYPE(SCALAR), 1},
	[OP_IN] = {"in", "one of ", TYPE(SCALAR) | TYPE(STRING) | TYPE(MODE), SIZE_MAX},
	[OP_ONLY] = {"only", "nothing but ", TYPE(STRING), SIZE_MAX},
	[OP_HAS] = {"has", "with ", TYPE(LIST) | TYPE(SCALAR), SIZE_MAX},
	[OP_LACKS] = {"lacks", "without ", TYPE(LIST) | TYPE(SCALAR), SIZE_MAX},
	[OP_MATCHES] = {"~", "matching ", COMPARABLE, SIZE_MAX},
	[OP_MATCHES_NOT] = {"!~", "not matching ", COMPARABLE, SIZE_MAX},
	[OP_MODE_WITHIN] = {"mode-within", "no permission beyond ", TYPE(MODE), 1},
};

#define N_OPERATORS (sizeof(operators) / sizeof(operators[0]))

/* What separates the tokens of a list: mount options, words, kernel arguments. */
#define LIST_SEPARATORS STR_BLANKS ","

static const struct op_row *find_operator(const char *word)
{
	for (size_t i = 0; i < N_OPERATORS; i++)
		if (operators[i].word && str_eq(operators[i].word, word))
			return &operators[i];
	return NULL;
}

static const struct field *find_field(const struct field *fields, const char *name)
{
	for (; fields->name; fields++)
		if (str_eq(fields->name, name))
			return fields;
	return NULL;
}

/* Without a field's name, mode-within means the mode, and everything else the first field. */
static const struct field *default_field(const struct field *fields, enum op op)
{
	if (op == OP_MODE_WITHIN)
		for (const struct field *field = fields; field->name; field++)
			if (field->type == VALUE_MODE)
				return field;
	return fields;
}

static int parse_mode(const char *word, unsigned *ret_mode)
{
	char *end;
	unsigned long mode = strtoul(word, &end, 8);

	if (*word < '0' || *word > '7' || *end || mode > 07777)
		return -EINVAL;
	*ret_mode = (unsigned)mode;
	return 0;
}

static int compile_regex(struct arena *arena, struct expect *expect, const char **ret_error)
{
	const char *pattern = strv_join(&expect->operands, arena, " ");
	int error;

	expect->regex = calloc(1, sizeof(*expect->regex));
	if (!expect->regex)
		return -ENOMEM;
	error = regcomp(expect->regex, pattern, REG_EXTENDED | REG_NOSUB);
	if (error) {
		char reason[128];

		regerror(error, expect->regex, reason, sizeof(reason));
		*ret_error = arena_printf(arena, "'%s' is no regular expression: %s", pattern,
					  reason);
		free(expect->regex);
		expect->regex = NULL;
		return -EINVAL;
	}
	return 0;
}

static int check_operand(struct arena *arena, const struct expect *expect, const char *operand,
			 const char **ret_error)
{
	bool is_regex = expect->op == OP_MATCHES || expect->op == OP_MATCHES_NOT;
	bool is_token = expect->op == OP_HAS || expect->op == OP_LACKS;
	bool is_number = expect->op >= OP_LESS && expect->op <= OP_AT_LEAST;
	const char *wrong = NULL;
	long long number;
	unsigned mode;

	if (is_number && str_to_number(operand, &number))
		wrong = "is no whole number";
	if (is_token && (!*operand || operand[strcspn(operand, LIST_SEPARATORS)]))
		wrong = "is not one word, and no list has it; write words apart";
	if (expect->field->type == VALUE_MODE && !is_regex && parse_mode(operand, &mode))
		wrong = "is no octal mode";
	if (!wrong)
		return 0;
	*ret_error = arena_printf(arena, "'%s' %s", operand, wrong);
	return -EINVAL;
}

/* How many operands can compare at all: a text or a mode is never equal to several. */
static size_t most_operands(const struct expect *expect)
{
	enum value_type type = expect->field->type;

	if (expect->op == OP_EQUAL || expect->op == OP_NOT_EQUAL)
		return type == VALUE_SCALAR || type == VALUE_LIST ? SIZE_MAX : 1;
	return operators[expect->op].most;
}

/* Operands that can never compare are mistakes of the one who wrote the rule. */
static int check_operands(struct arena *arena, struct expect *expect, const char **ret_error)
{
	const char *word = operators[expect->op].word;
	size_t most = most_operands(expect);

	if (!expect->operands.count) {
		*ret_error = arena_printf(arena, "nothing stands behind '%s'", word);
		return -EINVAL;
	}
	if (expect->operands.count > most) {
		*ret_error = arena_printf(arena, "'%s' takes one operand here, '%s' is too much",
					  word, expect->operands.at[most]);
		return -EINVAL;
	}
	for (size_t i = 0; i < expect->operands.count; i++) {
		int error = check_operand(arena, expect, expect->operands.at[i], ret_error);

		if (error)
			return error;
	}
	if (expect->op == OP_MATCHES || expect->op == OP_MATCHES_NOT)
		return compile_regex(arena, expect, ret_error);
	return 0;
}

/* `[FIELD] OP OPERAND…`; expect->field is the field that was named, or NULL. */
static int parse_operator(struct arena *arena, const struct strv *words, const struct field *fields,
			  struct expect *expect, const char **ret_error)
{
	size_t at = expect->field ? 1 : 0;
	const struct op_row *op = find_operator(words->at[at]);

	if (!op) {
		*ret_error = arena_printf(arena,
					  "'%s' is neither an operator nor a field of this probe",
					  words->at[at]);
		return -EINVAL;
	}
	expect->op = (enum op)(op - operators);
	if (!expect->field)
		expect->field = default_field(fields, expect->op);
	if (!expect->field->name || !(op->types & 1u << expect->field->type)) {
		*ret_error = arena_printf(arena, "'%s' cannot be asked of '%s'", op->word,
					  expect->field->name ? expect->field->name : "this probe");
		return -EINVAL;
	}
	for (size_t i = at + 1; i < words->count; i++)
		strv_push(&expect->operands, arena, words->at[i]);
	return check_operands(arena, expect, ret_error);
}

/* `enabled`, `not enabled`: the field's name alone. */
static int parse_bool(struct arena *arena, const struct strv *words, const struct field *fields,
		      struct expect *expect, const char **ret_error)
{
	bool negated = str_eq(words->at[0], "not");
	const char *name = negated && words->count > 1 ? words->at[1] : words->at[0];

	expect->field = find_field(fields, name);
	if (!expect->field || expect->field->type != VALUE_BOOL) {
		*ret_error = arena_printf(arena, "'%s' is no yes-or-no field of this probe", name);
		return -EINVAL;
	}
	if (words->count > 1u + negated) {
		*ret_error = arena_printf(arena, "'%s' is too much behind '%s'",
					  words->at[1 + negated], name);
		return -EINVAL;
	}
	expect->op = negated ? OP_FALSE : OP_TRUE;
	return 0;
}

static int parse_presence(struct arena *arena, const struct strv *words, bool presence,
			  struct expect *expect, const char **ret_error)
{
	expect->op = str_eq(words->at[0], "present") ? OP_PRESENT : OP_ABSENT;
	if (!presence) {
		*ret_error = arena_printf(arena, "'%s' cannot be asked of this probe",
					  words->at[0]);
		return -EINVAL;
	}
	if (words->count > 1) {
		*ret_error = arena_printf(arena, "'%s' is too much behind '%s'", words->at[1],
					  words->at[0]);
		return -EINVAL;
	}
	return 0;
}

int expect_parse(struct arena *arena, const struct strv *words, const struct field *fields,
		 bool presence, struct expect *ret_expect, const char **ret_error)
{
	struct expect expect = {0};
	const struct field *field;
	const char *first;
	int error;

	if (!words->count) {
		*ret_error = "the expectation is missing";
		return -EINVAL;
	}
	first = words->at[0];
	field = find_field(fields, first);
	if (str_eq(first, "present") || str_eq(first, "absent"))
		error = parse_presence(arena, words, presence, &expect, ret_error);
	else if (str_eq(first, "not") || (field && field->type == VALUE_BOOL))
		error = parse_bool(arena, words, fields, &expect, ret_error);
	else if (field && words->count == 1) {
		*ret_error = arena_printf(arena, "an operator is missing behind '%s'", first);
		return -EINVAL;
	} else {
		expect.field = field;
		error = parse_operator(arena, words, fields, &expect, ret_error);
	}
	if (!error)
		*ret_expect = expect;
	return error;
}

/* The same number, or else the same text. */
static bool same(const char *a, const char *b, enum value_type type)
{
	long long x, y;
	unsigned m, n;

	if (type == VALUE_MODE && !parse_mode(a, &m) && !parse_mode(b, &n))
		return m == n;
	if (type == VALUE_SCALAR && !str_to_number(a, &x) && !str_to_number(b, &y))
		return x == y;
	return str_eq(a, b);
}

/* Takes the words of an operand from the front of a value. False where others stand there. */
static bool take_words(const char **value, const char *operand, const char *separators)
{
	for (;;) {
		size_t length;

		operand += strspn(operand, separators);
		length = strcspn(operand, separators);
		if (!length)
			return true;
		*value += strspn(*value, separators);
		if (length != strcspn(*value, separators) || strncmp(*value, operand, length) != 0)
			return false;
		*value += length;
		operand += length;
	}
}

/* Scalars and lists are compared word by word: the blanks of /proc/sys values do not matter. */
static bool equal(const struct expect *expect, const char *value)
{
	enum value_type type = expect->field->type;
	const char *separators = type == VALUE_LIST ? LIST_SEPARATORS : STR_BLANKS;
	const struct strv *operands = &expect->operands;

	if (operands->count == 1 && same(value, operands->at[0], type))
		return true;
	if (type != VALUE_SCALAR && type != VALUE_LIST)
		return false;
	for (size_t i = 0; i < operands->count; i++)
		if (!take_words(&value, operands->at[i], separators))
			return false;
	return !value[strspn(value, separators)];
}

/* `mode=1777` is asked for by `mode=1777`, and by `mode` as well. */
static bool is_token(const char *token, size_t length, const char *operand)
{
	size_t wanted = strlen(operand);

	if (length < wanted || strncmp(token, operand, wanted) != 0)
		return false;
	return length == wanted || (token[wanted] == '=' && !strchr(operand, '='));
}

static bool has_token(const char *value, const char *operand)
{
	for (;;) {
		size_t length;

		value += strspn(value, LIST_SEPARATORS);
		length = strcspn(value, LIST_SEPARATORS);
		if (!length)
			return false;
		if (is_token(value, length, operand))
			return true;
		value += length;
	}
}

static size_t count_tokens(const struct expect *expect, const char *value)
{
	size_t found = 0;

	for (size_t i = 0; i < expect->operands.count; i++)
		found += has_token(value, expect->operands.at[i]);
	return found;
}

static enum held held(bool yes)
{
	return yes ? HELD_YES : HELD_NO;
}

static enum held compare_number(const struct expect *expect, const char *value,
				const char **ret_why)
{
	long long found = LLONG_MAX, wanted;

	if ((!str_eq(value, "unlimited") && str_to_number(value, &found)) ||
	    str_to_number(expect->operands.at[0], &wanted)) {
		*ret_why = "it is no whole number";
		return HELD_UNSURE;
	}
	switch (expect->op) {
	case OP_LESS:
		return held(found < wanted);
	case OP_AT_MOST:
		return held(found <= wanted);
	case OP_MORE:
		return held(found > wanted);
	default:
		return held(found >= wanted);
	}
}

static enum held compare_mode(const struct expect *expect, const char *value, const char **ret_why)
{
	unsigned found, allowed;

	if (parse_mode(value, &found) || parse_mode(expect->operands.at[0], &allowed)) {
		*ret_why = "it is no octal mode";
		return HELD_UNSURE;
	}
	return held(!(found & ~allowed));
}

static bool in_operands(const struct expect *expect, const char *value)
{
	for (size_t i = 0; i < expect->operands.count; i++)
		if (same(value, expect->operands.at[i], expect->field->type))
			return true;
	return false;
}

/* Patterns of fnmatch(3), in which no wildcard stands for a slash. */
static bool matches_pattern(const struct expect *expect, const char *value)
{
	for (size_t i = 0; i < expect->operands.count; i++)
		if (!fnmatch(expect->operands.at[i], value, FNM_PATHNAME))
			return true;
	return false;
}

static enum held test_value(const struct expect *expect, const char *value, const char **ret_why)
{
	switch (expect->op) {
	case OP_PRESENT:
		return HELD_YES;
	case OP_ABSENT:
		return HELD_NO;
	case OP_TRUE:
		return held(str_eq(value, "yes"));
	case OP_FALSE:
		return held(str_eq(value, "no"));
	case OP_EQUAL:
		return held(equal(expect, value));
	case OP_NOT_EQUAL:
		return held(!equal(expect, value));
	case OP_IN:
		return held(in_operands(expect, value));
	case OP_ONLY:
		return held(matches_pattern(expect, value));
	case OP_HAS:
		return held(count_tokens(expect, value) == expect->operands.count);
	case OP_LACKS:
		return held(count_tokens(expect, value) == 0);
	case OP_MATCHES:
		return held(regexec(expect->regex, value, 0, NULL, 0) == 0);
	case OP_MATCHES_NOT:
		return held(regexec(expect->regex, value, 0, NULL, 0) == REG_NOMATCH);
	case OP_MODE_WITHIN:
		return compare_mode(expect, value, ret_why);
	case OP_LESS:
	case OP_AT_MOST:
	case OP_MORE:
	case OP_AT_LEAST:
		break;
	}
	return compare_number(expect, value, ret_why);
}

enum held expect_test(const struct expect *expect, const struct fact *fact, const char **ret_why)
{
	switch (fact->state) {
	case FACT_VALUE:
		return test_value(expect, fact->value, ret_why);
	case FACT_ABSENT:
		/*
		 * What is not there satisfies `absent`, and `only`, which allows some things to be
		 * there; nothing else, not even `!= x`.
		 */
		return held(expect->op == OP_ABSENT || expect->op == OP_ONLY);
	case FACT_UNKNOWN:
		break;
	}
	*ret_why = fact->error;
	return HELD_UNSURE;
}

const char *expect_describe(struct arena *arena, const struct expect *expect)
{
	const char *name = expect->field ? expect->field->name : "";

	switch (expect->op) {
	case OP_PRESENT:
		return "present";
	case OP_ABSENT:
		return "absent";
	case OP_TRUE:
		return name;
	case OP_FALSE:
		return arena_printf(arena, "not %s", name);
	default:
		return arena_printf(arena, "%s%s", operators[expect->op].description,
				    strv_join(&expect->operands, arena, " "));
	}
}

void expect_release(struct expect *expect)
{
	if (!expect->regex)
		return;
	regfree(expect->regex);
	free(expect->regex);
	expect->regex = NULL;
}
