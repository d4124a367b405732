/* Facts in JSON, the same in every output that has them. */
#pragma once

struct fact;
struct json;

/* Writes "facts": […], all of a list. */
void facts_write(struct json *json, const struct fact *facts) __attribute__((nonnull(1)));
