#include "host/devices/udev_db.h"

static const char source[] = "/run/udev/data";

#if defined(WITH_LIBUDEV) && WITH_LIBUDEV

#include <fcntl.h>
#include <libudev.h>

static inline void cleanup_udev(struct udev **udev)
{
	udev_unref(*udev);
}

static inline void cleanup_device(struct udev_device **device)
{
	udev_device_unref(*device);
}

/* libudev always looks at the machine's own /sys and /run. */
static bool is_own_root(struct host *host)
{
	struct statx own, theirs;

	return host->live && !host_stat(host, "/", true, &theirs) &&
	       !statx(AT_FDCWD, "/", 0, STATX_BASIC_STATS, &own) && own.stx_ino == theirs.stx_ino &&
	       own.stx_dev_major == theirs.stx_dev_major &&
	       own.stx_dev_minor == theirs.stx_dev_minor;
}

struct finding udev_property(struct host *host, const char *syspath, const char *key)
{
	cleanup(udev) struct udev *udev = NULL;
	cleanup(device) struct udev_device *device = NULL;
	const char *value;

	if (!is_own_root(host))
		return not_known(source, "libudev only knows the machine that it runs on");
	udev = udev_new();
	if (udev)
		device = udev_device_new_from_syspath(udev, syspath);
	if (!device)
		return not_known(source, arena_printf(host->arena, "libudev finds no %s", syspath));
	value = udev_device_get_property_value(device, key);
	if (value)
		return found(arena_strdup(host->arena, value), source);
	/* Before udev has seen it, any property may be missing. */
	if (udev_device_get_is_initialized(device) <= 0)
		return not_known(source, "udev has not seen the device");
	return found(NULL, source);
}

#else

struct finding udev_property(struct host *host, const char *syspath, const char *key)
{
	(void)host;
	(void)syspath;
	(void)key;
	return not_known(source, "this build has no libudev");
}

#endif
