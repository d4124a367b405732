#include "host/kernel/inflate.h"

#include "base/arena.h"
#include "base/cleanup.h"

#include <errno.h>
#include <string.h>
#include <zlib.h>

/* Adding this to the window's size makes zlib expect a gzip header. */
#define GZIP 16

/*
 * Fills `text` up to `space` bytes, growing it up to the limit. Returns 0 with the stream at its
 * end.
 */
static int run(z_stream *stream, size_t limit, char **text, size_t *ret_size)
{
	size_t space = 256 * 1024, size = 0;

	for (;;) {
		char *grown = realloc(*text, space + 1);
		int result;

		if (!grown)
			return -ENOMEM;
		*text = grown;
		stream->next_out = (unsigned char *)*text + size;
		stream->avail_out = (unsigned)(space - size);
		result = inflate(stream, Z_NO_FLUSH);
		size = space - stream->avail_out;
		if (size > limit)
			return -EFBIG;
		if (result == Z_STREAM_END) {
			*ret_size = size;
			return 0;
		}
		/* Room left, and yet no end: the rest of the file is missing. */
		if (result != Z_OK || stream->avail_out)
			return -EBADMSG;
		space *= 2;
	}
}

int inflate_gzip(struct arena *arena, const char *data, size_t size, size_t limit, char **ret_text,
		 size_t *ret_size)
{
	z_stream stream = {.next_in = (z_const unsigned char *)data, .avail_in = (unsigned)size};
	cleanup(free) char *text = NULL;
	size_t length = 0;
	int error;

	if (size > limit)
		return -EFBIG;
	if (inflateInit2(&stream, MAX_WBITS + GZIP) != Z_OK)
		return -ENOMEM;
	error = run(&stream, limit, &text, &length);
	inflateEnd(&stream);
	if (error)
		return error;
	*ret_text = arena_alloc(arena, length + 1);
	memcpy(*ret_text, text, length);
	*ret_size = length;
	return 0;
}
