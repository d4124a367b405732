"""Tests that are programs: cmocka units, and scripts that count for themselves."""
import os
import re
import subprocess

SUMMARY = re.compile(r"^(?:\w+: *)?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$")
SKIP = re.compile(r"# *skip", re.IGNORECASE)


def count(lines):
    """(passed, failed, skipped) of a closing line, or of lines 'ok …' and 'not ok …'; else None."""
    for line in reversed(lines):
        found = SUMMARY.match(line)
        if found:
            return tuple(int(number or 0) for number in found.groups())
        if line.strip():
            break
    passed = failed = skipped = 0
    for line in lines:
        # cmocka says 'not ok … # SKIP' of a test that was left out.
        if re.match(r"(not )?ok\b", line) and SKIP.search(line):
            skipped += 1
        elif re.match(r"ok\b", line):
            passed += 1
        elif re.match(r"not ok\b", line):
            failed += 1
    return (passed, failed, skipped) if passed + failed + skipped else None


def run_program(argv, env, limit):
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                              timeout=limit, stdin=subprocess.DEVNULL, check=False)
        return done.returncode, done.stdout.decode("utf-8", "replace").splitlines()
    except subprocess.TimeoutExpired as expired:
        text = (expired.stdout or b"").decode("utf-8", "replace")
        return -1, text.splitlines() + ["it took more than %d seconds" % limit]


def run(argv, scratch, options, extra):
    os.makedirs(scratch, exist_ok=True)
    # The search for leaks looks at a process from outside, which the program's sandbox forbids: units only.
    env = dict(os.environ, CMOCKA_MESSAGE_OUTPUT="TAP", TMP=scratch, TMPDIR=scratch, LC_ALL="C.UTF-8",
               ASAN_OPTIONS="detect_leaks=%d" % (not extra), UBSAN_OPTIONS="print_stacktrace=1",
               **extra)
    code, lines = run_program(argv, env, options.limit)
    counts = count(lines)
    if not counts:
        return 0, 1, 0, lines[-60:] + ["%s: exit code %d, and it ran no test" % (argv[0], code)]
    passed, failed, skipped = counts
    if code and not failed:
        failed = 1
        lines.append("%s: exit code %d" % (argv[0], code))
    if failed:
        return passed, failed, skipped, [line for line in lines[-400:] if not re.match(r"ok\b", line)]
    return passed, failed, skipped, [line for line in lines if SKIP.search(line)]
