/* What a view found out about one thing of one aspect. */
#pragma once

#include "base/str.h"

/* A value; or nothing, and that was seen (`value` and `why` are NULL); or why nobody knows. */
struct finding {
	const char *value;
	const char *source; /* "FILE:LINE", the kernel's interface, or some words */
	const char *why;
};

static inline struct finding found(const char *value, const char *source)
{
	return (struct finding){.value = value, .source = source};
}

static inline struct finding not_known(const char *source, const char *why)
{
	return (struct finding){.source = source, .why = why};
}

/* Is it known, and this? */
static inline bool found_is(const struct finding *finding, const char *value)
{
	return finding->value && str_eq(finding->value, value);
}
