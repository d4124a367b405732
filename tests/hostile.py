#!/usr/bin/python3
"""Trees that attack whoever reads them: hostaudit ends in time, stays inside, and passes nothing by mistake.

The trees come from the testbed beside the project ($HOSTAUDIT_SHARED, or ../shared); without it nothing runs.
HOSTILE_SEEDS says how many there are."""
import json
import os
import subprocess
import sys
import tempfile

COMMANDS = (["build/hostaudit"], ["build/tests/tools/no-openat2", "build/hostaudit"])
MAKER = os.path.join(os.environ.get("HOSTAUDIT_SHARED", "../shared"), "testbed", "hostile-root")
SEEDS = int(os.environ.get("HOSTILE_SEEDS", "40"))
MEMORY_DISK = "/dev/shm"
LIMIT = 20          # seconds
MEMORY = 64 << 10   # KiB at most in memory
OPTIONS = ["check", "--profile", "flatcar", "--policy-dir", ".", "--format", "json"]
SEARCH = ["probe", "--policy-dir", ".", "files", "set-uid", "count", ">=", "0"]

# What cannot be read as the file that it stands for. Whoever takes a value from there was taken in.
UNREADABLE = {
    "FIFO", "socket", "endless character device", "full character device", "folder instead of a file",
    "sparse file of 8 TiB", "one line of 64 MiB", "NUL bytes", "symlink to itself", "chain of 60 symlinks",
    "absolute symlink out of the tree", "relative symlink out of the tree", "symlink to /proc/1/root",
    "symlink to /proc/self/fd/0", "symlink to /dev/stdin", "folder 1500 levels deep",
    "folder with odd names", "folder with 5000 files",
}
# What makes a file vanish by the rules: a rule that its content broke may hold now.
GONE = {"missing", "empty", "overlay whiteout", "symlink to /dev/null", "dangling symlink in the tree",
        "dangling symlink into a folder outside", "absolute symlink out of the tree",
        "relative symlink out of the tree", "symlink to /proc/1/root", "symlink to /proc/self/fd/0",
        "symlink to /dev/stdin"}


def make(tree, *arguments):
    """The attacked paths, as the tree sees them, and how."""
    done = subprocess.run([MAKER, "make", tree] + list(arguments), stdout=subprocess.PIPE, check=True,
                          universal_newlines=True)
    return {"/" + path: kind for path, _, kind in
            (line.partition(": ") for line in done.stdout.splitlines())}


def audit(command, tree, options=tuple(OPTIONS)):
    """(exit code, output, KiB)"""
    child = subprocess.Popen(["timeout", "-k", "1", str(LIMIT)] + command + list(options) + ["--root", tree + "/root"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL)
    output = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, output.decode("utf-8", "replace"), usage.ru_maxrss


def passes(report):
    return {result["rule"] for result in report["results"] if result["outcome"] == "pass"}


def believed(report, attacked):
    """Facts that were taken from what cannot be read."""
    for result in report["results"]:
        for check in result["checks"]:
            for fact in check["facts"]:
                path = (fact["source"] or "").split(":")[0]
                if check["check"].startswith("file ") or fact["state"] == "unknown":
                    continue
                if attacked.get(path) in UNREADABLE:
                    yield "%s: %s, from %s (%s)" % (result["rule"], fact["state"], path, attacked[path])


HARD_LINK = "hard link to a file outside"


def was_outside(tree, attacked):
    """What was touched outside. Nobody can tell that a name of the tree is also one outside, so a file behind
    a hard link may have been read, but nothing more."""
    done = subprocess.run([MAKER, "verify", tree], stdout=subprocess.PIPE, check=False,
                          universal_newlines=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith(("was:", "is:"))]
    if HARD_LINK in attacked.values():
        linked = [line.split() for line in lines if "/outside/linked " in line]
        # path mode owner [nlink] size mtime [ctime] atime …: the time of reading is the one before the digest
        if len(linked) == 2 and [w for i, w in enumerate(linked[0]) if i not in (0, 6)] == \
                [w for i, w in enumerate(linked[1]) if i not in (0, 6)]:
            lines = [line for line in lines if "/outside/linked " not in line]
    return lines


def problems(command, tree, attacked, plain):
    code, output, memory = audit(command, tree)
    if code not in (0, 1, 3):
        yield "exit code %d: %s" % (code, output[-2000:])
    if "SECRET-FROM-OUTSIDE" in output:
        yield "something from outside is in the report"
    if memory > MEMORY:
        yield "it took %d KiB of memory" % memory
    # No rule of the profile searches the whole tree; this does.
    code, found, memory = audit(command, tree, SEARCH)
    if code or memory > MEMORY:
        yield "a search: exit code %d, %d KiB: %s" % (code, memory, found[-2000:])
    for line in was_outside(tree, attacked):
        yield "it was outside: " + line
    if any(ord(char) < 32 and char not in "\n\t" for char in output):
        yield "a control character is in the report"
    try:
        report = json.loads(output)
    except ValueError as error:
        yield "the report is no JSON: %s" % error
        return
    yield from believed(report, attacked)
    new = passes(report) - plain
    if new and not set(attacked.values()) & GONE:
        yield "rules that hold only because of the attack: " + " ".join(sorted(new))


def main():
    if not os.access(MAKER, os.X_OK):
        print("ok - hostile trees # SKIP %s is not there" % MAKER)
        return 0
    if os.geteuid() != 0:
        print("ok - hostile trees # SKIP only root can make them")
        return 0
    # Trees are made and removed by the thousand files: in memory where there is some.
    base = tempfile.mkdtemp(prefix="hostaudit-hostile.", dir=MEMORY_DISK if os.access(MEMORY_DISK, os.W_OK) else None)
    try:
        return audit_trees(os.path.join(base, "tree"))
    finally:
        subprocess.run([MAKER, "wipe", base], check=False)


def audit_trees(tree):
    failed = 0
    make(tree, "--plain")
    plain = passes(json.loads(audit(COMMANDS[0], tree)[1]))
    for seed in range(1, SEEDS + 1):
        attacked = make(tree, "--seed", str(seed), "--attacks", str(4 + seed % 8))
        wrong = [line for command in COMMANDS for line in problems(command, tree, attacked, plain)]
        failed += bool(wrong)
        for line in wrong:
            print("seed %d: %s" % (seed, line))
        if wrong:
            print("\n".join("  %s: %s" % item for item in attacked.items()))
    print("%d passed, %d failed, 0 skipped" % (SEEDS - failed, failed))
    return bool(failed)


sys.exit(main())
