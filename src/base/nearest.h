/* Which word was meant by one that is wrong? */
#pragma once

struct strv;

/* The word of the list that is nearest to a wrong one, or NULL when none is near. */
const char *nearest_word(const char *wrong, const struct strv *words) __attribute__((nonnull));
