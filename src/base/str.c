#include "base/str.h"

#include "base/arena.h"

#include <errno.h>
#include <stdlib.h>

bool str_ends(const char *string, const char *suffix)
{
	size_t length = strlen(string), tail = strlen(suffix);

	return length >= tail && str_eq(string + length - tail, suffix);
}

char *str_trim(char *string)
{
	size_t length;

	string += strspn(string, STR_BLANKS);
	length = strlen(string);
	while (length && strchr(STR_BLANKS, string[length - 1]))
		length--;
	string[length] = '\0';
	return string;
}

char *str_next_line(char **text)
{
	char *line = *text, *end;

	if (!*line)
		return NULL;
	end = line + strcspn(line, "\n");
	*text = *end ? end + 1 : end;
	*end = '\0';
	return line;
}

int str_to_number(const char *string, long long *ret_number)
{
	long long number;
	char *end;

	if (!*string || strchr(STR_BLANKS, *string))
		return -EINVAL;
	errno = 0;
	number = strtoll(string, &end, 0);
	if (errno || *end || end == string)
		return -EINVAL;
	*ret_number = number;
	return 0;
}

void strv_push(struct strv *list, struct arena *arena, const char *string)
{
	if (list->count == list->space) {
		size_t space = list->space ? list->space * 2 : 8;

		list->at = arena_grow(arena, list->at, list->count * sizeof(*list->at),
				      space * sizeof(*list->at));
		list->space = space;
	}
	list->at[list->count++] = string;
}

void strv_split(struct strv *list, struct arena *arena, const char *text, const char *separators)
{
	for (;;) {
		size_t length;

		text += strspn(text, separators);
		length = strcspn(text, separators);
		if (!length)
			return;
		strv_push(list, arena, arena_strndup(arena, text, length));
		text += length;
	}
}

bool strv_has(const struct strv *list, const char *string)
{
	for (size_t i = 0; i < list->count; i++)
		if (str_eq(list->at[i], string))
			return true;
	return false;
}

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void strv_sort(struct strv *list)
{
	if (list->count)
		qsort(list->at, list->count, sizeof(*list->at), compare);
}

char *strv_join(const struct strv *list, struct arena *arena, const char *separator)
{
	size_t size = 1;
	char *joined, *end;

	for (size_t i = 0; i < list->count; i++)
		size += strlen(list->at[i]) + strlen(separator);
	joined = end = arena_alloc(arena, size);
	for (size_t i = 0; i < list->count; i++) {
		if (i)
			end = stpcpy(end, separator);
		end = stpcpy(end, list->at[i]);
	}
	return joined;
}
