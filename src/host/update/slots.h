/* Private to update/: hosts with two copies of the system, of which the boot loader takes one. */
#pragma once

#include "host/update/update.h"

/*
 * Flatcar, Bottlerocket, COS: which partition has the highest priority in the partition table.
 * False where the running kernel was started from no such partition.
 */
bool slots_by_priority(struct host *host, struct update_answer *ret_answer)
	__attribute__((nonnull));

/* RAUC with GRUB: the order in its environment. False where there is no RAUC. */
bool slots_by_order(struct host *host, struct update_answer *ret_answer) __attribute__((nonnull));

/* Ubuntu Core 20 and newer: what snapd tries next. False where there is no snapd. */
bool slots_by_modeenv(struct host *host, struct update_answer *ret_answer) __attribute__((nonnull));
