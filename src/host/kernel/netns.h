/* Network namespaces, told apart without any right to trace: is ours the host's? */
#pragma once

#include "host/host.h"

/*
 * Why what the kernel says of networks to us is not what it says to the host, in words: it is
 * another network namespace than that of the host's first process, or that cannot be told. NULL: it
 * is the same.
 */
const char *netns_foreign(struct host *host) __attribute__((nonnull));
