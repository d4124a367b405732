/* Devices as sysfs shows them: by subsystem, with attributes and what the kernel tells udev. */
#pragma once

#include "host/finding.h"
#include "host/host.h"

struct sysfs_devices {
	const char *folder; /* "/sys/class/block" or "/sys/bus/usb/devices" */
	struct strv names;  /* none where the kernel has no such subsystem */
	const char *why;    /* why they are not known */
};

/* The devices of a subsystem. Never NULL. */
const struct sysfs_devices *sysfs_devices(struct host *host, const char *subsystem)
	__attribute__((nonnull, returns_nonnull));

/* An attribute of a device, blanks at its ends cut off; nothing where it has none of that name. */
struct finding sysfs_attribute(struct host *host, const struct sysfs_devices *devices,
			       const char *name, const char *attribute) __attribute__((nonnull));

/* A property: the kernel's own, or else udev's. */
struct finding sysfs_property(struct host *host, const struct sysfs_devices *devices,
			      const char *name, const char *key) __attribute__((nonnull));

/* Can this be the name of a subsystem, or of an attribute ("queue/rotational")? */
bool sysfs_is_name(const char *name) __attribute__((nonnull));
bool sysfs_is_attribute(const char *attribute) __attribute__((nonnull));

/* The value of a key in the text of `uevent`, a copy; NULL without it. Pure. */
const char *uevent_value(struct arena *arena, const char *text, const char *key)
	__attribute__((nonnull));
