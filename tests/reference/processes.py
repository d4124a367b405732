#!/usr/bin/python3
# variants: normal
"""Holds what the probe `process` says against ps and getpcaps, and against what was asked for where these do
not tell, on processes with privileges and command lines made at random."""
import ctypes
import json
import os
import random
import re
import shlex
import signal
import struct
import subprocess
import sys

PROCESSES = int(os.environ.get("PROCESSES", "50"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-processes")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
LIBC = ctypes.CDLL(None, use_errno=True)
PR_SET_KEEPCAPS, PR_SET_SECCOMP, PR_CAPBSET_DROP, PR_SET_NO_NEW_PRIVS, PR_SET_NAME = 8, 22, 24, 38, 15
GROUPS = ("/sys/fs/cgroup", "/sys/fs/cgroup/unified")
WORDS = ["-a", "--flag=value", "--", "with blank", "", "tab\tand\nline", "\u00fcmlaut", "x" * 300, "a\\b", "--a=/b,c", "%s"]


def own(name):
    with open("/proc/self/status", encoding="ascii") as file:
        return int(re.search(r"^%s:\s*(\w+)" % name, file.read(), re.M).group(1), 16)


def become(name, user, group, effective, dropped, no_new, seccomp):
    """In the child, which stays as it is: what an exec would do to capabilities is not the matter."""
    LIBC.prctl(PR_SET_NAME, name.encode(), 0, 0, 0)
    for number in dropped:
        LIBC.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    LIBC.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    low, high = effective & 0xffffffff, effective >> 32
    if LIBC.capset(struct.pack("Ii", 0x20080522, 0), struct.pack("6I", low, low, 0, high, high, 0)):
        return 3
    if no_new or seccomp == "filter":
        LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    if seccomp == "filter":
        # One instruction: everything is allowed.
        code = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x7fff0000))
        if LIBC.prctl(PR_SET_SECCOMP, 2, struct.pack("HxxxxxxP", 1, ctypes.addressof(code)), 0, 0):
            return 4
    return 0


def start(rng, name):
    """(number, what is expected of its fields) of a process with privileges."""
    permitted = own("CapPrm")
    user, group = rng.choice([0, 0, 1, 65534, 4711]), rng.choice([0, 2, 4712])
    effective = rng.choice([0, permitted, rng.getrandbits(41) & permitted, 1 << 10 & permitted])
    dropped = [bit for bit in range(41) if rng.random() < 0.3] if rng.random() < 0.5 else []
    no_new, seccomp = rng.random() < 0.5, rng.choice(["disabled", "filter"])
    ready, told = os.pipe()
    pid = os.fork()
    if not pid:
        error = become(name, user, group, effective, dropped, no_new, seccomp)
        os.write(told, b"%d" % error)
        while not error:
            signal.pause()
        os._exit(error)
    os.close(told)
    answer = os.read(ready, 1)
    os.close(ready)
    if answer != b"0":
        raise RuntimeError("a process did not start: %r" % answer)
    left = own("CapBnd") & ~sum(1 << bit for bit in dropped)
    return pid, {"no-new-privileges": "yes" if no_new or seccomp == "filter" else "no", "seccomp": seccomp,
                 "bounding-set": names_of(left), "user": by_ps(pid, "euser"), "group": by_ps(pid, "egroup"),
                 "capabilities": by_getpcaps(pid)}


def start_command(rng, name):
    """One with a command line."""
    words = [rng.choice(WORDS) for _ in range(rng.randrange(6))]
    child = subprocess.Popen([rng.choice(["", "/opt/x/"]) + name, "-c", "read x", *words], executable="/bin/sh",
                             stdin=subprocess.PIPE)
    while by_ps(child.pid, "comm") == "python3":
        pass
    with open("/proc/%d/cmdline" % child.pid, encoding="utf-8") as file:
        said = file.read().split("\0")[:-1]
    blank = {" ": "\\x20", "\t": "\\x09", "\n": "\\x0a"}
    return child, {"arguments": " ".join("".join(blank.get(letter, letter) for letter in word) for word in said)}


def names_of(mask):
    text = subprocess.run(["capsh", "--decode=%x" % mask], stdout=subprocess.PIPE, check=True,
                          universal_newlines=True).stdout
    return text.strip().partition("=")[2].replace(",", " ") or "none"


def by_ps(pid, what):
    return subprocess.run(["ps", "-o", what + ":40=", "-p", str(pid)], stdout=subprocess.PIPE, check=True,
                          universal_newlines=True).stdout.strip()


def by_getpcaps(pid):
    """The effective ones of "1: =ep cap_chown-ep cap_kill+i": all of a clause, then each of its signs."""
    text = subprocess.run(["getpcaps", str(pid)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True,
                          universal_newlines=True).stdout.strip().partition(": ")[2]
    everything = names_of((1 << 41) - 1).split()
    effective = set()
    for clause in text.split():
        names, signs = re.match(r"([\w,]*)(.*)$", clause).groups()
        names = names.split(",") if names not in ("", "all") else everything
        for sign, sets in re.findall(r"([=+-])([eip]*)", signs):
            if sign == "+" and "e" in sets or sign == "=" and "e" in sets:
                effective |= set(names)
            elif sign == "=" or "e" in sets:
                effective -= set(names)
    return " ".join(name for name in everything if name in effective) or "none"


def by_us(subject, fields):
    """{field: facts}, all of them in one run."""
    rules = ["[%s]\ntitle = x\nwhy = x\nseverity = low\nlevel = 1\nby-hand = x\ncheck = process %s %s\n" % (
        field, subject, field + ("" if field == "no-new-privileges" else " = x")) for field in fields]
    for name, text in (("benchmarks", "\n".join(rules)), ("os-profiles", "[os]\ntitle = x\nbenchmarks = all\n")):
        os.makedirs("%s/%s" % (TMP, name), exist_ok=True)
        with open("%s/%s/all.ini" % (TMP, name), "w", encoding="ascii") as file:
            file.write(text)
    done = subprocess.run(HOSTAUDIT + ["check", "--policy-dir", TMP, "--profile", "all", "--format", "json"],
                          stdout=subprocess.PIPE, check=False, universal_newlines=True)
    return {rule["rule"]: [(fact["state"], fact["value"], fact["object"]) for check in rule["checks"]
                           for fact in check["facts"]] for rule in json.loads(done.stdout)["results"]}


def move(pid, group):
    with open(group + "/cgroup.procs", "w", encoding="ascii") as file:
        file.write(str(pid))


def check_units(rng, problems):
    """The first process of a unit, and not those that it starts. Returns how many agree."""
    top = next((path for path in GROUPS if os.path.exists(path + "/cgroup.procs")), None)
    agree = 0
    for number in range(5 if top else 0):
        unit = "hostaudit-%d-%d.service" % (os.getpid(), number)
        group = "%s/%s" % (top, unit)
        os.makedirs(group)
        child = subprocess.Popen(["sh", "-c", "read x; sh -c 'echo; read x' & sh -c 'read x; read x'", "x"],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        move(child.pid, group)
        child.stdin.write(b"\n")
        child.stdin.flush()
        child.stdout.readline()
        field = rng.choice(["user", "unit"])
        expected = [("value", unit if field == "unit" else "root", "sh[%d]" % child.pid)]
        ours = by_us(unit, [field])[field]
        if ours != expected:
            problems.append("%s: ours %s, expected %s" % (unit, ours, expected))
        agree += ours == expected
        child.stdin.close()
        child.wait()
        os.rmdir(group)
    return agree


def main():
    if os.getuid():
        print("ok processes # SKIP only root can")
        return 0
    print("# SEED=%d" % SEED)
    rng, problems, agree = random.Random(SEED), [], 0
    os.makedirs(TMP, exist_ok=True)
    for number in range(PROCESSES):
        name = "ha-%d-%d" % (os.getpid(), number)
        child = None
        if rng.random() < 0.3:
            child, expected = start_command(rng, name)
            pid = child.pid
        else:
            pid, expected = start(rng, name)
        ours, comm = by_us(name, expected), by_ps(pid, "comm")
        for field, value in expected.items():
            if ours[field] != [("value", value, "%s[%d]" % (comm, pid))]:
                problems.append("%s of %s: ours %s, theirs %r" % (field, name, ours[field], value))
            agree += 1
        if child:
            child.stdin.close()
            child.wait()
        else:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        if by_us(name, ["user"])["user"] != [("absent", None, name)]:
            problems.append("%s has ended, and is told of" % name)
    agree += check_units(rng, problems)
    for problem in problems[:8]:
        print("not ok " + problem)
    print("%s processes: %d answers" % ("not ok" if problems else "ok", agree))
    return bool(problems)


sys.exit(main())
