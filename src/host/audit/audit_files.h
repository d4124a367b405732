/*
 * Files of audit rules, as augenrules(8) joins those of a directory, and as auditctl -R reads one.
 */
#pragma once

#include "host/host.h"

/* A line with its place: "/etc/audit/rules.d/10-a.rules:3". */
struct audit_text_line {
	char *text;
	const char *source;
};

struct audit_text {
	struct audit_text_line *at;
	size_t count, space;
	bool open;           /* the last line has no newline: the next file goes on in it */
	int error;           /* a file could not be read: its lines are missing */
	const char *problem; /* …which, and why */
};

/* Appends the lines of one file. The text is taken apart, and kept. Pure. */
void audit_text_add(struct audit_text *text, struct arena *arena, char *data, const char *path)
	__attribute__((nonnull));

/*
 * What augenrules makes of joined lines: comments and empty lines go; the last -D, -b, -f come
 * first, and the last -e last. Pure.
 */
void audit_text_generate(struct audit_text *text, struct arena *arena) __attribute__((nonnull));

/* Names as `ls -v` sorts them, which is neither by bytes nor as strverscmp(3) does. Pure. */
int audit_name_compare(const char *a, const char *b) __attribute__((nonnull));

/* Appends what augenrules makes of /etc/audit/rules.d. -ENOENT without such a directory. */
int audit_text_directory(struct host *host, struct audit_text *text)
	__attribute__((nonnull, warn_unused_result));

/* Appends a file that auditctl -R is given; its error also stands in the text. */
int audit_text_file(struct host *host, const char *path, struct audit_text *text)
	__attribute__((nonnull, warn_unused_result));
