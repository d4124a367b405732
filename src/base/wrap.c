#include "base/wrap.h"

#include "base/utf8.h"

#include <string.h>

/* The characters of the word that a text begins with, and its bytes. */
static unsigned measure(const char *text, size_t *ret_bytes)
{
	size_t bytes = strcspn(text, " \n"), at = 0;
	unsigned columns = 0;

	while (at < bytes) {
		size_t length = utf8_length(text + at);

		at += length ? length : 1;
		columns++;
	}
	*ret_bytes = bytes;
	return columns;
}

void wrap_print(FILE *out, const char *text, unsigned indent, unsigned width)
{
	unsigned column = 0;

	for (text += strspn(text, " \n"); *text; text += strspn(text, " \n")) {
		size_t bytes;
		unsigned columns = measure(text, &bytes);

		if (column && width && column + 1 + columns > width) {
			putc('\n', out);
			column = 0;
		}
		if (!column)
			column = (unsigned)fprintf(out, "%*s", (int)indent, "");
		else
			column += (unsigned)fprintf(out, " ");
		fwrite(text, 1, bytes, out);
		column += columns;
		text += bytes;
	}
	putc('\n', out);
}
