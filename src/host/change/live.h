/* Changes to the running kernel of a live host. */
#pragma once

#include "host/host.h"

/* Writes a value below /proc/sys of the host: "net/ipv4/ip_forward". */
int live_sysctl(struct host *host, const char *path, const char *value)
	__attribute__((nonnull, warn_unused_result));
