#include "host/kernel/sysctls.h"

#include "host/boot/cmdline.h"
#include "host/kernel/kconfig.h"
#include "host/kernel/netns.h"
#include "host/os.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>

/* A sysctl is a page at most; a few lists in /proc/sys are longer. */
#define VALUE_LIMIT ((size_t)64 * 1024)

/* Where systemd-sysctl looks, /lib being a directory of its own on some hosts. */
static const char *const dirs[] = {
	"/etc/sysctl.d",     "/run/sysctl.d", "/usr/local/lib/sysctl.d",
	"/usr/lib/sysctl.d", "/lib/sysctl.d", NULL,
};

/* The lines that LoadCredential=sysctl.extra of systemd-sysctl.service adds at the end. */
static const char *const credentials[] = {
	"/etc/credstore/sysctl.extra",
	"/run/credstore/sysctl.extra",
	"/usr/local/lib/credstore/sysctl.extra",
	"/usr/lib/credstore/sysctl.extra",
};

static struct sysctl_value unknown(const char *reason, const char *source)
{
	return (struct sysctl_value){SYSCTL_UNKNOWN, NULL, source, reason};
}

/* Folds blanks into one each: the kernel prints tabs where files have blanks. */
static char *fold(struct arena *arena, const char *text)
{
	struct strv words = {0};

	strv_split(&words, arena, text, STR_BLANKS);
	return strv_join(&words, arena, " ");
}

/* Where a name in sysctl.d is a link to /dev/null, that is the whole of its message. */
static bool is_masked(struct host *host, const char *path)
{
	char *target;

	return !host_readlink(host, path, &target) && str_eq(target, "/dev/null");
}

/*
 * What systemd-sysctl passes over; by its name it hides a file of a lower directory all the same.
 */
static bool is_nothing(struct host *host, const char *path, int error)
{
	return error == -ENOENT || error == -ENOTDIR || error == -EISDIR || is_masked(host, path);
}

static void read_file(struct host *host, const char *path, struct sysctl_stack *stack)
{
	cleanup(text) struct host_text text = {0};
	int error = host_read(host, path, 0, &text);

	if (!error) {
		sysctl_stack_parse(stack, path, text.data);
	} else if (!is_nothing(host, path, error)) {
		const char *reason = arena_printf(host->arena, "%s cannot be read: %s", path,
						  host_error(error));

		sysctl_stack_add_error(stack, path, reason);
	}
}

static const void *load_stack(struct host *host)
{
	struct sysctl_stack *stack = arena_new(host->arena, struct sysctl_stack);
	struct strv paths = {0};
	int error;

	stack->arena = host->arena;
	error = host_dropins(host, dirs, ".conf", &paths);
	if (error)
		sysctl_stack_add_error(stack, "sysctl.d",
				       arena_printf(host->arena, "sysctl.d cannot be listed: %s",
						    host_error(error)));
	for (size_t i = 0; i < paths.count; i++)
		read_file(host, paths.at[i], stack);
	for (size_t i = 0; i < sizeof(credentials) / sizeof(credentials[0]); i++) {
		if (!host_exists(host, credentials[i]))
			continue;
		read_file(host, credentials[i], stack);
		break;
	}
	sysctl_stack_seal(stack);
	return stack;
}

const struct sysctl_stack *sysctl_files(struct host *host)
{
	return host_view(host, load_stack);
}

static struct sysctl_value not_read(struct host *host, const char *source, int error)
{
	/* Without any sysctls at all, "no such file" says nothing of this one. */
	cleanup(fd) int sysctls = host_proc_open(host, "sys/kernel", O_PATH);

	if (error == -ENOENT && sysctls >= 0)
		return (struct sysctl_value){SYSCTL_ABSENT, NULL, source, NULL};
	if (error == -EISDIR)
		return unknown("it is a directory of keys", source);
	return unknown(arena_printf(host->arena, "it cannot be read: %s", host_error(error)),
		       source);
}

void sysctl_running(struct host *host, const char *path, struct sysctl_value *ret_value)
{
	const char *source = arena_printf(host->arena, "/proc/sys/%s", path);
	/* /proc/sys/net shows the network namespace of whoever reads it. */
	const char *foreign = str_starts(path, "net/") ? netns_foreign(host) : NULL;
	cleanup(text) struct host_text text = {0};
	int error;

	if (foreign) {
		*ret_value = unknown(foreign, source);
		return;
	}
	error = host_proc_read(host, source + strlen("/proc/"), VALUE_LIMIT, &text);
	*ret_value = (struct sysctl_value){SYSCTL_SET, NULL, source, NULL};
	if (error)
		*ret_value = not_read(host, source, error);
	else
		ret_value->value = fold(host->arena, text.data);
}

/* `sysctl.KEY=VALUE`: the kernel itself sets these before it starts init (process_sysctl_arg). */
static void boot_arguments(struct host *host, struct sysctl_boot *boot)
{
	const struct cmdline *cmdline = cmdline_configured(host);

	for (size_t i = 0; !cmdline->unknown && i < cmdline->count; i++) {
		const struct cmdline_arg *arg = &cmdline->args[i];
		struct sysctl_entry entry = {.value = arg->value, .source = arg->source};
		char *path;

		if (!arg->name) {
			boot->value = unknown("arguments that nobody knows beforehand may set it",
					      arg->source);
			continue;
		}
		if ((!str_starts(arg->name, "sysctl.") && !str_starts(arg->name, "sysctl/")) ||
		    !arg->value || !*arg->value)
			continue;
		path = arena_strdup(host->arena, arg->name + strlen("sysctl."));
		entry.path = path;
		for (; *path; path++)
			if (*path == '.')
				*path = '/';
		sysctl_boot_write(boot, NULL, &entry);
		if (arg->maybe && boot->value.source == arg->source)
			boot->value =
				unknown("whether the boot loader gives this argument is not known",
					arg->source);
	}
}

/* Does a key of the profile, a pattern perhaps, mean one of the names of a parameter? */
static bool is_meant(struct arena *arena, const char *key, const char *const *names)
{
	char *path = sysctl_path(arena, key);

	for (; *names; names++)
		if (str_eq(path, *names) ||
		    (sysctl_is_pattern(path) && !fnmatch(path, *names, FNM_PATHNAME)))
			return true;
	return false;
}

/* What programs write after systemd-sysctl was there: they have the last word. */
static void boot_writers(struct host *host, struct sysctl_boot *boot)
{
	const struct os_values *writers = &host->os->written_by;

	for (size_t i = 0; i < writers->count; i++) {
		const struct os_value *writer = &writers->at[i];
		const char *source = writer->origin;

		if (!is_meant(host->arena, writer->key, boot->names))
			continue;
		if (writer->note)
			source = arena_printf(host->arena, "%s (%s)", writer->note, writer->origin);
		boot->value = (struct sysctl_value){SYSCTL_SET, fold(host->arena, writer->value),
						    source, NULL};
	}
}

/* In place of a value: the kernel has no such key. */
#define ABSENT "absent"

static struct sysctl_value absent(const char *source)
{
	return (struct sysctl_value){SYSCTL_ABSENT, NULL, source, NULL};
}

/*
 * What a symbol makes of a key: with A and B one of them, else its own number. A symbol that is not
 * there has none, and the key that it is for is missing as well. NULL: no number.
 */
static const char *made_of(struct arena *arena, const char *symbol, const struct strv *words)
{
	long long number;

	if (words->count == 4)
		return words->at[str_eq(symbol, "y") ? 2 : 3];
	if (str_eq(symbol, "n"))
		return ABSENT;
	return str_to_number(symbol, &number) ? NULL : arena_printf(arena, "%lld", number);
}

/*
 * `config SYMBOL A B`: A where the kernel has the symbol built in, else B. `config SYMBOL`: its
 * number.
 */
static struct sysctl_value conditional(struct host *host, const struct os_value *os_value)
{
	const struct kconfig *kconfig = kconfig_configured(host);
	const char *why = "it is no number", *symbol, *value = NULL;
	struct strv words = {0};

	strv_split(&words, host->arena, os_value->value, STR_BLANKS);
	if (words.count != 4 && words.count != 2)
		return unknown("the os-profile states no values", os_value->origin);
	symbol = kconfig_value(host->arena, kconfig, words.at[1], &why);
	if (symbol)
		value = made_of(host->arena, symbol, &words);
	if (!value)
		return unknown(arena_printf(host->arena, "the kernel's default depends on %s: %s",
					    words.at[1], why),
			       os_value->origin);
	if (str_eq(value, ABSENT))
		return absent(arena_printf(host->arena, "%s=%s in %s", words.at[1], symbol,
					   kconfig->source));
	return (struct sysctl_value){
		SYSCTL_SET,
		value,
		arena_printf(host->arena, "the kernel's own value; %s=%s in %s", words.at[1],
			     symbol, kconfig->source),
		NULL,
	};
}

/*
 * What the os-profile says that the kernel starts with. An exact key counts more than a pattern.
 */
static const struct os_value *find_default(struct host *host, const char *const *names)
{
	const struct os_values *values = &host->os->sysctl_default;
	const struct os_value *found = NULL;

	for (size_t i = 0; i < values->count; i++) {
		const char *key = values->at[i].key;

		if (is_meant(host->arena, key, names) &&
		    (!found || !sysctl_is_pattern(key) || sysctl_is_pattern(found->key)))
			found = &values->at[i];
	}
	return found;
}

/*
 * The copy of a key that new interfaces start with, if the path is that of an interface; or NULL.
 */
static const char *default_path(struct arena *arena, const char *path)
{
	const size_t prefix = strlen("net/ipv4/conf/");
	const char *name, *key;

	if (!str_starts(path, "net/ipv4/conf/") && !str_starts(path, "net/ipv6/conf/"))
		return NULL;
	name = path + prefix;
	key = strchr(name, '/');
	if (!key || str_starts(name, "all/") || str_starts(name, "default/"))
		return NULL;
	return arena_printf(arena, "%.*sdefault%s", (int)prefix, path, key);
}

/* Nothing sets it: the kernel's own value, if somebody knows it. */
static struct sysctl_value kernels_own(struct host *host, const struct sysctl_boot *boot)
{
	const char *path = boot->names[0];
	const char *copied[] = {default_path(host->arena, path), NULL};
	const struct os_value *stated = find_default(host, boot->names);
	struct sysctl_value value = {.state = SYSCTL_SET};

	if (!stated && copied[0])
		stated = find_default(host, copied);
	if (stated && str_starts(stated->value, "config "))
		return conditional(host, stated);
	if (stated && str_eq(stated->value, ABSENT))
		return absent(stated->origin);
	if (stated) {
		value.value = fold(host->arena, stated->value);
		value.source = arena_printf(host->arena,
					    "the kernel's own value; no file sets it (%s)",
					    stated->origin);
		return value;
	}
	if (host->live)
		sysctl_running(host, path, &value);
	if (!host->live || value.state == SYSCTL_UNKNOWN)
		return unknown("no file sets it, and the kernel's default is not known", NULL);
	if (value.state == SYSCTL_SET)
		value.source = "the kernel's own value; no file sets it";
	return value;
}

/* Does the os-profile say that this kernel has no such key? Then no file can set it. */
static bool is_missing(struct host *host, const struct sysctl_boot *boot)
{
	const struct os_value *stated = find_default(host, boot->names);

	return stated && strstr(stated->value, ABSENT) &&
	       kernels_own(host, boot).state == SYSCTL_ABSENT;
}

/* Everything up to the point where only the kernel's own value is left. */
static void boot_files(struct host *host, const char *path, struct sysctl_boot *ret_boot)
{
	sysctl_boot_start(host->arena, path, ret_boot);
	boot_arguments(host, ret_boot);
	sysctl_boot_run(ret_boot, sysctl_files(host));
	if (ret_boot->value.state == SYSCTL_SET)
		ret_boot->value.value = fold(host->arena, ret_boot->value.value);
	boot_writers(host, ret_boot);
}

/* What an interface of which no file tells takes over from `default`. */
static struct sysctl_value inherited(struct host *host, const char *path, const char *copied)
{
	struct sysctl_boot boot;

	boot_files(host, copied, &boot);
	/* Most keys of IPv4 are handed on to interfaces that are there, those of IPv6 are not. */
	if (boot.value.state != SYSCTL_UNSET && !sysctl_inherits(host->arena, path))
		return unknown("files set it only for interfaces that appear later",
			       boot.value.source);
	return boot.value;
}

void sysctl_configured(struct host *host, const char *path, struct sysctl_value *ret_value)
{
	const char *copied = default_path(host->arena, path);
	struct sysctl_boot boot;

	boot_files(host, path, &boot);
	if (boot.value.state == SYSCTL_UNSET && copied)
		boot.value = inherited(host, path, copied);
	if (boot.value.state == SYSCTL_UNSET || is_missing(host, &boot))
		boot.value = kernels_own(host, &boot);
	*ret_value = boot.value;
}
