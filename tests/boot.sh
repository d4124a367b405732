#!/bin/bash
# An image is judged as the host that it becomes: audited as a tree, booted, and audited from inside.
# Needs the testbed beside the project ($HOSTAUDIT_SHARED, or ../shared); its image is kept in $TESTBED_CACHE.
set -u

testbed=${HOSTAUDIT_SHARED:-../shared}/testbed
export TESTBED_CACHE=${TESTBED_CACHE:-$PWD/../.testbed-cache}
image=$TESTBED_CACHE/image
policy=${BOOT_POLICY:-.}
passed=0 failed=0 skipped=0

skip() {
	echo "ok - $1 # SKIP $2"
	skipped=$((skipped + 1))
}

finish() {
	echo "$passed passed, $failed failed, $skipped skipped"
	[ $failed = 0 ]
	exit
}

# told NAME STATUS: one test has passed or failed.
told() {
	if [ "$2" = 0 ]; then
		passed=$((passed + 1))
		echo "ok - $1"
	else
		failed=$((failed + 1))
		echo "not ok - $1"
		[ ! -s "$TMP/log" ] || tail -n 30 "$TMP/log"
	fi
}

# The image's root with its /usr, as it lies on disk: /etc is only the upper half.
audit_image() {
	mkdir -p "$TMP/tree"
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --mount --propagation private bash -euc '
		mount -o loop,ro,noload -t ext4 "$1/root.ext4" "$2"
		mount -o loop,ro -t squashfs "$1/usr.img" "$2/usr"
		shift 2
		exec "$@"' sh "$image" "$TMP/tree" \
		"$HOSTAUDIT" check --root "$TMP/tree" --policy-dir "$policy" --format json >"$TMP/image.json" 2>"$TMP/log"
}

# inside HOW NAME: boots the image by `boot` or `boot-container` and audits there.
inside() {
	mkdir -p "$TMP/$2"
	# shellcheck disable=SC2016 # the shell of the guest expands it
	"$testbed/$1" --share "$TMP/$2" --timeout 300 --add "$HOSTAUDIT" --add "$policy/benchmarks" \
		--add "$policy/os-profiles" "$image" -- '
			install /run/testbed/files/hostaudit /opt/bin/
			mkdir -p /opt/policy
			cp -r /run/testbed/files/benchmarks /run/testbed/files/os-profiles /opt/policy/
			/opt/bin/hostaudit check --policy-dir /opt/policy --format json=/run/testbed/share/report.json
			status=$?
			/opt/bin/hostaudit check --root / --policy-dir /opt/policy --verbose >/run/testbed/share/report.txt
			exit $status' >"$TMP/log" 2>&1
}

# judged CODE: an audit that went through; it may find what it likes.
judged() {
	[ "$1" = 0 ] || [ "$1" = 1 ] || [ "$1" = 3 ]
}

# compare NAME: the report of the image and the one from inside, rule by rule.
compare() {
	/usr/bin/python3 tests/lib/agree.py "$TMP/image.json" "$TMP/$1/report.json" >"$TMP/agree"
	local status=$?
	passed=$((passed + $(grep -c '^ok' "$TMP/agree")))
	failed=$((failed + $(grep -c '^not ok' "$TMP/agree")))
	grep -v '^ok' "$TMP/agree" | sed "s/^not ok - /not ok - $1: /; s/^#/# $1:/"
	[ $status = 0 ] || grep -q '^not ok' "$TMP/agree" || told "$1: reports can be compared" 1
}

if [ ! -x "$testbed/build-image" ]; then
	skip "boot an image" "$testbed is not there"
	finish
fi
if [ "$(id -u)" != 0 ]; then
	skip "boot an image" "only root can"
	finish
fi
tests/setup boot || { told "set up the testbed" 1; finish; }
# Two tests may want it at once.
mkdir -p "$TESTBED_CACHE"
flock "$TESTBED_CACHE/lock" "$testbed/build-image" "$image" >"$TMP/log" 2>&1
told "build an image" $? || true
[ $failed = 0 ] || finish

audit_image
judged $?
told "audit the tree of the image" $?
grep -q '"name": "flatcar"' "$TMP/image.json"
told "its profile is found" $?
for how in boot-container boot; do
	inside $how $how
	judged $?
	told "$how: audit from inside" $?
	[ ! -s "$TMP/$how/report.json" ] || compare $how
done
finish
