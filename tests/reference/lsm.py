#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe lsm` against kernels, libselinux and aa-status.

A kernel is booted with arguments made at random: the modules it starts have to be those that were foretold
from its configuration and a loader entry. libselinux reads /etc/selinux/config files made at random, and
aa-status lists of profiles, each in a namespace where they are in their places.
"""
import ctypes
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile

SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.path.abspath(os.environ.get("TMP") or tempfile.mkdtemp())
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
BOOTS = int(os.environ.get("BOOTS", "2"))
TESTBED = os.environ.get("HOSTAUDIT_SHARED", "../shared") + "/testbed"
CACHE = os.environ.get("TESTBED_CACHE") or os.path.abspath("../.testbed-cache")
MODULES = ["capability", "lockdown", "yama", "loadpin", "safesetid", "selinux", "smack", "tomoyo", "apparmor",
           "bpf", "landlock", "ipe"]


class Count:
    passed = failed = skipped = 0

    def check(self, theirs, ours, what):
        if theirs == ours:
            self.passed += 1
        else:
            self.failed += 1
            print("seed %d: %s\n  theirs: %s\n  ours:   %s" % (SEED, what, theirs, ours))

    def skip(self, what, why):
        print("ok %s # SKIP %s" % (what, why))
        self.skipped += 1


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="latin-1", newline="") as file:
        file.write(text)


def policy_for(subjects, aspect):
    """A policy directory with a rule for each subject."""
    rules = "".join("[r%d]\ntitle = x\nwhy = x\nlevel = 1\nseverity = low\naspect = %s\ncheck = lsm %s = x\n"
                    % (i, aspect, subject) for i, subject in enumerate(subjects))
    write(TMP + "/policy/benchmarks/a.ini", rules)
    write(TMP + "/policy/os-profiles/plain.ini", "[os]\ntitle = Plain\nbenchmarks = a\nlevel = 2\n")


def ask(root, live=()):
    """{subject: value, or 'unknown: …'}"""
    done = subprocess.run(HOSTAUDIT + ["check", "--policy-dir", TMP + "/policy", "--profile", "plain", "--root", root,
                                       "--format", "json"] + list(live), stdout=subprocess.PIPE, check=False)
    found = {}
    for rule in json.loads(done.stdout)["results"]:
        for fact in [fact for check in rule["checks"] for fact in check["facts"]]:
            found[fact["object"]] = fact["value"] if fact["state"] == "value" else \
                "%s: %s" % (fact["state"], fact.get("error"))
    return found


# --- kernels

def random_arguments(rng):
    """A command line, with the twists that the kernel knows."""
    names = MODULES + ["integrity", "nonsense", ""]
    words = []
    if rng.random() < 0.4:
        words.append("lsm=" + ",".join(rng.sample(names, rng.randrange(0, 9))))
    if rng.random() < 0.5:
        words.append("security=" + rng.choice(["selinux", "apparmor", "tomoyo", "smack", "yama", "none", ""]))
    words += rng.choices(["selinux=0", "selinux=1", "selinux=00", "selinux=no", "apparmor=0", "apparmor=1",
                          "apparmor=0x0", "apparmor", "apparmor.enabled=0", "apparmor.enabled=Y", "apparmor.enabled",
                          "lsm", "security", "lockdown=none", "lockdown=integrity", "lockdown=confidentiality",
                          "lockdown=Integrity", "lockdown"], k=rng.randrange(5))
    rng.shuffle(words)
    return " ".join(words)


def boot(arguments):
    """What the machine prints, by name."""
    command = ["qemu-system-x86_64", "-accel", "tcg", "-cpu", "max,-la57,-avx,-avx2", "-m", "256", "-nodefaults",
               "-display", "none", "-no-reboot", "-kernel", CACHE + "/image/vmlinux", "-initrd", TMP + "/initrd",
               "-serial", "stdio", "-append",
               "console=ttyS0 quiet loglevel=1 panic=-1 nokaslr no_timer_check mitigations=off "
               "cryptomgr.notests " + arguments]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=120, check=False)
    lines = done.stdout.decode("latin-1").replace("\r", "").split("\n")
    return dict(line.split(": ", 1) for line in lines if line.startswith(("lsm: ", "lockdown: ")))


def make_machine():
    """The kernel's configuration, or why there is no machine."""
    if not os.path.exists(TESTBED + "/build-image"):
        return None, TESTBED + " is not there"
    if os.geteuid():
        return None, "only root can"
    if subprocess.run(["tests/setup", "boot"], check=False).returncode:
        return None, "its packages cannot be installed"
    os.makedirs(CACHE, exist_ok=True)
    with open(TMP + "/log", "w", encoding="ascii") as log:
        subprocess.run(["flock", CACHE + "/lock", TESTBED + "/build-image", CACHE + "/image"], check=True,
                       stdout=log, stderr=log, env=dict(os.environ, TESTBED_CACHE=CACHE))
    with open(CACHE + "/image/image.conf", encoding="ascii") as file:
        version = [line[5:].strip() for line in file if line.startswith("kver=")][0]
    done = subprocess.run(["unsquashfs", "-cat", CACHE + "/image/usr.img", "lib/modules/%s/config" % version],
                          stdout=subprocess.PIPE, check=True)
    subprocess.run(["gcc", "-static", "-O1", "-o", TMP + "/init", "tests/reference/lsm_init.c"], check=True)
    subprocess.run("echo init | cpio --quiet -o -H newc >initrd", shell=True, cwd=TMP, check=True)
    return done.stdout.decode("ascii"), None


def kernels(rng, count):
    config, why = make_machine()
    if not config:
        return count.skip("kernels", why)
    root = TMP + "/kernel"
    write(root + "/boot/config", config)
    write(root + "/etc/selinux/targeted/policy/policy.33", "x")
    policy_for(MODULES, "configured")
    for _ in range(BOOTS):
        arguments = random_arguments(rng)
        write(root + "/boot/loader/entries/a.conf", "options %s\n" % arguments)
        ours, said = ask(root), boot(arguments)
        started = said.get("lsm", "").split(",")
        for module in MODULES:
            theirs = "enabled" if module in started else "disabled"
            if module == "yama":
                # It is told by its scope, which no file of this tree sets.
                ours[module] = "enabled" if "no file sets it" in ours[module] else \
                    ours[module].replace("0", "disabled")
            if module == "selinux":
                # With a policy, and nothing that says what to do with it.
                ours[module] = ours[module].replace("permissive", "enabled")
            if module == "lockdown":
                theirs = said["lockdown"].split("[")[1].split("]")[0] if module in started else "none"
                # Without firmware that has Secure Boot, the answer of this machine is "none".
                if theirs == "none" and "Secure Boot" in ours[module]:
                    theirs = ours[module]
            count.check(theirs, ours[module], "%s with %s" % (module, arguments))


# --- libselinux

def random_config(rng):
    lines = rng.choices(["SELINUX=enforcing", "SELINUX=permissive", "SELINUX=disabled", "SELINUX= Enforcing",
                         " SELINUX=disabled", "SELINUX=enforcing # yes", "SELINUX=nothing", "SELINUX =enforcing", "",
                         "#SELINUX=enforcing", "SELINUX=disabledx", "SELINUX=\tpermissive\r", "selinux=enforcing",
                         "SELINUXTYPE=targeted", "SELINUXTYPE=mls", " SELINUXTYPE=mcs", "selinuxtype= mcs \t",
                         "SELINUXTYPE=mls # no", "#SELINUXTYPE=mls", "SETLOCALDEFS=0", "SELINUXTYPE=minimum\r",
                         "SELINUXTYPE =mls", "REQUIREUSERS=1"], k=rng.randrange(1, 7))
    return "\n".join(lines) + rng.choice(["", "\n", "\n\n"])


def in_namespace():
    rng, count = random.Random(SEED), Count()
    os.makedirs("/etc/selinux", exist_ok=True)
    library = ctypes.CDLL("libselinux.so.1")
    root = TMP + "/selinux"
    for kind in ("targeted", "mls", "mcs", "minimum", "mls # no"):
        write("%s/etc/selinux/%s/policy/policy.33" % (root, kind), "x")
    write(root + "/boot/config", "# Automatically generated file\nCONFIG_SECURITY_SELINUX=y\nCONFIG_SECURITY=y\n"
          "CONFIG_SECURITY_SELINUX_DEVELOP=y\nCONFIG_LSM=\"selinux\"\n")
    write(root + "/boot/loader/entries/a.conf", "options quiet\n")
    subprocess.run(["mount", "--bind", root + "/etc/selinux", "/etc/selinux"], check=True)
    policy_for(["selinux", "selinux.policy"], "configured")
    for _ in range(300):
        text = random_config(rng)
        write(root + "/etc/selinux/config", text)
        library.selinux_reset_config()
        mode, kind = ctypes.c_int(-2), ctypes.c_char_p()
        library.selinux_getenforcemode(ctypes.byref(mode))
        library.selinux_getpolicytype(ctypes.byref(kind))
        # Without a mode the policy is loaded, and enforces nothing.
        theirs = ({1: "enforcing", 0: "permissive", -1: "disabled", -2: "permissive"}[mode.value],
                  kind.value.decode())
        ours = ask(root)
        count.check(theirs, (ours["selinux"], ours["selinux.policy"]), repr(text))
    print(json.dumps([count.passed, count.failed]))


# --- aa-status

PROFILE = ["/usr/bin/man", "nvidia_modprobe", "/usr/sbin/x//child", "docker-default", "a (b)", "with blank", "(",
           ":ns://x", "x)", "snap.y", "a (enforce) b"]
MODES = ["enforce", "complain", "kill", "unconfined"]


def in_apparmor():
    rng, count = random.Random(SEED), Count()
    root = TMP + "/apparmor"
    write(root + "/sys/module/apparmor/parameters/enabled", "Y\n")
    write(root + "/sys/kernel/security/lsm", "capability,apparmor")
    write(root + "/sys/kernel/security/apparmor/profiles", "")
    for name in ("mounts", "self/mounts"):
        write(root + "/proc/" + name, "securityfs /sys/kernel/security securityfs rw 0 0\n")
    fake = ["unshare", "--mount", "sh", "-c", 'mount --bind "$0/sys" /sys; mount --bind "$0/proc" /proc; '
            "exec aa-status --json", root]
    policy_for(["apparmor." + mode for mode in ["profiles"] + MODES], "running")
    for _ in range(60):
        # It tells each name once.
        lines = ["%s (%s)\n" % (name, rng.choice(MODES)) for name in rng.sample(PROFILE, rng.randrange(1, len(PROFILE)))]
        write(root + "/sys/kernel/security/apparmor/profiles", "".join(lines))
        done = subprocess.run(fake, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        # Version 3.0 puts a comma before the first profile where none is enforced.
        said = done.stdout.decode().replace('"profiles": {, ', '"profiles": {')
        profiles = list(json.loads(said)["profiles"].values())
        ours = ask(root, ["--live"])
        for mode in MODES:
            count.check(str(profiles.count(mode)), ours["apparmor." + mode], "%s of %s" % (mode, lines))
        count.check(str(len(profiles)), ours["apparmor.profiles"], "all of %s" % lines)
    print(json.dumps([count.passed, count.failed]))


def inside(count, part, what, need):
    """Runs a part in a mount namespace of its own."""
    if os.geteuid() or subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL,
                                      check=False).returncode:
        return count.skip(what, "not allowed here")
    if not need:
        return count.skip(what, "not installed")
    done = subprocess.run(["unshare", "--mount", sys.executable, __file__, part], stdout=subprocess.PIPE,
                          env=dict(os.environ, SEED=str(SEED), TMP=TMP), check=False)
    lines = done.stdout.decode().splitlines()
    print("\n".join(lines[:-1]))
    try:
        passed, failed = json.loads(lines[-1])
    except (IndexError, ValueError):
        passed, failed = 0, 1
        print("seed %d: %s broke off: %s" % (SEED, what, lines[-1:]))
    count.passed += passed
    count.failed += failed


def main():
    parts = {"selinux": in_namespace, "apparmor": in_apparmor}
    if sys.argv[1:]:
        return parts[sys.argv[1]]()
    count = Count()
    kernels(random.Random(SEED), count)
    libraries = ["/lib/x86_64-linux-gnu/libselinux.so.1", "/usr/lib64/libselinux.so.1"]
    inside(count, "selinux", "libselinux", any(map(os.path.exists, libraries)))
    inside(count, "apparmor", "aa-status", shutil.which("aa-status"))
    print("lsm: seed %d" % SEED)
    print("%d passed, %d failed, %d skipped" % (count.passed, count.failed, count.skipped))
    return count.failed != 0


if __name__ == "__main__":
    sys.exit(main())
