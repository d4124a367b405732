#include "host/devices/sysfs.h"

#include "host/devices/udev_db.h"

#include <errno.h>

#define NAME_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+.:!,"

bool sysfs_is_name(const char *name)
{
	return *name && *name != '.' && !name[strspn(name, NAME_BYTES)];
}

bool sysfs_is_attribute(const char *attribute)
{
	if (*attribute == '/')
		return false;
	/* No component of it may lead elsewhere. */
	for (const char *at = attribute; at; at = strchr(at, '/')) {
		at += *at == '/';
		if (!*at || *at == '/' || *at == '.')
			return false;
	}
	return !attribute[strspn(attribute, NAME_BYTES "/")];
}

static bool is_absent(int error)
{
	return error == -ENOENT || error == -ENOTDIR;
}

static const char *cannot_read(struct host *host, const char *path, int error)
{
	return arena_printf(host->arena, "%s cannot be read: %s", path, host_error(error));
}

/* Is sysfs there at all, so that what is missing is really missing? */
static bool shows_subsystems(struct host *host)
{
	struct strv classes = {0}, buses = {0};

	return !host_list(host, "/sys/class", &classes) && classes.count &&
	       !host_list(host, "/sys/bus", &buses) && buses.count;
}

const struct sysfs_devices *sysfs_devices(struct host *host, const char *subsystem)
{
	static const char *const places[] = {"/sys/class/%s", "/sys/bus/%s/devices"};
	struct sysfs_devices *devices = arena_new(host->arena, struct sysfs_devices);

	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *slot = strstr(places[i], "%s");
		int error;

		devices->folder = arena_printf(host->arena, "%.*s%s%s", (int)(slot - places[i]),
					       places[i], subsystem, slot + 2);
		error = host_list(host, devices->folder, &devices->names);
		if (!error)
			return devices;
		if (!is_absent(error)) {
			devices->why = cannot_read(host, devices->folder, error);
			return devices;
		}
	}
	devices->folder = "/sys";
	if (!shows_subsystems(host))
		devices->why = "sysfs is not to be seen here";
	return devices;
}

struct finding sysfs_attribute(struct host *host, const struct sysfs_devices *devices,
			       const char *name, const char *attribute)
{
	const char *path = arena_printf(host->arena, "%s/%s/%s", devices->folder, name, attribute);
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (is_absent(error))
		return found(NULL, path);
	if (error)
		return not_known(path, cannot_read(host, path, error));
	return found(arena_strdup(host->arena, str_trim(text.data)), path);
}

const char *uevent_value(struct arena *arena, const char *text, const char *key)
{
	size_t length = strlen(key);

	for (const char *line = text; *line; line += *line == '\n') {
		size_t size = strcspn(line, "\n");

		if (size > length && line[length] == '=' && !memcmp(line, key, length))
			return arena_strndup(arena, line + length + 1, size - length - 1);
		line += size;
	}
	return NULL;
}

/* What libudev would make of the kernel's own properties. */
static const char *own_property(struct host *host, const char *syspath, const char *text,
				const char *key)
{
	const char *value;

	if (str_eq(key, "DEVPATH"))
		return syspath + strlen("/sys");
	value = uevent_value(host->arena, text, key);
	if (value && str_eq(key, "DEVNAME") && *value != '/')
		return arena_printf(host->arena, "/dev/%s", value);
	return value;
}

struct finding sysfs_property(struct host *host, const struct sysfs_devices *devices,
			      const char *name, const char *key)
{
	const char *folder = arena_printf(host->arena, "%s/%s", devices->folder, name);
	const char *path = arena_printf(host->arena, "%s/uevent", folder), *value;
	cleanup(text) struct host_text text = {0};
	struct finding finding;
	char *syspath;
	int error = host_canonical(host, folder, &syspath);

	if (!error && !str_starts(syspath, "/sys/"))
		error = -EXDEV;
	if (error)
		return not_known(folder, cannot_read(host, folder, error));
	finding = udev_property(host, syspath, key);
	if (!finding.why)
		return finding;
	/* What the kernel itself tells is known without udev. */
	error = host_read(host, path, 0, &text);
	if (error)
		return not_known(path, cannot_read(host, path, error));
	value = own_property(host, syspath, text.data, key);
	return value ? found(value, path) : finding;
}
