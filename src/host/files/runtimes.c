#include "host/files/runtimes.h"

#include "host/trees/tree.h"
#include "host/units/units.h"

enum syntax { NONE, JSON, TOML };

/* Where each runtime says where its root is. What a flag says counts more than its file. */
static const struct runtime {
	const char *name;
	const char *root;        /* by default; NULL: it has none of its own */
	const char *below[2];    /* only these directories of it; none: all of it */
	const char *unit, *flag; /* the unit that starts it, and the flag that names the root */
	const char *files[2];    /* the first that is there */
	enum syntax syntax;
	const char *section, *key;
} runtimes[] = {
	{.name = "docker",
	 .root = "/var/lib/docker",
	 .unit = "docker.service",
	 .flag = "--data-root",
	 .files = {"/etc/docker/daemon.json"},
	 .syntax = JSON,
	 .key = "data-root"},
	{.name = "containerd",
	 .root = "/var/lib/containerd",
	 .unit = "containerd.service",
	 .flag = "--root",
	 .files = {"/etc/containerd/config.toml"},
	 .syntax = TOML,
	 .key = "root"},
	/* What runs has its place in memory: roots of containers, and what pods share. */
	{.name = "containerd",
	 .root = "/run/containerd",
	 .unit = "containerd.service",
	 .flag = "--state",
	 .files = {"/etc/containerd/config.toml"},
	 .syntax = TOML,
	 .key = "state"},
	{.name = "containers",
	 .root = "/var/lib/containers/storage",
	 .files = {"/etc/containers/storage.conf", "/usr/share/containers/storage.conf"},
	 .syntax = TOML,
	 .section = "storage",
	 .key = "graphroot"},
	{.name = "containers",
	 .root = "/run/containers/storage",
	 .files = {"/etc/containers/storage.conf", "/usr/share/containers/storage.conf"},
	 .syntax = TOML,
	 .section = "storage",
	 .key = "runroot"},
	{.name = "crio",
	 .unit = "crio.service",
	 .flag = "--root",
	 .files = {"/etc/crio/crio.conf"},
	 .syntax = TOML,
	 .section = "crio",
	 .key = "root"},
	/* What else lies there is the node's own: its configuration, its keys. */
	{.name = "kubelet",
	 .root = "/var/lib/kubelet",
	 .below = {"pods", "plugins"},
	 .unit = "kubelet.service",
	 .flag = "--root-dir"},
};

const char *argument_value(struct arena *arena, const char *line, const char *name)
{
	const char *value = NULL;
	struct strv words = {0};
	size_t length = strlen(name);

	strv_split(&words, arena, line, STR_BLANKS);
	for (size_t i = 0; i < words.count; i++) {
		const char *word = words.at[i];

		if (str_eq(word, name) && i + 1 < words.count)
			value = words.at[i + 1];
		else if (str_starts(word, name) && word[length] == '=')
			value = word + length + 1;
	}
	return value;
}

/* A string in double or single quotes, without escapes; or NULL. */
static const char *quoted(struct arena *arena, const char *text)
{
	size_t length = *text == '"' || *text == '\'' ? strcspn(text + 1, "\"'\\\n") : 0;

	return length && text[1 + length] == *text ? arena_strndup(arena, text + 1, length) : NULL;
}

/* The value of `KEY = "VALUE"`, or NULL. */
static const char *value_of_line(struct arena *arena, const char *line, const char *key)
{
	if (!str_starts(line, key))
		return NULL;
	line += strlen(key);
	line += strspn(line, " \t");
	return *line == '=' ? quoted(arena, line + 1 + strspn(line + 1, " \t")) : NULL;
}

const char *toml_string(struct arena *arena, const char *text, const char *section, const char *key)
{
	char *rest = arena_strdup(arena, text), *line;
	const char *wanted = section ? arena_printf(arena, "[%s]", section) : "";
	const char *value = NULL;
	bool within = !section;

	while ((line = str_next_line(&rest)) && !value) {
		line = str_trim(line);
		if (*line == '[')
			within = str_eq(line, wanted);
		else if (within)
			value = value_of_line(arena, line, key);
	}
	return value;
}

/* What the first of its files that is there names, or NULL. */
static const char *root_by_file(struct host *host, const struct runtime *runtime, const char *path)
{
	cleanup(text) struct host_text text = {0};

	if (runtime->syntax == JSON) {
		const struct tree *root = tree_file_get(host, TREE_JSON, path)->root;
		const struct tree *value = root ? tree_get(root, runtime->key) : NULL;

		return value && value->type == TREE_STRING ? value->text : NULL;
	}
	if (host_read(host, path, 0, &text))
		return NULL;
	return toml_string(host->arena, text.data, runtime->section, runtime->key);
}

/* What the unit's command line names, or NULL. */
static const char *root_by_flag(struct host *host, const struct runtime *runtime)
{
	struct strv lines = {0};
	const char *source;

	if (!runtime->unit ||
	    unit_option(host, runtime->unit, "Service", "ExecStart", &lines, &source) ||
	    !lines.count)
		return NULL;
	return argument_value(host->arena, lines.at[lines.count - 1], runtime->flag);
}

static const char *root_of(struct host *host, const struct runtime *runtime)
{
	const char *root = root_by_flag(host, runtime);
	const char *const *file = runtime->files;

	if (!root && file[0] && file[1] && !host_exists(host, file[0]))
		file++;
	if (!root && file[0])
		root = root_by_file(host, runtime, file[0]);
	return root && root[0] == '/' ? root : runtime->root;
}

static void push(struct host *host, struct runtime_roots *roots, const char *path, const char *name)
{
	if (roots->count == roots->space) {
		size_t space = roots->space ? roots->space * 2 : 8;

		roots->at = arena_grow(host->arena, roots->at, roots->count * sizeof(*roots->at),
				       space * sizeof(*roots->at));
		roots->space = space;
	}
	roots->at[roots->count++] = (struct runtime_root){.path = path, .name = name};
}

static void add(struct host *host, const struct runtime *runtime, struct runtime_roots *roots)
{
	const char *root = root_of(host, runtime);

	if (root && !runtime->below[0])
		push(host, roots, root, runtime->name);
	for (size_t i = 0; root && i < 2 && runtime->below[i]; i++)
		push(host, roots, arena_printf(host->arena, "%s/%s", root, runtime->below[i]),
		     runtime->name);
}

static const void *load(struct host *host)
{
	struct runtime_roots *roots = arena_new(host->arena, struct runtime_roots);

	for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++)
		add(host, &runtimes[i], roots);
	return roots;
}

const struct runtime_roots *runtime_roots(struct host *host)
{
	return host_view(host, load);
}
