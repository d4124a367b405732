/* The packet filter of a host: as it is now, and as the next boot makes it. */
#pragma once

#include "host/firewall/firewall.h"
#include "host/host.h"

/* Never NULL; `unknown` in them says why nothing can be told. */
const struct fw_model *firewall_now(struct host *host) __attribute__((nonnull, returns_nonnull));
const struct fw_model *firewall_next(struct host *host) __attribute__((nonnull, returns_nonnull));
