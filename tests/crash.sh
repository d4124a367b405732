#!/bin/bash
# A fix is all or nothing: it is killed before each of its system calls, and each of them fails in several ways.
# So is the rollback, and the finishing of a run that was cut off. CRASH_FAULTS names further errors; CRASH_STATES=N
# has it look at N states of a disk that a power cut can leave as well.
# Needs the testbed beside the project ($HOSTAUDIT_SHARED, or ../shared).
# variants: static
set -u

testbed=${HOSTAUDIT_SHARED:-../shared}/testbed
HOSTAUDIT=$(realpath "$HOSTAUDIT")
export SOURCE_DATE_EPOCH=1700000000 HOSTAUDIT TMP
passed=0 failed=0

if [ ! -x "$testbed/sweep" ] || [ "$(id -u)" != 0 ]; then
	echo "ok - crashes # SKIP $testbed/sweep is not there, or this is not root"
	echo "0 passed, 0 failed, 1 skipped"
	exit
fi

# Something of each kind: a new file, one that is removed, another mode, a link, directories.
mkdir -p "$TMP"/{start/root/{etc/{ssh,sysctl.d},usr/lib,sbin},policy/{benchmarks,os-profiles}}
(
	cd "$TMP/start/root" || exit 1
	touch sbin/init
	echo ID=sample >usr/lib/os-release
	echo kernel.kptr_restrict = 0 >etc/sysctl.d/50-a.conf
	echo secret >etc/ssh/key && chmod 644 etc/ssh/key
	echo + >etc/hosts.equiv && chmod 640 etc/hosts.equiv && chown 1000:1000 etc/hosts.equiv
	setfattr -n user.note -v kept etc/hosts.equiv
	touch -d @1600000000.123456789 etc/hosts.equiv
)
cp -r remediations "$TMP/policy/"
printf '[os]\ntitle = Sample\nmatch = ID=sample\nbenchmarks = all\n' >"$TMP/policy/os-profiles/sample.ini"
while IFS='|' read -r rule check fix; do
	printf '[%s]\ntitle = T\nwhy = W\nseverity = low\ncheck = %s\nfix = %s\n' "$rule" "$check" "$fix"
done >"$TMP/policy/benchmarks/all.ini" <<'RULES'
kptr|sysctl kernel.kptr_restrict >= 1|sysctl
equiv|file /etc/hosts.equiv absent|file-absent
key|file /etc/ssh/key mode-within 0600|file-access
dccp|module dccp blacklisted|module-deny
unit|service b.service masked|unit-mask
RULES

cat >"$TMP/picture" <<'PICTURE'
cd "$1" || exit 1
find . -printf '%p %y %m %U %G %l\n' | sort
find . -type f ! -name '*hostaudit*' -printf '%p %Ts\n' | sort
find . -type f -exec sha256sum {} + | sort
getfattr -Rdm - . 2>/dev/null
PICTURE

# What stands in the folder afterwards: FAULT, STATUS and OUTPUT tell of the command. PHASE: of a power cut.
cat >"$TMP/verify" <<'VERIFY'
fault=${FAULT-power} status=${STATUS-137}
at_end() { echo "$1"; exit 1; }
if [ -e state/journal ]; then
	"$HOSTAUDIT" rollback --root root --state-dir state >log 2>&1 || at_end "rollback: $(cat log)"
	rm -f log
fi
picture=$(sh "$TMP/picture" root)
if [ "$picture" = "$(cat "$TMP/old")" ]; then
	[ "$WANT" = plan ] && [ "${PHASE-}" = after ] && [ "$status" = 0 ] && at_end "old, though it was done"
	[ "$WANT" = plan ] && [ "$fault" != kill ] && [ "$fault" != power ] && [ "$status" = 0 ] &&
		at_end "old, though it was done"
	exit 0
fi
[ "$picture" = "$(cat "$TMP/new")" ] && [ "$WANT" != old ] && exit 0
# Less could be read, so less was planned: that much was done, and can be taken back.
[ "$WANT" = plan ] && [ "$status" -le 1 ] && "$HOSTAUDIT" rollback --root root --state-dir state >log 2>&1 &&
	rm -f log && [ "$(sh "$TMP/picture" root)" = "$(cat "$TMP/old")" ] && exit 0
at_end "neither old nor new, exit $status"
VERIFY

fix() {
	"$HOSTAUDIT" fix --policy-dir "$TMP/policy" --root "$1/root" --state-dir "$1/state" --quiet
}

# told NAME: adds up the last line of the log.
told() {
	local line
	line=$(tail -n 1 "$TMP/log")
	if [[ $line =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed ]] && [ "${BASH_REMATCH[1]}" -gt 100 ]; then
		passed=$((passed + BASH_REMATCH[1])) failed=$((failed + BASH_REMATCH[2]))
		[ "${BASH_REMATCH[2]}" = 0 ] || { echo "not ok - $1"; grep -A 2 ^FAIL "$TMP/log" | head -n 30; }
		echo "# $1: $line"
	else
		failed=$((failed + 1))
		echo "not ok - $1: it did not run"
		tail -n 20 "$TMP/log"
	fi
}

sweep() {
	WANT=$2 "$testbed/sweep" --setup "cp -a '$3/.' ." --check "sh '$TMP/verify'" --faults "$1" --calls fs \
		-- "${@:4}" >"$TMP/log" 2>&1
}

sh "$TMP/picture" "$TMP/start/root" >"$TMP/old"
cp -a "$TMP/start" "$TMP/done"
fix "$TMP/done" || { echo "not ok - fix: exit code $?"; echo "0 passed, 1 failed"; exit 1; }
sh "$TMP/picture" "$TMP/done/root" >"$TMP/new"
back=("$HOSTAUDIT" rollback --root '{}/root' --state-dir '{}/state' --quiet)
there=("$HOSTAUDIT" fix --policy-dir "$TMP/policy" --root '{}/root' --state-dir '{}/state' --quiet)

sweep kill plan "$TMP/start" "${there[@]}"
told "fix, killed"
sweep kill any "$TMP/done" "${back[@]}"
told "rollback, killed"
for fault in ${CRASH_FAULTS-EIO}; do
	sweep "$fault" plan "$TMP/start" "${there[@]}"
	told "fix, $fault"
done

# Cut off while it takes its places.
cp -a "$TMP/start" "$TMP/half"
strace -f -o /dev/null -e inject=renameat:signal=KILL:when=4 "$HOSTAUDIT" fix --policy-dir "$TMP/policy" \
	--root "$TMP/half/root" --state-dir "$TMP/half/state" --quiet 2>/dev/null
if [ -e "$TMP/half/state/journal" ]; then
	sweep kill old "$TMP/half" "${back[@]}"
	told "recovery, killed"
else
	failed=$((failed + 1))
	echo "not ok - a run that was cut off: there is no journal"
fi

if [ "${CRASH_STATES-0}" -gt 0 ]; then
	WANT=plan "$testbed/crashdisk" --setup "cp -a '$TMP/start/.' ." --check "sh '$TMP/verify'" --max "$CRASH_STATES" \
		-- "$HOSTAUDIT" fix --policy-dir "$TMP/policy" --root root --state-dir state --quiet >"$TMP/log" 2>&1
	told "power cuts"
fi

echo "$passed passed, $failed failed"
[ $failed = 0 ]
