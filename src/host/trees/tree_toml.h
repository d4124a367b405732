/* The two halves of the reader of TOML: what stands behind a `=`, and what tables make of it. */
#pragma once

#include "base/str.h"
#include "host/trees/tree_build.h"

/* Flags of lists and maps. */
enum {
	TOML_GIVEN = 1,   /* a value as it stands behind a `=`: nothing may be added to it */
	TOML_DEFINED = 2, /* it had its [header] or its section: there may be no other */
	TOML_DOTTED = 4,  /* a dotted key has added to it in this section */
};

#define TOML_BLANKS " \t"

/* A key, up to the `=` or bracket behind it: its parts. False with a fault. */
bool toml_read_key(struct tree_reader *reader, struct strv *ret_parts);

/* A string of any of the four kinds, or NULL with a fault. */
const char *toml_read_string(struct tree_reader *reader);

/* A number, a time, true or false: NULL with a fault. */
struct tree *toml_read_word(struct tree_reader *reader);

/* Whether a line ends here; it and its comment are taken then. */
bool toml_end_line(struct tree_reader *reader);
