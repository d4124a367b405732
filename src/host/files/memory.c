#include "host/files/memory.h"

#include <stdlib.h>
#include <string.h>

void *memory_grow(void *old, size_t size)
{
	return realloc(old, size);
}

char *memory_copy(const char *text)
{
	return strdup(text);
}
