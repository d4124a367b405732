/*
 * Writes JSON to a stream, piece by piece: commas, quotes and escapes are its business. Bytes that
 * are no UTF-8 become U+FFFD, so that what comes out is always valid. Write errors stay in the
 * stream (ferror).
 */
#pragma once

#include <stdbool.h>
#include <stdio.h>

/* All zero but for `out` is a writer at its start. */
struct json {
	FILE *out;
	unsigned depth; /* open objects and arrays */
	bool started;   /* something stands in the innermost one already */
};

/* `key` is NULL inside an array and at the top. */
void json_open(struct json *json, const char *key, char bracket);
void json_close(struct json *json, char bracket);
void json_string(struct json *json, const char *key, const char *value); /* NULL writes null */
void json_number(struct json *json, const char *key, long long value);
void json_bool(struct json *json, const char *key, bool value);
