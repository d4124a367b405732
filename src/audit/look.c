#include "audit/look.h"

#include "policy/check.h"
#include "probes/probe.h"

#include <search.h>

struct answer {
	const struct probe *probe;
	struct question question;
	const struct fact *facts;
};

static int compare(const void *a, const void *b)
{
	const struct answer *x = a, *y = b;
	int order;

	if (x->probe != y->probe)
		return x->probe < y->probe ? -1 : 1;
	if (x->question.field != y->question.field)
		return x->question.field < y->question.field ? -1 : 1;
	if (x->question.aspects != y->question.aspects)
		return x->question.aspects < y->question.aspects ? -1 : 1;
	order = strcmp(x->question.subject, y->question.subject);
	return order;
}

unsigned look_aspects(const struct host *host)
{
	return host->live ? ASPECT_BOTH : ASPECT_CONFIGURED;
}

void look_announce(struct look *look, const struct check *check)
{
	if (check->probe->announce)
		check->probe->announce(look->host, check->subject);
}

static const struct fact *ask(struct host *host, const struct probe *probe,
			      const struct question *question)
{
	struct facts facts;

	facts_init(&facts, host->arena);
	if (question->aspects)
		probe->look(host, question, &facts);
	return facts.head;
}

const struct fact *look_at_check(struct look *look, const struct check *check, unsigned aspects)
{
	const struct field *field = check->expect.field;
	struct answer *answer = arena_new(look->host->arena, struct answer);
	void *found;

	aspects &= look_aspects(look->host);
	if (field)
		aspects &= field->aspects;
	answer->probe = check->probe;
	answer->question = (struct question){check->subject, field, aspects};
	found = tsearch(answer, &look->answers, compare);
	if (!found)
		return ask(look->host, check->probe, &answer->question);
	if (*(struct answer **)found == answer)
		answer->facts = ask(look->host, check->probe, &answer->question);
	return (*(struct answer **)found)->facts;
}

static void keep(void *answer)
{
	(void)answer; /* the arena owns it */
}

void look_release(struct look *look)
{
	tdestroy(look->answers, keep);
	look->answers = NULL;
}
