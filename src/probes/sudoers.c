/* What sudo is told: options of Defaults, and who needs no password. */
#include "host/settings/sudoers.h"
#include "probes/probe.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_CONFIGURED,
	 "of an option, yes or no of a flag; of NOPASSWD the rule"},
	{0},
};

static const char *refuse(const char *subject)
{
	if (str_eq(subject, "NOPASSWD") || str_eq(subject, "!authenticate"))
		return NULL;
	return subject[strspn(subject, "abcdefghijklmnopqrstuvwxyz_0123456789")]
		       ? "it is NOPASSWD, !authenticate, or the name of an option"
		       : NULL;
}

/* Takes the words of a value out of a list, or puts them in. */
static const char *change_list(struct arena *arena, const char *old,
			       const struct sudoers_item *item)
{
	struct strv words = {0}, changed = {0}, kept = {0};

	strv_split(&words, arena, old ? old : "", STR_BLANKS);
	strv_split(&changed, arena, item->value, STR_BLANKS);
	if (changed.count > 1000)
		changed.count = 1000;
	for (size_t i = 0; i < words.count; i++)
		if (!strv_has(&changed, words.at[i]))
			strv_push(&kept, arena, words.at[i]);
	for (size_t i = 0; i < changed.count && item->op == '+'; i++)
		if (!strv_has(&kept, changed.at[i]))
			strv_push(&kept, arena, changed.at[i]);
	return strv_join(&kept, arena, " ");
}

static const char *value_of(struct arena *arena, const char *old, const struct sudoers_item *item)
{
	if (item->negated)
		return "no";
	if (!item->op)
		return "yes";
	return item->op == '=' ? item->value : change_list(arena, old, item);
}

static void tell(const struct question *question, const char *object, const char *value,
		 const char *source, struct facts *facts)
{
	/* An option that is switched off is as good as none. */
	if (!value || (!question->field && str_eq(value, "no")))
		fact_absent(facts, ASPECT_CONFIGURED, object, source);
	else
		fact_value(facts, ASPECT_CONFIGURED, object, value, source);
}

static bool tell_unreadable(const struct sudoers *sudoers, const char *object, struct facts *facts)
{
	bool found = false;

	for (size_t i = 0; i < sudoers->count; i++) {
		const struct sudoers_item *item = &sudoers->at[i];

		if (item->kind != SUDOERS_UNREADABLE)
			continue;
		fact_unknown(facts, ASPECT_CONFIGURED, object, item->source, "cannot read %s: %s",
			     item->source, host_error(item->error));
		found = true;
	}
	return found;
}

static bool is_about(const struct sudoers_item *item, const char *name)
{
	return item->kind == SUDOERS_OPTION && str_eq(item->name, name);
}

/* What holds for everybody, and then each Defaults line that says otherwise for some. */
static void tell_option(const struct sudoers *sudoers, const struct question *question,
			struct facts *facts)
{
	const char *name = question->subject, *value = NULL, *source = sudoers->path;

	for (size_t i = 0; i < sudoers->count; i++) {
		const struct sudoers_item *item = &sudoers->at[i];

		if (!is_about(item, name) || item->scope)
			continue;
		value = value_of(facts->arena, value, item);
		source = item->source;
	}
	tell(question, name, value, source, facts);
	for (size_t i = 0; i < sudoers->count; i++) {
		const struct sudoers_item *item = &sudoers->at[i];

		if (is_about(item, name) && item->scope)
			tell(question,
			     arena_printf(facts->arena, "%s of Defaults%s", name, item->scope),
			     value_of(facts->arena, value, item), item->source, facts);
	}
}

/* Each line that does without a password. */
static bool tell_grants(const struct sudoers *sudoers, const char *subject, struct facts *facts)
{
	bool found = false, rules = str_eq(subject, "NOPASSWD");

	for (size_t i = 0; i < sudoers->count; i++) {
		const struct sudoers_item *item = &sudoers->at[i];
		bool grants = rules ? item->kind == SUDOERS_NOPASSWD
				    : is_about(item, "authenticate") && item->negated;

		if (!grants)
			continue;
		found = true;
		fact_value(facts, ASPECT_CONFIGURED, subject,
			   rules         ? item->value
			   : item->scope ? arena_printf(facts->arena, "Defaults%s", item->scope)
					 : "Defaults",
			   item->source);
	}
	return found;
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct sudoers *sudoers = sudoers_get(host);
	const char *subject = question->subject;
	bool found;

	if (!(question->aspects & ASPECT_CONFIGURED))
		return;
	if (!sudoers->path) {
		fact_absent(ret_facts, ASPECT_CONFIGURED, subject, "no sudoers");
		return;
	}
	if (!str_eq(subject, "NOPASSWD") && !str_eq(subject, "!authenticate")) {
		if (!tell_unreadable(sudoers, subject, ret_facts))
			tell_option(sudoers, question, ret_facts);
		return;
	}
	found = tell_grants(sudoers, subject, ret_facts);
	if (!tell_unreadable(sudoers, subject, ret_facts) && !found)
		fact_absent(ret_facts, ASPECT_CONFIGURED, subject, sudoers->path);
}

const struct probe probe_sudoers = {
	.name = "sudoers",
	.summary = "options of sudo, and who needs no password for it",
	.subject = "OPTION|NOPASSWD|!authenticate",
	.example = "sudoers NOPASSWD absent",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
