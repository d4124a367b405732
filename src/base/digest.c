/* The only file that knows libsodium. */
#include "base/digest.h"

#include "base/arena.h"

#include <sodium.h>
#include <stdint.h>
#include <string.h>

struct digest {
	crypto_hash_sha256_state state;
};

static void add(struct digest *digest, const void *data, size_t size)
{
	crypto_hash_sha256_update(&digest->state, data, size);
}

struct digest *digest_new(struct arena *arena)
{
	struct digest *digest = arena_new(arena, struct digest);

	crypto_hash_sha256_init(&digest->state);
	return digest;
}

void digest_add(struct digest *digest, const char *name, const char *data, size_t size)
{
	uint8_t length[8];

	for (size_t i = 0; i < sizeof(length); i++)
		length[i] = (uint8_t)(size >> 8 * i); /* the same on every machine */
	add(digest, name, strlen(name) + 1);
	add(digest, length, sizeof(length));
	add(digest, data, size);
}

void digest_end(struct digest *digest, char ret_hex[65])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_final(&digest->state, hash);
	sodium_bin2hex(ret_hex, 65, hash, sizeof(hash));
}

void digest_bytes(const char *data, size_t size, char ret_hex[65])
{
	uint8_t hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256(hash, (const unsigned char *)data, size);
	sodium_bin2hex(ret_hex, 65, hash, sizeof(hash));
}
