/* The keys that every network interface has a copy of, and `all` as well. */
#include "host/kernel/sysctls.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>

static bool is_interface(const char *name)
{
	return !str_eq(name, "all") && !str_eq(name, "lo");
}

static int list_running(struct host *host, const char *family, struct strv *ret_names)
{
	const char *path = arena_printf(host->arena, "sys/net/%s/conf", family);
	int fd = host_proc_open(host, path, O_RDONLY | O_DIRECTORY);
	cleanup(dir) DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!dir)
		return fd < 0 ? fd : -ENOMEM;
	while ((errno = 0, entry = readdir(dir)))
		if (*entry->d_name != '.' && is_interface(entry->d_name))
			strv_push(ret_names, host->arena, arena_strdup(host->arena, entry->d_name));
	return -errno;
}

/* The interface that a line is about, if it is about one at all; or NULL. */
static const char *named(struct arena *arena, const char *path, const struct sysctl_interface *of)
{
	const char *prefix = arena_printf(arena, "net/%s/conf/", of->family), *key;
	char *name;

	if (!str_starts(path, prefix))
		return NULL;
	path += strlen(prefix);
	key = strchr(path, '/');
	if (!key)
		return NULL;
	name = arena_strndup(arena, path, (size_t)(key - path));
	if (!is_interface(name))
		return NULL;
	/* A pattern stands for interfaces only where it is about this key. */
	return strpbrk(name, "*?[{") && fnmatch(key + 1, of->key, FNM_PATHNAME) ? NULL : name;
}

int sysctl_interfaces(struct host *host, const struct sysctl_interface *of, struct strv *ret_names)
{
	const struct sysctl_stack *stack = sysctl_files(host);
	struct strv names = {0};
	int error = 0;

	if (of->running)
		error = list_running(host, of->family, &names);
	else
		strv_push(&names, host->arena, "default");
	for (size_t i = 0; !of->running && i < stack->by_path_count; i++) {
		const char *name = named(host->arena, stack->by_path[i].entry->path, of);

		if (name)
			strv_push(&names, host->arena, name);
	}
	if (error)
		return error;
	strv_sort(&names);
	for (size_t i = 0; i < names.count; i++)
		if (!i || !str_eq(names.at[i], names.at[i - 1]))
			strv_push(ret_names, host->arena, names.at[i]);
	return 0;
}

/* The name of some interface that a pattern matches; NULL where that takes more than a moment. */
static const char *example(struct arena *arena, const char *pattern)
{
	char *name = arena_strdup(arena, pattern);

	for (char *at = name; *at; at++)
		if (*at == '*' || *at == '?')
			*at = 'x';
	return strpbrk(name, "[]{}\\") ? NULL : name;
}

static void value_of(struct host *host, const struct sysctl_interface *interface, const char *name,
		     const char *key, struct sysctl_value *ret_value)
{
	const char *path = arena_printf(host->arena, "net/%s/conf/%s/%s", interface->family, name,
					key);

	if (interface->running)
		sysctl_running(host, path, ret_value);
	else
		sysctl_configured(host, path, ret_value);
}

/* An interface that forwards takes redirects only where `all` and its own value say so. */
static enum sysctl_combine by_forwarding(const struct sysctl_value *forwarding)
{
	long long number;

	if (forwarding->state != SYSCTL_SET || str_to_number(forwarding->value, &number))
		return SYSCTL_REDIRECTS;
	return number ? SYSCTL_BOTH : SYSCTL_EITHER;
}

void sysctl_in_force(struct host *host, const struct sysctl_interface *interface,
		     struct sysctl_value *ret_value)
{
	enum sysctl_combine how = sysctl_combination(interface->family, interface->key);
	const char *name = example(host->arena, interface->name);
	struct sysctl_value own, all, forwarding;

	if (!name) {
		*ret_value =
			(struct sysctl_value){SYSCTL_UNKNOWN, NULL, NULL,
					      "which interfaces the pattern matches is not known"};
		return;
	}
	value_of(host, interface, name, interface->key, &own);
	if (how == SYSCTL_OWN) {
		*ret_value = own;
		return;
	}
	value_of(host, interface, "all", interface->key, &all);
	if (how == SYSCTL_REDIRECTS) {
		value_of(host, interface, name, "forwarding", &forwarding);
		how = by_forwarding(&forwarding);
	}
	*ret_value = sysctl_combined(how, &own, &all);
}
