#!/bin/bash
# In a machine of its own, with a kernel of its own and a verified /usr: what the probes lsm, boot, device
# and cpu-vulnerability foretell from its configuration and arguments is what they see run there, and what the
# kernel and dmsetup(8) say.
# Needs the testbed beside the project ($HOSTAUDIT_SHARED, or ../shared); its image is kept in $TESTBED_CACHE.
set -u

testbed=${HOSTAUDIT_SHARED:-../shared}/testbed
export TESTBED_CACHE=${TESTBED_CACHE:-$PWD/../.testbed-cache}
image=$TESTBED_CACHE/image

skip() {
	echo "ok - the kernel of a virtual machine # SKIP $1"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
}

[ -x "$testbed/build-image" ] || skip "$testbed is not there"
[ "$(id -u)" = 0 ] || skip "only root can"
tests/setup boot || exit 1
# Two tests may want it at once.
mkdir -p "$TESTBED_CACHE"
flock "$TESTBED_CACHE/lock" "$testbed/build-image" "$image" >"$TMP/log" 2>&1 || { cat "$TMP/log"; exit 1; }

cat >"$TMP/inside" <<'EOF'
files=/run/testbed/files
probe() {
	$files/hostaudit probe --policy-dir /run --sandbox require "$1" >/tmp/said 2>&1
}
# told NAME TEXT...: each of these has been said.
told() {
	local name=$1 text
	shift
	for text; do
		grep -q -- "$text" /tmp/said && continue
		echo "not ok - $name: no '$text' in: $(cat /tmp/said)"
		return
	done
	echo "ok - $name"
}
mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
list=$(cat /sys/kernel/security/lsm)
echo "# $list"
for module in capability loadpin safesetid smack tomoyo apparmor bpf landlock; do
	case ,$list, in *,$module,*) state=enabled ;; *) state=disabled ;; esac
	probe "lsm $module = $state"
	told "lsm $module" "^  running.*$module = $state" "^  configured.*$module = $state"
done
level=$(sed 's/.*\[\(.*\)\].*/\1/' /sys/kernel/security/lockdown)
probe "lsm lockdown = $level"
told "lockdown" "^  running.*lockdown = $level" "^  configured.*lockdown = $level"
# There is no policy in this image.
probe "lsm selinux = enforcing"
told "SELinux without a policy" "^  running.*selinux = disabled.*no policy"
probe "lsm yama >= 0"
told "yama" "^  running.*yama = $(cat /proc/sys/kernel/yama/ptrace_scope) "
usr=$(findmnt -n -o SOURCE /usr)
echo "# $usr, $(dmsetup table "$usr" | cut -c1-60), '$(dmsetup info -c --noheadings -o uuid "$usr")'"
probe "boot verity.usr = yes"
told "configured verity" "^  configured.*verity.usr = yes"
case $(dmsetup info -c --noheadings -o uuid "$usr") in
CRYPT-VERITY-*) told "running verity" "^  running.*verity.usr = yes" ;;
*) told "verity without a name" "^  running .*unknown.*verity.usr" ;;
esac
udevadm settle
probe "device block:DM_NAME=${usr##*/}@ro = 1"
told "the device of /usr" "^  running.*dm-0@ro = 1 "
probe "device block:ATTR{dm/uuid}=CRYPT-VERITY-* present"
told "devices that are verified" "^  running.*dm-0 = dm-0 "
probe "device block:ID_SERIAL=root present"
told "a property of udev" "$(udevadm info -q name -p "$(udevadm info -q path -n "$(findmnt -n -o SOURCE /)")")"
probe "boot verity.root = yes"
told "a root without verity" "^  running.*verity.root = no" "^  configured.*absent"
probe "boot module-signatures = enforced"
told "signatures" "^  running.*module-signatures = enforced" "^  configured.*module-signatures = enforced"
probe "boot hibernation = disabled"
told "hibernation" "^  running.*hibernation = disabled" "^  configured.*hibernation = disabled"
probe "boot kexec = signed"
told "kexec" "^  running.*kexec = signed"
probe "boot secure-boot = none"
told "no UEFI" "^  running.*secure-boot = none"
probe "boot fips = disabled"
told "FIPS" "^  running.*fips = disabled" "^  configured.*fips = disabled"
probe "boot entropy >= 256"
told "entropy" "^  running.*entropy = $(cat /proc/sys/kernel/random/entropy_avail) "
probe "cpu-vulnerability mds switched-off"
told "mitigations=off" "^  running.*mds = yes" "^  configured.*mds = yes"
EOF
"$testbed/boot" --timeout 300 --append "lockdown=integrity" --add "$HOSTAUDIT" --add "$TMP/inside" "$image" -- \
	'bash /run/testbed/files/inside' >"$TMP/out" 2>"$TMP/log"
status=$?
grep -E '^(ok|not ok|#)' "$TMP/out"
passed=$(grep -c '^ok' "$TMP/out") failed=$(grep -c '^not ok' "$TMP/out")
if [ $status != 0 ] || [ "$passed" -lt 15 ]; then
	echo "not ok - the machine does all of it (status $status)"
	tail -n 30 "$TMP/log" "$TMP/out"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
