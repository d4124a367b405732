#!/bin/sh
# Shell scripts: what shellcheck finds.
cd "${1:-.}" || exit
find tests .ci -type f ! -name '*.py' -print0 |
	xargs -0 grep -l "^#!/bin/\(ba\)\?sh" | xargs shellcheck
