#!/bin/sh
# What cppcheck finds.
cd "${1:-.}" || exit
cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j 2 -Isrc -D_GNU_SOURCE -DWITH_LIBMOUNT=1 \
	-DWITH_SDBUS=1 -DWITH_LIBUDEV=1 -DVERSION='"0"' -DDATADIR='"/"' --enable=warning,performance,portability \
	--suppress=missingInclude --suppress=unknownMacro src
