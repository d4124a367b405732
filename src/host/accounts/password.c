#include "host/accounts/password.h"

#include "base/str.h"

#define DES_ALPHABET "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* The prefixes of crypt(5), as libxcrypt 4.4 has them. */
static const struct {
	const char *prefix, *name;
} methods[] = {
	{"$y$", "yescrypt"},
	{"$gy$", "gost-yescrypt"},
	{"$sm3y$", "sm3-yescrypt"},
	{"$7$", "scrypt"},
	{"$2a$", "bcrypt"},
	{"$2b$", "bcrypt"},
	{"$2x$", "bcrypt"},
	{"$2y$", "bcrypt"},
	{"$6$", "sha512"},
	{"$5$", "sha256"},
	{"$sm3$", "sm3"},
	{"$sha1$", "sha1"},
	{"$md5", "sunmd5"},
	{"$1$", "md5"},
	{"$3$", "nt"},
};

/* DES takes eight characters; bigcrypt has eleven more bytes for each eight more. */
static const char *old_method(const char *field)
{
	size_t length = strlen(field);

	if (*field == '_')
		return length == 20 && strspn(field + 1, DES_ALPHABET) == 19 ? "bsdi" : "invalid";
	if (strspn(field, DES_ALPHABET) != length || length < 13 || (length - 13) % 11)
		return "invalid";
	return "des";
}

const char *password_method(const char *field)
{
	if (!*field)
		return "empty";
	if (*field == '!' || *field == '*')
		return "locked";
	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (str_starts(field, methods[i].prefix))
			return methods[i].name;
	return old_method(field);
}
