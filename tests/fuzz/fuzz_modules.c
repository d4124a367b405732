/* Files about kernel modules; the first byte chooses which. */
#include "host/kernel/modalias.h"
#include "host/kernel/modload.h"
#include "host/kernel/modprobe.h"
#include "host/kernel/modules.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void parse_modprobe(struct arena *arena, char *text)
{
	struct modprobe modprobe = {0};

	modprobe_parse(arena, text, "f", &modprobe);
	for (size_t i = 0; i < modprobe.count; i++)
		if (!modprobe.at[i].name || !modprobe.at[i].value)
			__builtin_trap();
		else
			modprobe_denies(modprobe.at[i].value);
	modprobe_find(&modprobe, MODPROBE_INSTALL, "usb_storage");
}

static void parse_aliases(struct arena *arena, struct host_text *text, bool builtin)
{
	struct modalias_table table = {0};
	struct strv modules = {0};

	if (builtin)
		modalias_parse_builtin(arena, text, "net_pf_31", &table);
	else
		modalias_parse(arena, text->data, "net_pf_31", &table);
	modalias_find(&table, "net_pf_31", arena, &modules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct module_list list = {0};
	struct modload modload = {0};
	struct host_text text;
	unsigned kind;

	if (!size)
		return 0;
	kind = (uint8_t)(data[0] - '0') % 5;
	/* modules.builtin.modinfo is full of NULs; the door refuses all other files with one. */
	if (kind != 4 && memchr(data + 1, '\0', size - 1))
		return 0;
	text = (struct host_text){arena_alloc(&arena, size), size - 1};
	memcpy(text.data, data + 1, size - 1);
	if (kind == 0)
		parse_modprobe(&arena, text.data);
	else if (kind == 1)
		module_list_parse(&arena, text.data, &list);
	else if (kind == 2)
		modload_parse(&arena, text.data, "f", &modload);
	else
		parse_aliases(&arena, &text, kind == 4);
	arena_free(&arena);
	return 0;
}
