/* SHA-256: of files with their names, or of bytes. */
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

/* SHA-256 of some bytes, in hex. */
void digest_bytes(const char *data, size_t size, char ret_hex[65]) __attribute__((nonnull));
