#include "host/kernel/kconfig.h"

#include "host/kernel/inflate.h"
#include "host/os.h"

#include <errno.h>
#include <sys/utsname.h>

/* What a configuration may come to, unpacked. */
#define TEXT_LIMIT ((size_t)16 * 1024 * 1024)

/* Where distributions keep it, with the release of the kernel in its place. */
static const char *const places[] = {
	"/usr/lib/modules/%s/config",
	"/lib/modules/%s/config",
	"/boot/config-%s",
	"/usr/lib/kernel/config-%s",
	"/usr/lib/modules/%s/build/.config",
};

/* Places without a release: at most one kernel is there. */
static const char *const single[] = {"/usr/boot/config", "/boot/config", "/usr/boot/config.gz"};

#define N(array) (sizeof(array) / sizeof((array)[0]))

bool kconfig_is_full(const char *text)
{
	static const char mark[] = "utomatically generated";

	for (unsigned line = 0; line < 8 && *text == '#'; line++) {
		size_t length = strcspn(text, "\n");

		if (memmem(text, length, mark, strlen(mark)))
			return true;
		text += length + (text[length] == '\n');
	}
	return false;
}

/* Does a line begin here, but for the "# " of one that is not set? */
static bool begins_line(const char *text, const char *at, bool *ret_commented)
{
	*ret_commented = at - text >= 2 && at[-2] == '#' && at[-1] == ' ';
	if (*ret_commented)
		at -= 2;
	return at == text || at[-1] == '\n';
}

/* What a place that names a symbol says of it. Returns whether it is a line about that symbol. */
static bool tells(const char *text, const char *at, size_t length, const char **ret_value)
{
	static const char not_set[] = " is not set", prefix[] = "CONFIG_";
	const size_t before = strlen(prefix);
	const char *behind = at + length;
	bool commented;

	if ((size_t)(at - text) < before || strncmp(at - before, prefix, before) != 0 ||
	    !begins_line(text, at - before, &commented))
		return false;
	*ret_value = commented ? NULL : behind + 1;
	if (!commented)
		return *behind == '=';
	return str_starts(behind, not_set) && strchr("\r\n", behind[strlen(not_set)]);
}

static char *unquote(struct arena *arena, const char *value)
{
	size_t length = strcspn(value, "\r\n");
	char *copy, *to;

	if (length < 2 || *value != '"' || value[length - 1] != '"')
		return arena_strndup(arena, value, length);
	copy = to = arena_strndup(arena, value + 1, length - 2);
	for (const char *from = copy; *from; from++) {
		if (*from == '\\' && from[1])
			from++;
		*to++ = *from;
	}
	*to = '\0';
	return copy;
}

const char *kconfig_value(struct arena *arena, const struct kconfig *kconfig, const char *symbol,
			  const char **ret_why)
{
	const char *found = NULL, *value;
	bool told = false;

	if (kconfig->unknown) {
		*ret_why = kconfig->unknown;
		return NULL;
	}
	if (str_starts(symbol, "CONFIG_"))
		symbol += strlen("CONFIG_");
	/* A search for the name alone is far quicker than a look at each of ten thousand lines. */
	for (const char *at = kconfig->text; (at = strstr(at, symbol)); at++) {
		if (!tells(kconfig->text, at, strlen(symbol), &value))
			continue;
		told = true;
		found = value;
	}
	if (found)
		return unquote(arena, found);
	if (told || kconfig->full)
		return "n";
	*ret_why = arena_printf(arena, "%s does not name it, and is not the whole configuration",
				kconfig->source);
	return NULL;
}

static const struct kconfig *unknown(struct host *host, const char *why)
{
	struct kconfig *kconfig = arena_new(host->arena, struct kconfig);

	kconfig->unknown = why;
	return kconfig;
}

/* Plain or packed, as the first two bytes say. */
static int unpack(struct arena *arena, const struct host_text *file, const char **ret_text)
{
	char *text;
	size_t size;
	int error;

	if (file->size < 2 || memcmp(file->data, "\x1f\x8b", 2) != 0) {
		if (strlen(file->data) != file->size)
			return -EILSEQ;
		*ret_text = arena_strdup(arena, file->data);
		return 0;
	}
	error = inflate_gzip(arena, file->data, file->size, TEXT_LIMIT, &text, &size);
	if (!error && strlen(text) != size)
		error = -EILSEQ;
	if (!error)
		*ret_text = text;
	return error;
}

/* Appends a file. Returns 1 when it was there, 0 when not, or what was wrong with it. */
static int append_file(struct host *host, const char *path, struct kconfig *kconfig)
{
	cleanup(text) struct host_text file = {0};
	const char *text;
	int error = host_read_bytes(host, path, TEXT_LIMIT, &file);

	if (error == -ENOENT || error == -ENOTDIR)
		return 0;
	if (!error)
		error = unpack(host->arena, &file, &text);
	if (error)
		return error;
	kconfig->full = kconfig->full || kconfig_is_full(text);
	kconfig->text = kconfig->text ? arena_printf(host->arena, "%s\n%s", kconfig->text, text)
				      : text;
	kconfig->source = kconfig->source
				  ? arena_printf(host->arena, "%s %s", kconfig->source, path)
				  : path;
	return 1;
}

static const struct kconfig *bad_file(struct host *host, const char *path, int error)
{
	return unknown(host,
		       arena_printf(host->arena, "%s cannot be read: %s", path, host_error(error)));
}

/* The first of these files that is there, or NULL. */
static const struct kconfig *first_file(struct host *host, const struct strv *paths)
{
	struct kconfig *kconfig = arena_new(host->arena, struct kconfig);

	for (size_t i = 0; i < paths->count; i++) {
		int found = append_file(host, paths->at[i], kconfig);

		if (found > 0)
			return kconfig;
		if (found < 0)
			return bad_file(host, paths->at[i], found);
	}
	return NULL;
}

static const struct kconfig *of_release(struct host *host, const char *release)
{
	struct strv paths = {0};

	for (size_t i = 0; i < N(places); i++) {
		const char *slot = strstr(places[i], "%s");

		strv_push(&paths, host->arena,
			  arena_printf(host->arena, "%.*s%s%s", (int)(slot - places[i]), places[i],
				       release, slot + 2));
	}
	return first_file(host, &paths);
}

/*
 * The files that the os-profile names. Several that match are fragments of one configuration,
 * merged in order; a whole configuration among the places is the end of the search.
 */
static const struct kconfig *of_profile(struct host *host)
{
	const struct strv *patterns = &host->os->kconfig;

	for (size_t i = 0; i < patterns->count; i++) {
		struct kconfig *kconfig = arena_new(host->arena, struct kconfig);
		struct strv paths = {0};
		int error;

		if (str_starts(patterns->at[i], "/proc/"))
			continue;
		error = host_glob(host, patterns->at[i], &paths);
		if (error)
			return bad_file(host, patterns->at[i], error);
		for (size_t k = 0; k < paths.count; k++) {
			int found = append_file(host, paths.at[k], kconfig);

			if (found < 0)
				return bad_file(host, paths.at[k], found);
		}
		if (kconfig->text)
			return kconfig;
	}
	return NULL;
}

static const struct kconfig *of_single_place(struct host *host)
{
	struct strv paths = {0};

	for (size_t i = 0; i < N(single); i++)
		strv_push(&paths, host->arena, single[i]);
	return first_file(host, &paths);
}

/* The releases of all kernels of which modules or a configuration are there, the newest last. */
static int list_releases(struct host *host, struct strv *ret_releases)
{
	static const char *const patterns[] = {
		"/usr/lib/modules/*/config",
		"/lib/modules/*/config",
		"/boot/config-*",
		"/usr/lib/kernel/config-*",
	};
	int error = 0;

	for (size_t i = 0; i < N(patterns) && !error; i++) {
		size_t star = strcspn(patterns[i], "*"), rest = strlen(patterns[i]) - star - 1;
		struct strv paths = {0};

		error = host_glob(host, patterns[i], &paths);
		for (size_t k = 0; !error && k < paths.count; k++)
			strv_push(ret_releases, host->arena,
				  arena_strndup(host->arena, paths.at[k] + star,
						strlen(paths.at[k]) - star - rest));
	}
	return error;
}

static const void *load_configured(struct host *host)
{
	const struct kconfig *kconfig = of_profile(host);
	struct strv releases = {0};
	const char *newest = NULL;
	int error;

	if (kconfig)
		return kconfig;
	error = list_releases(host, &releases);
	if (error)
		return bad_file(host, "/boot/config-*", error);
	for (size_t i = 0; i < releases.count; i++)
		if (!newest || strverscmp(releases.at[i], newest) > 0)
			newest = releases.at[i];
	kconfig = newest ? of_release(host, newest) : of_single_place(host);
	if (kconfig)
		return kconfig;
	/* With no file at all, the kernel that runs is the best witness of the one that will. */
	if (host->live)
		return kconfig_running(host);
	return unknown(host, "the tree has no configuration of a kernel");
}

static const void *load_running(struct host *host)
{
	struct kconfig *kconfig = arena_new(host->arena, struct kconfig);
	cleanup(text) struct host_text file = {0};
	const struct kconfig *found;
	struct utsname name;
	int error;

	error = host_proc_read_bytes(host, "config.gz", TEXT_LIMIT, &file);
	if (!error)
		error = unpack(host->arena, &file, &kconfig->text);
	if (!error) {
		kconfig->source = "/proc/config.gz";
		kconfig->full = true;
		return kconfig;
	}
	if (error != -ENOENT)
		return bad_file(host, "/proc/config.gz", error);
	/* One kernel serves the host and all containers. */
	found = uname(&name) ? NULL : of_release(host, name.release);
	if (found)
		return found;
	return unknown(host, "there is no /proc/config.gz, and no file for the running kernel");
}

const struct kconfig *kconfig_running(struct host *host)
{
	return host_view(host, load_running);
}

const struct kconfig *kconfig_configured(struct host *host)
{
	return host_view(host, load_configured);
}
