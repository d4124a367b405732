#!/bin/sh
# The layout of the sources is what .clang-format makes of them.
cd "${1:-.}" || exit
find src tests -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run -Werror
