#include "host/audit/audit_field.h"

#include "base/str.h"
#include "host/audit/audit_lib.h"
#include "host/users.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <strings.h>

/* Not in the headers of Debian 12's kernel, or not in all. */
#ifndef AUDIT_SADDR_FAM
#define AUDIT_SADDR_FAM 113
#endif
#ifndef AUDIT_FSTYPE
#define AUDIT_FSTYPE 26
#endif

#define IN(list) (1u << (list))
#define EXITS (IN(AUDIT_FILTER_EXIT) | IN(AUDIT_FILTER_URING_EXIT))
#define ANYWHERE (~0u)

/* What a value looks like. */
enum looks {
	NUMBER, /* digits */
	SIGNED, /* digits, maybe with a minus */
	USER,
	GROUP,
	RESULT,  /* a number or the name of an error */
	MESSAGE, /* a number or the type of a record */
	TEXT,
	PATH,
	ARCH,
	PERMISSIONS,
	FILE_TYPE,
	FILE_SYSTEM,
	SESSION,
};

/* The fields that are not plain numbers in any list. */
static const struct kind {
	uint32_t type;
	enum looks looks;
	unsigned lists;
} kinds[] = {
	{AUDIT_UID, USER, ANYWHERE},
	{AUDIT_EUID, USER, ANYWHERE},
	{AUDIT_SUID, USER, ANYWHERE},
	{AUDIT_FSUID, USER, ANYWHERE},
	{AUDIT_LOGINUID, USER, ANYWHERE},
	{AUDIT_OBJ_UID, USER, ANYWHERE},
	{AUDIT_GID, GROUP, ANYWHERE},
	{AUDIT_EGID, GROUP, ANYWHERE},
	{AUDIT_SGID, GROUP, ANYWHERE},
	{AUDIT_FSGID, GROUP, ANYWHERE},
	{AUDIT_OBJ_GID, GROUP, ANYWHERE},
	{AUDIT_EXIT, RESULT, EXITS},
	{AUDIT_MSGTYPE, MESSAGE, IN(AUDIT_FILTER_EXCLUDE) | IN(AUDIT_FILTER_USER)},
	{AUDIT_OBJ_USER, TEXT, EXITS},
	{AUDIT_OBJ_ROLE, TEXT, EXITS},
	{AUDIT_OBJ_TYPE, TEXT, EXITS},
	{AUDIT_OBJ_LEV_LOW, TEXT, EXITS},
	{AUDIT_OBJ_LEV_HIGH, TEXT, EXITS},
	{AUDIT_WATCH, PATH, EXITS},
	{AUDIT_DIR, PATH, EXITS},
	{AUDIT_SUBJ_USER, TEXT, ANYWHERE},
	{AUDIT_SUBJ_ROLE, TEXT, ANYWHERE},
	{AUDIT_SUBJ_TYPE, TEXT, ANYWHERE},
	{AUDIT_SUBJ_SEN, TEXT, ANYWHERE},
	{AUDIT_SUBJ_CLR, TEXT, ANYWHERE},
	{AUDIT_FILTERKEY, TEXT, ANYWHERE},
	{AUDIT_EXE, PATH, ANYWHERE},
	{AUDIT_ARCH, ARCH, ANYWHERE},
	{AUDIT_PERM, PERMISSIONS, EXITS},
	{AUDIT_FILETYPE, FILE_TYPE, EXITS},
	{AUDIT_FSTYPE, FILE_SYSTEM, IN(AUDIT_FILTER_FS)},
	{AUDIT_ARG0, SIGNED, ANYWHERE},
	{AUDIT_ARG1, SIGNED, ANYWHERE},
	{AUDIT_ARG2, SIGNED, ANYWHERE},
	{AUDIT_ARG3, SIGNED, ANYWHERE},
	{AUDIT_SESSIONID, SESSION, ANYWHERE & ~IN(AUDIT_FILTER_FS)},
	{AUDIT_DEVMAJOR, NUMBER, EXITS},
	{AUDIT_DEVMINOR, NUMBER, EXITS},
	{AUDIT_INODE, NUMBER, EXITS},
	{AUDIT_SUCCESS, NUMBER, EXITS},
	{AUDIT_PPID, NUMBER, EXITS},
};

/* Longer ones stand before those that they begin with. */
static const struct {
	const char *text;
	uint32_t op;
} operators[] = {
	{"!=", AUDIT_NOT_EQUAL},
	{">=", AUDIT_GREATER_THAN_OR_EQUAL},
	{"<=", AUDIT_LESS_THAN_OR_EQUAL},
	{"&=", AUDIT_BIT_TEST},
	{"=", AUDIT_EQUAL},
	{">", AUDIT_GREATER_THAN},
	{"<", AUDIT_LESS_THAN},
	{"&", AUDIT_BIT_MASK},
};

static int fail(struct audit_refusal *refusal, const char *error)
{
	refusal->error = error;
	return -EINVAL;
}

static int doubt(const struct audit_names *names, struct audit_refusal *refusal, const char *what,
		 const char *value)
{
	refusal->doubt = arena_printf(names->arena, "there is no %s '%s'", what, value);
	return -EINVAL;
}

/* Cuts it in three. auditctl takes the first operator of its order that stands anywhere. */
static char *cut(char *text, uint32_t *op)
{
	for (size_t i = 0; i < sizeof(operators) / sizeof(operators[0]); i++) {
		char *at = strstr(text, operators[i].text);

		if (!at)
			continue;
		*at = '\0';
		*op = operators[i].op;
		return at + strlen(operators[i].text);
	}
	return NULL;
}

static bool is_number(const char *text, bool sign)
{
	return isdigit((unsigned char)text[0]) ||
	       (sign && text[0] == '-' && isdigit((unsigned char)text[1]));
}

/* auditctl reads numbers by strtol(), and does not look at what follows them. */
static uint32_t number_of(const char *text)
{
	return text[0] == '-' ? (uint32_t)strtol(text, NULL, 0) : (uint32_t)strtoul(text, NULL, 0);
}

static int parse_account(const struct audit_names *names, const struct accounts *accounts,
			 const char *value, uint32_t *ret_id, struct audit_refusal *refusal)
{
	const struct account *account;

	if (!accounts)
		return 0;
	account = account_find(accounts, value);
	if (!account)
		return doubt(names, refusal, "account", value);
	*ret_id = account->id;
	return 0;
}

int audit_permissions(const char *letters)
{
	static const char known[] = "rwxa";
	static const int bits[] = {AUDIT_PERM_READ, AUDIT_PERM_WRITE, AUDIT_PERM_EXEC,
				   AUDIT_PERM_ATTR};
	int all = 0;

	if (strlen(letters) > 4)
		return -1;
	for (; *letters; letters++) {
		const char *found = strchr(known, tolower((unsigned char)*letters));

		if (!found)
			return -1;
		all |= bits[found - known];
	}
	return all;
}

uint32_t audit_arch_compat(uint32_t arch)
{
	static const uint32_t pairs[][2] = {
		{AUDIT_ARCH_X86_64, AUDIT_ARCH_I386},
		{AUDIT_ARCH_AARCH64, AUDIT_ARCH_ARM},
		{AUDIT_ARCH_PPC64, AUDIT_ARCH_PPC},
		{AUDIT_ARCH_S390X, AUDIT_ARCH_S390},
	};

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		if (pairs[i][0] == arch)
			return pairs[i][1];
	return 0;
}

static int parse_arch(const struct audit_names *names, const char *value, uint32_t *arch,
		      struct audit_refusal *refusal)
{
	uint32_t found;

	if (isdigit((unsigned char)value[0])) {
		found = (uint32_t)strtoul(value, NULL, 0);
	} else if (!strcasecmp(value, "b64")) {
		found = names->arch & __AUDIT_ARCH_64BIT ? names->arch : 0;
	} else if (!strcasecmp(value, "b32")) {
		found = names->arch & __AUDIT_ARCH_64BIT ? audit_arch_compat(names->arch)
							 : names->arch;
	} else {
		found = audit_lib_arch(value);
	}
	if (!found || !audit_lib_knows(found))
		return doubt(names, refusal, "architecture", value);
	*arch = found;
	return 0;
}

/* The numbers behind names. `named` is what the library made of it. */
static int parse_named(const struct audit_names *names, const char *value, int named,
		       const char *what, uint32_t *ret_number, struct audit_refusal *refusal)
{
	if (isdigit((unsigned char)value[0])) {
		*ret_number = number_of(value);
		return 0;
	}
	if (named < 0)
		return doubt(names, refusal, what, value);
	*ret_number = (uint32_t)named;
	return 0;
}

static int parse_result(const struct audit_names *names, const char *value, uint32_t *ret_number,
			struct audit_refusal *refusal)
{
	if (is_number(value, true)) {
		*ret_number = number_of(value);
		return 0;
	}
	*ret_number = (uint32_t)audit_lib_errno(value);
	return *ret_number ? 0 : doubt(names, refusal, "error", value);
}

static int parse_id(const struct audit_names *names, const char *value, bool user, uint32_t *ret_id,
		    struct audit_refusal *refusal)
{
	if (is_number(value, user))
		*ret_id = number_of(value);
	else if (user && str_eq(value, "unset"))
		*ret_id = UINT32_MAX;
	else
		return parse_account(names, user ? names->users : names->groups, value, ret_id,
				     refusal);
	return 0;
}

static int parse_text(const struct audit_names *names, const char *value, bool path,
		      struct audit_condition *condition, struct audit_refusal *refusal)
{
	size_t length = strlen(value);

	if (path && value[0] != '/')
		return fail(refusal, "a path begins with a slash");
	if (path && value[length - 1] == '/' && condition->type != AUDIT_EXE &&
	    condition->type != AUDIT_DIR)
		return fail(refusal, "the path of a file does not end with a slash");
	if (length > PATH_MAX || (condition->type == AUDIT_FILTERKEY && length > AUDIT_MAX_KEY_LEN))
		return fail(refusal, "the value is too long");
	condition->text = arena_strdup(names->arena, value);
	condition->value = (uint32_t)length;
	return 0;
}

static int parse_value(const struct audit_names *names, enum looks looks, const char *value,
		       uint32_t *arch, struct audit_condition *condition,
		       struct audit_refusal *refusal)
{
	uint32_t *number = &condition->value;
	int bits;

	switch (looks) {
	case USER:
	case GROUP:
		return parse_id(names, value, looks == USER, number, refusal);
	case RESULT:
		return parse_result(names, value, number, refusal);
	case MESSAGE:
		return parse_named(names, value, audit_lib_message(value), "type of record", number,
				   refusal);
	case TEXT:
	case PATH:
		return parse_text(names, value, looks == PATH, condition, refusal);
	case ARCH:
		if (parse_arch(names, value, arch, refusal))
			return -EINVAL;
		*number = *arch;
		return 0;
	case PERMISSIONS:
		bits = audit_permissions(value);
		if (bits < 0)
			return fail(refusal, "permissions are letters of rwxa");
		*number = (uint32_t)bits;
		return 0;
	case FILE_TYPE:
		bits = audit_lib_file_type(value);
		if (bits < 0)
			return fail(refusal, "there is no such type of file");
		*number = (uint32_t)bits;
		return 0;
	case FILE_SYSTEM:
		return parse_named(names, value, audit_lib_file_system(value), "file system",
				   number, refusal);
	case SESSION:
		if (str_eq(value, "unset")) {
			*number = UINT32_MAX;
			return 0;
		}
		__attribute__((fallthrough));
	case SIGNED:
	case NUMBER:
		if (!is_number(value, looks != NUMBER))
			return fail(refusal, "the value is no number");
		*number = number_of(value);
		return 0;
	}
	return -EINVAL;
}

/* The exclude list knows only who somebody is, and what type a record has. */
static bool can_exclude(uint32_t type)
{
	return type == AUDIT_PID || type == AUDIT_UID || type == AUDIT_GID ||
	       type == AUDIT_LOGINUID || type == AUDIT_MSGTYPE || type == AUDIT_EXE ||
	       (type >= AUDIT_SUBJ_USER && type <= AUDIT_SUBJ_CLR);
}

/* Which operators the kernel takes with a field. */
static bool takes(enum looks looks, uint32_t type, uint32_t op)
{
	bool equal = op == AUDIT_EQUAL;

	if (looks == PATH || looks == PERMISSIONS)
		return equal;
	if (looks == TEXT || looks == ARCH || looks == FILE_TYPE || looks == FILE_SYSTEM)
		return equal || op == AUDIT_NOT_EQUAL;
	if (type == AUDIT_INODE)
		return equal || op == AUDIT_NOT_EQUAL;
	if (op == AUDIT_BIT_MASK || op == AUDIT_BIT_TEST)
		return (looks == SIGNED) || type == AUDIT_PERS || type == AUDIT_DEVMINOR;
	return true;
}

int audit_condition_parse(const struct audit_names *names, char *text, uint32_t list,
			  uint32_t *arch, struct audit_condition *ret_condition,
			  struct audit_refusal *ret_refusal)
{
	struct audit_condition condition = {0};
	struct kind kind = {.looks = NUMBER, .lists = ANYWHERE};
	char *value = cut(text, &condition.op);
	int type;

	if (!value || !*text || !*value)
		return fail(ret_refusal, "a condition is FIELD OPERATOR VALUE");
	type = audit_lib_field(text);
	if (type < 0)
		return doubt(names, ret_refusal, "field", text);
	condition.type = (uint32_t)type;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (kinds[i].type == condition.type)
			kind = kinds[i];
	if (!(kind.lists & IN(list)) ||
	    (list == AUDIT_FILTER_EXCLUDE && !can_exclude(condition.type)))
		return fail(ret_refusal, "the list does not know this field");
	if (!takes(kind.looks, condition.type, condition.op))
		return fail(ret_refusal, "the field does not know this operator");
	if (parse_value(names, kind.looks, value, arch, &condition, ret_refusal))
		return -EINVAL;
	*ret_condition = condition;
	return 0;
}

/* Two fields of the same kind, in either order. */
static const struct {
	uint32_t a, b, value;
} comparisons[] = {
	{AUDIT_UID, AUDIT_OBJ_UID, AUDIT_COMPARE_UID_TO_OBJ_UID},
	{AUDIT_GID, AUDIT_OBJ_GID, AUDIT_COMPARE_GID_TO_OBJ_GID},
	{AUDIT_EUID, AUDIT_OBJ_UID, AUDIT_COMPARE_EUID_TO_OBJ_UID},
	{AUDIT_EGID, AUDIT_OBJ_GID, AUDIT_COMPARE_EGID_TO_OBJ_GID},
	{AUDIT_LOGINUID, AUDIT_OBJ_UID, AUDIT_COMPARE_AUID_TO_OBJ_UID},
	{AUDIT_SUID, AUDIT_OBJ_UID, AUDIT_COMPARE_SUID_TO_OBJ_UID},
	{AUDIT_SGID, AUDIT_OBJ_GID, AUDIT_COMPARE_SGID_TO_OBJ_GID},
	{AUDIT_FSUID, AUDIT_OBJ_UID, AUDIT_COMPARE_FSUID_TO_OBJ_UID},
	{AUDIT_FSGID, AUDIT_OBJ_GID, AUDIT_COMPARE_FSGID_TO_OBJ_GID},
	{AUDIT_UID, AUDIT_LOGINUID, AUDIT_COMPARE_UID_TO_AUID},
	{AUDIT_UID, AUDIT_EUID, AUDIT_COMPARE_UID_TO_EUID},
	{AUDIT_UID, AUDIT_FSUID, AUDIT_COMPARE_UID_TO_FSUID},
	{AUDIT_UID, AUDIT_SUID, AUDIT_COMPARE_UID_TO_SUID},
	{AUDIT_LOGINUID, AUDIT_FSUID, AUDIT_COMPARE_AUID_TO_FSUID},
	{AUDIT_LOGINUID, AUDIT_SUID, AUDIT_COMPARE_AUID_TO_SUID},
	{AUDIT_LOGINUID, AUDIT_EUID, AUDIT_COMPARE_AUID_TO_EUID},
	{AUDIT_EUID, AUDIT_SUID, AUDIT_COMPARE_EUID_TO_SUID},
	{AUDIT_EUID, AUDIT_FSUID, AUDIT_COMPARE_EUID_TO_FSUID},
	{AUDIT_SUID, AUDIT_FSUID, AUDIT_COMPARE_SUID_TO_FSUID},
	{AUDIT_GID, AUDIT_EGID, AUDIT_COMPARE_GID_TO_EGID},
	{AUDIT_GID, AUDIT_FSGID, AUDIT_COMPARE_GID_TO_FSGID},
	{AUDIT_GID, AUDIT_SGID, AUDIT_COMPARE_GID_TO_SGID},
	{AUDIT_EGID, AUDIT_FSGID, AUDIT_COMPARE_EGID_TO_FSGID},
	{AUDIT_EGID, AUDIT_SGID, AUDIT_COMPARE_EGID_TO_SGID},
	{AUDIT_SGID, AUDIT_FSGID, AUDIT_COMPARE_SGID_TO_FSGID},
};

int audit_comparison_parse(const struct audit_names *names, char *text,
			   struct audit_condition *ret_condition, struct audit_refusal *ret_refusal)
{
	struct audit_condition condition = {.type = AUDIT_FIELD_COMPARE};
	char *value = cut(text, &condition.op);
	int a, b;

	if (!value || !*text || !*value ||
	    (condition.op != AUDIT_EQUAL && condition.op != AUDIT_NOT_EQUAL))
		return fail(ret_refusal, "a comparison is FIELD=FIELD or FIELD!=FIELD");
	a = audit_lib_field(text);
	b = audit_lib_field(value);
	if (a < 0 || b < 0)
		return doubt(names, ret_refusal, "field", a < 0 ? text : value);
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++) {
		uint32_t one = comparisons[i].a, other = comparisons[i].b;

		if (!((uint32_t)a == one && (uint32_t)b == other) &&
		    !((uint32_t)a == other && (uint32_t)b == one))
			continue;
		condition.value = comparisons[i].value;
		*ret_condition = condition;
		return 0;
	}
	return fail(ret_refusal, "these two fields cannot be compared");
}
