/* The kernel goes through a list and stops at the first rule that fits (kernel/auditsc.c): what an
   `always` rule asks for is lost behind a `never` that fits as well. */
#include "host/audit/audit_match.h"

#include "base/str.h"
#include "host/audit/audit_lib.h"

/* The record without which an event is not written at all. */
#define RECORD_SYSCALL 1300

/* The last word of a mask is for classes, which the kernel has made into syscalls. */
#define WORDS (AUDIT_BITMASK_SIZE - 1)

void audit_rules_add(struct audit_rules *rules, struct arena *arena, const struct audit_rule *rule)
{
	size_t at = rule->prepend ? 0 : rules->count;

	if (rules->count == rules->space) {
		size_t space = rules->space ? rules->space * 2 : 32;

		rules->at = arena_grow(arena, rules->at, rules->count * sizeof(*rules->at),
				       space * sizeof(*rules->at));
		rules->space = space;
	}
	memmove(rules->at + at + 1, rules->at + at, (rules->count - at) * sizeof(*rules->at));
	rules->at[at] = *rule;
	rules->count++;
}

void audit_rules_clear(struct audit_rules *rules, const char *key)
{
	size_t kept = 0;

	for (size_t i = 0; i < rules->count; i++)
		if (key && !audit_rule_has_keys(&rules->at[i], key))
			rules->at[kept++] = rules->at[i];
	rules->count = kept;
}

/* The least and the greatest value that a condition lets through. */
struct range {
	uint32_t low, high;
	bool known;
};

static struct range range_of(const struct audit_condition *condition)
{
	uint32_t value = condition->value;

	switch (condition->op) {
	case AUDIT_EQUAL:
		return (struct range){value, value, true};
	case AUDIT_GREATER_THAN_OR_EQUAL:
		return (struct range){value, UINT32_MAX, true};
	case AUDIT_LESS_THAN_OR_EQUAL:
		return (struct range){0, value, true};
	case AUDIT_GREATER_THAN:
		return (struct range){value + 1, UINT32_MAX, value != UINT32_MAX};
	case AUDIT_LESS_THAN:
		return (struct range){0, value - 1, value != 0};
	default:
		return (struct range){0};
	}
}

/* Numbers that stand for themselves, and not for bits, signed values or comparisons. */
static bool is_ordered(uint32_t type)
{
	return type <= AUDIT_LOGINUID || type == AUDIT_OBJ_UID || type == AUDIT_OBJ_GID ||
	       type == AUDIT_MSGTYPE || type == AUDIT_PPID;
}

static bool same_place(const struct audit_condition *a, const struct audit_condition *b)
{
	const char *one = a->real ? a->real : a->text, *other = b->real ? b->real : b->text;

	return str_eq(a->text, b->text) || str_eq(one, other);
}

/* Does `wide` hold wherever `narrow`, of the same field, does? */
static bool follows(const struct audit_condition *wide, const struct audit_condition *narrow)
{
	struct range outer = range_of(wide), inner = range_of(narrow);

	if (wide->text)
		return wide->op == narrow->op && same_place(wide, narrow);
	if (wide->op == narrow->op && wide->value == narrow->value)
		return true;
	if (wide->type == AUDIT_PERM)
		return !(narrow->value & ~wide->value);
	if (!is_ordered(wide->type) || !inner.known)
		return false;
	if (wide->op == AUDIT_NOT_EQUAL)
		return wide->value < inner.low || wide->value > inner.high;
	return outer.known && outer.low <= inner.low && inner.high <= outer.high;
}

/* A watch is of a file or of a directory: of whichever it was when it was made. */
static bool same_field(const struct audit_condition *wide, const struct audit_condition *narrow,
		       bool watch)
{
	if (wide->type == narrow->type)
		return true;
	return watch && narrow->type == AUDIT_WATCH && wide->type == AUDIT_DIR;
}

static bool is_given(const struct audit_condition *wide, const struct audit_rule *asked)
{
	for (size_t i = 0; i < asked->count; i++)
		if (same_field(wide, &asked->at[i], asked->watch) && follows(wide, &asked->at[i]))
			return true;
	return false;
}

/* Does the rule fit whatever the asked one fits, syscalls aside? */
static bool fits(const struct audit_rule *rule, const struct audit_rule *asked, uint32_t arch)
{
	for (size_t i = 0; i < rule->count; i++) {
		const struct audit_condition *condition = &rule->at[i];

		if (condition->type == AUDIT_FILTERKEY)
			continue;
		if (condition->type == AUDIT_ARCH) {
			if ((condition->value == arch) != (condition->op == AUDIT_EQUAL))
				return false;
		} else if (!is_given(condition, asked)) {
			return false;
		}
	}
	return true;
}

static bool has_syscalls(const struct audit_rule *asked)
{
	return asked->list == AUDIT_FILTER_EXIT || asked->list == AUDIT_FILTER_URING_EXIT;
}

/*
 * A rule on a path that names no syscalls is lost only behind a `never` for one that can touch a
 * file; the kernel takes for each permission those that need it.
 */
static const char *const on_files[] = {
	"open",         "openat",   "openat2",    "creat",     "truncate",    "truncate64",
	"rename",       "renameat", "renameat2",  "link",      "linkat",      "unlink",
	"unlinkat",     "symlink",  "symlinkat",  "mkdir",     "mkdirat",     "rmdir",
	"mknod",        "mknodat",  "chmod",      "fchmod",    "fchmodat",    "fchmodat2",
	"chown",        "fchown",   "lchown",     "fchownat",  "chown32",     "fchown32",
	"lchown32",     "setxattr", "lsetxattr",  "fsetxattr", "removexattr", "lremovexattr",
	"fremovexattr", "utime",    "utimes",     "utimensat", "futimesat",   "execve",
	"execveat",     "readlink", "readlinkat", "listxattr", "getxattr",
};

static void file_syscalls(uint32_t arch, uint32_t mask[WORDS])
{
	memset(mask, 0, WORDS * sizeof(mask[0]));
	for (size_t i = 0; i < sizeof(on_files) / sizeof(on_files[0]); i++) {
		int number = audit_lib_syscall(on_files[i], arch);

		if (number >= 0 && number < WORDS * 32)
			mask[number / 32] |= UINT32_C(1) << (number % 32);
	}
}

static bool is_everything(const struct audit_rule *rule)
{
	for (size_t i = 0; i < WORDS; i++)
		if (rule->mask[i] != UINT32_MAX)
			return false;
	return true;
}

static bool is_of_files(const struct audit_rule *rule)
{
	return audit_rule_find(rule, AUDIT_WATCH) || audit_rule_find(rule, AUDIT_DIR) ||
	       audit_rule_find(rule, AUDIT_PERM);
}

/* What is left to be found of a rule on one architecture. */
struct search {
	uint32_t open[WORDS];     /* syscalls that no rule asks for so far */
	uint32_t left[WORDS];     /* syscalls that no rule has fitted so far */
	uint32_t relevant[WORDS]; /* those that a `never` may not take away */
	const struct audit_rule *found, *silencer;
	unsigned most; /* how many syscalls `found` has taken */
};

static void search_rule(struct search *search, const struct audit_rule *rule,
			const struct audit_rule *asked, const char *keys)
{
	unsigned all = 0;
	bool wanted = rule->action == asked->action && (!keys || audit_rule_has_keys(rule, keys));

	/* The same under another key does no harm, but is not what was asked for. */
	if (!wanted && rule->action == asked->action)
		return;
	for (size_t i = 0; i < WORDS; i++) {
		uint32_t taken = search->left[i] & rule->mask[i];

		if (wanted)
			search->open[i] &= ~rule->mask[i];
		all += (unsigned)__builtin_popcount(taken);
		if (!wanted && (taken & search->relevant[i]) && !search->silencer)
			search->silencer = rule;
		search->left[i] &= ~taken;
	}
	if (wanted && all > search->most) {
		search->most = all;
		search->found = rule;
	}
}

static bool is_counted(const struct audit_rule *rule, uint32_t list, bool maybe)
{
	return rule->list == list && (maybe || !rule->maybe);
}

/* In a list that knows no syscalls the first rule that fits decides. */
static const struct audit_rule *first_of(const struct audit_rules *rules, uint32_t list,
					 const struct audit_rule *asked, uint32_t arch, bool maybe)
{
	for (size_t i = 0; i < rules->count; i++)
		if (is_counted(&rules->at[i], list, maybe) && fits(&rules->at[i], asked, arch))
			return &rules->at[i];
	return NULL;
}

static bool excludes(const struct audit_rule *rule, const struct audit_rule *asked, uint32_t arch)
{
	struct audit_condition type = {
		.type = AUDIT_MSGTYPE,
		.op = AUDIT_EQUAL,
		.value = RECORD_SYSCALL,
	};

	for (size_t i = 0; i < rule->count; i++) {
		const struct audit_condition *condition = &rule->at[i];
		struct audit_rule one = {.at = rule->at + i, .count = 1};

		if (condition->type == AUDIT_MSGTYPE ? !follows(condition, &type)
						     : !fits(&one, asked, arch))
			return false;
	}
	/* Without a condition it excludes nothing. */
	return rule->count > 0;
}

/* What keeps the event of a syscall from being written whatever the list `exit` says. */
static const struct audit_rule *silencer_of(const struct audit_rules *rules,
					    const struct audit_rule *asked, uint32_t arch,
					    bool maybe)
{
	const struct audit_rule *task = first_of(rules, AUDIT_FILTER_TASK, asked, arch, maybe);

	if (task && task->action == AUDIT_NEVER)
		return task;
	/* The action of this list counts for nothing: see auditctl(8). */
	for (size_t i = 0; i < rules->count; i++)
		if (is_counted(&rules->at[i], AUDIT_FILTER_EXCLUDE, maybe) &&
		    excludes(&rules->at[i], asked, arch))
			return &rules->at[i];
	return NULL;
}

static struct audit_finding find_on(const struct audit_rules *rules, const struct audit_rule *asked,
				    uint32_t arch, bool maybe)
{
	const struct audit_condition *key = audit_rule_find(asked, AUDIT_FILTERKEY);
	struct audit_finding finding = {AUDIT_IN_FORCE, NULL};
	struct search search = {0};

	memcpy(search.open, asked->mask, sizeof(search.open));
	memcpy(search.left, asked->mask, sizeof(search.left));
	memset(search.relevant, 0xff, sizeof(search.relevant));
	if (is_everything(asked) && is_of_files(asked))
		file_syscalls(arch, search.relevant);
	for (size_t i = 0; i < rules->count; i++)
		if (is_counted(&rules->at[i], asked->list, maybe) &&
		    fits(&rules->at[i], asked, arch))
			search_rule(&search, &rules->at[i], asked, key ? key->text : NULL);
	finding.rule = search.found;
	for (size_t i = 0; i < WORDS; i++)
		if (search.open[i])
			return (struct audit_finding){AUDIT_MISSING, NULL};
	if (!search.silencer && asked->action == AUDIT_ALWAYS)
		search.silencer = silencer_of(rules, asked, arch, maybe);
	if (search.silencer)
		finding = (struct audit_finding){AUDIT_SILENCED, search.silencer};
	return finding;
}

/* What holds for the whole, of what holds for two parts: what is missing weighs most. */
static struct audit_finding both_of(struct audit_finding a, struct audit_finding b)
{
	if (a.effect == AUDIT_MISSING || (a.effect == AUDIT_SILENCED && b.effect != AUDIT_MISSING))
		return a;
	return b.effect == AUDIT_IN_FORCE && a.rule ? a : b;
}

/* Each permission for itself: two rules, for reading and for writing, are as good as one. */
static struct audit_finding find_permissions(const struct audit_rules *rules,
					     const struct audit_rule *asked, uint32_t arch,
					     bool maybe)
{
	const struct audit_condition *permissions = audit_rule_find(asked, AUDIT_PERM);
	struct audit_condition conditions[AUDIT_MAX_FIELDS];
	struct audit_finding finding = {AUDIT_IN_FORCE, NULL};
	struct audit_rule one = *asked;

	if (!permissions || !permissions->value)
		return find_on(rules, asked, arch, maybe);
	memcpy(conditions, asked->at, asked->count * sizeof(conditions[0]));
	one.at = conditions;
	for (uint32_t bit = 1; bit <= permissions->value; bit <<= 1) {
		if (!(permissions->value & bit))
			continue;
		conditions[permissions - asked->at].value = bit;
		finding = both_of(finding, find_on(rules, &one, arch, maybe));
	}
	return finding;
}

static struct audit_finding find_plain(const struct audit_rules *rules,
				       const struct audit_rule *asked, uint32_t arch, bool maybe)
{
	const struct audit_condition *key = audit_rule_find(asked, AUDIT_FILTERKEY);

	for (size_t i = 0; i < rules->count; i++) {
		const struct audit_rule *rule = &rules->at[i];
		bool same = rule->action == asked->action || asked->list == AUDIT_FILTER_EXCLUDE;

		if (!is_counted(rule, asked->list, maybe) || !fits(rule, asked, arch))
			continue;
		if (!same)
			return (struct audit_finding){AUDIT_SILENCED, rule};
		if (!key || audit_rule_has_keys(rule, key->text))
			return (struct audit_finding){AUDIT_IN_FORCE, rule};
	}
	return (struct audit_finding){AUDIT_MISSING, NULL};
}

struct audit_finding audit_rules_find(const struct audit_rules *rules,
				      const struct audit_rule *asked, uint32_t arch, bool maybe)
{
	const struct audit_condition *named = audit_rule_find(asked, AUDIT_ARCH);
	struct audit_finding one;
	uint32_t both[] = {arch, audit_arch_compat(arch)};
	struct audit_finding finding = {AUDIT_IN_FORCE, NULL};

	if (!has_syscalls(asked))
		return find_plain(rules, asked, arch, maybe);
	if (named && named->op == AUDIT_EQUAL)
		return find_permissions(rules, asked, named->value, maybe);
	/* It is for programs of either kind: neither may be left out. */
	for (size_t i = 0; i < 2; i++) {
		if (!both[i] || (named && named->value == both[i]))
			continue;
		one = find_permissions(rules, asked, both[i], maybe);
		finding = both_of(finding, one);
	}
	return finding;
}
