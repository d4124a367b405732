#include "base/nearest.h"

#include "base/str.h"

/* Names are short; longer words are never near. */
#define LONGEST_WORD 64

/* The number of edits between two words: insertions, deletions, replacements. */
static size_t distance(const char *a, const char *b)
{
	size_t row[LONGEST_WORD + 1], length = strlen(b);

	if (strlen(a) > LONGEST_WORD || length > LONGEST_WORD)
		return LONGEST_WORD;
	for (size_t k = 0; k <= length; k++)
		row[k] = k;
	for (size_t i = 1; *a; a++, i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t k = 1; k <= length; k++) {
			size_t above = row[k], best = diagonal + (*a != b[k - 1]);

			if (above + 1 < best)
				best = above + 1;
			if (row[k - 1] + 1 < best)
				best = row[k - 1] + 1;
			diagonal = above;
			row[k] = best;
		}
	}
	return row[length];
}

const char *nearest_word(const char *wrong, const struct strv *words)
{
	const char *nearest = NULL;
	size_t least = strlen(wrong) / 3 + 2;

	if (strlen(wrong) > LONGEST_WORD)
		return NULL;
	/* The beginning of a word is a word that was cut short, not one that was mistyped. */
	for (size_t i = 0; i < words->count && strlen(wrong) > 2; i++)
		if (str_starts(words->at[i], wrong))
			return words->at[i];
	for (size_t i = 0; i < words->count; i++) {
		size_t edits = distance(wrong, words->at[i]);

		if (edits < least) {
			least = edits;
			nearest = words->at[i];
		}
	}
	return nearest;
}
