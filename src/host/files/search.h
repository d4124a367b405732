/*
 * Searches of the host's tree: which of its files have something in common? However many rules
 * search, and wherever, the tree is walked once: tell of all searches before asking for the first.
 *
 * Left out are file systems that are not the host's own or hold no files (of the network, of the
 * kernel), and what containers and pods keep below their runtime's root.
 */
#pragma once

#include "host/files/found.h"
#include "host/host.h"

struct search {
	const char *subject; /* "set-uid:/usr" */
	const char *dir;     /* "/usr", without symbolic links */
	const char *why;     /* nothing could be searched: the reason */
	unsigned traits;     /* that are asked for: TRAIT_… of predicate.h */
	bool missing;        /* the directory is not there */
	bool fleeting;       /* it lies in memory: the next boot makes it anew */
	const struct found_list *found;
	size_t failures; /* how many places could not be looked at… */
	const char *failed;
	const char *failed_why; /* …the first of them, and what was wrong */
	const char *left_out;   /* what was left out and is worth telling: "/x (nfs)"; or NULL */
};

/* Why this is no search, in words that are static; NULL if it is one: "TERM,…[:DIRECTORY]". */
const char *search_refuse(const char *subject) __attribute__((nonnull));

/* Notes that this will be asked for, so that one walk answers all. */
void search_announce(struct host *host, const char *subject) __attribute__((nonnull));

/* The answer: from the walk that answered it already, or from one for all that is announced. */
const struct search *search_get(struct host *host, const char *subject)
	__attribute__((nonnull, returns_nonnull));
