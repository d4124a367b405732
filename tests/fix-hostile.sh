#!/bin/bash
# A tree that leads out of itself: fix leaves what is outside alone, and says what was in the way.
# variants: normal asan no-openat2
set -u

passed=0 failed=0
if [ "$(id -u)" != 0 ]; then
	echo "ok - hostile trees # SKIP only root can make them"
	echo "0 passed, 0 failed, 1 skipped"
	exit
fi

mkdir -p "$TMP"/policy/{benchmarks,os-profiles}
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

make_tree() {
	chattr -i "$TMP/root/etc/ssh/key" 2>/dev/null
	rm -rf "$TMP"/{root,out,state}
	mkdir -p "$TMP"/root/{etc/{ssh,sysctl.d,modprobe.d,systemd/system},usr/lib,sbin} "$TMP"/out/dir
	cd "$TMP/root" || exit 1
	touch sbin/init
	echo ID=sample >usr/lib/os-release
	echo kernel.kptr_restrict = 0 >etc/sysctl.d/50-a.conf
	echo + >etc/hosts.equiv
	echo secret >etc/ssh/key && chmod 644 etc/ssh/key
	echo canary >"$TMP/out/file"
}

outside() {
	find "$TMP/out" -printf '%p %y %m %U %G %s %T@ %C@\n' | sort
}

# attack NAME RULE COMMAND: with that done to the tree the rule is not fixed, and nothing outside changes.
attack() {
	local before output status
	make_tree
	eval "$3"
	cd "$OLDPWD" || exit 1
	before=$(outside)
	# shellcheck disable=SC2086 # it may be two words
	output=$(timeout 30 $HOSTAUDIT fix --policy-dir "$TMP/policy" --root "$TMP/root" --state-dir "$TMP/state" 2>&1)
	status=$?
	if [ "$status" -le 1 ] && [ "$(outside)" = "$before" ] && ! grep -q "^FIX .* $2$" <<<"$output"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok - $1: exit $status"
		echo "$output"
		diff <(echo "$before") <(outside)
	fi
}

out=$TMP/out
attack "the directory is a link out, climbing" kptr 'rm -r etc/sysctl.d; ln -s ../../out/dir etc/sysctl.d'
attack "the directory is a link out, absolute" dccp "rmdir etc/modprobe.d; ln -s $out/dir etc/modprobe.d"
attack "the file is a link out" kptr 'ln -s ../../../out/file etc/sysctl.d/zz-hostaudit.conf'
attack "a directory above is a link out" unit 'mv etc/systemd ../out/; ln -s ../../out/systemd etc/systemd'
attack "the whole of /etc is a link out" key 'mv etc ../out/; ln -s ../out/etc etc'
attack "the file has a name outside" equiv "ln -f $out/file etc/hosts.equiv"
attack "the mode is of a file with a name outside" key "chmod 644 $out/file; ln -f $out/file etc/ssh/key"
attack "others can write to the directory" kptr 'chmod 777 etc/sysctl.d'
attack "the directory belongs to somebody" dccp 'chown 1000 etc/modprobe.d'
attack "the file is immutable" key 'chattr +i etc/ssh/key 2>/dev/null || chmod 777 etc/ssh'
attack "a FIFO stands for the directory" dccp 'rmdir etc/modprobe.d; mkfifo etc/modprobe.d'
attack "a FIFO stands for the file" dccp 'mkfifo etc/modprobe.d/hostaudit.conf'
attack "a directory stands for the file" kptr 'mkdir etc/sysctl.d/zz-hostaudit.conf'
attack "the file is somebody's own" dccp 'echo options x y=1 >etc/modprobe.d/hostaudit.conf'
attack "a unit of its own is in the way" unit 'echo "[Service]" >etc/systemd/system/b.service'
make_tree
cd "$OLDPWD" || exit 1

echo "$passed passed, $failed failed"
[ $failed = 0 ]
