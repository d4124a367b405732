#include "host/audit/audit_rule.h"

#include "base/str.h"
#include "host/audit/audit_field.h"

#include <errno.h>
#include <limits.h>

/* Longer lines than auditctl reads have no more words than that. */
#define WORDS 4096

void audit_words(struct arena *arena, char *text, struct strv *ret_words)
{
	while (ret_words->count < WORDS) {
		char *word, *to;

		text += strspn(text, " ");
		if (!*text)
			return;
		for (word = to = text; *text && *text != ' '; text++) {
			if (*text == '\\' && (text[1] == ' ' || text[1] == '\\'))
				text++;
			*to++ = *text;
		}
		if (*text)
			text++;
		*to = '\0';
		strv_push(ret_words, arena, word);
	}
}

/* Is the value of a field a string? Its length stands where others have a number. */
static bool is_text(uint32_t type)
{
	switch (type) {
	case AUDIT_WATCH:
	case AUDIT_DIR:
	case AUDIT_FILTERKEY:
	case AUDIT_EXE:
	case AUDIT_SUBJ_USER:
	case AUDIT_SUBJ_ROLE:
	case AUDIT_SUBJ_TYPE:
	case AUDIT_SUBJ_SEN:
	case AUDIT_SUBJ_CLR:
	case AUDIT_OBJ_USER:
	case AUDIT_OBJ_ROLE:
	case AUDIT_OBJ_TYPE:
	case AUDIT_OBJ_LEV_LOW:
	case AUDIT_OBJ_LEV_HIGH:
		return true;
	default:
		return false;
	}
}

int audit_rule_listed(struct arena *arena, const void *message, size_t size,
		      struct audit_rule *ret_rule)
{
	struct audit_rule_data head;
	const char *text = (const char *)message + sizeof(head);
	struct audit_rule rule = {0};
	size_t left;

	if (size < sizeof(head))
		return -EBADMSG;
	memcpy(&head, message, sizeof(head));
	left = size - sizeof(head);
	if (head.field_count > AUDIT_MAX_FIELDS || head.buflen > left)
		return -EBADMSG;
	left = head.buflen;
	rule.list = head.flags & ~(uint32_t)AUDIT_FILTER_PREPEND;
	rule.action = head.action;
	rule.count = head.field_count;
	memcpy(rule.mask, head.mask, sizeof(rule.mask));
	rule.at = arena_alloc(arena, (rule.count + 1) * sizeof(*rule.at));
	for (size_t i = 0; i < rule.count; i++) {
		struct audit_condition *condition = &rule.at[i];

		condition->type = head.fields[i];
		condition->op = head.fieldflags[i];
		condition->value = head.values[i];
		if (!is_text(condition->type))
			continue;
		if (condition->value > left)
			return -EBADMSG;
		condition->text = arena_strndup(arena, text, condition->value);
		text += condition->value;
		left -= condition->value;
	}
	*ret_rule = rule;
	return 0;
}

const struct audit_condition *audit_rule_find(const struct audit_rule *rule, uint32_t type)
{
	for (size_t i = 0; i < rule->count; i++)
		if (rule->at[i].type == type)
			return &rule->at[i];
	return NULL;
}

/* Several keys of a rule are one string, with this byte between them. */
#define KEY_SEPARATOR '\1'

static bool has_key(const char *keys, const char *key, size_t length)
{
	while (keys) {
		const char *end = strchr(keys, KEY_SEPARATOR);
		size_t have = end ? (size_t)(end - keys) : strlen(keys);

		if (have == length && !memcmp(keys, key, length))
			return true;
		keys = end ? end + 1 : NULL;
	}
	return false;
}

bool audit_rule_has_keys(const struct audit_rule *rule, const char *keys)
{
	const struct audit_condition *have = audit_rule_find(rule, AUDIT_FILTERKEY);

	for (const char *key = keys, *end; have && key; key = end ? end + 1 : NULL) {
		end = strchr(key, KEY_SEPARATOR);
		if (!has_key(have->text, key, end ? (size_t)(end - key) : strlen(key)))
			return false;
	}
	return have != NULL;
}

static bool same_text(const char *a, const char *b)
{
	return a && b ? str_eq(a, b) : a == b;
}

bool audit_rule_same(const struct audit_rule *a, const struct audit_rule *b)
{
	if (a->list != b->list || a->action != b->action || a->count != b->count)
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct audit_condition *one = &a->at[i], *other = &b->at[i];

		if (one->type != other->type || one->op != other->op ||
		    one->value != other->value || !same_text(one->text, other->text))
			return false;
	}
	return !memcmp(a->mask, b->mask, sizeof(a->mask));
}
