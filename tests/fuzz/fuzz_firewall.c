/* The packet filter: messages of nf_tables, a block of the older tables, and what they come to. */
#include "host/firewall/fw_ask.h"
#include "host/firewall/fw_legacy.h"
#include "host/firewall/nft_tables.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void use(struct arena *arena, struct fw_model *model)
{
	const struct fw_subject subject = {.hook = FW_INPUT, .family = FW_IP4};
	struct fw_answer answer;

	fw_link(model);
	for (enum fw_question question = FW_POLICY; question <= FW_PUBLIC_PORTS; question++)
		fw_ask(arena, model, &subject, question, &answer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena arena = {0};
	struct fw_model *model = arena_new(&arena, struct fw_model);
	struct nft_reading *reading = arena_new(&arena, struct nft_reading);
	struct fw_blob blob = {.hooks = 14};

	model->arena = &arena;
	reading->model = model;
	if (size && data[0] & 1) {
		(void)!nft_read(reading, data + 1, size - 1);
	} else if (size > 40) {
		memcpy(blob.entry, data + 1, sizeof(blob.entry));
		memcpy(blob.underflow, data + 21, sizeof(blob.underflow) - 4);
		blob.six = data[0] & 2;
		blob.data = data + 40;
		blob.size = size - 40;
		(void)!fw_legacy_read(model, "filter", &blob);
	}
	use(&arena, model);
	arena_free(&arena);
	return 0;
}
