/* How the OS is made: traits come from its os-profile. */
#include "probes/probe.h"

static const struct field fields[] = {{0}};

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	if (strv_has(&host->os->traits, question->subject))
		fact_value(ret_facts, question->aspects, question->subject, "given", "os-profile");
	else
		fact_absent(ret_facts, question->aspects, question->subject, "os-profile");
}

const struct probe probe_trait = {
	.name = "trait",
	.summary = "a property that the os-profile states of the OS",
	.subject = "TRAIT",
	.example = "trait usr-verity present",
	.fields = fields,
	.presence = true,
	.look = look,
};
