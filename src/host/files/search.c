#include "host/files/crawl.h"
#include "host/files/search_parts.h"

/* All that was announced or asked for in this run, the last one first. */
struct searches {
	struct search_question *head;
};

/* Takes TERMS[:DIRECTORY] apart. Returns why it is wrong, or NULL. */
static const char *read_subject(struct arena *arena, const char *subject,
				struct search_question *ret_question)
{
	const char *colon = strchr(subject, ':'), *why;
	size_t length = colon ? (size_t)(colon - subject) : strlen(subject);

	ret_question->search.subject = arena_strdup(arena, subject);
	ret_question->search.dir = colon ? arena_strdup(arena, colon + 1) : "/";
	if (ret_question->search.dir[0] != '/')
		return "behind the colon stands a directory, with a slash in front";
	if (predicate_parse(arena, arena_strndup(arena, subject, length), &ret_question->predicate,
			    &why))
		return why;
	ret_question->search.traits = ret_question->predicate.traits;
	return NULL;
}

const char *search_refuse(const char *subject)
{
	struct search_question question = {0};
	struct arena arena = {0};
	const char *why = read_subject(&arena, subject, &question);

	arena_free(&arena);
	return why;
}

static const void *load(struct host *host)
{
	return arena_new(host->arena, struct searches);
}

static struct searches *searches_of(struct host *host)
{
	/* A view may remember what was asked: it is the run's, and nobody else sees it. */
	return (struct searches *)host_view(host, load);
}

static struct search_question *find(struct host *host, const char *subject)
{
	struct searches *searches = searches_of(host);
	struct search_question *question = searches->head;
	const char *why;

	while (question && !str_eq(question->search.subject, subject))
		question = question->next;
	if (question)
		return question;
	question = arena_new(host->arena, struct search_question);
	question->next = searches->head;
	searches->head = question;
	why = read_subject(host->arena, subject, question);
	if (why) {
		question->search.why = why;
		question->answered = true;
	}
	return question;
}

void search_announce(struct host *host, const char *subject)
{
	find(host, subject);
}

const struct search *search_get(struct host *host, const char *subject)
{
	struct search_question *wanted = find(host, subject);
	struct search_question *open[CRAWL_MOST] = {wanted};
	size_t count = 1;

	if (wanted->answered)
		return &wanted->search;
	for (struct search_question *at = searches_of(host)->head; at && count < CRAWL_MOST;
	     at = at->next)
		if (!at->answered && at != wanted)
			open[count++] = at;
	search_walk(host, open, count);
	return &wanted->search;
}
