#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe boot` against GRUB and mokutil.

grub-emu runs configurations made at random and tells whom they make superusers. mokutil looks at variables
of a firmware that were made at random as the UEFI specification lays them out. veritysetup and the kernel's
keys below /proc are met in a machine of its own: tests/kernelvm.sh.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile

GRUBS = int(os.environ.get("GRUBS", "120"))
FIRMWARES = int(os.environ.get("FIRMWARES", "120"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.path.abspath(os.environ.get("TMP") or tempfile.mkdtemp())
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
GLOBAL = "8be4df61-93ca-11d2-aa0d-00e098032b8c"
SHIM = "605dab50-e046-4300-abb6-3dd810dd8b23"


class Count:
    passed = failed = skipped = 0

    def check(self, good, what):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print("seed %d: %s" % (SEED, what))

    def skip(self, what, why):
        print("ok %s # SKIP %s" % (what, why))
        self.skipped += 1


def write(path, data):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def ask(root, subjects, live=()):
    """{subject: value, or None where it is unknown}, in one run."""
    rules = "".join("[r%d]\ntitle = x\nwhy = x\nlevel = 1\nseverity = low\ncheck = boot %s = x\n" % item
                    for item in enumerate(subjects))
    write(TMP + "/policy/benchmarks/a.ini", rules)
    write(TMP + "/policy/os-profiles/plain.ini", "[os]\ntitle = Plain\nbenchmarks = a\nlevel = 2\n")
    done = subprocess.run(HOSTAUDIT + ["check", "--policy-dir", TMP + "/policy", "--profile", "plain", "--root", root,
                                       "--format", "json"] + list(live), stdout=subprocess.PIPE, check=False)
    return {fact["object"]: fact["value"] if fact["state"] != "unknown" else None
            for rule in json.loads(done.stdout)["results"] for check in rule["checks"] for fact in check["facts"]}


# --- GRUB

PBKDF2 = "grub.pbkdf2.sha512.10000.%s.%s" % ("AB" * 16, "CD" * 16)


# What Fedora's scripts make.
BY_USER_CFG = ["### BEGIN /etc/grub.d/01_users ###", "if [ -f ${prefix}/user.cfg ]; then",
               "  source ${prefix}/user.cfg", '  if [ -n "${GRUB2_PASSWORD}" ]; then', '    set superusers="root"',
               "    export superusers", "    password_pbkdf2 root ${GRUB2_PASSWORD}", "  fi", "fi",
               "### END /etc/grub.d/01_users ###"]


def random_commands(rng, depth=0):
    """Commands of a script, as lines."""
    lines = []
    for _ in range(rng.randrange(1, 5)):
        kind = rng.random()
        name = rng.choice(["root", "admin", "root admin", "a,b", "x", "root;admin"])
        if kind < 0.3:
            lines.append(rng.choice(['set superusers="%s"', "set superusers='%s'", 'superusers="%s"',
                                     'set superusers="%s" # no', 'true ; set superusers="%s"']) % name)
        elif kind < 0.4:
            lines += ["set who=%s" % rng.choice(["root", "ops"]), 'set superusers="${who}"', "export superusers"]
        elif kind < 0.5:
            lines.append(rng.choice(["password_pbkdf2 root " + PBKDF2, "password admin secret", "# set superusers=x",
                                     "export superusers", "set timeout=0", 'set nosuperusers="x"',
                                     "set superusersx=y", "insmod password", "password_pbkdf2 root"]))
        elif kind < 0.6 and not depth:
            lines += ["menuentry 'A' --unrestricted {", "\tset superusers=\"inside\"", "\tlinux /vmlinuz quiet", "}"]
        elif kind < 0.7 and not depth:
            lines += ["function f {", "\tset superusers=never", "}"]
        elif kind < 0.85 and depth < 2:
            condition = rng.choice(['[ "a" = "a" ]', '[ "a" = "b" ]', "[ -f ${prefix}/user.cfg ]",
                                    '[ -n "$superusers" ]', "[ -f ${prefix}/nothing ]"])
            lines += ["if %s; then" % condition] + ["  " + line for line in random_commands(rng, depth + 1)]
            if rng.random() < 0.3:
                lines += ["else"] + ["  " + line for line in random_commands(rng, depth + 1)]
            lines += ["fi"]
        else:
            lines += BY_USER_CFG
    return lines


def grub(rng, count):
    if not shutil.which("grub-emu"):
        return count.skip("GRUB", "grub-emu is not installed")
    root, unknown = TMP + "/grub", 0
    for number in range(GRUBS):
        shutil.rmtree(root, ignore_errors=True)
        lines = random_commands(rng)
        # What an entry or a function would set, if it was run, may make it unknown.
        simple = not any(line.strip().startswith(("if ", "menuentry", "function")) for line in lines)
        if number % 3 == 0:
            lines, simple = ["set timeout=1"] + BY_USER_CFG + ["export superusers"], True
        if rng.random() < 0.5:
            write(root + "/boot/grub/user.cfg", "GRUB2_PASSWORD=%s\n" % rng.choice([PBKDF2, PBKDF2, "", "plain"]))
        write(root + "/boot/grub/grub.cfg", "\n".join(lines + ['echo "USERS=[$superusers]"', "exit", ""]))
        done = subprocess.run(["grub-emu", "-d", root + "/boot/grub"], stdin=subprocess.DEVNULL, timeout=20,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        users = done.stdout.decode("latin-1").rpartition("USERS=[")[2].partition("]")[0]
        ours = ask(root, ["loader-editor", "loader-password"])
        if ours["loader-editor"] is None:
            unknown += 1
            count.check(not simple, "not known, though nothing is in doubt:\n    " + "\n    ".join(lines))
            continue
        count.check(ours["loader-editor"] == ("closed" if users else "open"),
                    "GRUB has superusers '%s', we say %s:\n    %s" % (users, ours["loader-editor"], "\n    ".join(lines)))
        if not users:
            count.check(ours["loader-password"] == "none", "a password without a user:\n    " + "\n    ".join(lines))
    print("grub: %d of %d are not known" % (unknown, GRUBS))
    count.check(unknown < GRUBS / 2, "too many are not known")


# --- firmware

def random_firmware(rng, folder):
    """Writes variables; returns whether all is as a firmware makes them."""
    good = True
    os.makedirs(folder)
    write(folder + "/BootOrder-" + GLOBAL, b"\x07\0\0\0\0\0")
    for name, vendor, likely in (("SecureBoot", GLOBAL, 0.9), ("SetupMode", GLOBAL, 0.95), ("MokSBStateRT", SHIM, 0.4)):
        if rng.random() > likely:
            continue
        attributes, data = b"\x06\0\0\0", bytes([rng.choice([0, 1])])
        if rng.random() < 0.1:
            good = False
            attributes = bytes([rng.choice([7, 3, 2, 4, 0x26])]) + b"\0\0\0"
        if rng.random() < 0.05:
            good = False
            data = rng.choice([b"", b"\x02", b"\0\0", b"\x01" * 8])
        write("%s/%s-%s" % (folder, name, vendor), attributes + data)
    return good


def firmware(rng, count):
    if not shutil.which("mokutil"):
        return count.skip("firmware", "mokutil is not installed")
    root = TMP + "/firmware"
    for _ in range(FIRMWARES):
        shutil.rmtree(root, ignore_errors=True)
        folder = root + "/sys/firmware/efi/efivars"
        good = random_firmware(rng, folder)
        names = {name: open("%s/%s" % (folder, name), "rb").read() for name in sorted(os.listdir(folder))}
        done = subprocess.run(["mokutil", "--sb-state"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              env={"EFIVARFS_PATH": folder + "/"}, check=False)
        said = done.stdout.decode()
        theirs = "disabled"
        if "SecureBoot enabled" in said:
            # To mokutil the note of shim is enough; the kernel asks what it says.
            note = names.get("MokSBStateRT-" + SHIM) == b"\x06\0\0\0\x01"
            theirs = "unvalidated" if "validation is disabled" in said and note else "enabled"
        elif "Failed to read" in said and names["SecureBoot-" + GLOBAL][4:] == b"\x01":
            theirs = None
        ours = ask(root, ["secure-boot", "setup-mode"], ["--live"])
        # mokutil does not look at attributes: a variable that anybody may have made is one to it.
        if good:
            count.check(ours["secure-boot"] == theirs, "mokutil: %s\n  ours: %s\n  %s" % (said, ours, names))
            count.check(theirs is None or ("Setup Mode" in said) <= (ours["setup-mode"] == "yes"), "%s, %s" % (said, ours))
        else:
            count.check(ours["secure-boot"] in (None, theirs, "disabled", "enabled") and
                        (ours["secure-boot"] != "enabled" or names["SecureBoot-" + GLOBAL] == b"\x06\0\0\0\x01"),
                        "%s of %s" % (ours, names))


def main():
    rng, count = random.Random(SEED), Count()
    grub(rng, count)
    firmware(rng, count)
    print("boot: seed %d" % SEED)
    print("%d passed, %d failed, %d skipped" % (count.passed, count.failed, count.skipped))
    return count.failed != 0


if __name__ == "__main__":
    sys.exit(main())
