#include "host/kernel/modules.h"

#include "host/kernel/modalias.h"
#include "host/kernel/modprobe.h"

#include <errno.h>
#include <fcntl.h>

/* Distributions with every driver there is have about 1 MiB in each of these files. */
#define LIST_LIMIT ((size_t)8 * 1024 * 1024)

static const char *const roots[] = {"/usr/lib/modules", "/lib/modules"};

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

bool module_list_has(const struct module_list *list, const char *name)
{
	return list->names.count &&
	       bsearch(&name, list->names.at, list->names.count, sizeof(*list->names.at), compare);
}

/* "kernel/fs/cramfs/cramfs.ko.xz: needed.ko" is cramfs; compressed or not. */
void module_list_parse(struct arena *arena, char *text, struct module_list *list)
{
	char *line;

	while ((line = str_next_line(&text))) {
		char *name, *end;

		line[strcspn(line, ":")] = '\0';
		name = strrchr(line, '/');
		name = str_trim(name ? name + 1 : line);
		end = strstr(name, ".ko");
		if (!end || end == name)
			continue;
		*end = '\0';
		strv_push(&list->names, arena, arena_strdup(arena, modprobe_name(name)));
	}
	strv_sort(&list->names);
}

static void read_list(struct host *host, const char *dir, const char *name,
		      struct module_list *list)
{
	const char *path = arena_printf(host->arena, "%s/%s", dir, name);
	cleanup(text) struct host_text text = {0};

	list->error = host_read(host, path, LIST_LIMIT, &text);
	list->source = list->error == -ENOENT ? NULL : path;
	if (!list->error)
		module_list_parse(host->arena, text.data, list);
}

static void read_kernel(struct host *host, const char *dir, struct kernel *kernel)
{
	kernel->dir = dir;
	kernel->error = 0;
	kernel->aliases = arena_new(host->arena, struct modalias_table);
	read_list(host, dir, "modules.builtin", &kernel->builtin);
	read_list(host, dir, "modules.dep", &kernel->built);
	/* Where depmod will run at the first boot only, the build's own list is there. */
	if (kernel->built.error == -ENOENT)
		read_list(host, dir, "modules.order", &kernel->built);
}

static bool is_kernel(struct host *host, const char *dir)
{
	static const char *const lists[] = {"modules.dep", "modules.builtin", "modules.order"};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		if (host_exists(host, arena_printf(host->arena, "%s/%s", dir, lists[i])))
			return true;
	return false;
}

/* Puts the directory with the highest version below a root in `ret_dir`, or leaves it. */
static int find_highest(struct host *host, const char *root, const char **ret_dir)
{
	struct strv names = {0};
	const char *highest = NULL;
	int error = host_list(host, root, &names);

	for (size_t i = 0; i < names.count; i++) {
		const char *dir = arena_printf(host->arena, "%s/%s", root, names.at[i]);

		if ((!highest || strverscmp(names.at[i], highest) > 0) && is_kernel(host, dir)) {
			highest = names.at[i];
			*ret_dir = dir;
		}
	}
	return error == -ENOTDIR ? -ENOENT : error;
}

static struct kernel *no_kernel(struct host *host, int error)
{
	struct kernel *kernel = arena_new(host->arena, struct kernel);

	kernel->error = kernel->built.error = kernel->builtin.error = error;
	return kernel;
}

static const void *load_next(struct host *host)
{
	struct kernel *kernel = no_kernel(host, -ENOENT);

	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		const char *dir = NULL;
		int error = find_highest(host, roots[i], &dir);

		if (error && error != -ENOENT)
			return no_kernel(host, error);
		if (dir) {
			read_kernel(host, dir, kernel);
			break;
		}
	}
	return kernel;
}

const struct kernel *kernel_next(struct host *host)
{
	return host_view(host, load_next);
}

static const void *load_running(struct host *host)
{
	cleanup(text) struct host_text release = {0};
	int error = host_proc_read(host, "sys/kernel/osrelease", 0, &release);
	struct kernel *kernel = no_kernel(host, error ? error : -ENOENT);
	const char *name;

	if (error)
		return kernel;
	name = str_trim(release.data);
	for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
		const char *dir = arena_printf(host->arena, "%s/%s", roots[i], name);

		if (kernel_next(host)->dir && str_eq(dir, kernel_next(host)->dir))
			return kernel_next(host);
		if (is_kernel(host, dir)) {
			read_kernel(host, dir, kernel);
			break;
		}
	}
	return kernel;
}

const struct kernel *kernel_running(struct host *host)
{
	return host_view(host, load_running);
}

static const void *load_loaded(struct host *host)
{
	struct module_list *list = arena_new(host->arena, struct module_list);
	cleanup(text) struct host_text text = {0};
	char *rest, *line;

	list->source = "/proc/modules";
	list->error = host_proc_read(host, "modules", 0, &text);
	/*
	 * A kernel without modules has no such file; but neither has a procfs that shows processes
	 * only (subset=pid), and that one has no sys/ as well.
	 */
	if (list->error == -ENOENT) {
		cleanup(fd) int fd = host_proc_open(host, "sys/kernel", O_PATH);

		list->error = fd < 0 ? fd : 0;
		return list;
	}
	if (list->error)
		return list;
	rest = text.data;
	while ((line = str_next_line(&rest))) {
		line[strcspn(line, " ")] = '\0';
		if (*line)
			strv_push(&list->names, host->arena,
				  arena_strdup(host->arena, modprobe_name(line)));
	}
	strv_sort(&list->names);
	return list;
}

const struct module_list *modules_loaded(struct host *host)
{
	return host_view(host, load_loaded);
}

int kernel_alias(struct host *host, const struct kernel *kernel, const char *alias,
		 struct strv *ret_modules)
{
	struct modalias_table once = {0}, *table = kernel->aliases;
	struct strv modules = {0};

	if (!table)
		return kernel->error;
	/* The many names with a colon are not kept. */
	if (strchr(alias, ':')) {
		table = &once;
		modalias_load(host, kernel->dir, alias, table);
	} else if (!table->at && !table->error) {
		modalias_load(host, kernel->dir, alias, table);
	}
	modalias_find(table, alias, host->arena, &modules);
	if (table->error && !modules.count)
		return table->error;
	*ret_modules = modules;
	return 0;
}
