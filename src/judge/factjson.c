#include "judge/factjson.h"

#include "base/json.h"
#include "judge/fact.h"

static void write_fact(struct json *json, const struct fact *fact)
{
	json_open(json, NULL, '{');
	json_string(json, "aspect", aspect_name(fact->aspect));
	json_string(json, "state", fact_state_name(fact->state));
	json_string(json, "object", fact->object);
	json_string(json, "value", fact->value);
	json_string(json, "source", fact->source);
	json_string(json, "error", fact->error);
	json_close(json, '}');
}

void facts_write(struct json *json, const struct fact *facts)
{
	json_open(json, "facts", '[');
	for (; facts; facts = facts->next)
		write_fact(json, facts);
	json_close(json, ']');
}
