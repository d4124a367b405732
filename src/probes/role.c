/* What the host is for: roles come from the os-profile, the site or --role. */
#include "probes/probe.h"

static const struct field fields[] = {{0}};

static void look(struct host *host, const struct question *question, struct facts *ret_facts)
{
	if (strv_has(&host->os->roles, question->subject))
		fact_value(ret_facts, question->aspects, question->subject, "given", "roles");
	else
		fact_absent(ret_facts, question->aspects, question->subject, "roles");
}

const struct probe probe_role = {
	.name = "role",
	.summary = "a purpose that the host was given",
	.subject = "ROLE",
	.example = "role kubernetes-node present",
	.fields = fields,
	.presence = true,
	.look = look,
};
