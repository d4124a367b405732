/* Values of TOML files, by their path in them. */
#include "host/trees/tree_ask.h"
#include "probes/probe.h"

static const struct field fields[] = {
	[TREE_ASK_VALUE] = {"value", VALUE_SCALAR, ASPECT_CONFIGURED,
			    "of a list, all items with blanks between them"},
	[TREE_ASK_VALUES] = {"values", VALUE_LIST, ASPECT_CONFIGURED, "the items of a list"},
	[TREE_ASK_KEYS] = {"keys", VALUE_LIST, ASPECT_CONFIGURED, "the keys of a map"},
	[TREE_ASK_COUNT] = {"count", VALUE_SCALAR, ASPECT_CONFIGURED,
			    "how much is in a list or map"},
	[TREE_ASK_TYPE] = {"type", VALUE_STRING, ASPECT_CONFIGURED,
			   "bool bool integer float string time list map"},
	{0},
};

static const char *refuse(const char *text)
{
	struct arena arena = {0};
	const char *why = tree_subject_read(&arena, TREE_TOML, text, &(struct tree_subject){0});

	arena_free(&arena);
	return why;
}

static void tell(const struct tree_answer *answer, struct facts *facts)
{
	if (answer->why)
		fact_unknown(facts, ASPECT_CONFIGURED, answer->object, answer->source, "%s",
			     answer->why);
	else if (answer->value)
		fact_value(facts, ASPECT_CONFIGURED, answer->object, answer->value, answer->source);
	else
		fact_absent(facts, ASPECT_CONFIGURED, answer->object, answer->source);
}

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	enum tree_field field = question->field ? (enum tree_field)(question->field - fields)
						: TREE_ASK_PRESENCE;
	struct tree_subject subject;
	struct tree_answers answers;

	if (!(question->aspects & ASPECT_CONFIGURED))
		return;
	if (tree_subject_read(host->arena, TREE_TOML, question->subject, &subject))
		return; /* refuse() was asked before */
	tree_ask(host, &subject, field, &answers);
	for (size_t i = 0; i < answers.count; i++)
		tell(&answers.at[i], ret_facts);
}

const struct probe probe_toml = {
	.name = "toml",
	.summary = "values of TOML files",
	.subject = "FILE:PATH|containerd:PATH",
	.example = "toml /etc/containerd/config.toml:version >= 2",
	.fields = fields,
	.presence = true,
	.refuse = refuse,
	.look = look,
};
