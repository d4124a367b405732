#!/bin/bash
# hostaudit check from the outside: outcomes, exit codes, waivers, roles, reports, terminal manners.
set -u

policy=$TMP/policy
tree=$TMP/tree
passed=0 failed=0

ok() {
	passed=$((passed + 1))
}

not_ok() {
	failed=$((failed + 1))
	echo "not ok: $1"
	sed 's/^/    /' "$TMP/out" "$TMP/err"
}

# run CODE WHAT ARGUMENTS...: the exit code has to be this one.
run() {
	local want=$1 what=$2
	shift 2
	# shellcheck disable=SC2086 # $HOSTAUDIT may be two words
	$HOSTAUDIT "$@" >"$TMP/out" 2>"$TMP/err" </dev/null
	local got=$?
	if [ $got -eq "$want" ]; then ok; else not_ok "$what: exit code $got, expected $want"; fi
}

check() {
	local want=$1 what=$2
	shift 2
	run "$want" "$what" check --policy-dir "$policy" --profile test --root "$tree" "$@"
}

# says WHAT PATTERN: standard output has a line that matches; quiet_on: it has none.
says() {
	if grep -Eq -- "$2" "$TMP/out"; then ok; else not_ok "$1: no line matches $2"; fi
}
says_not() {
	if grep -Eq -- "$2" "$TMP/out"; then not_ok "$1: a line matches $2"; else ok; fi
}
complains() {
	if grep -Eq -- "$2" "$TMP/err"; then ok; else not_ok "$1: no complaint matches $2"; fi
}

write() {
	mkdir -p "$(dirname "$1")"
	cat >"$1"
}

write "$policy/os-profiles/test.ini" <<'END'
[os]
title      = A test
match      = ID=test
roles      = router
traits     = small
level      = 1
benchmarks = one
END
write "$policy/benchmarks/one.ini" <<'END'
[holds]
title    = The pointer is hidden
why      = It says where things are.
level    = 1
severity = low
check    = sysctl kernel.kptr_restrict >= 1

[fails]
title    = The log is hidden
why      = It says where things are.
level    = 1
severity = medium
refs     = kspp nist-800-53:SI-11
check    = sysctl kernel.dmesg_restrict = 1

[fails-badly]
title    = Nobody traces another
why      = A tracer reads secrets.
level    = 1
severity = high
check    = sysctl kernel.yama.ptrace_scope >= 1

[level-two]
title    = The second level is stricter
why      = Two is more than one.
level    = 2
severity = low
check    = sysctl kernel.kptr_restrict = 2

[not-for-routers]
title    = Nothing is forwarded
why      = A host is no router.
level    = 1
severity = low
when     = role router absent
check    = sysctl net.ipv4.ip_forward = 0

[needs-fails]
title    = What stands on it
why      = The ground comes first.
level    = 1
severity = low
needs    = fails
check    = sysctl kernel.kptr_restrict >= 1

[by-hand]
title    = Somebody looked
why      = Not all can be read.
level    = 1
severity = low
END
write "$tree/etc/os-release" <<'END'
ID=test
PRETTY_NAME="Test \"1\""
END
write "$tree/etc/hostname" <<'END'
# not this
node-1
END
write "$tree/etc/sysctl.d/50.conf" <<'END'
kernel.kptr_restrict = 1
kernel.dmesg_restrict = 0
kernel.yama.ptrace_scope = 0
net.ipv4.ip_forward = 1
END

check 1 "failures"
says "the header names the host" '^node-1, .*Test "1", image'
says "the header names the profile" '^profile test, level 1'
says "a failure" '^FAIL +medium +fails$'
says "what decides it" '/etc/sysctl.d/50.conf:2'
says "blocked by what it needs" '^BLOCKED +low +needs-fails$'
says "a manual rule" '^MANUAL +low +by-hand$'
says "the summary" '^1 pass, 2 fail \(1 high, 1 medium\), 0 unknown, 1 blocked, 1 manual, 1 not applicable; 6 rules'
says_not "passes are for --verbose" '^PASS'
says_not "level 2 was not asked for" 'level-two'
says_not "no colours in a file" $'\033'
if [ "$(grep -n ^FAIL "$TMP/out" | head -n 1 | grep -c fails-badly)" = 1 ]; then
	ok
else
	not_ok "the worst failure comes first"
fi

check 1 "level 2" --level 2
says "level 2 was asked for" '^FAIL +low +level-two$'
check 1 "severity" --severity high
says_not "less severe" '^FAIL +medium'
check 1 "verbose" --verbose
says "passes" '^PASS +low +holds$'
says "evidence" 'configured: kernel.kptr_restrict is 1 \(/etc/sysctl.d/50.conf:1\)'
says "not applicable and why" '^N/A +low +not-for-routers$'
check 1 "quiet" --quiet
says_not "no summary" 'rules in'
says "but failures" '^FAIL'
check 1 "colours" --color always
says "red" $'^\033\\[1;31mFAIL'

# On a terminal there are colours, unless somebody does not want them.
in_terminal() {
	script -qec "$HOSTAUDIT check --policy-dir $policy --profile test --root $tree $1" /dev/null \
		>"$TMP/out" 2>"$TMP/err" </dev/null
}
TERM=xterm NO_COLOR='' in_terminal ""
says "colours on a terminal" $'\033\\[1;31mFAIL'
TERM=xterm NO_COLOR=1 in_terminal ""
says_not "NO_COLOR" $'\033\\['
TERM=dumb NO_COLOR='' in_terminal ""
says_not "a dumb terminal" $'\033\\['
TERM=xterm NO_COLOR=1 in_terminal "--color always"
says "--color is stronger than NO_COLOR" $'\033\\[1;31mFAIL'

check 0 "one that holds" --only holds
check 0 "by pattern" --only 'h*lds'
check 0 "all but" --skip 'fails*' --skip needs-fails
check 3 "nothing applies" --only not-for-routers
complains "that nothing was evaluated" 'no rule was evaluated'
check 3 "manual alone is not enough" --only by-hand
check 3 "blocked by what was not selected" --only needs-fails
check 2 "no such rule" --only nonsense
check 2 "an operand" "$tree"
check 2 "a bad level" --level 3
check 2 "a bad format" --format jsno
complains "a suggestion" "did you mean 'json'"
check 2 "two reports to one place" --format json --format text
check 2 "quiet and verbose" --quiet --verbose
run 2 "no such root" check --policy-dir "$policy" --profile test --root "$TMP/nowhere"
run 2 "no such profile" check --policy-dir "$policy" --profile tset --root "$tree"
complains "a suggestion" "test"
run 2 "no such policy" check --policy-dir "$TMP/nowhere" --profile test --root "$tree"

check 1 "fail on high" --fail-on high
check 0 "fail on critical: nothing is that bad" --fail-on critical
check 0 "never" --fail-on never
run 1 "the profile is found" check --policy-dir "$policy" --root "$tree"
says "and said why" '^profile test, .*ID=test'

check 1 "roles" --role kubernetes-node
says "are told" 'roles router kubernetes-node'

# What could not be read is unknown, and that is no success.
ln -s 99.conf "$tree/etc/sysctl.d/99.conf"
check 3 "unreadable" --only holds
says "and said so" '^UNKNOWN +low +holds$'
rm "$tree/etc/sysctl.d/99.conf"

waiver() {
	write "$policy/waivers/w.ini" <<END
[one]
rule    = fails
reason  = The console is in a locked room
owner   = ops@example.org
expires = $1
${2:-}
END
}
waiver 2999-12-31
check 0 "waived" --only fails --only holds
says "waived" '^WAIVED +medium +fails$'
says "by whom and until when" 'waived until 2999-12-31 by ops@example.org: The console'
check 3 "a waiver alone proves nothing" --only fails
waiver "$(date -u +%Y-%m-%d)"
check 0 "the last day counts" --only fails --only holds
waiver 2020-01-31
check 1 "expired" --only fails
says "and said so" 'expired on 2020-01-31'
waiver 2999-12-31 'value = 0'
check 0 "the value that was waived" --only fails --only holds
waiver 2999-12-31 'value = 7'
check 1 "another value" --only fails
says "and said so" 'was given for the value 7'
waiver 2999-12-31 'role = builder'
check 1 "for hosts with another role" --only fails
waiver 2999-12-31 'role = router'
check 0 "for hosts with this role" --only fails --only holds
waiver 2999-12-31 'subject = kernel.kptr_restrict'
check 1 "for another subject" --only fails
rm "$policy/waivers/w.ini"

# Reports to files, whole or not at all.
check 1 "two reports" --format text --format "json=$TMP/report.json"
says "text on standard output" '^FAIL'
check 1 "a report over an old one" --quiet --format "json=$TMP/report.json"
if [ -e "$TMP/report.json.new" ]; then not_ok "a half report is left"; else ok; fi
cat >"$TMP/verify.py" <<'END'
import json, sys
report = json.load(open(sys.argv[1]))
rules = {result["rule"]: result for result in report["results"]}
assert report["host"]["name"] == "node-1" and report["host"]["live"] is False
assert report["host"]["os"] == {"id": "test", "version_id": "", "variant_id": "", "pretty_name": 'Test "1"'}
assert report["profile"]["name"] == "test" and report["profile"]["roles"] == ["router"]
assert len(report["profile"]["digest"]) == 64
assert set(report["sandbox"]) == {"landlock_abi", "seccomp", "no_new_privileges", "capabilities"}
assert report["summary"] == {"pass": 1, "fail": 2, "not_applicable": 1, "waived": 0, "manual": 1,
                             "blocked": 1, "unknown": 0}
assert rules["fails"]["refs"] == ["kspp", "nist-800-53:SI-11"]
fact = rules["fails"]["checks"][0]["facts"][0]
assert fact == {"aspect": "configured", "state": "value", "object": "kernel.dmesg_restrict", "value": "0",
                "source": "/etc/sysctl.d/50.conf:2", "error": None}
assert rules["needs-fails"]["outcome"] == "blocked" and rules["needs-fails"]["checks"] == []
assert rules["not-for-routers"]["checks"][0]["part"] == "when"
END
if python3 "$TMP/verify.py" "$TMP/report.json" >"$TMP/out" 2>"$TMP/err"; then
	ok
else
	not_ok "the JSON report"
fi
check 2 "a full device" --format json=/dev/full
complains "and said so" 'cannot write the json report to /dev/full: No space'
check 2 "no such folder" --format "json=$TMP/nowhere/r.json"
# shellcheck disable=SC2086
$HOSTAUDIT check --policy-dir "$policy" --profile test --root "$tree" >/dev/full 2>"$TMP/err"
if [ $? -eq 2 ]; then ok; else not_ok "standard output on a full device"; fi
# shellcheck disable=SC2086
$HOSTAUDIT check --policy-dir "$policy" --profile test --root "$tree" >&- 2>"$TMP/err"
if [ $? -eq 2 ]; then ok; else not_ok "closed standard output"; fi

# Each rule can be explained, down to what somebody does about it.
# shellcheck disable=SC2046,SC2086
$HOSTAUDIT explain --policy-dir . --profile flatcar \
	$($HOSTAUDIT list rules --all --policy-dir . --profile flatcar | sed 's/ .*//') >"$TMP/out" 2>"$TMP/err"
if [ "$(grep -c '^By hand$' "$TMP/out")" = "$(grep -c '^Why$' "$TMP/out")" ] &&
	[ "$(grep -c '^Why$' "$TMP/out")" -gt 80 ]; then
	ok
else
	not_ok "rules that nobody can put right"
fi

# What the tree says never reaches the terminal as it is.
printf 'ID=test\nPRETTY_NAME="a\033[2Jb\342\200\256c"\n' >"$tree/etc/os-release"
check 1 "escapes"
says_not "are shown, not sent" $'\033'
says "are shown" 'a\\x1b\[2Jb\\xe2\\x80\\xaec'

# It does not even try to write or to start something: with the sandbox off, the trace shows it.
if command -v strace >/dev/null; then
	# shellcheck disable=SC2086
	strace -f -s 200 -o "$TMP/trace" $HOSTAUDIT check --sandbox off --policy-dir "$policy" \
		--profile test --root "$tree" >/dev/null 2>&1
	if [ "$(grep -c 'execve(' "$TMP/trace")" = 1 ]; then ok; else not_ok "it starts a program"; fi
	grep -E '(O_WRONLY|O_RDWR|O_CREAT|O_TRUNC)|^[0-9]+ +(chmod|fchmod|chown|fchown|lchown|rename|unlink|mkdir|link|symlink|utime|setxattr|fsetxattr|truncate|ftruncate|mount|connect)[a-z0-9]*\(' \
		"$TMP/trace" >"$TMP/out"
	if [ -s "$TMP/out" ]; then not_ok "it tries to change something"; else ok; fi
fi

# The running host, as a container sees it, gives the same answers.
if [ "$(id -u)" = 0 ] && unshare -m true 2>/dev/null; then
	mkdir "$TMP/host"
	for sentence in 'sysctl kernel.kptr_restrict >= 0' 'cmdline root present' 'service dbus.service enabled' \
		'file /etc/passwd owner = root' 'module loop loaded' 'kconfig NET = y'; do
		# shellcheck disable=SC2086
		$HOSTAUDIT probe --format json "$sentence" >"$TMP/out" 2>"$TMP/err"
		# shellcheck disable=SC2086
		unshare -m sh -c "mount --rbind / '$TMP/host' && exec \"\$@\"" sh \
			$HOSTAUDIT probe --root "$TMP/host" --live --format json "$sentence" \
			>"$TMP/out2" 2>>"$TMP/err"
		if [ -s "$TMP/out" ] && cmp -s "$TMP/out" "$TMP/out2"; then ok; else not_ok "--live: $sentence"; fi
	done
	rmdir "$TMP/host"
fi

# The sandbox hides nothing that root may see: the kernel tells this one only to an administrator.
if [ "$(id -u)" = 0 ] && [ -e /proc/sys/net/core/bpf_jit_harden ]; then
	# shellcheck disable=SC2086
	$HOSTAUDIT probe 'sysctl net.core.bpf_jit_harden >= 0' >"$TMP/out" 2>"$TMP/err"
	says "what only root may read" '^  running +value +net.core.bpf_jit_harden = '
fi

# Without privileges, and nothing outside the tree.
if [ "$(id -u)" = 0 ]; then
	chmod -R a+rX "$TMP"
	# shellcheck disable=SC2086
	setpriv --reuid=65534 --regid=65534 --clear-groups $HOSTAUDIT check --policy-dir "$policy" \
		--profile test --root "$tree" >"$TMP/out" 2>"$TMP/err"
	if [ $? -eq 1 ]; then ok; else not_ok "as nobody"; fi
	says "the same failures" '^FAIL +high +fails-badly$'
fi

echo "$passed passed, $failed failed, 0 skipped"
[ "$failed" = 0 ]
