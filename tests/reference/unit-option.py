#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe unit-option` against `systemd-analyze security --offline`, on units made at random.

Each has a file and drop-ins that set switches once, several times, in odd spellings, or not at all. What
systemd-analyze calls set has to be enabled for us, all else not. UNITS=N and SEED=N choose how many and which.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys

COUNT = int(os.environ.get("UNITS", "250"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.path.realpath(os.environ.get("TMP", "/tmp"))
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
SWITCHES = ["NoNewPrivileges", "PrivateDevices", "PrivateNetwork", "PrivateTmp", "PrivateUsers", "ProtectClock",
            "ProtectControlGroups", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules",
            "ProtectKernelTunables", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
            "MemoryDenyWriteExecute"]
VALUES = ["yes", "no", "true", "false", "on", "off", "1", "0", "y", "n", "t", "f", "YES", "False", "", "2", "maybe",
          "'yes'", "yes no", "yes # no", " yes ", "\\\n  yes", "\\\n# no\n yes"]


def lines(rng):
    text = rng.choice(["[Service]\n", "[Service]\n", "[Service]\n", " [Service] \n", "[Unit]\n", "[service]\n"])
    for _ in range(rng.randrange(1, 9)):
        name = rng.choice(SWITCHES)
        text += rng.choice(["%s=%s\n", "%s=%s\n", "%s = %s\n", "  %s=%s\n", "#%s=%s\n", "\n%s=%s\n"]) % (
            name, rng.choice(VALUES))
    return text + rng.choice(["", "", "", "DynamicUser=yes\n", "DynamicUser=no\n", "nonsense\n"])


def make(rng, root, number):
    """A unit and its drop-ins; its name."""
    name = rng.choice(["u%d.service", "a-u%d.service"]) % number
    system = os.path.join(root, "usr/lib/systemd/system")
    with open(os.path.join(system, name), "w", encoding="ascii") as file:
        file.write("[Service]\nExecStart=/bin/true\n" + lines(rng))
    for _ in range(rng.randrange(3)):
        folder = os.path.join(root, rng.choice(["etc/systemd/system", "usr/lib/systemd/system"]), name + ".d")
        os.makedirs(folder, exist_ok=True)
        with open(os.path.join(folder, rng.choice(["10-a.conf", "20-b.conf", "c.txt"])), "w",
                  encoding="ascii") as file:
            file.write(lines(rng))
    return name


def ask_systemd(root, name):
    done = subprocess.run(["systemd-analyze", "security", "--offline=true", "--root", root, "--json=short", "--no-pager",
                           name], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False, timeout=60)
    return {row["json_field"]: row["set"] for row in json.loads(done.stdout)}


def ask_us(policy, root, names):
    """{(unit, switch): value} for all at once."""
    questions = [(name, switch) for name in names for switch in SWITCHES]
    with open(policy + "/benchmarks/reference.ini", "w", encoding="ascii") as file:
        for number, (name, switch) in enumerate(questions):
            file.write("[q%d]\ntitle = t\nwhy = w\nlevel = 1\nseverity = low\n"
                       "check = unit-option %s:Service.%s enabled\n" % (number, name, switch))
    done = subprocess.run(HOSTAUDIT + ["check", "--root", root, "--policy-dir", policy, "--profile", "reference",
                                       "--format", "json"], stdout=subprocess.PIPE, check=False)
    answers = {}
    for result in json.loads(done.stdout)["results"]:
        fact = result["checks"][0]["facts"][0]
        answers[questions[int(result["rule"][1:])]] = fact["value"] if fact["state"] == "value" else fact["state"]
    return answers


def main():
    print("# seed %d, %d units" % (SEED, COUNT))
    if not shutil.which("systemd-analyze"):
        print("ok unit-option # SKIP no systemd-analyze here")
        return 0
    rng = random.Random(SEED)
    root, policy = os.path.join(TMP, "root"), os.path.join(TMP, "policy")
    for folder in (root + "/usr/lib/systemd/system", root + "/etc/systemd/system", policy + "/benchmarks",
                   policy + "/os-profiles"):
        os.makedirs(folder)
    with open(policy + "/os-profiles/reference.ini", "w", encoding="ascii") as file:
        file.write("[os]\ntitle = Reference\nbenchmarks = reference\n")
    names = [make(rng, root, number) for number in range(COUNT)]
    ours = ask_us(policy, root, names)
    passed = failed = 0
    for name in names:
        theirs = ask_systemd(root, name)
        for switch in SWITCHES:
            wanted = {True: "yes", False: "no"}.get(theirs.get(switch))
            if wanted == ours[name, switch]:
                passed += 1
                continue
            failed += 1
            print("not ok seed %d, %s: %s is %s for us, %s for systemd" % (SEED, name, switch, ours[name, switch], wanted))
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
