/* Variables of firmware, loader.conf, and grub.cfg; the first byte chooses. */
#include "host/boot/bootscript.h"
#include "host/boot/efivars.h"
#include "host/boot/loader.h"

#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void firmware(struct arena *arena, const uint8_t *data, size_t size)
{
	struct efi_variable variable;

	if (efi_variable_parse((const char *)data, size, &variable))
		return;
	if (efi_flag(&variable) > 0 &&
	    (size != 5 || data[4] != 1 || variable.attributes & EFI_KEPT))
		__builtin_trap();
	efi_text(arena, &variable);
}

static void grub(struct arena *arena, char *text)
{
	struct bootscript script;

	bootscript_start(&script, arena, false);
	bootscript_follow(&script, "grub.cfg", text);
	for (const struct bootpassword *at = script.passwords; at; at = at->next)
		if (!at->user || !at->secret || !at->source)
			__builtin_trap();
	bootscript_end(&script);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct loader_conf conf;
	char *text;

	if (!size)
		return 0;
	if (data[0] % 3 == 0)
		firmware(&arena, data + 1, size - 1);
	/* The door refuses text with a NUL in it. */
	if (data[0] % 3 == 0 || memchr(data + 1, '\0', size - 1)) {
		arena_free(&arena);
		return 0;
	}
	text = arena_strndup(&arena, (const char *)data + 1, size - 1);
	if (data[0] % 3 == 1)
		loader_conf_parse(text, &conf);
	else
		grub(&arena, text);
	arena_free(&arena);
	return 0;
}
