#!/bin/bash
# make install puts everything where the program finds it; another DESTDIR only moves it.
set -u

passed=0 failed=0

is() {
	local what=$1
	shift
	if "$@" >"$TMP/log" 2>&1; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok - $what"
		cat "$TMP/log"
	fi
}

# hostaudit's own exit codes for an audit that went through
audits() {
	"$@"
	local code=$?
	[ $code = 0 ] || [ $code = 1 ]
}

# A build directory of its own: other tests use the usual one.
export -n MAKEFLAGS MFLAGS
prefix=$TMP/usr
is "make install" make -s -j2 CFLAGS=-O1 BUILD="$TMP/build" prefix="$prefix" install
is "the program is there" "$prefix/bin/hostaudit" --version
is "the manual is there" test -s "$prefix/share/man/man8/hostaudit.8" -a -s "$prefix/share/man/man5/hostaudit-profile.5"
is "the schema is there" test -s "$prefix/lib/hostaudit/hostaudit-report.schema.json"
is "the licence is there" test -s "$prefix/share/doc/hostaudit/LICENSE"
tests/mkroot tests/demo/flatcar.spec "$TMP/image" || exit
is "it finds its policy" audits "$prefix/bin/hostaudit" check --root "$TMP/image"
cp "$TMP/log" "$TMP/report"
is "it finds its profile" grep -q '^profile flatcar' "$TMP/report"

# The same build for a package: nothing outside of DESTDIR.
is "make install DESTDIR=" make -s -j2 CFLAGS=-O1 BUILD="$TMP/build" prefix="$prefix" DESTDIR="$TMP/package" install
is "the package is the installation" diff -r "$prefix" "$TMP/package$prefix"

# The second time there was nothing to compile.
is "nothing is built twice" test "$TMP/build/main.o" -ot "$prefix/bin/hostaudit"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
