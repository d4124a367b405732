/* By which symbols of the kernel's configuration a module is built. */
#pragma once

/*
 * "CRAMFS" for "cramfs"; more than one, separated by a blank, where kernels differ; NULL for a
 * module that is not in the table. Dashes are underscores.
 */
const char *module_symbols(const char *module) __attribute__((nonnull));
