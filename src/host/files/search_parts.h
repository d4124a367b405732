/* Private to host/files/: a search while it is worked on. */
#pragma once

#include "host/files/predicate.h"
#include "host/files/search.h"

struct search_question {
	struct search_question *next;
	struct predicate predicate;
	struct search search;
	bool answered;
};

/* Answers up to CRAWL_MOST questions by one walk. */
void search_walk(struct host *host, struct search_question **questions, size_t count);
