#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe sysctl` against what the kernel has after systemd-sysctl wrote random files.

Each file is applied in a network namespace of its own, so that the kernel's own doings are seen as
well: two names of one parameter, writes that change other keys, defaults that interfaces take over.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys

PROGRAM = "/lib/systemd/systemd-sysctl"
STACKS = int(os.environ.get("STACKS", "150"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
ASKED = 10

KEYS = {"ipv4": ["forwarding", "forwarding", "accept_redirects", "send_redirects", "rp_filter", "tag",
                 "accept_source_route", "log_martians"],
        "ipv6": ["forwarding", "disable_ipv6", "accept_redirects", "accept_ra"]}
# What is in the namespace: the loopback and, where it can be made, one more.
NAMES = ["all", "default", "lo", "v0"]
SHOW = "cd /proc/sys && grep -rs . net/ipv4/ip_forward net/ipv4/conf net/ipv6/conf; "


def in_namespace(script):
    prefix = ["unshare"] + ([] if os.geteuid() == 0 else ["-r"]) + ["-n", "sh", "-c"]
    done = subprocess.run(prefix + ["ip link add v0 type veth peer name v1 2>/dev/null; " + script],
                          capture_output=True, check=False, text=True)
    return done.stdout


def values(text):
    return {path: " ".join(value.split()) for path, _, value in (line.partition(":")
                                                                 for line in text.splitlines())}


def make_lines(rng, paths):
    lines = []
    for _ in range(rng.choice([1, 2, 4, 8, 12])):
        path = rng.choice(paths + ["net/ipv4/ip_forward"] * 4)
        if rng.random() < 0.15 and path.count("/") > 3:
            parts = path.split("/")
            path = "/".join(parts[:3] + ["*"] + parts[4:])
        if rng.random() < 0.1:
            lines.append("-" + path)
        else:
            lines.append("%s = %d" % (path, rng.choice([0, 1, 1, 2] if "rp_filter" in path else [0, 1])))
    return lines


def ours(root, path):
    command = HOSTAUDIT + ["probe", "--policy-dir", os.path.join(TMP, "policy"), "--profile", "kernel", "--root",
                           root, "--format", "json", "sysctl %s present" % path]
    done = subprocess.run(command, capture_output=True, check=False)
    facts = json.loads(done.stdout)["facts"]
    if len(facts) != 1:
        raise SystemExit("%s: %d facts" % (path, len(facts)))
    return facts[0]


def may_be_unknown(lines, path):
    """Whether an interface takes over a new default depends on when it appears, on what it had, and on
    the key: not in IPv6, and not where the kernel's handler is another one."""
    parts = path.split("/")
    if parts[-1] not in KEYS[parts[1]] or parts[3] in ("all", "default"):
        return False
    if parts[1] == "ipv4" and parts[-1] != "forwarding" and parts[3] != "lo":
        return False
    names = ["default", "*"]
    if parts[-1] in ("forwarding", "disable_ipv6"):
        # Values of `all` go to all interfaces; udev and the boot race for the last word then.
        names += ["all", parts[3]]
    return any(line.split("=")[0].strip() in ["/".join(parts[:3] + [name, parts[4]]) for name in names]
               for line in lines)


def compare(root, lines, path, kernel):
    fact = ours(root, path)
    if fact["state"] == "unknown" and may_be_unknown(lines, path):
        return ""
    if fact["state"] != "value" or fact["value"] != kernel[path]:
        return "%s: the kernel has %s, hostaudit says %s" % (path, kernel[path], fact)
    return ""


def write_profile(before):
    os.makedirs(os.path.join(TMP, "policy/os-profiles"), exist_ok=True)
    with open(os.path.join(TMP, "policy/os-profiles/kernel.ini"), "w", encoding="ascii") as file:
        file.write("[os]\ntitle = Kernel\n[sysctl-defaults]\n")
        file.writelines("%s = %s\n" % (path, value) for path, value in before.items())


def main():
    seed, keep = SEED, len(sys.argv) > 1
    if keep:
        seed = int(sys.argv[1])
    if not os.path.exists(PROGRAM) or not shutil.which("unshare"):
        print("ok - the kernel # SKIP no systemd-sysctl, or no unshare")
        return 0
    before = values(in_namespace(SHOW))
    paths = [path for family, keys in KEYS.items() for name in NAMES for key in keys
             for path in ["net/%s/conf/%s/%s" % (family, name, key)] if path in before]
    if not paths:
        print("ok - the kernel # SKIP no network namespace can be made")
        return 0
    print("# SEED=%d STACKS=%d" % (seed, STACKS))
    write_profile({path: before[path] for path in set(paths + ["net/ipv4/ip_forward"])})
    passed = failed = 0
    for number in range(STACKS):
        rng = random.Random("%d.%d" % (seed, number))
        root = os.path.join(TMP, "stack%d" % number)
        lines = make_lines(rng, paths)
        os.makedirs(os.path.join(root, "etc/sysctl.d"))
        name = os.path.join(root, "etc/sysctl.d/x.conf")
        with open(name, "w", encoding="ascii") as file:
            file.write("\n".join(lines) + "\n")
        # udev has the values of an interface written when it comes, and once more early in the boot.
        again = "--prefix=/net/ipv4/conf/v0 --prefix=/net/ipv6/conf/v0"
        kernel = values(in_namespace("{0} {1}; {0} {2} {1}; {3}".format(PROGRAM, shlex.quote(name), again, SHOW)))
        asked = rng.sample(sorted(set(paths)), ASKED - 1) + ["net/ipv4/ip_forward"]
        wrong = [text for path in asked for text in [compare(root, lines, path, kernel)] if text]
        passed, failed = passed + ASKED - len(wrong), failed + len(wrong)
        for text in wrong:
            print("not ok - stack %d (%s): %s" % (number, root, text))
        if not (wrong and keep):
            shutil.rmtree(root)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
