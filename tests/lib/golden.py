"""Golden runs: tests/golden/NAME/ has root.spec, command and expect."""
import os
import re
import shlex
import subprocess

import tree

# What differs from run to run.
MOVING = (
    (re.compile(r'("started": *)"[^"]*"'), r'\1"…"'),
    (re.compile(r'("landlock_abi": *)[0-9]+'), r"\1…"),
    (re.compile(r'("capabilities": *)"[a-z_ ]*"'), r'\1"…"'),
    (re.compile(r'("duration_ms": *)[0-9.]+'), r"\1…"),
    (re.compile(r'("digest": *)"[0-9a-f]{64}"'), r'\1"…"'),
    (re.compile(r"(rules in )\d+( ms)"), r"\1…\2"),
)


def run_command(path, line, command, scratch):
    """One command line as a user types it; ROOT in it is the tree, `hostaudit` the program."""
    words = shlex.split(line)
    if words[0] != "hostaudit":
        raise ValueError("%s: a command begins with hostaudit: %s" % (path, line))
    words = [word.replace("ROOT", os.path.join(scratch, "root")) for word in words[1:]]
    # The search for leaks looks at the process from outside, which the sandbox forbids.
    done = subprocess.run(command + words, capture_output=True, timeout=60, check=False,
                          stdin=subprocess.DEVNULL, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
    text = "$ %s\n" % line + done.stdout.decode("utf-8", "replace")
    if done.stderr:
        text += "--- standard error\n" + done.stderr.decode("utf-8", "replace")
    text = text.replace(os.path.join(scratch, "root"), "ROOT")
    for pattern, replacement in MOVING:
        text = pattern.sub(replacement, text)
    return text + "--- exit code %d\n" % done.returncode


def difference(expect, actual_path):
    done = subprocess.run(["diff", "-u", "--label", "expected", "--label", "came", expect, actual_path],
                          capture_output=True, check=False)
    return done.stdout.decode("utf-8", "replace").splitlines()


def run(path, command, scratch, options):
    spec = os.path.join(path, "root.spec")
    if os.path.exists(spec):
        with open(spec, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
        if tree.build(lines, os.path.join(scratch, "root"), path, spec):
            return 0, 0, 1, ["%s: skipped, it needs root" % path]
    with open(os.path.join(path, "command"), encoding="utf-8") as file:
        lines = [line for line in file.read().splitlines() if line and not line.startswith("#")]
    text = "".join(run_command(path, line, command, scratch) for line in lines)
    expect = os.path.join(path, "expect")
    if options.update:
        with open(expect, "w", encoding="utf-8") as file:
            file.write(text)
        return 1, 0, 0, []
    actual = os.path.join(scratch, "came")
    with open(actual, "w", encoding="utf-8") as file:
        file.write(text)
    if not os.path.exists(expect):
        return 0, 1, 0, ["%s: there is no expect file; tests/run --update makes it" % path]
    diff = difference(expect, actual)
    return (0, 1, 0, [path + ":"] + diff) if diff else (1, 0, 0, [])
