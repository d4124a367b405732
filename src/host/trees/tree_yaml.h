/* What a plain scalar of YAML is, as the programs in Go that hosts run take it. */
#pragma once

#include "host/trees/tree_build.h"

/* The type of a scalar without quotes or tag, and its text in the form of struct tree. */
enum tree_type yaml_resolve(struct arena *arena, const char *text, const char **ret_text)
	__attribute__((nonnull));
