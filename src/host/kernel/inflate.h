/* Unpacks gzip data, never more than allowed. The one file behind this header uses zlib. */
#pragma once

#include <stddef.h>

struct arena;

/*
 * Unpacks all of it; a NUL is put behind the text. -EBADMSG when it is no whole gzip file, -EFBIG
 * when more than `limit` bytes come out.
 */
int inflate_gzip(struct arena *arena, const char *data, size_t size, size_t limit, char **ret_text,
		 size_t *ret_size) __attribute__((nonnull, warn_unused_result));
