#!/usr/bin/python3
# variants: normal tsan
"""Trees that are hard to walk: wide, deep, unreadable, changed meanwhile. A search ends in time, takes little
memory, stays inside, and never says of a part that it is the whole."""
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import threading
import time

HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
VARIANT = os.environ.get("VARIANT", "normal")
MEMORY_DISK = "/dev/shm"
LIMIT = 60          # seconds
MEMORY = 48 << 10   # KiB; one that does not grow with the tree
DEEP, DEEPEST = 2100, 10000
FEW = 10 if VARIANT == "tsan" else 1


class Failure(Exception):
    pass


def check(condition, text):
    if not condition:
        raise Failure(text)


def search(root, question, *options, **process):
    """(outcome, facts, KiB)"""
    command = ["timeout", "-k", "1", str(LIMIT), *HOSTAUDIT, "probe", "--root", root, "--format", "json", *options,
               "files", *question.split()]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **process)
    output = child.stdout.read().decode()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    check(child.returncode in (0, 1, 3), "%s: exit code %d: %s" % (question, child.returncode, output[-3000:]))
    report = json.loads(output)
    # What threads are watched with takes memory of its own.
    check(VARIANT == "tsan" or usage.ru_maxrss < MEMORY, "%s: %d KiB" % (question, usage.ru_maxrss))
    return report["outcome"], report["facts"]


def set_uid(path):
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))
    os.chmod(path, 0o4755)


def test_many_files(root):
    """One directory with so many names that no program should keep them."""
    count = 120000 // FEW
    os.mkdir(root + "/many")
    with open(root + "/many/0", "w", encoding="ascii"):
        pass
    for number in range(1, count):
        os.link(root + "/many/0", "%s/many/%d" % (root, number))
    outcome, facts = search(root, "name=[0-9]* count = %d" % count)
    check(outcome == "pass", facts)
    outcome, facts = search(root, "name=[0-9]*:/ absent")
    check(outcome == "fail" and len(facts) == 1001, "%s, %d facts" % (outcome, len(facts)))
    check(facts[-1]["state"] == "unknown" and str(count - 1000) in facts[-1]["error"], facts[-1])
    listed = [fact["value"] for fact in facts[:-1]]
    check(listed == sorted("/many/%d" % number for number in range(count))[:1000], "other files than the first")
    # Of what is not listed nobody knows whether it is allowed.
    check(search(root, "name=[0-9]* only /many/*")[0] == "unknown", "only")


def test_many_directories(root):
    count = 30000 // FEW
    for number in range(count):
        os.mkdir("%s/%d" % (root, number))
    set_uid(root + "/77/su")
    outcome, facts = search(root, "type=directory,name=[0-9]* count = %d" % count)
    check(outcome == "pass", facts)
    check(search(root, "set-uid path = /77/su")[0] == "pass", "set-uid")


def make_deep(root, depth):
    here = os.open(root, os.O_RDONLY)
    for _ in range(depth):
        for name in ("d", "other"):
            os.mkdir(name, dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.mknod("su", 0o104755, dir_fd=here)
    os.chmod("su", 0o4755, dir_fd=here)
    os.close(here)


def test_deep(root):
    """Deeper than a path can be, with something left to do at each level."""
    make_deep(root, DEEP)
    outcome, facts = search(root, "name=other count = %d" % DEEP)
    check(outcome == "pass", facts)
    outcome, facts = search(root, "set-uid:/ absent")
    check(outcome == "fail" and facts[0]["value"].startswith("/d/d/d/") and
          facts[0]["value"].endswith(" (and on)") and len(facts[0]["value"]) == 4095, facts)
    check(search(root, "set-uid only /usr/bin/su")[0] == "fail", "only")


def test_deepest(root):
    """Landlock follows each directory that is opened up to the root, which takes seconds here: it stays off."""
    make_deep(root, DEEPEST)
    check(search(root, "set-uid count = 1", "--sandbox=off")[0] == "pass", "set-uid")


def few_descriptors():
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (40, 40))


def test_few_descriptors(root):
    """What cannot be opened is not taken for empty."""
    path = root
    for _ in range(200):
        for name in ("a", "b", "c"):
            os.mkdir(path + "/" + name)
        path += "/b"
    set_uid(root + "/b/b/b/su")
    outcome, facts = search(root, "set-uid only /b/b/b/su", preexec_fn=few_descriptors)
    check(outcome == "pass" or facts[-1]["state"] == "unknown", facts)


def nobody():
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)


def test_unreadable(root):
    """Somebody else's directory."""
    program = os.path.join(os.path.dirname(root), "program")
    shutil.copy(HOSTAUDIT[-1], program)
    os.makedirs(root + "/closed/inner")
    os.makedirs(root + "/open")
    os.makedirs(root + "/unsearchable")
    set_uid(root + "/closed/su")
    set_uid(root + "/unsearchable/su")
    os.chmod(root + "/closed", 0o700)
    os.chmod(root + "/unsearchable", 0o744)
    command = HOSTAUDIT[:]
    HOSTAUDIT[:] = [program]
    try:
        outcome, facts = search(root, "set-uid absent", preexec_fn=nobody)
        check(outcome == "unknown" and "/closed and 1 more places" in facts[0]["error"], facts)
        outcome, facts = search(root, "set-uid:/open absent", preexec_fn=nobody)
        check(outcome == "pass", facts)
        outcome, facts = search(root, "set-uid:/closed count = 0", preexec_fn=nobody)
        check(outcome == "unknown", facts)
    finally:
        HOSTAUDIT[:] = command


def exchange(root, stop):
    """A directory that turns into a link to the outside and back, and files that come and go."""
    number = 0
    while not stop.is_set():
        number += 1
        os.rename(root + "/swap/d", root + "/swap/away")
        os.symlink("../../outside", root + "/swap/d")
        os.unlink(root + "/swap/d")
        os.rename(root + "/swap/away", root + "/swap/d")
        path = "%s/swap/d/%d" % (root, number % 50)
        if os.path.exists(path):
            os.rmdir(path)
        else:
            os.mkdir(path)


def test_changing(root):
    outside = os.path.dirname(root) + "/outside"
    os.makedirs(outside)
    set_uid(outside + "/SECRET")
    os.makedirs(root + "/swap/d/inner")
    os.symlink("../../outside", root + "/swap/link")
    set_uid(root + "/swap/inside")
    stop = threading.Event()
    thread = threading.Thread(target=exchange, args=(root, stop))
    thread.start()
    try:
        for _ in range(60 // FEW):
            outcome, facts = search(root, "set-uid only /swap/inside")
            check(not any("SECRET" in (fact["value"] or "") for fact in facts), facts)
            check(outcome in ("pass", "unknown"), facts)
    finally:
        stop.set()
        thread.join()


def test_confined(root):
    """Threads begin after the confinement, and are confined as well."""
    os.makedirs(root + "/a/b")
    set_uid(root + "/a/b/su")
    outcome, facts = search(root, "set-uid only /a/b/su", "--sandbox=require")
    check(outcome == "pass", facts)


RULE = "[r%d]\ntitle = t\nwhy = w\nlevel = 1\nseverity = low\n%scheck = files %s absent\n"


def count_listings(root, searches):
    """How often a check with a rule for each search, which needs the one behind it, reads a listing."""
    policy = os.path.dirname(root) + "/policy"
    for folder in ("benchmarks", "os-profiles"):
        os.makedirs("%s/%s" % (policy, folder), exist_ok=True)
    with open(policy + "/os-profiles/p.ini", "w", encoding="ascii") as file:
        file.write("[os]\ntitle = t\nbenchmarks = b\n")
    with open(policy + "/benchmarks/b.ini", "w", encoding="ascii") as file:
        for number, name in enumerate(searches):
            needs = "needs = r%d\n" % (number + 1) if number + 1 < len(searches) else ""
            file.write(RULE % (number, needs, name))
    log = os.path.dirname(root) + "/log"
    subprocess.run(["strace", "-f", "-qq", "-o", log, "-e", "trace=getdents64", *HOSTAUDIT, "check", "--root", root,
                    "--profile", "p", "--policy-dir", policy, "--only", "r0"], check=False, stdout=subprocess.DEVNULL)
    with open(log, encoding="utf-8", errors="replace") as file:
        return sum("getdents64(" in line for line in file)


def test_one_walk(root):
    """However many rules search, and wherever: each directory is read once."""
    if VARIANT == "tsan" or not shutil.which("strace"):
        return
    for number in range(100):
        os.makedirs("%s/a/%d/b" % (root, number))
    one = count_listings(root, ["set-uid"])
    many = count_listings(root, ["set-uid", "name=x", "unowned:/a", "type=socket:/a/7", "mode=2000:/a/7/b", "device",
                                 "not-sticky:/a/8", "name=*.pem,beyond=0600", "capabilities", "world-writable:/a"])
    check(one >= 2 * 202, "%d listings are read of 202" % one)
    check(many == one, "one rule has %d listings read, ten have %d" % (one, many))


TESTS = [test_many_files, test_many_directories, test_deep, test_deepest, test_few_descriptors, test_unreadable, test_changing,
         test_confined, test_one_walk]


def main():
    if os.geteuid() != 0:
        print("ok - hard walks # SKIP only root can make such trees")
        return 0
    place = MEMORY_DISK if os.access(MEMORY_DISK, os.W_OK) else os.environ.get("TMP")
    failed = 0
    for test in TESTS:
        base = tempfile.mkdtemp(prefix="hostaudit-files.", dir=place)
        os.chmod(base, 0o755)
        started = time.monotonic()
        root = base + "/root"
        os.mkdir(root)
        try:
            test(root)
            print("ok - %s (%.1f s)" % (test.__name__, time.monotonic() - started))
        except Failure as failure:
            print("not ok - %s: %s" % (test.__name__, failure))
            failed += 1
        finally:
            subprocess.run(["rm", "-rf", base], check=True)
    return bool(failed)


sys.exit(main())
