/* The password field of passwd(5), shadow(5) and gshadow(5), by what crypt(5) says of it. Pure. */
#pragma once

/*
 * What opens an account: "yescrypt", "sha512", "des" and the like for the method of a hash,
 * "empty" where no password is asked for, "locked" where none will do, "invalid" for what no
 * method makes. Static: nothing of the field itself is in it.
 */
const char *password_method(const char *field) __attribute__((nonnull, returns_nonnull));
