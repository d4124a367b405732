/* Which USB devices the next boot lets in by itself: authorized_default of its controllers. */
#pragma once

#include "host/finding.h"
#include "host/host.h"

/* "0" none, "1" all, "2" internal ones; nothing where the kernel has no USB at all. */
struct finding usb_authorized_next(struct host *host) __attribute__((nonnull));

/*
 * The value of a module's option in a line of modprobe.d, `options MODULE … NAME=VALUE`, the last
 * of several; a copy, or NULL. Pure.
 */
const char *modprobe_option(struct arena *arena, const char *line, const char *module,
			    const char *name) __attribute__((nonnull));
