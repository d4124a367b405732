#include "host/firewall/fw_state.h"

#include "host/firewall/fw_legacy.h"
#include "host/firewall/fw_load.h"
#include "host/firewall/nft_tables.h"
#include "host/kernel/kconfig.h"
#include "host/kernel/modules.h"
#include "host/kernel/netns.h"

#include <errno.h>
#include <fcntl.h>

static const char *describe(struct host *host, const char *what, int error)
{
	if (error == -EPERM || error == -EACCES)
		return arena_printf(host->arena, "the kernel tells of %s only with CAP_NET_ADMIN",
				    what);
	if (error == -EAGAIN)
		return arena_printf(host->arena, "%s keep changing while they are read", what);
	return arena_printf(host->arena, "the kernel does not tell of %s: %s", what,
			    host_error(error));
}

/*
 * Is nf_tables in the kernel? To ask one that has it not would load it. 1 or 0, or a negative errno
 * where that is not known.
 */
static int has_nf_tables(struct host *host)
{
	cleanup(fd) int modules = host_proc_open(host, "modules", O_PATH);
	const struct module_list *loaded = modules_loaded(host);
	const struct kernel *kernel = kernel_running(host);
	const char *why, *how;

	/* A kernel without modules loads none. */
	if (modules == -ENOENT && !loaded->error)
		return 1;
	if (loaded->error)
		return loaded->error;
	if (module_list_has(loaded, "nf_tables") ||
	    module_list_has(&kernel->builtin, "nf_tables") ||
	    !host_stat(host, "/sys/module/nf_tables", true, &(struct statx){0}))
		return 1;
	if (!kernel->builtin.error)
		return 0;
	how = kconfig_value(host->arena, kconfig_running(host), "NF_TABLES", &why);
	return how ? str_eq(how, "y") : -ENOENT;
}

static void read_nf_tables(struct host *host, struct fw_model *model)
{
	int error = has_nf_tables(host);

	if (error < 0) {
		model->unknown = "it cannot be told whether the kernel has nf_tables, and asking "
				 "it could load them";
		return;
	}
	if (!error)
		return;
	error = nft_get(model);
	/* A kernel without modules and without nf_tables. */
	if (error && error != -EPROTONOSUPPORT && error != -EINVAL)
		model->unknown = describe(host, "its nf_tables", error);
}

/* The names of the tables that exist: asking for another one would make it. */
static void read_legacy(struct host *host, struct fw_model *model, bool six)
{
	const char *file = six ? "1/net/ip6_tables_names" : "1/net/ip_tables_names";
	const char *what = six ? "its ip6_tables" : "its ip_tables";
	cleanup(text) struct host_text text = {0};
	int error = host_proc_read(host, file, 0, &text);
	struct strv names = {0};

	if (error == -ENOENT)
		return;
	if (!error)
		strv_split(&names, host->arena, text.data, "\n");
	for (size_t i = 0; i < names.count && !error; i++)
		error = fw_legacy_get(model, names.at[i], six);
	if (error)
		model->unknown = describe(host, what, error);
}

static struct fw_model *new_model(struct host *host, const char *source)
{
	struct fw_model *model = arena_new(host->arena, struct fw_model);

	model->arena = host->arena;
	model->source = source;
	return model;
}

static const void *load_now(struct host *host)
{
	struct fw_model *model = new_model(host, "the kernel");

	model->unknown = netns_foreign(host);
	if (!model->unknown)
		read_nf_tables(host, model);
	if (!model->unknown)
		read_legacy(host, model, false);
	if (!model->unknown)
		read_legacy(host, model, true);
	if (!model->unknown)
		fw_link(model);
	return model;
}

const struct fw_model *firewall_now(struct host *host)
{
	return host_view(host, load_now);
}

static const void *load_next(struct host *host)
{
	struct fw_model *model = new_model(host, "the units that boot starts");

	fw_load(host, model);
	if (!model->unknown)
		fw_link(model);
	return model;
}

const struct fw_model *firewall_next(struct host *host)
{
	return host_view(host, load_next);
}
