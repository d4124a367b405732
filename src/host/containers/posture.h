/* How much of the host a container is trusted with. Pure. */
#pragma once

#include "host/containers/containers.h"

/* Fills in the posture from the rest. */
void posture_find(struct container *container) __attribute__((nonnull));

const char *posture_name(enum posture posture) __attribute__((returns_nonnull));
