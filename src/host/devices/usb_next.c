#include "host/devices/usb_next.h"

#include "host/boot/cmdline.h"
#include "host/boot/kernel_value.h"
#include "host/devices/udev_rule.h"
#include "host/kernel/kconfig.h"

#include <errno.h>

const char *modprobe_option(struct arena *arena, const char *line, const char *module,
			    const char *name)
{
	struct strv words = {0};
	const char *found = NULL;
	size_t length = strlen(name);

	strv_split(&words, arena, line, STR_BLANKS);
	if (words.count < 3 || !str_eq(words.at[0], "options") ||
	    !cmdline_same_name(words.at[1], module))
		return NULL;
	for (size_t i = 2; i < words.count; i++) {
		const char *word = words.at[i], *equals = strchr(word, '=');

		if (equals && (size_t)(equals - word) == length &&
		    cmdline_same_name(arena_strndup(arena, word, length), name))
			found = equals + 1;
	}
	return found;
}

/* A whole number as the module takes it; its own -1 stands for all devices that have a wire. */
static bool takes(const char *value)
{
	unsigned long number;

	return !kernel_number(value && *value == '-' ? value + 1 : value, &number);
}

static const char *meaning(const char *value)
{
	unsigned long number = 1;

	if (*value == '-' || kernel_number(value, &number) || number > 2)
		return "1";
	return number == 0 ? "0" : number == 2 ? "2" : "1";
}

static struct finding unreadable(struct host *host, const char *path, int error)
{
	return not_known(path,
			 arena_printf(host->arena, "it cannot be read: %s", host_error(error)));
}

/* What modprobe.d gives the module, in the order of kmod. */
static struct finding of_modprobe(struct host *host)
{
	static const char *const dirs[] = {"/etc/modprobe.d",           "/run/modprobe.d",
					   "/usr/local/lib/modprobe.d", "/usr/lib/modprobe.d",
					   "/lib/modprobe.d",           NULL};
	struct finding last = {0};
	struct strv paths = {0};
	int error = host_dropins(host, dirs, ".conf", &paths);

	if (error)
		return unreadable(host, dirs[0], error);
	for (size_t i = 0; i < paths.count; i++) {
		cleanup(text) struct host_text text = {0};
		char *rest, *line;

		error = host_read(host, paths.at[i], 0, &text);
		/* A link to /dev/null is no file: kmod takes it for an empty one. */
		if (error == -EOPNOTSUPP || error == -ENOENT)
			continue;
		if (error)
			return unreadable(host, paths.at[i], error);
		rest = text.data;
		for (unsigned number = 1; (line = str_next_line(&rest)); number++) {
			const char *value = strstr(line, "authorized")
						    ? modprobe_option(host->arena, line, "usbcore",
								      "authorized_default")
						    : NULL;

			if (value && takes(value))
				last = found(value, arena_printf(host->arena, "%s:%u", paths.at[i],
								 number));
		}
	}
	return last;
}

/* The option of the module: arguments come last, so that they count. */
static struct finding of_options(struct host *host, const struct kconfig *kconfig)
{
	const struct cmdline *cmdline = cmdline_configured(host);
	const struct cmdline_arg *arg;
	const char *why = NULL, *mode;
	struct finding option;
	int given = cmdline_find_if(host->arena, cmdline, "usbcore.authorized_default", takes, &arg,
				    &why);

	if (given < 0)
		return not_known(cmdline->source, why);
	if (given)
		return found(meaning(arg->value), arg->source);
	option = of_modprobe(host);
	if (option.value)
		option.value = meaning(option.value);
	if (option.value || option.why)
		return option;
	mode = kconfig_value(host->arena, kconfig, "USB_DEFAULT_AUTHORIZATION_MODE", &why);
	/* Older kernels do not have the symbol, and let all in. */
	if (mode && !str_eq(mode, "n"))
		return found(meaning(mode), kconfig->source);
	return found("1", "default of the kernel");
}

static bool takes_yes(const char *value)
{
	bool yes;

	return !kernel_bool(value, &yes) && yes;
}

/* Is there no USB at all? Yes with the source, no with nothing, or not known. */
static struct finding is_without(struct host *host, const struct kconfig *kconfig)
{
	static const char *const names[] = {"nousb", "usbcore.nousb"};
	const struct cmdline *cmdline = cmdline_configured(host);
	const struct cmdline_arg *arg;
	const char *why = NULL, *built = kconfig_value(host->arena, kconfig, "USB", &why);

	if (built && str_eq(built, "n"))
		return found("yes", kconfig->source);
	for (size_t i = 0; i < 2; i++) {
		int given = cmdline_find_if(host->arena, cmdline, names[i], takes_yes, &arg, &why);

		if (given < 0)
			return not_known(cmdline->source, why);
		if (given)
			return found("yes", arg->source);
	}
	return (struct finding){0};
}

struct finding usb_authorized_next(struct host *host)
{
	static const char *const dirs[] = {"/etc/udev/rules.d",           "/run/udev/rules.d",
					   "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d",
					   "/lib/udev/rules.d",           NULL};
	const struct kconfig *kconfig = kconfig_configured(host);
	struct finding without = is_without(host, kconfig);
	struct udev_usb usb = {0};
	struct strv paths = {0};
	int error;

	if (without.why)
		return without;
	if (without.value)
		return found(NULL, without.source);
	error = host_dropins(host, dirs, ".rules", &paths);
	if (error)
		return unreadable(host, dirs[0], error);
	for (size_t i = 0; i < paths.count; i++) {
		cleanup(text) struct host_text text = {0};

		error = host_read(host, paths.at[i], 0, &text);
		/* A link to /dev/null takes the files of that name below away. */
		if (error == -EOPNOTSUPP || error == -ENOENT)
			continue;
		if (error)
			return unreadable(host, paths.at[i], error);
		udev_usb_follow(host->arena, paths.at[i], text.data, &usb);
	}
	if (usb.doubtful)
		return not_known(usb.source, "whether this rule counts cannot be told");
	return usb.value ? found(usb.value, usb.source) : of_options(host, kconfig);
}
