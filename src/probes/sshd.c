/* Settings of the SSH daemon, as its next start reads them: sshd_config(5). */
#include "host/settings/sshd_config.h"
#include "host/settings/sshd_match.h"
#include "host/users.h"
#include "probes/probe.h"

static const struct field fields[] = {
	{"value", VALUE_SCALAR, ASPECT_CONFIGURED,
	 "as `sshd -T` prints it; several values have blanks between them"},
	{0},
};

/* What the subject asks for. */
struct subject {
	const struct sshd_keyword *keyword;
	bool any; /* also what each Match block says */
	bool connected;
	struct sshd_connection connection;
	const char *object;
};

/* Reads USER=…,ADDR=… into a connection. Returns why it is wrong, or NULL. */
static const char *read_connection(struct arena *arena, const char *text,
				   struct sshd_connection *ret_connection)
{
	static const char *const names[] = {"user", "host", "addr", "laddr", "lport", "rdomain"};
	struct sshd_connection connection = {0};
	const char **places[] = {
		&connection.user,          &connection.host,       &connection.address,
		&connection.local_address, &connection.local_port, &connection.domain,
	};
	struct strv terms = {0};

	strv_split(&terms, arena, text, ",");
	for (size_t i = 0; i < terms.count; i++) {
		const char *equals = strchr(terms.at[i], '=');
		size_t length = equals ? (size_t)(equals - terms.at[i]) : 0, k = 0;

		while (k < 6 &&
		       !(strlen(names[k]) == length && !memcmp(names[k], terms.at[i], length)))
			k++;
		if (!equals || !equals[1] || k == 6)
			return "behind the `@` stands `any`, or user=, host=, addr=, laddr=, "
			       "lport=, rdomain= with a value";
		*places[k] = equals + 1;
	}
	*ret_connection = connection;
	return terms.count ? NULL : "behind the `@` stands nothing";
}

/* Takes the subject apart. Returns why it is wrong, or NULL. */
static const char *read_subject(struct arena *arena, const char *text, struct subject *ret_subject)
{
	const char *at = strchr(text, '@');
	const char *name = arena_strndup(arena, text, at ? (size_t)(at - text) : strlen(text));
	struct subject subject = {.keyword = sshd_keyword_find(name)};

	if (sshd_keyword_is_dead(name))
		return "sshd does not heed this keyword any more";
	if (!subject.keyword)
		return "no such keyword in sshd_config(5)";
	subject.any = at && str_eq(at, "@any");
	subject.connected = at && !subject.any;
	subject.object = arena_printf(arena, "%s%s", subject.keyword->name,
				      subject.connected ? at : "");
	*ret_subject = subject;
	return subject.connected ? read_connection(arena, at + 1, &ret_subject->connection) : NULL;
}

static const char *refuse(const char *text)
{
	struct arena arena = {0};
	struct subject subject;
	const char *why = read_subject(&arena, text, &subject);

	arena_free(&arena);
	return why;
}

static void tell(const struct question *question, const char *object,
		 const struct sshd_answer *answer, struct facts *facts)
{
	const char *source = answer->source ? answer->source : "default of sshd";

	if (!question->field && !answer->source)
		fact_absent(facts, ASPECT_CONFIGURED, object, source);
	else if (answer->why)
		fact_unknown(facts, ASPECT_CONFIGURED, object, answer->source, "%s", answer->why);
	else
		fact_value(facts, ASPECT_CONFIGURED, object, answer->value, source);
}

static void tell_all(const struct question *question, const struct sshd_config *config,
		     const struct sshd_question *asked, const char *object, struct facts *facts)
{
	struct sshd_answer answer;

	for (size_t nth = 0; sshd_ask(facts->arena, config, asked, nth, &answer); nth++)
		tell(question, object, &answer, facts);
}

static const char *describe(struct arena *arena, const char *keyword,
			    const struct sshd_block *block)
{
	const char *object = keyword;

	for (; block; block = block->parent)
		object = arena_printf(arena, "%s in Match %s", object, block->condition);
	return object;
}

/* Each Match block that says something of it, in the order of the file. */
static void tell_blocks(const struct question *question, const struct sshd_config *config,
			const struct subject *subject, struct facts *facts)
{
	const struct sshd_block *last = NULL;

	for (size_t i = 0; i < config->count; i++) {
		const struct sshd_step *step = &config->at[i];
		struct sshd_question asked = {.keyword = subject->keyword, .block = step->block};

		if (!step->block || step->block == last ||
		    !(step->error || step->keyword == subject->keyword))
			continue;
		last = step->block;
		tell_all(question, config, &asked,
			 describe(facts->arena, subject->object, step->block), facts);
	}
}

/* Is there a configuration at all that can be asked? If not, that is the fact. */
static bool is_readable(const struct sshd_config *config, const char *object, struct facts *facts)
{
	if (config->error)
		fact_unknown(facts, ASPECT_CONFIGURED, object, config->path, "cannot read %s: %s",
			     config->path, host_error(config->error));
	else if (!config->path)
		fact_absent(facts, ASPECT_CONFIGURED, object, "no sshd_config");
	else if (config->refused)
		fact_unknown(facts, ASPECT_CONFIGURED, object, config->path, "%s", config->refused);
	else
		return true;
	return false;
}

/* The names of the user's groups, or NULL where the host's files do not tell them. */
static const struct strv *groups_of(struct host *host, const char *user)
{
	const struct accounts *users = users_get(host), *groups = groups_get(host);
	struct strv *names = arena_new(host->arena, struct strv);
	const struct account *account = account_find(users, user);

	if (users->error || groups->error)
		return NULL;
	for (size_t i = 0; account && i < groups->count; i++) {
		struct strv members = {0};

		strv_split(&members, host->arena, groups->at[i].members, ",");
		if (groups->at[i].id == account->group || strv_has(&members, user))
			strv_push(names, host->arena, groups->at[i].name);
	}
	return names;
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	const struct sshd_config *config = sshd_config_get(host);
	struct sshd_question asked = {0};
	struct subject subject;
	const char *why = read_subject(host->arena, question->subject, &subject);

	if (!(question->aspects & ASPECT_CONFIGURED))
		return;
	if (why) {
		fact_unknown(ret_facts, ASPECT_CONFIGURED, question->subject, NULL, "%s", why);
		return;
	}
	if (!is_readable(config, subject.object, ret_facts))
		return;
	if (subject.connection.user)
		subject.connection.groups = groups_of(host, subject.connection.user);
	asked.keyword = subject.keyword;
	asked.connection = subject.connected ? &subject.connection : NULL;
	tell_all(question, config, &asked, subject.object, ret_facts);
	if (subject.any)
		tell_blocks(question, config, &subject, ret_facts);
}

const struct probe probe_sshd = {
	.name = "sshd",
	.summary = "settings of the SSH daemon, Match blocks and Includes heeded",
	.subject = "KEYWORD[@any|@user=NAME,addr=ADDRESS,host=NAME]",
	.example = "sshd PermitRootLogin@any in no without-password",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
