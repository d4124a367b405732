/* From what a view found to facts. */
#pragma once

#include "host/finding.h"
#include "probes/probe.h"

static inline void tell_finding(struct facts *facts, enum aspect aspect, const char *object,
				const struct finding *finding)
{
	if (finding->why)
		fact_unknown(facts, aspect, object, finding->source, "%s", finding->why);
	else if (finding->value)
		fact_value(facts, aspect, object, finding->value, finding->source);
	else
		fact_absent(facts, aspect, object, finding->source);
}
