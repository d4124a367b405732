/* Rules of udev, texts of uevent, and lines of modprobe.d; the first byte chooses. */
#include "host/devices/sysfs.h"
#include "host/devices/udev_rule.h"
#include "host/devices/usb_next.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void rules(struct arena *arena, char *text)
{
	struct udev_usb usb = {0};
	struct udev_rule rule;

	if (!udev_rule_parse(arena, text, &rule))
		for (size_t i = 0; i < rule.count; i++)
			if (!rule.at[i].key || !rule.at[i].value)
				__builtin_trap();
	udev_usb_follow(arena, "rules", text, &usb);
	if ((usb.value || usb.doubtful) && !usb.source)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	char *text;

	/* The door refuses text with a NUL in it. */
	if (!size || memchr(data + 1, '\0', size - 1))
		return 0;
	text = arena_strndup(&arena, (const char *)data + 1, size - 1);
	if (data[0] % 4 == 1)
		uevent_value(&arena, text, "DEVTYPE");
	else if (data[0] % 4 == 2)
		modprobe_option(&arena, text, "usbcore", "authorized_default");
	else
		rules(&arena, text);
	arena_free(&arena);
	return 0;
}
