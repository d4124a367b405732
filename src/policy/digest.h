/* One number for all policy files of a run. */
#pragma once

#include <stddef.h>

struct arena;
struct digest;

/* The digest of nothing. Never NULL. */
struct digest *digest_new(struct arena *arena) __attribute__((nonnull, returns_nonnull));

/* Adds a file. Where the name ends and how long the file is counts as well. */
void digest_add(struct digest *digest, const char *name, const char *data, size_t size)
	__attribute__((nonnull));

/* Ends it: SHA-256 in hex. */
void digest_end(struct digest *digest, char ret_hex[65]) __attribute__((nonnull));
