#include "host/accounts/select.h"

#include "host/settings/keyfile.h"

#include <fnmatch.h>
#include <stdlib.h>

#define DIGITS "0123456789"

/* What shadow and systemd take where login.defs(5) has no UID_MIN. */
#define FIRST_REGULAR_ID 1000

static const struct {
	const char *name;
	enum term_kind kind;
} classes[] = {
	{"@login", TERM_LOGIN},
	{"@system", TERM_SYSTEM},
	{"@regular", TERM_REGULAR},
	{"@password", TERM_PASSWORD},
};

/* NUMBER or FIRST-LAST. */
static bool read_ids(const char *text, struct term *term)
{
	size_t length = strspn(text, DIGITS);
	const char *last = text[length] == '-' ? text + length + 1 : text;

	if (!length || length > 10 || (text[length] && text[length] != '-'))
		return false;
	if (!*last || strlen(last) > 10 || last[strspn(last, DIGITS)])
		return false;
	/* Leading zeros are no sign of octal numbers here. */
	term->first = strtoll(text, NULL, 10);
	term->last = strtoll(last, NULL, 10);
	return true;
}

static const char *read_class(struct arena *arena, const char *text, struct term *term)
{
	for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
		if (str_eq(classes[i].name, text)) {
			term->kind = classes[i].kind;
			return NULL;
		}
	if (str_starts(text, "@group:") && text[strlen("@group:")]) {
		term->kind = TERM_GROUP;
		term->name = arena_strdup(arena, text + strlen("@group:"));
		return NULL;
	}
	term->kind = TERM_GID;
	if (str_starts(text, "@gid:") && read_ids(text + strlen("@gid:"), term))
		return NULL;
	return "behind an @ stands login, system, regular, password, group:NAME or gid:NUMBER";
}

static const char *read_term(struct arena *arena, enum account_kind kind, const char *text,
			     struct term *term)
{
	if (*text == '!') {
		term->negated = true;
		text++;
	}
	if (!*text)
		return "a term is empty";
	if (*text == '@')
		return kind == ACCOUNT_USER ? read_class(arena, text, term)
					    : "groups have no classes, only names and ids";
	term->kind = read_ids(text, term) ? TERM_ID : TERM_NAME;
	term->name = arena_strdup(arena, text);
	return NULL;
}

const char *terms_parse(struct arena *arena, enum account_kind kind, const char *subject,
			struct terms *ret_terms)
{
	struct terms terms = {0};

	terms.space = 1;
	for (const char *at = subject; *at; at++)
		terms.space += *at == ',';
	terms.at = arena_alloc(arena, terms.space * sizeof(*terms.at));
	for (const char *at = subject;; at++) {
		size_t length = strcspn(at, ",");
		const char *why = read_term(arena, kind, arena_strndup(arena, at, length),
					    &terms.at[terms.count++]);

		if (why)
			return why;
		at += length;
		if (!*at)
			break;
	}
	*ret_terms = terms;
	return NULL;
}

/* The first id of people. */
struct first_regular {
	long long id;
	const char *why; /* nobody can tell: the reason */
};

static const void *load_first_regular(struct host *host)
{
	const struct keyfile_question question = {.dialect = KEYFILE_BLANK,
						  .path = "/etc/login.defs",
						  .key = "UID_MIN"};
	struct first_regular *first = arena_new(host->arena, struct first_regular);
	struct keyfile_answer answer;

	keyfile_ask(host, &question, &answer);
	first->id = FIRST_REGULAR_ID;
	first->why = answer.why;
	if (!answer.why && answer.values.count &&
	    str_to_number(answer.values.at[answer.values.count - 1], &first->id))
		first->why = arena_printf(host->arena, "%s: UID_MIN is no number", answer.source);
	return first;
}

/* nobody, and the ids that stand for none, belong to no person. */
static int is_regular(struct host *host, const struct entry *entry, const char **ret_why)
{
	const struct first_regular *first = host_view(host, load_first_regular);

	if (entry->id <= 0)
		return 0;
	if (first->why) {
		*ret_why = first->why;
		return -1;
	}
	return entry->id >= first->id && entry->id != 65534 && entry->id != 65535 &&
	       entry->id < 4294967294;
}

static int is_system(struct host *host, const struct entry *entry, const char **ret_why)
{
	int regular = is_regular(host, entry, ret_why);

	return regular < 0 ? -1 : !regular && entry->id;
}

static int is_member(struct host *host, const struct entry *entry, const char *name,
		     const char **ret_why)
{
	const struct roster *roster = roster_get(host);
	const struct entry *group = entry_of_name(&roster->groups, name);

	if (group && roster_is_member(roster, entry->name, group->id))
		return 1;
	if (!roster->groups.holes.count)
		return 0;
	*ret_why = roster->groups.holes.at[0];
	return -1;
}

static int has_password(const struct entry *entry, const char **ret_why)
{
	if (entry->method)
		return !str_eq(entry->method, "locked") && !str_eq(entry->method, "invalid");
	*ret_why = entry->why;
	return -1;
}

static int has_id(const struct term *term, long long id)
{
	return id >= term->first && id <= term->last;
}

static int match(struct host *host, const struct term *term, const struct entry *entry,
		 const char **ret_why)
{
	switch (term->kind) {
	case TERM_NAME:
		return !fnmatch(term->name, entry->name, FNM_NOESCAPE);
	case TERM_ID:
		return has_id(term, entry->id);
	case TERM_LOGIN:
		return shell_lets_in(entry->shell);
	case TERM_SYSTEM:
		return is_system(host, entry, ret_why);
	case TERM_REGULAR:
		return is_regular(host, entry, ret_why);
	case TERM_PASSWORD:
		return has_password(entry, ret_why);
	case TERM_GROUP:
		return is_member(host, entry, term->name, ret_why);
	case TERM_GID:
		return has_id(term, entry->group);
	}
	return 0;
}

int terms_match(struct host *host, const struct terms *terms, const struct entry *entry,
		const char **ret_why)
{
	int result = 1;

	for (size_t i = 0; i < terms->count; i++) {
		int matches = match(host, &terms->at[i], entry, ret_why);

		if (matches < 0)
			result = -1;
		else if ((matches > 0) == terms->at[i].negated)
			return 0;
	}
	return result;
}

bool shell_lets_in(const char *shell)
{
	static const char *const dirs[] = {"/usr/sbin/", "/usr/bin/", "/sbin/", "/bin/"};
	static const char *const refusing[] = {"nologin", "false",    "true",     "sync",
					       "halt",    "shutdown", "poweroff", "reboot"};

	if (str_eq(shell, "/dev/null"))
		return false;
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (!str_starts(shell, dirs[i]))
			continue;
		for (size_t k = 0; k < sizeof(refusing) / sizeof(refusing[0]); k++)
			if (str_eq(shell + strlen(dirs[i]), refusing[k]))
				return false;
	}
	return true;
}

/* The lines of both files; what cannot be read may have some. */
static void select_nis(struct host *host, enum account_kind kind, struct selection *selection)
{
	bool users = kind == ACCOUNT_USER;
	const struct shadows *shadows = users ? user_shadows(host) : group_shadows(host);
	const struct account *lists[] = {(users ? users_get(host) : groups_get(host))->nis,
					 shadows->nis};
	struct account *joined = NULL;
	struct strv *holes = arena_new(host->arena, struct strv);

	for (size_t i = 0; i < 2; i++)
		for (const struct account *at = lists[i]; at; at = at->next) {
			struct account *copy = arena_new(host->arena, struct account);

			*copy = *at;
			copy->next = joined;
			joined = copy;
		}
	*holes = *selection->holes;
	if (shadows->error) {
		/* A copy of its own: the list belongs to the roster. */
		holes->space = holes->count;
		strv_push(holes, host->arena,
			  arena_printf(host->arena, "cannot read %s: %s", shadows->error_file,
				       host_error(shadows->error)));
	}
	selection->nis = joined;
	selection->holes = holes;
}

void select_entries(struct host *host, enum account_kind kind, const char *subject,
		    struct selection *ret_selection)
{
	const struct roster *roster = roster_get(host);
	bool users = kind == ACCOUNT_USER;
	const struct entries *entries = users ? &roster->users : &roster->groups;
	struct selection selection = {
		.holes = &entries->holes,
		.looked_at = users ? "/etc/passwd" : "/etc/group",
	};
	struct terms terms = {0};

	if (str_eq(subject, "+")) {
		select_nis(host, kind, &selection);
		*ret_selection = selection;
		return;
	}
	/* Whoever asks has had the subject refused that is none. */
	if (terms_parse(host->arena, kind, subject, &terms))
		terms.count = 0;
	selection.at = arena_alloc(host->arena, (entries->count + 1) * sizeof(*selection.at));
	for (size_t i = 0; i < entries->count && terms.count; i++) {
		const char *why = NULL;

		if (!terms_match(host, &terms, &entries->at[i], &why))
			continue;
		selection.at[selection.count++] = (struct chosen){.entry = &entries->at[i],
								  .why = why};
	}
	*ret_selection = selection;
}

const char *select_word(struct arena *arena, const char *name)
{
	char *word;

	if (*name && !name[strcspn(name, STR_BLANKS ",")])
		return name;
	word = arena_strdup(arena, *name ? name : "?");
	for (char *at = word; *at; at++)
		if (strchr(STR_BLANKS ",", *at))
			*at = '?';
	return word;
}
