/* Properties that udev keeps of devices. Only udev_db.c knows libudev. */
#pragma once

#include "host/finding.h"
#include "host/host.h"

/*
 * A property of the device at this path below /sys (without links). Nothing where udev knows the
 * device and it has no such property; not known where udev cannot be asked.
 */
struct finding udev_property(struct host *host, const char *syspath, const char *key)
	__attribute__((nonnull));
