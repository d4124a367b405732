#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe device` against udev, with devices that umockdev makes.

In a mount namespace with a /sys of its own, `udevadm info` tells of devices made at random, some of which udev
has seen; and `udevadm test` follows rules made at random for a USB controller and writes what they say, which
has to be what was foretold from the files.
"""
import fnmatch
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
TREES = int(os.environ.get("TREES", "12"))
STACKS = int(os.environ.get("STACKS", "200"))
SYSTEM = "/devices/pci0000:00/0000:00:14.0"
RULES = ["/etc/udev/rules.d", "/run/udev/rules.d", "/usr/local/lib/udev/rules.d", "/usr/lib/udev/rules.d"]


class Count:
    passed = failed = skipped = 0

    def check(self, theirs, ours, what):
        if theirs == ours:
            self.passed += 1
        else:
            self.failed += 1
            print("seed %d: %s\n  theirs: %s\n  ours:   %s" % (SEED, what, theirs, ours))


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="latin-1") as file:
        file.write(text)


def ask(subjects, options=(), aspect="running"):
    """{subject: [(object, value, or None where it is absent, or '?')]}, in one run."""
    rules = "".join("[r%d]\ntitle = x\nwhy = x\nlevel = 1\nseverity = low\naspect = %s\ncheck = device %s = x\n"
                    % (number, aspect, subject) for number, subject in enumerate(subjects))
    write(TMP + "/policy/benchmarks/a.ini", rules)
    write(TMP + "/policy/os-profiles/plain.ini", "[os]\ntitle = Plain\nbenchmarks = a\nlevel = 2\n")
    done = subprocess.run(HOSTAUDIT + ["check", "--policy-dir", TMP + "/policy", "--profile", "plain", "--format", "json"]
                          + list(options), stdout=subprocess.PIPE, check=False)
    answers = {}
    for rule in json.loads(done.stdout)["results"]:
        facts = [fact for check in rule["checks"] for fact in check["facts"]]
        answers[subjects[int(rule["rule"][1:])]] = [
            (fact["object"], {"value": fact["value"], "absent": None}.get(fact["state"], "?")) for fact in facts]
    return answers


def bind(source, target):
    subprocess.run(["mount", "--bind", source, target], check=True)


# --- devices

def random_devices(rng):
    """(text for umockdev, {path: data base of udev, or None})"""
    # There is always a class, and a bus: without any, sysfs is not taken for one.
    text, seen = "P: /devices/platform/tpm0\nE: SUBSYSTEM=tpm\nA: tpm_version_major=2\\n\n\n", {}
    for number in range(1, rng.randrange(2, 7)):
        path, major = "%s/usb%d" % (SYSTEM, number), 189
        text += "P: %s\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: SUBSYSTEM=usb\n" % path
        text += "A: authorized_default=%d\\n\nA: idVendor=%s\n\n" % (rng.randrange(3), rng.choice(["1d6b", "0403\\n"]))
        if rng.random() < 0.6:
            name = "sd" + "abcdefg"[number]
            path = "%s/%d-1/host0/block/%s" % (path, number, name)
            major = 8
            text += "P: %s\nN: %s\nE: DEVNAME=/dev/%s\nE: DEVTYPE=disk\nE: MAJOR=%d\nE: MINOR=%d\nE: SUBSYSTEM=block\n" % (
                path, name, name, major, number)
            text += "A: removable=%d\\n\nA: ro=%d\\n\nA: queue/rotational=1\\n\n\n" % (rng.randrange(2), rng.randrange(2))
            seen[path] = None
            if rng.random() < 0.6:
                seen[path] = "I:1\n" + "".join("E:%s\n" % line for line in rng.sample(
                    ["ID_BUS=usb", "ID_BUS=ata", "ID_MODEL=A b", "ID_USB_DRIVER=usb-storage", "ID_X="], rng.randrange(4)))
                seen[path] = ("b8:%d" % number, seen[path])
    for number in range(rng.randrange(3)):
        text += "P: /devices/platform/domain%d\nE: SUBSYSTEM=thunderbolt\nE: DEVTYPE=thunderbolt_domain\nA: security=%s\\n\n\n" % (
            number, rng.choice(["none", "user", "secure"]))
    return text, {path: entry for path, entry in seen.items() if entry}


def their_devices():
    """{name: properties} of udevadm."""
    done = subprocess.run(["udevadm", "info", "--export-db"], stdout=subprocess.PIPE, check=True)
    devices = {}
    for block in done.stdout.decode().split("\n\n"):
        lines = block.split("\n")
        path = [line[3:] for line in lines if line.startswith("P: ")]
        if path:
            devices[path[0]] = dict(line[3:].split("=", 1) for line in lines if line.startswith("E: "))
    return devices


def their_attribute(path, name):
    done = subprocess.run(["udevadm", "info", "-a", "-p", path], stdout=subprocess.PIPE, check=True)
    for line in done.stdout.decode().split("looking at parent")[0].split("\n"):
        if line.strip().startswith("ATTR{%s}==" % name):
            return line.strip().split("==", 1)[1].strip('"')
    return None


QUESTIONS = [("usb", "DEVTYPE", "usb_device"), ("block", "ID_BUS", "usb"), ("block", "ID_BUS", "*"),
             ("block", "DEVNAME", "/dev/sd[b-d]"), ("block", "ID_MODEL", "A?b"), ("block", "MAJOR", "8"),
             ("block", "SUBSYSTEM", "block"), ("block", "DEVPATH", "*usb2*"), ("block", "ID_X", ""),
             ("thunderbolt", "DEVTYPE", "thunderbolt_*"), ("usb", "NOTHING", "*"), ("sound", "A", "b")]
ATTRIBUTES = [("usb", "authorized_default"), ("usb", "idVendor"), ("block", "removable"), ("block", "ro"),
              ("block", "nothing"), ("tpm", "tpm_version_major"), ("thunderbolt", "security"), ("sound", "x")]


def devices(rng, count):
    for number in range(TREES):
        text, seen = random_devices(rng)
        out = "%s/mock%d" % (TMP, number)
        write(TMP + "/mock.umockdev", text)
        subprocess.run(["umockdev-run", "-d", TMP + "/mock.umockdev", "--", "sh", "-c", 'cp -a "$UMOCKDEV_DIR/." ' + out],
                       check=True)
        for name, entry in seen.values():
            write("%s/run/udev/data/%s" % (out, name), entry)
        os.makedirs(out + "/run/udev/data", exist_ok=True)
        bind(out + "/sys", "/sys")
        bind(out + "/run/udev", "/run/udev")
        theirs = their_devices()
        subjects = ["%s:%s=%s" % question for question in QUESTIONS if question[2]]
        subjects += ["%s@%s" % question for question in ATTRIBUTES]
        ours = ask(subjects)
        for system, key, pattern in QUESTIONS:
            subject = "%s:%s=%s" % (system, key, pattern)
            mine = {path: values for path, values in theirs.items() if values.get("SUBSYSTEM") == system}
            expected = {path.rpartition("/")[2]: path.rpartition("/")[2] for path, values in mine.items()
                        if key in values and fnmatch.fnmatchcase(values[key], pattern)}
            # What udev has not seen may get any property.
            expected.update({path.rpartition("/")[2]: "?" for path, values in mine.items()
                             if key not in values and path not in seen})
            if pattern:
                count.check(sorted(expected.items()) or [(subject, None)], sorted(ours[subject]), subject + "\n" + text)
        for system, name in ATTRIBUTES:
            subject = "%s@%s" % (system, name)
            values = {path.rpartition("/")[2]: their_attribute(path, name) for path, values in theirs.items()
                      if values.get("SUBSYSTEM") == system}
            expected = sorted(("%s@%s" % (device, name), value) for device, value in values.items() if value is not None)
            count.check(expected or [(subject, None)], sorted(ours[subject]), subject + "\n" + text)
        subprocess.run(["umount", "/sys", "/run/udev"], check=True)


# --- rules

CONDITIONS = ['ACTION=="add"', 'ACTION=="add|change"', 'ACTION!="remove"', 'ACTION=="remove"', 'SUBSYSTEM=="usb"',
              'SUBSYSTEM!="usb"', 'SUBSYSTEM=="block"', 'KERNEL=="usb*"', 'KERNEL=="usb[0-9]*"', 'KERNEL=="usb2"',
              'KERNEL!="sd*"', 'ENV{DEVTYPE}=="usb_device"', 'ENV{DEVTYPE}=="usb_interface"', 'TEST=="authorized_default"',
              'ATTR{idVendor}=="1d6b"', 'ATTR{idVendor}!="1d6b"', 'SUBSYSTEMS=="usb"', 'DRIVER=="usb"', 'DRIVER!="usb"',
              'ATTR{product}=="x"', 'ENV{OTHER}=="1"', 'TAG=="x"', 'ATTR{idVendor}=="1d*|0403"']
ACTIONS = ['ATTR{authorized_default}="0"', 'ATTR{authorized_default}="1"', 'ATTR{authorized_default}="2"',
           'ATTR{authorized_default}="3"', 'ATTR{authorized_default}="no"', 'ENV{X}="1"', 'ATTR{authorized_default} = "0"',
           'SYMLINK+="x"', 'TAG+="y"', 'ATTR{authorized_default}="%n"']
BROKEN = ['ATTR{authorized_default}=0', 'ATTR{authorized_default="0"', '"0"', 'ACTION=="add', 'ATTR authorized_default="0"',
          'ATTR{authorized_default}=="0"']


def random_rule(rng, depth):
    if rng.random() < 0.1:
        return rng.choice(BROKEN)
    parts = rng.sample(CONDITIONS, rng.choice([0, 1, 1, 2, 2, 3])) if depth else []
    parts.append(rng.choice(ACTIONS))
    if rng.random() < 0.1:
        rng.shuffle(parts)
    line = rng.choice([", ", ", ", ",", " , ", " "]).join(parts)
    if rng.random() < 0.15:
        cut = line.find(", ")
        line = line[:cut + 2] + "\\\n  " + line[cut + 2:] if cut > 0 else line
    return rng.choice(["", "", "", "  ", "# "]) + line


def random_file(rng):
    lines = []
    for _ in range(rng.randrange(1, 4)):
        lines.append(random_rule(rng, 1))
    if rng.random() < 0.4:
        place = rng.randrange(len(lines) + 1)
        lines.insert(place, "%s, GOTO=\"end\"" % rng.choice(CONDITIONS))
        if rng.random() < 0.9:
            lines.insert(rng.randrange(place + 1, len(lines) + 1), 'LABEL="end"')
    return "\n".join(lines) + rng.choice(["\n", "", "\n\n"])


def make_stack(rng, root):
    for folder in RULES:
        shutil.rmtree(root + folder, ignore_errors=True)
        os.makedirs(root + folder)
    for _ in range(rng.randrange(1, 5)):
        path = "%s/%s" % (root + rng.choice(RULES), rng.choice(["10-a.rules", "50-b.rules", "99-c.rules", "9-d.rules", "e.rule"]))
        kind = rng.random()
        if os.path.lexists(path):
            continue
        if kind < 0.12:
            os.symlink("/dev/null", path)
        else:
            write(path, "" if kind < 0.18 else random_file(rng))


def show(root):
    text = ""
    for folder in RULES:
        for name in sorted(os.listdir(root + folder)):
            path = root + folder + "/" + name
            text += "--- %s/%s\n%s" % (folder, name, "(null)\n" if os.path.islink(path) else
                                       open(path, encoding="latin-1").read() + "\n")
    return text


def follow(root):
    """What udev leaves in the attribute of two controllers."""
    values = []
    for name in ("usb1", "usb2"):
        attribute = "/sys%s/%s/authorized_default" % (SYSTEM, name)
        with open(attribute, "w", encoding="ascii") as file:
            file.write("kernel")
        # Each write of the mock replaces all: the kernel would refuse what is no 0, 1 or 2.
        done = subprocess.run(["udevadm", "test", "--action=add", "/sys%s/%s" % (SYSTEM, name)], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, check=False)
        written = [line.rpartition("writing '")[2].rstrip("'") for line in done.stdout.decode("latin-1").split("\n")
                   if "/authorized_default' writing '" in line]
        written = [value for value in written if value in ("0", "1", "2")]
        values.append(written[-1] if written else "1")
    return values


def rules(rng, count):
    root, out, unknown = TMP + "/root", TMP + "/controllers", 0
    text = ""
    for number in (1, 2):
        text += "P: %s/usb%d\nE: DEVTYPE=usb_device\nE: DRIVER=usb\nE: SUBSYSTEM=usb\n" % (SYSTEM, number)
        text += "A: authorized_default=1\\n\nA: idVendor=1d6b\\n\nL: driver=../../../../bus/usb/drivers/usb\n\n"
    write(TMP + "/mock.umockdev", text)
    subprocess.run(["umockdev-run", "-d", TMP + "/mock.umockdev", "--", "sh", "-c", 'cp -a "$UMOCKDEV_DIR/." ' + out],
                   check=True)
    write(root + "/boot/config", "# Automatically generated file\nCONFIG_USB=y\n")
    write(root + "/boot/loader/entries/a.conf", "options quiet\n")
    os.makedirs(out + "/run/udev")
    bind(out + "/sys", "/sys")
    bind(out + "/run/udev", "/run/udev")
    for folder in RULES:
        os.makedirs(root + folder)
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", folder], check=True)
    for _ in range(STACKS):
        make_stack(rng, root)
        for folder in RULES:
            for name in os.listdir(folder):
                os.unlink(folder + "/" + name)
            for name in os.listdir(root + folder):
                shutil.copy2("%s%s/%s" % (root, folder, name), folder, follow_symlinks=False)
        theirs = follow(root)
        ours = ask(["usb@authorized_default"], ["--root", root], "configured")["usb@authorized_default"][0][1]
        if ours == "?":
            unknown += 1
            # Only what the files do not tell may be the reason.
            count.check(True, any(word in show(root) for word in ("product", "OTHER", "TAG==", "usb2", "%n", "0403")) or
                        any(word in show(root) for word in BROKEN) or "GOTO" in show(root), "not known:\n" + show(root))
            continue
        count.check(theirs, [ours, ours], show(root))
    print("rules: %d of %d are not known" % (unknown, STACKS))
    count.check(True, unknown < STACKS * 2 / 3, "too many are not known")


def in_namespace():
    rng, count = random.Random(SEED), Count()
    os.environ["SYSTEMD_DEVICE_VERIFY_SYSFS"] = "0"
    os.makedirs("/run/udev", exist_ok=True)
    devices(rng, count)
    rules(rng, count)
    print(json.dumps([count.passed, count.failed]))


def main():
    if sys.argv[1:] == ["inside"]:
        return in_namespace()
    why = None
    if not shutil.which("umockdev-run") or not shutil.which("udevadm"):
        why = "umockdev and udev are not installed"
    elif os.geteuid() or subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        why = "not allowed here"
    if why:
        print("ok devices # SKIP %s\n0 passed, 0 failed, 1 skipped" % why)
        return 0
    done = subprocess.run(["unshare", "--mount", sys.executable, __file__, "inside"], stdout=subprocess.PIPE,
                          env=dict(os.environ, SEED=str(SEED), TMP=TMP), check=False)
    lines = done.stdout.decode().splitlines()
    print("\n".join(lines[:-1]))
    try:
        passed, failed = json.loads(lines[-1])
    except (IndexError, ValueError):
        passed, failed = 0, 1
        print("seed %d: it broke off: %s" % (SEED, lines[-1:]))
    print("device: seed %d" % SEED)
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
