#include "host/devices/udev_rule.h"

#include <errno.h>
#include <fnmatch.h>

#define N(array) (sizeof(array) / sizeof((array)[0]))

/* As in systemd: a longer line is ignored. */
#define LONGEST_LINE ((size_t)16384)

static const struct {
	const char *sign;
	enum udev_op op;
} operators[] = {
	{"==", UDEV_MATCH},  {"!=", UDEV_NO_MATCH},       {"+=", UDEV_ADD},
	{"-=", UDEV_REMOVE}, {":=", UDEV_ASSIGN_AT_LAST}, {"=", UDEV_ASSIGN},
};

/* An operator; `at` moves behind it. */
static int read_operator(const char **at, enum udev_op *ret_op)
{
	for (size_t i = 0; i < N(operators); i++)
		if (str_starts(*at, operators[i].sign)) {
			*ret_op = operators[i].op;
			*at += strlen(operators[i].sign);
			return 0;
		}
	return -EBADMSG;
}

/* KEY or KEY{ATTRIBUTE}; `at` moves behind it. */
static int read_key(struct arena *arena, const char **at, struct udev_token *token)
{
	size_t length = strcspn(*at, "=!+-:{ \t\r\n\v\f");

	if (!length || !(*at)[length])
		return -EBADMSG;
	token->key = arena_strndup(arena, *at, length);
	*at += length;
	if (**at == '{') {
		const char *end = strchr(*at, '}');

		if (!end)
			return -EBADMSG;
		token->attribute = arena_strndup(arena, *at + 1, (size_t)(end - *at - 1));
		*at = end + 1;
	}
	*at += strspn(*at, STR_BLANKS);
	return 0;
}

/* "VALUE", in which only \" means something; e"…" has the escapes of C, i"…" folds case. */
static int read_value(struct arena *arena, const char **at, struct udev_token *token)
{
	bool escapes = **at == 'e';
	const char *from;
	char *value, *to;

	token->special = escapes || **at == 'i';
	*at += token->special;
	if (**at != '"')
		return -EBADMSG;
	from = *at + 1;
	value = to = arena_alloc(arena, strlen(from) + 1);
	for (; *from && *from != '"'; from++) {
		if (*from == '\\' && from[1] && (from[1] == '"' || escapes))
			from++;
		*to++ = *from;
	}
	if (*from != '"')
		return -EBADMSG;
	token->value = value;
	*at = from + 1;
	return 0;
}

int udev_rule_parse(struct arena *arena, const char *line, struct udev_rule *ret_rule)
{
	ret_rule->count = 0;
	for (;;) {
		struct udev_token token = {.key = "", .value = ""};
		int error;

		line += strspn(line, STR_BLANKS ",");
		if (!*line)
			return 0;
		error = read_key(arena, &line, &token);
		if (!error)
			error = read_operator(&line, &token.op);
		if (error)
			return error;
		line += strspn(line, STR_BLANKS);
		error = read_value(arena, &line, &token);
		if (error)
			return error;
		if (ret_rule->count == UDEV_MOST_TOKENS)
			return -E2BIG;
		ret_rule->at[ret_rule->count++] = token;
	}
}

/* Does something hold for every controller, for none, or is that not known? */
enum holds { NO, YES, UNSURE };

/* Patterns between `|`, each as in fnmatch(3). */
static bool matches(struct arena *arena, const char *patterns, const char *text)
{
	for (const char *at = patterns;; at++) {
		size_t length = strcspn(at, "|");

		if (!fnmatch(arena_strndup(arena, at, length), text, 0))
			return true;
		at += length;
		if (!*at)
			return false;
	}
}

/* The same for all these words, which stand for what a controller may be. */
static enum holds all_match(struct arena *arena, const char *patterns, const char *const *words,
			    size_t count)
{
	size_t matching = 0;

	for (size_t i = 0; i < count; i++)
		matching += matches(arena, patterns, words[i]);
	return matching == count ? YES : matching ? UNSURE : NO;
}

/* What is known of a controller while it is added. */
static const struct trait {
	const char *key, *attribute;
	const char *words[4];
} traits[] = {
	{"ACTION", NULL, {"add"}},          {"SUBSYSTEM", NULL, {"usb"}},
	{"DRIVER", NULL, {"usb"}},          {"KERNEL", NULL, {"usb1", "usb2", "usb10"}},
	{"ENV", "DEVTYPE", {"usb_device"}}, {"ENV", "SUBSYSTEM", {"usb"}},
	{"ENV", "ACTION", {"add"}},         {"ENV", "DRIVER", {"usb"}},
	{"ATTR", "idVendor", {"1d6b"}},     {"ATTR", "bDeviceClass", {"09"}},
	{"ATTR", "devpath", {"0"}},
};

static enum holds trait_holds(struct arena *arena, const struct udev_token *token)
{
	for (size_t i = 0; i < N(traits); i++) {
		const struct trait *trait = &traits[i];
		size_t count = 0;

		if (!str_eq(trait->key, token->key) || !token->attribute != !trait->attribute ||
		    (trait->attribute && !str_eq(trait->attribute, token->attribute)))
			continue;
		while (count < N(trait->words) && trait->words[count])
			count++;
		return all_match(arena, token->value, trait->words, count);
	}
	return UNSURE;
}

/* Of those that look at parents as well, the device itself is the first that is looked at. */
static enum holds subsystems_hold(struct arena *arena, const struct udev_token *token)
{
	return matches(arena, token->value, "usb") ? YES : UNSURE;
}

static enum holds token_holds(struct arena *arena, const struct udev_token *token)
{
	static const char *const tested[] = {"authorized_default", "authorized", "idVendor"};
	enum holds holds = UNSURE;

	if (token->special)
		return UNSURE;
	if (str_eq(token->key, "TEST")) {
		for (size_t i = 0; i < N(tested); i++)
			if (str_eq(token->value, tested[i]))
				holds = YES;
	} else if (str_eq(token->key, "SUBSYSTEMS") && token->op == UDEV_MATCH) {
		holds = subsystems_hold(arena, token);
	} else {
		holds = trait_holds(arena, token);
	}
	if (token->op == UDEV_MATCH || holds == UNSURE)
		return holds;
	return holds == YES ? NO : YES;
}

/* PROGRAM and IMPORT run something, and fail if that does. */
static bool is_condition(const struct udev_token *token)
{
	return token->op == UDEV_MATCH || token->op == UDEV_NO_MATCH ||
	       str_eq(token->key, "PROGRAM") || str_eq(token->key, "IMPORT");
}

static enum holds rule_holds(struct arena *arena, const struct udev_rule *rule)
{
	enum holds all = YES;

	for (size_t i = 0; i < rule->count; i++) {
		const struct udev_token *token = &rule->at[i];
		enum holds holds = is_condition(token) ? UNSURE : YES;

		if (token->op == UDEV_MATCH || token->op == UDEV_NO_MATCH)
			holds = token_holds(arena, token);
		if (holds == NO)
			return NO;
		if (holds == UNSURE)
			all = UNSURE;
	}
	return all;
}

/* Where in a file the reading is. */
struct reading {
	struct arena *arena;
	struct udev_usb *usb;
	const char *path;
	const char *label;  /* GOTO leads there, past everything before it; or NULL */
	bool maybe_skipped; /* …perhaps */
	bool lost;          /* …or to one of several labels: the rest of the file is in doubt */
	unsigned skipped;   /* the last line of interest that was jumped over; 0: none */
};

static void doubt(struct reading *reading, unsigned line)
{
	reading->usb->doubtful = true;
	reading->usb->source = arena_printf(reading->arena, "%s:%u", reading->path, line);
}

/* One assignment or command of a rule that holds, for certain or perhaps. */
static void take(struct reading *reading, const struct udev_token *token, bool certain,
		 unsigned line)
{
	struct udev_usb *usb = reading->usb;
	const char *attribute = token->attribute ? token->attribute : "";

	if (is_condition(token) || !token->value)
		return;
	/* A program that is run may write it, too. */
	if (str_eq(token->key, "RUN") && strstr(token->value, "authorized")) {
		doubt(reading, line);
		return;
	}
	if (!str_eq(token->key, "ATTR") || !str_eq(attribute, "authorized_default"))
		return;
	/* The kernel takes these and no others. */
	if (!token->special && strlen(token->value) == 1 && strchr("012", *token->value) &&
	    certain) {
		*usb = (struct udev_usb){.value = token->value,
					 .source = arena_printf(reading->arena, "%s:%u",
								reading->path, line)};
		return;
	}
	if (strpbrk(token->value, "$%") || token->special || !certain)
		doubt(reading, line);
}

static const char *value_of(const struct udev_rule *rule, const char *key)
{
	for (size_t i = 0; i < rule->count; i++)
		if (str_eq(rule->at[i].key, key) && !is_condition(&rule->at[i]))
			return rule->at[i].value;
	return NULL;
}

/* Could the line matter? Most rules do not. */
static bool is_about_it(const char *line)
{
	return strstr(line, "authorized") || strstr(line, "GOTO") || strstr(line, "LABEL");
}

static void follow_line(struct reading *reading, const char *line, unsigned number)
{
	struct udev_rule rule;
	enum holds holds;
	const char *go, *label;

	if (!is_about_it(line))
		return;
	if (udev_rule_parse(reading->arena, line, &rule)) {
		/* Versions of udev differ in what they ignore. */
		if (strstr(line, "authorized"))
			doubt(reading, number);
		return;
	}
	label = value_of(&rule, "LABEL");
	if (label && reading->label && str_eq(label, reading->label)) {
		reading->label = NULL;
		reading->maybe_skipped = false;
		reading->skipped = 0;
	}
	if (reading->label && !reading->maybe_skipped) {
		reading->skipped = strstr(line, "authorized") ? number : reading->skipped;
		return;
	}
	holds = rule_holds(reading->arena, &rule);
	if (holds == NO)
		return;
	for (size_t i = 0; i < rule.count; i++)
		take(reading, &rule.at[i], holds == YES && !reading->label && !reading->lost,
		     number);
	go = value_of(&rule, "GOTO");
	if (!go)
		return;
	reading->lost = reading->lost || reading->label;
	reading->maybe_skipped = holds != YES;
	reading->label = go;
}

/* Joins lines that end in a backslash; comments in between are left out. */
void udev_usb_follow(struct arena *arena, const char *path, char *text, struct udev_usb *usb)
{
	struct reading reading = {.arena = arena, .usb = usb, .path = path};
	char joined[LONGEST_LINE + 1] = "", *line;
	bool too_long = false;
	size_t size = 0;

	for (unsigned number = 1; (line = str_next_line(&text)); number++) {
		size_t length;

		line += strspn(line, STR_BLANKS);
		length = strlen(line);
		if (*line == '#')
			continue;
		if (size + length >= LONGEST_LINE)
			too_long = true;
		if (!too_long)
			memcpy(joined + size, line, length + 1);
		size += too_long ? 0 : length;
		if (length && line[length - 1] == '\\') {
			size -= !too_long;
			continue;
		}
		if (!too_long && size)
			follow_line(&reading, joined, number);
		size = 0;
		joined[0] = '\0';
		too_long = false;
	}
	/* Where a label never comes, udev does not jump. */
	if (reading.label && reading.skipped)
		doubt(&reading, reading.skipped);
}
