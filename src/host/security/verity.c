/* dm-verity below / and /usr: device-mapper's name of the device, and root hashes in arguments. */
#include "host/boot/cmdline.h"
#include "host/boot/kernel_value.h"
#include "host/security/lock.h"

#include <errno.h>

/* The name that libcryptsetup gives; the kernel's own dm-mod.create= gives none. */
#define VERITY_UUID "CRYPT-VERITY-"

struct finding verity_now(struct host *host, const char *path)
{
	cleanup(text) struct host_text text = {0};
	const char *device, *uuid;
	struct statx stat;
	int error = host_stat(host, path, true, &stat);

	if (error)
		return not_known(path, arena_printf(host->arena, "it cannot be looked at: %s",
						    host_error(error)));
	if (!stat.stx_dev_major)
		return not_known(path, "its file system is not that of one block device");
	device = arena_printf(host->arena, "/sys/dev/block/%u:%u", stat.stx_dev_major,
			      stat.stx_dev_minor);
	if (!host_exists(host, device))
		return not_known(device, "it is not to be seen here");
	uuid = arena_printf(host->arena, "%s/dm/uuid", device);
	error = host_read(host, uuid, 0, &text);
	if (error == -ENOENT)
		return found("no", device);
	if (error)
		return not_known(uuid, arena_printf(host->arena, "it cannot be read: %s",
						    host_error(error)));
	if (str_starts(text.data, VERITY_UUID))
		return found("yes", uuid);
	/* A device that the kernel's arguments made has no name to tell it by. */
	return *str_trim(text.data) ? found("no", uuid)
				    : not_known(uuid, "the device-mapper device has no name");
}

/* A root hash, in hexadecimal digits. */
static bool takes_hash(const char *value)
{
	return value && strlen(value) >= 32 && !value[strspn(value, "0123456789abcdefABCDEF")];
}

static bool takes_refusal(const char *value)
{
	bool yes;

	return value && !kernel_bool(value, &yes) && !yes;
}

/* A table of device-mapper in an argument: "…,0 53170 verity 1 …". */
static bool takes_table(const char *value)
{
	return value && strstr(value, " verity ");
}

/* What a root hash is named for: by systemd and its kin, and in tables for the kernel. */
static const struct way {
	const char *path, *argument;
	bool (*takes)(const char *value);
	const char *refusal; /* the argument that has systemd ignore it, or NULL */
} ways[] = {
	{"/", "roothash", takes_hash, "systemd.verity"},
	{"/usr", "usrhash", takes_hash, "systemd.verity"},
	{"/usr", "verity.usrhash", takes_hash, NULL},
	{"/", "dm-mod.create", takes_table, NULL},
	{"/", "dm", takes_table, NULL},
};

static struct finding ask(struct host *host, const struct way *way)
{
	const struct cmdline *cmdline = cmdline_configured(host);
	const struct cmdline_arg *arg = NULL, *refusal;
	const char *why = NULL;
	int given = cmdline_find_if(host->arena, cmdline, way->argument, way->takes, &arg, &why);
	int refused = way->refusal ? cmdline_find_if(host->arena, cmdline, way->refusal,
						     takes_refusal, &refusal, &why)
				   : 0;

	if (given < 0 || (given && refused < 0))
		return not_known(cmdline->source, why);
	if (given && refused)
		return found(NULL, refusal->source);
	return given ? found("yes", arg->source) : found(NULL, cmdline->source);
}

static bool is_mapped(const char *value)
{
	return value && (str_starts(value, "/dev/mapper/") || str_starts(value, "/dev/dm-"));
}

static bool has_value(const char *value)
{
	return value && *value;
}

/* Is a device named that somebody has to make, be it from a hash that the loader adds? */
static struct finding ask_device(struct host *host, const char *path)
{
	static const struct way devices[] = {
		{"/usr", "verity.usr", has_value, NULL},
		{"/usr", "mount.usr", is_mapped, NULL},
		{"/", "root", is_mapped, NULL},
	};

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		struct finding device = {0};

		if (str_eq(devices[i].path, path))
			device = ask(host, &devices[i]);
		if (device.value)
			return not_known(device.source,
					 "a mapped device is named, and no root hash for it");
		if (device.why)
			return device;
	}
	return (struct finding){0};
}

struct finding verity_next(struct host *host, const char *path)
{
	struct finding last = {0}, device;

	for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
		if (!str_eq(ways[i].path, path))
			continue;
		last = ask(host, &ways[i]);
		if (last.value || last.why)
			return last;
	}
	device = ask_device(host, path);
	if (device.why)
		return device;
	/* Some boot loaders add the hash by themselves. */
	device = host->live ? verity_now(host, path) : device;
	if (found_is(&device, "yes"))
		return not_known(last.source, "it is verified now, though no argument that is "
					      "known names a root hash");
	return last;
}
