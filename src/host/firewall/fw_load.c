#include "host/firewall/fw_load.h"

#include "host/units/units.h"

#include <errno.h>

/* What loads a packet filter, by the name in a command. */
static const char *const loaders[] = {
	"nft",       "iptables", "ip6tables", "iptables-restore",     "ip6tables-restore",
	"firewalld", "ufw",      "ufw-init",  "netfilter-persistent",
};

static bool is_loader(const char *word, size_t length)
{
	for (size_t i = 0; i < sizeof(loaders) / sizeof(loaders[0]); i++) {
		size_t wanted = strlen(loaders[i]);

		if (length >= wanted && !memcmp(word, loaders[i], wanted) &&
		    (length == wanted || word[wanted] == '-' || word[wanted] == '.'))
			return true;
	}
	return false;
}

/* Is there such a name in a command, at the end of a path or in a script? */
static bool has_loader(const char *command)
{
	static const char ends[] = STR_BLANKS "/\"';|&()@=`$";

	while (*command) {
		size_t length = strcspn(command, ends);

		if (is_loader(command, length))
			return true;
		command += length;
		command += strspn(command, ends);
	}
	return false;
}

/* Sets why nothing can be told if a unit that boot starts has such a command. */
static void look_at(struct host *host, const char *name, struct fw_model *model)
{
	static const char *const keys[] = {"ExecStartPre", "ExecStart", "ExecStartPost"};

	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		struct strv values = {0};
		const char *source = NULL;
		int error = unit_option(host, name, "Service", keys[i], &values, &source);

		if (error == -ENOENT || error == -ERFKILL)
			return;
		if (error)
			model->unknown = arena_printf(host->arena, "cannot read %s: %s", name,
						      host_error(error));
		for (size_t k = 0; k < values.count && !model->unknown; k++)
			if (has_loader(values.at[k])) {
				model->source = source;
				model->unknown =
					arena_printf(host->arena,
						     "%s sets the packet filter up at boot; "
						     "what it loads is not read",
						     name);
			}
	}
}

void fw_load(struct host *host, struct fw_model *model)
{
	struct strv names = {0};
	const char *why = NULL;
	int error;

	if (!host_exists(host, "/usr/lib/systemd") && !host_exists(host, "/lib/systemd")) {
		model->unknown = "there is no systemd: who sets the packet filter up is not known";
		return;
	}
	error = units_started(host, "service", &names, &why);
	if (error)
		model->unknown = arena_printf(host->arena, "cannot read the units: %s",
					      host_error(error));
	for (size_t i = 0; i < names.count && !model->unknown; i++)
		look_at(host, names.at[i], model);
	if (!model->unknown && why)
		model->unknown = why;
	model->source = model->unknown ? model->source : "no unit that boot starts sets one up";
}
