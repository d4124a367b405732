#!/bin/bash
# In a machine of its own, with a kernel of its own: rules are loaded there, and what the probes audit and
# auditrule say of now agrees with `auditctl -l` and `auditctl -s`.
# Needs the testbed beside the project ($HOSTAUDIT_SHARED, or ../shared); its image is kept in $TESTBED_CACHE.
set -u

testbed=${HOSTAUDIT_SHARED:-../shared}/testbed
export TESTBED_CACHE=${TESTBED_CACHE:-$PWD/../.testbed-cache}
image=$TESTBED_CACHE/image

skip() {
	echo "ok - audit in a virtual machine # SKIP $1"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
}

[ -x "$testbed/build-image" ] || skip "$testbed is not there"
[ "$(id -u)" = 0 ] || skip "only root can"
tests/setup boot || exit 1
# Two tests may want it at once.
mkdir -p "$TESTBED_CACHE"
flock "$TESTBED_CACHE/lock" "$testbed/build-image" "$image" >"$TMP/log" 2>&1 || { cat "$TMP/log"; exit 1; }

mkdir -p "$TMP/rules.d"
cat >"$TMP/rules.d/10-base.rules" <<'EOF'
-D
-b 4096
-f 2
-r 77
-e 1
EOF
cat >"$TMP/rules.d/9-rules.rules" <<'EOF'
-w /etc/passwd -p wa -k identity
-w /etc/ssh -p rwxa
-a exit,always -F arch=b64 -S adjtimex,settimeofday -k time
-a always,exit -F arch=b32 -S stime
-a always,exit -F path=/usr/bin/su -F perm=x -F auid>=1000 -F auid!=unset -k su
-a always,exit -F arch=b64 -S execve -C uid!=euid -F euid=0 -k one -k two
-a always,exit -F arch=b64 -S open,openat -F exit=-EACCES -F success=0
-a always,exit -F arch=b64 -S mount -F auid=-1 -F obj_uid=core
-a always,exit -F exe=/usr/bin/id
-a never,exit -F arch=b64 -S unlink
-a always,exit -F arch=b64 -S unlink,rename -F auid=0
-a always,exclude -F msgtype=CWD
-a never,task -F uid=4711
EOF
cat >"$TMP/inside" <<'EOF'
files=/run/testbed/files
rm -rf /etc/audit/rules.d
mkdir -p /etc/audit
cp -r $files/rules.d /etc/audit/rules.d
augenrules --load >/dev/null 2>&1
probe() {
	$files/hostaudit probe --policy-dir /run --sandbox require "$@" >/tmp/said 2>&1
}
# told NAME TEXT: what was said of now has this text.
told() {
	if grep -q "^  running.*$2" /tmp/said; then
		echo "ok - $1"
	else
		echo "not ok - $1: no '$2' in: $(cat /tmp/said)"
	fi
}
auditctl -l >/tmp/list
while read -r rule; do
	probe "auditrule \"$rule\" state = loaded"
	case $rule in
	*rename*) told "$rule" "= silenced" ;;
	*) told "$rule" "= loaded" ;;
	esac
done </tmp/list
echo "# $(wc -l </tmp/list) rules"
for setting in enabled failure backlog_limit rate_limit backlog_wait_time lost backlog pid; do
	value=$(auditctl -s | sed -n "s/^$setting \([0-9]*\).*/\1/p")
	probe "audit $setting = 0"
	told "audit $setting" "$setting = $value "
done
probe 'auditrule "-w /etc/group -p wa" present'
told "a rule that is not there" "absent"
probe 'auditrule "-a always,exit -F arch=b64 -S settimeofday -S 159" effective'
told "a rule in another spelling" "= yes"
# Wherever it stands, this one takes every record away.
auditctl -a always,exclude -F 'msgtype>0' >/dev/null 2>&1
probe 'auditrule "-w /etc/passwd -p wa" effective'
told "a rule that is silenced" "= no"
auditctl -e 2 >/dev/null
probe 'audit immutable = 1'
told "locked" "immutable = 1 "
setpriv --reuid 1000 --clear-groups --inh-caps=-all $files/hostaudit probe --policy-dir /run \
	'audit enabled = 1' >/tmp/said 2>&1
told "without the right to ask" "unknown.*CAP_AUDIT_CONTROL"
EOF
"$testbed/boot" --timeout 300 --add "$HOSTAUDIT" --add "$TMP/rules.d" --add "$TMP/inside" "$image" -- \
	'bash /run/testbed/files/inside' >"$TMP/out" 2>"$TMP/log"
status=$?
grep -E '^(ok|not ok|#)' "$TMP/out"
passed=$(grep -c '^ok' "$TMP/out") failed=$(grep -c '^not ok' "$TMP/out")
if [ $status != 0 ] || [ "$passed" -lt 20 ]; then
	echo "not ok - the machine does all of it (status $status)"
	tail -n 30 "$TMP/log" "$TMP/out"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
