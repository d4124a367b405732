#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe sysctl` against systemd-sysctl on stacks of sysctl.d files made at random.

systemd-sysctl runs in a mount namespace of its own, where /proc/sys is a tmpfs and /etc, /run and the
directories below /usr hold the stack. Its log tells what it writes, and in which order. From that, what
is left in a key follows; of the kernel's own doings only two names of one parameter and the effect of
forwarding on accept_redirects are known here.
"""
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys

PROGRAM = "/lib/systemd/systemd-sysctl"
STACKS = int(os.environ.get("STACKS", "200"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
DIRS = ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d"]
ASKED = 12

PATHS = (["kernel/a", "kernel/b", "kernel/c.d", "vm/e-f", "vm/g", "fs/deep/er/h", "kernel/core_pattern",
          "net/ipv4/ip_forward", "net/ipv4/conf/all/forwarding", "net/ipv4/conf/all/accept_redirects"] +
         ["net/%s/conf/%s/%s" % (family, name, key) for family in ("ipv4", "ipv6")
          for name in ("all", "default", "lo", "eth0", "eth0.100", "wlan7")
          for key in ("rp_filter", "tag")])
PATTERNS = ["net.ipv4.conf.*.rp_filter", "net/ipv4/conf/*/tag", "net.ipv4.conf.eth*.rp_filter",
            "net.*.conf.eth0.tag", "net.ipv[46].conf.[!a]*.tag", "kernel.?", "*/*", "kernel/c*d", "vm.e?f",
            "net.ipv4.conf.{eth0,wlan?}.rp_filter", "net.ipv4.conf.{all,default}.ta[g]",
            "net.ipv4.conf.{eth0,lo}.tag", "fs/*/*/h", "net.ipv6.conf.*.{tag,rp_filter}", "k*.{a,{b,x}}",
            "net.ipv4.ip_forwar?", "net.ipv4.conf.al*.forwarding", "kernel.[", "net.ipv4.conf.*.{tag"]
SAME = {"net/ipv4/ip_forward", "net/ipv4/conf/all/forwarding"}
REDIRECTS = "net/ipv4/conf/all/accept_redirects"


class Maker:
    """Makes one stack of files below a directory."""

    def __init__(self, rng, root):
        self.rng, self.root, self.serial = rng, root, 0

    def key(self):
        rng = self.rng
        if rng.random() < 0.2:
            return rng.choice(PATTERNS)
        path = rng.choice(PATHS)
        swap = {"/": ".", ".": "/"}
        # A dot before the first slash would make dots the separators.
        dotted = "".join(swap.get(c, c) for c in path)
        key = rng.choice([path, dotted, dotted])
        if rng.random() < 0.05:
            key = rng.choice(["/" + path, path.replace("/", "//", 1), path + "/", "./" + path])
        return key

    def value(self, key):
        self.serial += 1
        if "forwar" in key or "redirects" in key:
            return self.rng.choice("01")
        return self.rng.choice([str(self.serial), str(self.serial), "1", "a\tb  %d" % self.serial,
                                "x=y %d" % self.serial, "%d # no comment" % self.serial, ""])

    def line(self):
        rng, key = self.rng, self.key()
        blank = lambda: rng.choice(["", "", " ", "\t", "  "])  # noqa: E731
        kind = rng.random()
        if kind < 0.08:
            return rng.choice(["# comment", "  ; kernel.a = 9", "", "   ", "kernel.a", "kernel.a 5", "-", "=",
                               "= 4", "\v", "kernel.b : 4"])
        if kind < 0.2:
            return "%s-%s%s" % (blank(), blank(), key)
        minus = "-" + blank() if rng.random() < 0.15 else ""
        end = rng.choice(["\r", "\rkernel.b = cr%d" % self.serial]) if rng.random() < 0.05 else ""
        return blank() + minus + key + blank() + "=" + blank() + self.value(key) + blank() + end

    def file(self, path):
        kind = self.rng.random()
        if kind < 0.05:
            os.symlink("/dev/null", path)
        elif kind < 0.08:
            os.symlink("/nowhere", path)
        elif kind < 0.11:
            os.symlink("/etc/sysctl.conf", path)
        elif kind < 0.13:
            os.mkdir(path)
        else:
            lines = [self.line() for _ in range(self.rng.choice([0, 1, 3, 5, 8]))]
            with open(path, "w", encoding="ascii", newline="") as file:
                file.write("\n".join(lines) + self.rng.choice(["", "\n"]))

    def stack(self):
        names = self.rng.sample(["10-a.conf", "10-b.conf", "50-default.conf", "9.conf", "99-z.conf", "arp.conf",
                                 "Z.conf", ".hidden.conf", "60-x.conf.bak", "_.conf", "50-default-2.conf"], 6)
        for directory in DIRS:
            os.makedirs(os.path.join(self.root, directory))
            for name in names:
                if self.rng.random() < 0.45:
                    self.file(os.path.join(self.root, directory, name))
        with open(os.path.join(self.root, "etc/sysctl.conf"), "w", encoding="ascii") as file:
            file.write("\n".join(self.line() for _ in range(3)))


def enter_namespace():
    """Starts this script again where mounts are its own; returns when it is there already."""
    if "SYSCTL_REFERENCE" in os.environ:
        return
    command = ["unshare"] + ([] if os.geteuid() == 0 else ["-r"]) + ["-m"]
    if (not os.path.exists(PROGRAM) or not shutil.which("unshare") or
            subprocess.run(command + ["mount", "-t", "tmpfs", "none", "/proc/sys"], check=False,
                           capture_output=True).returncode):
        print("ok - systemd-sysctl # SKIP no systemd-sysctl, or no mount namespace to run it in")
        sys.exit(0)
    environment = dict(os.environ, SYSCTL_REFERENCE="1", SEED=str(SEED))
    os.execvpe(command[0], command + [sys.executable, *sys.argv], environment)


def mount_places():
    for place in ["/etc", "/run", "/usr/local/lib", "/usr/lib/sysctl.d", "/proc/sys"]:
        subprocess.run(["mount", "-t", "tmpfs", "none", place], check=True)


def empty(directory):
    for name in os.listdir(directory):
        path = os.path.join(directory, name)
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)


def reference(root):
    """What systemd-sysctl writes for that stack: (path, value), in order."""
    for place in ["/etc", "/run", "/usr/local/lib", "/usr/lib/sysctl.d"]:
        empty(place)
        shutil.copytree(root + place, place, symlinks=True, dirs_exist_ok=True)
    empty("/proc/sys")
    for path in PATHS:
        os.makedirs(os.path.dirname("/proc/sys/" + path), exist_ok=True)
        with open("/proc/sys/" + path, "w", encoding="ascii") as file:
            file.write("unset\n")
    environment = {"SYSTEMD_LOG_LEVEL": "debug", "SYSTEMD_LOG_TARGET": "console", "PATH": os.environ["PATH"]}
    done = subprocess.run([PROGRAM], env=environment, capture_output=True, check=False)
    text = (done.stdout + done.stderr).decode()
    writes = re.findall(r"^Setting '/proc/sys/(.*?)' to '(.*?)'$", text, re.M)
    for path in PATHS:
        # The log and the files have to tell the same.
        with open("/proc/sys/" + path, encoding="ascii") as file:
            written = file.readline().rstrip("\n")
        last = [value for name, value in writes if name == path]
        # A value that is shorter than the one before leaves the end of that one, behind a newline.
        if written != (last[-1] if last else "unset"):
            raise SystemExit("the log of systemd-sysctl is not understood: %s %r %r" % (path, written, last))
    return writes


def outcome(writes, path):
    """The value that is left, or None."""
    names = SAME if path in SAME else {path}
    value, forwarding = None, "0"
    overtaking = path.replace("/lo/", "/default/") if path.startswith("net/ipv4/conf/lo/") else None
    for name, written in writes:
        if name in names:
            value = written
        elif name == overtaking and value is not None and value != written:
            value = ""  # who wins depends on what the kernel began with
        elif path == REDIRECTS and name in SAME and written and written != forwarding:
            value, forwarding = "10"[int(written)], written
    return value


def expected(writes, path):
    value = outcome(writes, path)
    parts = path.split("/")
    if value is None and parts[0] == "net" and len(parts) == 5 and parts[3] not in ("all", "default"):
        value = outcome(writes, "/".join(parts[:3] + ["default"] + parts[4:]))
        if value is not None and parts[1] == "ipv6":
            return None
    if value is None or (not value.split() and path != "kernel/core_pattern"):
        return None
    return " ".join(value.split())


def ours(root, path):
    command = HOSTAUDIT + ["probe", "--policy-dir", "tests/cases/plain", "--profile", "plain", "--root", root,
                           "--format", "json", "sysctl %s present" % path]
    done = subprocess.run(command, capture_output=True, check=False)
    facts = json.loads(done.stdout)["facts"]
    if len(facts) != 1:
        raise SystemExit("%s: %d facts" % (path, len(facts)))
    return facts[0]


def is_source(root, source, value):
    """Does the line that is named as the source say so?"""
    name, _, number = source.rpartition(":")
    if os.path.islink(root + name):
        name = os.readlink(root + name)
    with open(root + name, encoding="ascii", newline="") as file:
        line = file.read().split("\n")[int(number) - 1]
    return any(" ".join(part.partition("=")[2].split()) == value for part in line.split("\r"))


def compare(root, writes, path):
    """An empty text, or how the two differ."""
    fact, wanted = ours(root, path), expected(writes, path)
    value = fact["value"] if fact["state"] == "value" else None
    if value != wanted:
        return "%s: systemd-sysctl leaves %r, hostaudit says %s" % (path, wanted, fact)
    if value is not None and path != REDIRECTS and not is_source(root, fact["source"], value):
        return "%s: %s does not say %r" % (path, fact["source"], value)
    return ""


def main():
    enter_namespace()
    global STACKS
    seed, keep = SEED, len(sys.argv) > 1
    if keep:
        seed, STACKS = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else STACKS
    print("# SEED=%d STACKS=%d" % (seed, STACKS))
    mount_places()
    passed = failed = 0
    for number in range(STACKS):
        rng = random.Random("%d.%d" % (seed, number))
        root = os.path.join(TMP, "stack%d" % number)
        Maker(rng, root).stack()
        writes = reference(root)
        wrong = [text for path in rng.sample(PATHS, ASKED) for text in [compare(root, writes, path)] if text]
        passed, failed = passed + ASKED - len(wrong), failed + len(wrong)
        for text in wrong:
            print("not ok - stack %d (%s): %s" % (number, root, text))
        if not (wrong and keep):
            shutil.rmtree(root)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
