#!/bin/sh
# The searches of `make bench`, on a small tree: do they run, and do all count the same?
[ "$(id -u)" = 0 ] || { echo "ok - bench # SKIP only root can make such trees"; exit 0; }
TMPDIR=$TMP tests/bench/walk --small >"$TMP/out" 2>&1 && grep '^ok' "$TMP/out" && exit 0
cat "$TMP/out"
echo "not ok - bench"
exit 1
