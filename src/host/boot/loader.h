/* Who may change the kernel's arguments at the console of the boot loader. */
#pragma once

#include "host/finding.h"
#include "host/host.h"

/* "pbkdf2", "plain" or "none": the password that GRUB asks of a superuser. */
struct finding loader_password(struct host *host) __attribute__((nonnull));

/* "open" or "closed": may anybody at the console edit an entry? */
struct finding loader_editor(struct host *host) __attribute__((nonnull));

/* What a loader.conf of systemd-boot says. */
struct loader_conf {
	bool editor;
	unsigned line; /* 0: nothing, which is yes */
};

/* `text` is cut up. Pure. */
void loader_conf_parse(char *text, struct loader_conf *ret_conf) __attribute__((nonnull));
