#!/bin/bash
# variants: static
# A kernel is started by UEFI firmware with Secure Boot on (OVMF, with keys that are made for tests): what the
# probes boot and lsm see there.
# Needs the testbed beside the project ($HOSTAUDIT_SHARED, or ../shared); the kernel is kept in $TESTBED_CACHE.
set -u

testbed=${HOSTAUDIT_SHARED:-../shared}/testbed
cache=${TESTBED_CACHE:-$PWD/../.testbed-cache}
image=$cache/image
code=/usr/share/OVMF/OVMF_CODE_4M.secboot.fd
vars=/usr/share/OVMF/OVMF_VARS_4M.snakeoil.fd
key=/usr/share/ovmf/PkKek-1-snakeoil

skip() {
	echo "ok - Secure Boot in a virtual machine # SKIP $1"
	echo "0 passed, 0 failed, 1 skipped"
	exit 0
}

[ -x "$testbed/build-image" ] || skip "$testbed is not there"
[ "$(id -u)" = 0 ] || skip "only root can"
tests/setup boot || exit 1
{ [ -e $code ] && [ -e $vars ] && command -v sbsign >/dev/null; } || skip "there is no OVMF, or no sbsign"
mkdir -p "$cache"
TESTBED_CACHE=$cache flock "$cache/lock" "$testbed/build-image" "$image" >"$TMP/log" 2>&1 || { cat "$TMP/log"; exit 1; }
kver=$(sed -n 's/^kver=//p' "$image/image.conf")
kernel=$cache/vmlinuz-$kver
if [ ! -s "$kernel" ]; then
	(cd "$TMP" && apt-get -qq download "linux-image-$kver" >/dev/null 2>&1) || skip "the kernel cannot be had"
	dpkg-deb --fsys-tarfile "$TMP"/linux-image-*.deb | tar -xO "./boot/vmlinuz-$kver" >"$kernel.new"
	mv "$kernel.new" "$kernel"
	rm -f "$TMP"/linux-image-*.deb
fi

mkdir "$TMP/initrd" "$TMP/initrd/proc" "$TMP/initrd/sys"
gcc -std=gnu11 -D_GNU_SOURCE -static -O1 -o "$TMP/initrd/init" tests/tools/first.c || exit 1
cp "$HOSTAUDIT" "$TMP/initrd/hostaudit"
unsquashfs -cat "$image/usr.img" "lib/modules/$kver/kernel/fs/efivarfs/efivarfs.ko" >"$TMP/initrd/efivarfs.ko"
mkdir -p "$TMP/initrd/boot"
unsquashfs -cat "$image/usr.img" "lib/modules/$kver/config" >"$TMP/initrd/boot/config-$kver"
cat >"$TMP/initrd/sentences" <<'EOF'
boot secure-boot = enabled
boot setup-mode = no
boot measured-boot = none
boot module-signatures = enforced
boot hibernation = disabled
boot kexec = signed
lsm lockdown = integrity
EOF
(cd "$TMP/initrd" && find . | cpio --quiet -o -H newc -R 0:0) >"$TMP/initrd.cpio"
cp $vars "$TMP/vars"
openssl rsa -in $key.key -passin pass:snakeoil -out "$TMP/key" 2>/dev/null
sbsign --key "$TMP/key" --cert $key.pem --output "$TMP/kernel" "$kernel" >"$TMP/log" 2>&1 || { cat "$TMP/log"; exit 1; }

timeout 200 qemu-system-x86_64 -accel tcg -machine q35,smm=on -cpu max,-la57,-avx,-avx2 -m 512 -nodefaults \
	-display none -no-reboot -global driver=cfi.pflash01,property=secure,value=on -global ICH9-LPC.disable_s3=1 \
	-drive if=pflash,format=raw,readonly=on,file=$code -drive "if=pflash,format=raw,file=$TMP/vars" \
	-kernel "$TMP/kernel" -initrd "$TMP/initrd.cpio" -serial stdio \
	-append "console=ttyS0 quiet loglevel=1 panic=-1 nokaslr no_timer_check mitigations=off cryptomgr.notests" \
	</dev/null 2>&1 | tr -d '\r' >"$TMP/out"

passed=0 failed=0
# told SENTENCE TEXT...: each of these has been said behind the sentence.
told() {
	local sentence=$1 text
	sed -n "/^? $sentence\$/,/^? /p" "$TMP/out" >"$TMP/said"
	shift
	for text; do
		grep -q -- "$text" "$TMP/said" && continue
		failed=$((failed + 1))
		echo "not ok - $sentence: no '$text' in: $(cat "$TMP/said")"
		return
	done
	passed=$((passed + 1))
	echo "ok - $sentence"
}
told "boot secure-boot = enabled" "^pass:"
told "boot setup-mode = no" "^pass:"
told "boot measured-boot = none" "^pass:"
told "boot module-signatures = enforced" "^pass:" "running .*= enforced" "configured .*= enforced"
told "boot hibernation = disabled" "^pass:" "running .*= disabled" "configured .*= disabled"
told "boot kexec = signed" "running .*= signed"
told "lsm lockdown = integrity" "^pass:" "running .*= integrity" "configured .*= integrity"
[ $failed = 0 ] || tail -n 20 "$TMP/out"
echo "$passed passed, $failed failed, 0 skipped"
[ $failed = 0 ]
