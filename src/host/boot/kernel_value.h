/* Values of arguments as the kernel reads them. Pure. */
#pragma once

#include <stdbool.h>

/* As kstrtoul() with a base of 0: 0 and the number, or -EINVAL. NULL is a missing value. */
int kernel_number(const char *text, unsigned long *ret_number) __attribute__((nonnull(2)));

/* As kstrtobool(): 0 and the answer, or -EINVAL. A module's parameter without value is yes. */
int kernel_bool(const char *text, bool *ret_yes) __attribute__((nonnull(2)));
