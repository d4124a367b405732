/* What /etc/selinux/config says to libselinux, which loads the policy at boot. Pure. */
#pragma once

#include "base/arena.h"
#include "base/str.h"

struct selinux_config {
	const char *mode; /* "enforcing", "permissive", "disabled"; NULL: no line says any */
	const char *type; /* SELINUXTYPE, "targeted" where no line gives one */
	unsigned mode_line, type_line; /* 0: there is none */
};

/* `text` is cut up. */
void selinux_config_parse(struct arena *arena, char *text, struct selinux_config *ret_config)
	__attribute__((nonnull));
