/* The stacks of PAM services: pam.d(5). The parser is pure. */
#pragma once

#include "host/host.h"

struct pam_line {
	const char *type;      /* "auth", "account", "password", "session"; NULL of @include */
	const char *control;   /* as it stands there, words in lower case */
	const char *module;    /* or the file that is included */
	const char *arguments; /* with blanks between them */
	bool include;          /* `include`, `substack` or @include */
	unsigned number;
};

struct pam_lines {
	struct pam_line *at;
	size_t count, space;
};

/* Appends what a file says, includes not followed. The text is taken apart in place. */
void pam_parse(struct arena *arena, char *text, struct pam_lines *lines) __attribute__((nonnull));

/* A module of a stack. */
struct pam_entry {
	struct pam_line line;
	const char *source; /* "FILE:LINE" */
};

struct pam_stack {
	struct pam_entry *at;
	size_t count, space;
	const char *source; /* the service's file; NULL: there is none, nor one for `other` */
	const char *why;    /* something of it cannot be told: the reason */
	const char *why_source;
};

/* All that runs for a service and type, includes followed; for a service without any, `other`. */
void pam_ask(struct host *host, const char *service, const char *type, struct pam_stack *ret_stack)
	__attribute__((nonnull));

/* Is it the module's file, by its name, with or without the directory? */
bool pam_is_module(const struct pam_line *line, const char *module) __attribute__((nonnull));
