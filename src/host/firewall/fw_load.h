/*
 * Who loads a packet filter at boot, and from what: the commands in the units that boot starts, and
 * the files that they name. What a program makes of its own accord when containers start is not
 * told.
 */
#pragma once

#include "host/firewall/firewall.h"
#include "host/host.h"

void fw_load(struct host *host, struct fw_model *model) __attribute__((nonnull));
