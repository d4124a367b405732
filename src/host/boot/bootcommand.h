/* Private to host/: one command of a bootscript. */
#pragma once

#include "host/boot/bootscript.h"

/* Its words, cut up but with variables filled in. */
struct bootcommand {
	struct boottext *words;
	size_t count, space;
	bool maybe; /* it stands behind && or || */
};

/* Does what it does; there is at least one word. */
void bootcommand_run(struct bootscript *script, const struct bootcommand *command)
	__attribute__((nonnull));

/* The certain beginning of a word, up to the first choice. */
char *bootcommand_literal(struct arena *arena, const struct boottext *word)
	__attribute__((nonnull, returns_nonnull));

/* Is it one of the words of a list? */
bool bootcommand_is(const char *word, const char *words) __attribute__((nonnull));

/* The length of the name of a variable that a text begins with. */
size_t bootscript_name(const char *text) __attribute__((nonnull));
