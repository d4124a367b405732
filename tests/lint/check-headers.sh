#!/bin/sh
# Each header can be included alone, twice, and first.
cd "${1:-.}" || exit
failed=0
for header in src/*/*.h src/host/*/*.h; do
	[ -e "$header" ] || continue
	name=${header#src/}
	printf '#include "%s"\n#include "%s"\n' "$name" "$name" |
		gcc -std=gnu11 -D_GNU_SOURCE -Isrc -Wall -Wextra -Werror -fsyntax-only -x c - || {
		echo "$header: cannot be included alone"
		failed=1
	}
done
exit $failed
