/* Settings of files that hold keys and values, with the drop-ins and vendor's copies they have. */
#include "host/settings/keyfile.h"
#include "probes/probe.h"

enum { VALUE, VALUES };

static const struct field fields[] = {
	[VALUE] = {"value", VALUE_SCALAR, ASPECT_CONFIGURED, "the last one, without quotes"},
	[VALUES] = {"values", VALUE_LIST, ASPECT_CONFIGURED,
		    "all of them, but for those that an empty one takes back"},
	{0},
};

/* Takes a dialect's name off the subject. */
static bool read_dialect(const char **text, enum keyfile_dialect *ret_dialect)
{
	for (int i = 0; i < N_KEYFILE_DIALECTS; i++) {
		const char *name = keyfile_dialect_name((enum keyfile_dialect)i);
		size_t length = strlen(name);

		if (str_starts(*text, name) && (*text)[length] == ':') {
			*text += length + 1;
			*ret_dialect = (enum keyfile_dialect)i;
			return true;
		}
	}
	return false;
}

/* Where a file of systemd is named without its directory: journald.conf. */
static const char *full_path(struct arena *arena, const char *path)
{
	if (*path == '/' || strchr(path, '/') || !str_ends(path, ".conf"))
		return path;
	return arena_printf(arena, "/etc/systemd/%s", path);
}

/* Takes the subject apart. Returns why it is wrong, or NULL. */
static const char *read_subject(struct arena *arena, const char *text,
				struct keyfile_question *ret_question)
{
	struct keyfile_question question = {0};
	bool told = read_dialect(&text, &question.dialect);
	const char *colon = strchr(text, ':'), *dot;

	if (!colon || !colon[1])
		return "behind the file stands a `:` and the key";
	question.path = full_path(arena, arena_strndup(arena, text, (size_t)(colon - text)));
	question.key = colon + 1;
	if (*question.path != '/')
		return "the file is no path that begins with `/`";
	if (!told && keyfile_dialect_of(question.path, &question.dialect))
		return "say what is in the file: blank:, shell:, ini:, audit:, plain: or systemd: "
		       "before it";
	if (question.dialect == KEYFILE_INI || question.dialect == KEYFILE_SYSTEMD) {
		dot = strrchr(question.key, '.');
		if (!dot || dot == question.key || !dot[1])
			return "the key is named Section.Key";
		question.section = arena_strndup(arena, question.key, (size_t)(dot - question.key));
		question.key = dot + 1;
	}
	*ret_question = question;
	return NULL;
}

static const char *refuse(const char *text)
{
	struct arena arena = {0};
	const char *why = read_subject(&arena, text, &(struct keyfile_question){0});

	arena_free(&arena);
	return why;
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	struct keyfile_question asked;
	struct keyfile_answer answer;
	const struct strv *values = &answer.values;
	const char *why = read_subject(host->arena, question->subject, &asked);
	const char *object = question->subject, *value;
	bool all = question->field == &fields[VALUES];

	if (!(question->aspects & ASPECT_CONFIGURED))
		return;
	if (why) {
		fact_unknown(ret_facts, ASPECT_CONFIGURED, object, NULL, "%s", why);
		return;
	}
	keyfile_ask(host, &asked, &answer);
	why = all ? answer.all_why : answer.why;
	if (why) {
		fact_unknown(ret_facts, ASPECT_CONFIGURED, object, answer.source, "%s", why);
	} else if (!values->count) {
		fact_absent(ret_facts, ASPECT_CONFIGURED, object, answer.source);
	} else {
		value = all ? strv_join(values, host->arena, " ") : values->at[values->count - 1];
		fact_value(ret_facts, ASPECT_CONFIGURED, object, value, answer.source);
	}
}

const struct probe probe_keyfile = {
	.name = "keyfile",
	.summary = "settings of files with keys and values: login.defs, journald.conf, …",
	.subject = "[DIALECT:]FILE:[SECTION.]KEY",
	.example = "keyfile /etc/login.defs:PASS_MAX_DAYS <= 365",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
