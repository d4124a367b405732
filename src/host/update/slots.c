#include "host/update/slots.h"

#include "host/boot/cmdline.h"
#include "host/osrelease.h"
#include "host/settings/keyfile.h"

#include <errno.h>
#include <strings.h>

static const char current[] = "current", pending[] = "pending-reboot";

/* The first PARTUUID= anywhere in the arguments that this kernel got, or NULL. */
static const char *booted_uuid(struct host *host, const char **ret_source)
{
	static const char *const names[] = {"verity.usr", "mount.usr", "dm-mod.create", "root"};
	const struct cmdline *cmdline = cmdline_running(host);

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct cmdline_arg *arg;
		const char *why, *at;

		if (cmdline_find(host->arena, cmdline, names[i], &arg, &why) != 1 || !arg->value)
			continue;
		at = strstr(arg->value, "PARTUUID=");
		if (!at)
			continue;
		at += strlen("PARTUUID=");
		*ret_source = arg->source;
		return arena_strndup(host->arena, at, strcspn(at, "/ ,"));
	}
	return NULL;
}

struct partitions {
	struct partition at[64];
	size_t count;
};

/* A machine has some dozens at most; whatever comes behind 64 of a GPT makes it unknown. */
static int read_partitions(struct host *host, struct partitions *ret_partitions)
{
	struct strv names;
	int error = host_list(host, "/run/udev/data", &names);

	for (size_t i = 0; !error && i < names.count; i++) {
		cleanup(text) struct host_text text = {0};
		struct partition partition;

		if (names.at[i][0] != 'b')
			continue;
		error = host_read(host, arena_printf(host->arena, "/run/udev/data/%s", names.at[i]),
				  0, &text);
		if (error || !partition_parse(host->arena, text.data, &partition))
			continue;
		if (ret_partitions->count == 64)
			return -E2BIG;
		ret_partitions->at[ret_partitions->count++] = partition;
	}
	return error;
}

/* Attributes of the boot loaders that come from that of Chrome OS. */
#define PRIORITY(flags) ((flags) >> 48 & 15)
#define TRIES(flags) ((flags) >> 52 & 15)
#define SUCCESSFUL(flags) ((flags) >> 56 & 1)

static bool is_bootable(const struct partition *partition)
{
	return PRIORITY(partition->flags) &&
	       (TRIES(partition->flags) || SUCCESSFUL(partition->flags));
}

int partition_is_first(const struct partition *partitions, size_t count, const char *uuid)
{
	const struct partition *booted = NULL;

	for (size_t i = 0; i < count && !booted; i++)
		if (!strcasecmp(partitions[i].uuid, uuid))
			booted = &partitions[i];
	if (!booted || !booted->flagged)
		return -ENOENT;
	for (size_t i = 0; i < count; i++) {
		const struct partition *other = &partitions[i];

		if (!strcasecmp(other->type, booted->type) && is_bootable(other) &&
		    PRIORITY(other->flags) > PRIORITY(booted->flags))
			return 0;
	}
	return is_bootable(booted);
}

bool slots_by_priority(struct host *host, struct update_answer *ret_answer)
{
	struct partitions partitions = {0};
	const char *uuid = booted_uuid(host, &ret_answer->source);
	int error = uuid ? read_partitions(host, &partitions) : 0, first;

	if (!uuid)
		return false;
	ret_answer->source = "/run/udev/data";
	first = partition_is_first(partitions.at, partitions.count, uuid);
	if (error && error != -ENOENT)
		ret_answer->why = arena_printf(host->arena, "cannot read /run/udev/data: %s",
					       host_error(error));
	else if (first < 0)
		ret_answer->why = arena_printf(host->arena,
					       "udev tells nothing of the priority of the "
					       "partition %s, from which the host was started",
					       uuid);
	else
		ret_answer->value = first ? current : pending;
	return true;
}

/* The value of NAME= at the beginning of a line, or NULL. */
static const char *line_value(struct arena *arena, const char *text, const char *name)
{
	const char *found = NULL;
	size_t length = strlen(name);

	for (const char *at = text; at && *at; at = strchr(at, '\n')) {
		at += *at == '\n';
		if (!strncmp(at, name, length) && at[length] == '=')
			found = arena_strndup(arena, at + length + 1,
					      strcspn(at + length + 1, "\n"));
	}
	return found;
}

static const char *rauc_setting(struct host *host, const char *key)
{
	const struct keyfile_question question = {KEYFILE_INI, "/etc/rauc/system.conf", "system",
						  key};
	struct keyfile_answer answer;

	keyfile_ask(host, &question, &answer);
	return answer.why || !answer.values.count ? NULL
						  : answer.values.at[answer.values.count - 1];
}

static const char *rauc_booted(struct host *host)
{
	const struct cmdline_arg *arg;
	const char *why;

	if (cmdline_find(host->arena, cmdline_running(host), "rauc.slot", &arg, &why) != 1)
		return NULL;
	return arg->value;
}

bool slot_is_first(const char *order, const char *slot)
{
	size_t length;

	order += strspn(order, " \t");
	length = strcspn(order, " \t");
	return length == strlen(slot) && !strncmp(order, slot, length);
}

bool slots_by_order(struct host *host, struct update_answer *ret_answer)
{
	const char *loader, *path, *booted, *order;
	cleanup(text) struct host_text text = {0};
	int error;

	if (!host_exists(host, "/etc/rauc/system.conf"))
		return false;
	ret_answer->source = "/etc/rauc/system.conf";
	loader = rauc_setting(host, "bootloader");
	path = rauc_setting(host, "grubenv");
	booted = rauc_booted(host);
	if (!loader || !str_eq(loader, "grub") || !booted) {
		ret_answer->why = "which slot RAUC boots next can be told only with GRUB, "
				  "and rauc.slot= among the kernel's arguments";
		return true;
	}
	path = path ? path : "/boot/grub/grubenv";
	ret_answer->source = path;
	error = host_read(host, path, 0, &text);
	order = error ? NULL : line_value(host->arena, text.data, "ORDER");
	if (error)
		ret_answer->why = arena_printf(host->arena, "cannot read %s: %s", path,
					       host_error(error));
	else if (!order)
		ret_answer->why = "the boot loader's environment has no ORDER";
	else
		ret_answer->value = slot_is_first(order, booted) ? current : pending;
	return true;
}

bool slots_by_modeenv(struct host *host, struct update_answer *ret_answer)
{
	const char *path = "/var/lib/snapd/modeenv", *status, *kernels;
	cleanup(text) struct host_text text = {0};
	int error;

	if (!str_eq(osrelease_get(host, "ID"), "ubuntu-core") && !host_exists(host, path))
		return false;
	ret_answer->source = path;
	error = host_read(host, path, 0, &text);
	if (error) {
		ret_answer->why = arena_printf(host->arena, "cannot read %s: %s", path,
					       host_error(error));
		return true;
	}
	status = line_value(host->arena, text.data, "base_status");
	kernels = line_value(host->arena, text.data, "current_kernels");
	if (!line_value(host->arena, text.data, "base") || !kernels)
		ret_answer->why = "it names no base and no kernels";
	else
		ret_answer->value = (status && str_eq(status, "try")) || strchr(kernels, ',')
					    ? pending
					    : current;
	return true;
}
