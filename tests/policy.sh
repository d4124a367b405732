#!/bin/sh
# variants: normal asan
# Bad policies: each directory in tests/policy/ has files in the folders of a policy, and `expect`
# with every line that lint has to print about them, and nothing else. Only `arguments` is different
# from directory to directory: what is given to `hostaudit` instead of "lint".
set -u

passed=0 failed=0
top=$PWD

for case in tests/policy/*/; do
	arguments=lint
	[ -e "$case/arguments" ] && arguments=$(cat "$case/arguments")
	cd "$case" || exit 2
	case $HOSTAUDIT in
	/*) program=$HOSTAUDIT ;;
	*) program=$top/$HOSTAUDIT ;;
	esac
	# shellcheck disable=SC2086 # words
	"$program" $arguments --policy-dir . >"$TMP/out" 2>&1 </dev/null
	echo "exit $?" >>"$TMP/out"
	if diff -u expect "$TMP/out" >"$TMP/diff"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "not ok - $case"
		cat "$TMP/diff"
	fi
	cd "$top" || exit 2
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
