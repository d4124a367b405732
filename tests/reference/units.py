#!/usr/bin/python3
# variants: normal
"""Holds the service probe against the real systemd, on roots made at random and on a real system.

`state` has to be the word of `systemctl --root … list-unit-files` and is-enabled, `preset` that of its
preset column. What a boot starts has to be what `systemd --test` queues for default.target. Options
are compared by what `systemctl cat` shows of a unit and its drop-ins.

ROOTS=N and SEED=N in the environment choose how many roots, and which.
"""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile

ROOTS = int(os.environ.get("ROOTS", "250"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.path.realpath(os.environ.get("TMP", "/tmp"))
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
ETC, RUN, USR = "etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system"
DIRS = [(ETC, 8), (USR, 8), (RUN, 2), ("usr/local/lib/systemd/system", 2), ("etc/systemd/system.control", 1),
        ("run/systemd/transient", 1), ("run/systemd/generator", 1), ("run/systemd/generator.late", 1),
        ("run/systemd/generator.early", 1), ("etc/systemd/system.attached", 1)]
UNITS = ["a.service", "b.service", "c-d.service", "c-d-e.service", "s.socket", "t.timer", "x@.service",
         "y@.service", "x@1.service", "x@2.service", "y@1.service", "m.mount", "w.target", "multi-user.target",
         "p.path", "dbus-org.a.service", "l.slice", "x@.socket", "n@.mount"]
TARGETS = ["multi-user.target", "w.target", "sockets.target", "a.service", "z@.target", "nosuch.target"]
PACKAGES = "systemd,systemd-sysv,udev,dbus,openssh-server,cron,chrony,logrotate,rsyslog,auditd"
PRESET_DIRS = ["etc/systemd/system-preset", "run/systemd/system-preset", "usr/lib/systemd/system-preset",
               "usr/local/lib/systemd/system-preset"]


def ready(root, path):
    """Makes the directories on the way, unless a link or a file lies there; is the place still free?"""
    full = os.path.join(root, path)
    parent = os.path.dirname(full)
    try:
        os.makedirs(parent, exist_ok=True)
    except OSError:
        return None
    if os.path.realpath(parent) != parent or os.path.lexists(full):
        return None
    return full


def write(root, path, text):
    full = ready(root, path)
    if full:
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)


def link(root, path, target):
    full = ready(root, path)
    if full:
        os.symlink(target, full)


class Maker:
    """One root of random units."""

    def __init__(self, rng, root):
        self.rng, self.root = rng, root
        os.makedirs(root)
        for folder in ("usr/lib", "etc", "opt/units", "dev"):
            os.makedirs(os.path.join(root, folder))
        # systemctl follows links to /dev/null inside the root; anything empty will do there.
        write(root, "dev/null", "")
        # As on Debian and everywhere else by now.
        os.symlink("usr/lib", os.path.join(root, "lib"))
        for _ in range(rng.randint(4, 26)):
            rng.choices([self.unit, self.alias, self.mask, self.pull, self.dropin, self.linked, self.odd],
                        [10, 5, 2, 8, 3, 2, 1])[0]()
        for _ in range(rng.choice([0, 0, 1, 2, 3])):
            self.preset()

    def dir(self):
        return self.rng.choices([name for name, _ in DIRS], [weight for _, weight in DIRS])[0]

    def name(self):
        return self.rng.choice(UNITS)

    def install(self):
        """Some lines of an [Install] section."""
        rng = self.rng
        lines = []
        for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
            lines.append(rng.choice([
                lambda: "WantedBy=" + " ".join(rng.sample(TARGETS, rng.randint(1, 2))),
                lambda: "RequiredBy=" + rng.choice(TARGETS),
                lambda: "WantedBy=",
                lambda: "RequiredBy=",
                lambda: "Alias=" + self.name(),
                lambda: "Alias='%s' \"%s\"" % (self.name(), self.name()),
                lambda: "Alias=",
                lambda: "Also=" + self.name(),
                lambda: "Also=" + rng.choice(["%p.socket", "%n", "%i.service", "nosuch"]),
                lambda: "DefaultInstance=" + rng.choice(["1", "2", "", "%p"]),
                lambda: "WantedBy = \\\n# in between\n  w.target \\\n  multi-user.target",
                lambda: "; WantedBy=w.target",
                lambda: "wantedby=w.target",
                lambda: "nonsense",
            ])())
        return "\n".join(lines)

    def text(self):
        rng = self.rng
        head = rng.choice(["[Unit]\nDescription=x\n", "", "\ufeff[Unit]\n", "# c\n", "[Service]\nExecStart=/bin/x\n"])
        section = rng.choices(["[Install]", " [Install] ", "[install]", "[Install", "[Install]]", "[X-Install]"],
                              [30, 2, 1, 1, 1, 1])[0]
        end = rng.choice(["\n", "", "\n[Unit]\nWantedBy=w.target\n", " \\", "\n[Install]\nWantedBy=w.target\n"])
        return head + section + "\n" + self.install() + end

    def unit(self):
        write(self.root, os.path.join(self.dir(), self.name()), self.rng.choices([self.text(), ""], [15, 1])[0])

    def target_of(self, name):
        """Where a link to a unit may lead."""
        return self.rng.choice(["/%s/%s" % (USR, name), name, "../../../%s/%s" % (USR, name), "/lib/systemd/system/" + name,
                                "/%s/%s" % (ETC, name), "/%s/%s" % (RUN, name), "./" + name, "/opt/units/" + name,
                                "/%s/../system/%s" % (ETC, name), "/nosuch/" + name])

    def alias(self):
        link(self.root, os.path.join(self.dir(), self.name()), self.target_of(self.name()))

    def mask(self):
        link(self.root, os.path.join(self.dir(), self.name()),
             self.rng.choice(["/dev/null", "../../../dev/null", "../../dev/null", "/opt/units/empty.service"]))
        write(self.root, "opt/units/empty.service", "")

    def pull(self):
        name = self.name()
        path = "%s/%s.%s/%s" % (self.dir(), self.rng.choice(TARGETS),
                                self.rng.choice(["wants", "wants", "requires"]), name)
        if self.rng.random() < 0.1:
            write(self.root, path, "")
        else:
            link(self.root, path, self.rng.choice([self.target_of(name), self.target_of(self.name()), "/dev/null"]))

    def dropin(self):
        owner = self.rng.choice(UNITS + ["c-.service", "service"])
        path = "%s/%s.d/%s" % (self.dir(), owner, self.rng.choice(["10-a.conf", "20-b.conf", "c.conf", "d.txt"]))
        if self.rng.random() < 0.2:
            link(self.root, path, self.rng.choice(["/dev/null", "/opt/units/x.conf"]))
            write(self.root, "opt/units/x.conf", self.text())
        else:
            write(self.root, path, self.text())

    def linked(self):
        name, other = self.name(), self.name()
        write(self.root, "opt/units/" + other, self.text())
        link(self.root, os.path.join(self.rng.choice([ETC, RUN, USR]), name), "/opt/units/" + other)

    def odd(self):
        kind = self.rng.randrange(4)
        if kind == 0:
            path = ready(self.root, os.path.join(self.dir(), self.name()))
            if path:
                os.mkdir(path)
        elif kind == 1:
            name = self.name()
            link(self.root, os.path.join(self.dir(), name), name)
        elif kind == 2:
            link(self.root, "%s/%s.wants" % (self.dir(), self.rng.choice(TARGETS)), "/%s/w.target.wants" % USR)
        else:
            write(self.root, os.path.join(self.dir(), "sub/a.service"), self.text())
            link(self.root, os.path.join(ETC, self.name()), "/%s/sub/a.service" % self.dir())

    def preset(self):
        rng = self.rng
        lines = []
        for _ in range(rng.randint(1, 6)):
            lines.append(rng.choice(["enable ", "disable ", "enable\t", "  disable  ", "#enable ", "enabled "]) +
                         rng.choice(UNITS + ["*", "*.service", "x@*.service", "[ab].service", "c-?.service", "*.socket"]))
        path = "%s/%s.preset" % (rng.choice(PRESET_DIRS), rng.choice(["10-a", "20-b", "90-c"]))
        if rng.random() < 0.1:
            link(self.root, path, "/dev/null")
        else:
            write(self.root, path, "\n".join(lines) + rng.choice(["\n", ""]))


class BootMaker(Maker):
    """One root of random units that a manager can load, to see what its boot starts."""
    NAMES = ["a.service", "b.service", "c-d.service", "c-d-e.service", "x@1.service", "x@2.service", "y@1.service",
             "s.socket", "t.timer", "p.path", "w.target", "v.target", "r1.service", "r2.service", "alias.service",
             "alias@1.service", "nosuch.service", "x@.service"]
    OWNERS = ["multi-user.target", "w.target", "v.target", "a.service", "x@.service", "x@1.service", "c-d.service",
              "c-.service", "alias.service", "basic.target", "multi-.target", "r1.service"]

    def __init__(self, rng, root):  # pylint: disable=super-init-not-called
        self.rng, self.root = rng, root
        for folder in (USR, ETC, "usr/local/lib/systemd/system", "opt/units"):
            os.makedirs(os.path.join(root, folder))
        os.symlink("usr/lib", os.path.join(root, "lib"))
        write(root, "etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        for name, lines in (("multi-user", "Requires=basic.target"), ("sysinit", ""), ("shutdown", ""),
                            ("basic", "Requires=sysinit.target\nWants=timers.target sockets.target"),
                            ("timers", ""), ("sockets", "")):
            write(root, "%s/%s.target" % (USR, name), "[Unit]\n%s\n" % lines)
        link(root, USR + "/default.target", rng.choice(["multi-user.target", "/lib/systemd/system/multi-user.target"]))
        for name in ("r1.service", "r2.service"):
            write(root, "%s/%s" % (USR, name), self.text(name))
        for _ in range(rng.randint(5, 30)):
            rng.choices([self.unit, self.alias, self.mask, self.pull, self.dropin, self.linked],
                        [12, 3, 2, 8, 4, 1])[0]()

    def dir(self):
        return self.rng.choice([ETC, USR, USR, "usr/local/lib/systemd/system"])

    def name(self):
        return self.rng.choice(self.NAMES[:-2])

    def unit(self):
        # With alias@ leading to x@, whether alias@1 is x@1 depends on which is asked for first where x@1 has
        # a file of its own.
        name = self.rng.choice([name for name in self.NAMES[:-2] if name != "x@1.service"] +
                               ["x@.service", "y@.service"])
        full = name.startswith("r") or self.rng.random() < .95
        write(self.root, os.path.join(self.dir(), name), self.text(name) if full else "")

    def lines(self, owner):
        # Without an instance, %i is filled by whichever of its names the unit is loaded under first.
        rng = self.rng
        picks = [lambda: "Wants=" + rng.choice(self.NAMES), lambda: "Requires=r1.service",
                 lambda: "BindsTo=r2.service", lambda: "Upholds=" + rng.choice(self.NAMES[:7]),
                 lambda: "Wants=" + " ".join(rng.sample(self.NAMES, 2)), lambda: "Wants=", lambda: "After=b.service",
                 lambda: "Requisite=r1.service", lambda: "PartOf=b.service", lambda: "OnFailure=b.service",
                 lambda: "Wants=x@%i.service" if "@" in owner else "Wants=x@3.service",
                 lambda: "Wants=\\\n# no\n a.service \\\n 'b.service'",
                 lambda: "Wants=%p.socket", lambda: "Conflicts=nosuch.service", lambda: "wants=b.service"]
        return "\n".join(rng.choice(picks)() for _ in range(rng.choice([0, 0, 1, 2])))

    def text(self, name=None):
        bodies = {"service": "[Service]\nExecStart=/bin/true", "socket": "[Socket]\nListenStream=/run/x",
                  "timer": "[Timer]\nOnBootSec=1", "path": "[Path]\nPathExists=/x", "target": ""}
        return "[Unit]\n%s\n%s\n[Install]\nWantedBy=w.target\n" % (self.lines(name), bodies[name.rsplit(".", 1)[1]])

    def alias(self):
        rng = self.rng
        name, target = rng.choice([("alias.service", "a.service"), ("alias.service", "b.service"), ("v.target", "w.target"),
                                   ("alias@.service", "x@.service"), ("alias@1.service", "x@1.service"),
                                   ("alias@1.service", "x@.service"), ("x@1.service", "x@.service"),
                                   ("alias.service", "w.target"), ("a.service", "a.service"), ("p.path", "s.socket"),
                                   ("alias@1.service", "x@2.service"), ("b.service", "nosuch.service")])
        link(self.root, os.path.join(self.dir(), name), rng.choice([target, "/%s/%s" % (USR, target)]))

    def pull(self):
        # What is required has to be there: without it systemd gives up half-way, and starts rescue.target.
        kind = self.rng.choice(["wants"] * 9 + ["requires"])
        name = self.rng.choice(self.NAMES if kind == "wants" else ["r1.service", "r2.service"])
        target = self.rng.choice(["../" + name, "/%s/%s" % (USR, name), "/nosuch"] * 3 + ["/dev/null"])
        link(self.root, "%s/%s.%s/%s" % (self.dir(), self.rng.choice(self.OWNERS), kind, name), target)

    def mask(self):
        # A mask of x@1 is such a file of its own, too.
        name = self.name()
        if not name.startswith("r") and name != "x@1.service":
            link(self.root, os.path.join(self.dir(), name), "/dev/null")

    def dropin(self):
        owner = self.rng.choice(self.OWNERS + ["service", "x@1.service"])
        path = "%s/%s.d/%s" % (self.dir(), owner, self.rng.choice(["10-a.conf", "20-b.conf", "c.txt"]))
        if self.rng.random() < .2:
            link(self.root, path, "/dev/null")
        else:
            write(self.root, path, "[Unit]\n%s\n" % self.lines(owner))

    def linked(self):
        name = self.rng.choice(["a.service", "b.service", "w.target", "s.socket", "x@.service"])
        write(self.root, "opt/units/" + name, self.text(name))
        link(self.root, os.path.join(ETC, name), "/opt/units/" + name)


class Policy:
    """Asks many questions in one run."""

    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder + "/benchmarks")
        os.makedirs(folder + "/os-profiles")
        with open(folder + "/os-profiles/reference.ini", "w", encoding="utf-8") as file:
            file.write("[os]\ntitle = Reference\nbenchmarks = reference\n")

    def ask(self, root, questions):
        """{question: value, None when absent, or 'unknown: …'}"""
        with open(self.folder + "/benchmarks/reference.ini", "w", encoding="utf-8") as file:
            for number, (unit, field) in enumerate(questions):
                test = field + " = x" if field in ("state", "preset") else field
                file.write("[q%d]\ntitle = t\nwhy = w\nlevel = 1\nseverity = low\ncheck = service %s %s\n" %
                           (number, unit, test))
        done = subprocess.run(HOSTAUDIT + ["check", "--root", root, "--policy-dir", self.folder, "--profile",
                                           "reference", "--format", "json"],
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        if done.returncode not in (0, 1, 3):
            raise RuntimeError("hostaudit: exit code %d, %s" % (done.returncode, done.stderr.decode()))
        answers = {}
        for result in json.loads(done.stdout)["results"]:
            fact = result["checks"][0]["facts"][0]
            value = "unknown: " + fact["error"] if fact["state"] == "unknown" else fact["value"]
            answers[questions[int(result["rule"][1:])]] = value
        return answers


def systemctl(root, *arguments):
    # Debian's looks first whether an init script is meant, and that look passes over the directories of generators:
    # what leads there by an alias would come out as a severed link.
    done = subprocess.run(["systemctl", "--root", root, "--no-pager", *arguments], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, env=dict(os.environ, LC_ALL="C", SYSTEMCTL_SKIP_SYSV="1"),
                          timeout=60, check=False)
    return done.stdout.decode(), done.stderr.decode()


def real_states(root, instances):
    """{unit: (state, preset or None)} as systemctl tells."""
    states = {}
    for line in systemctl(root, "list-unit-files", "--no-legend", "--full")[0].splitlines():
        unit, state, preset = line.split()
        states[unit] = (state, {"-": "ignored"}.get(preset, preset))
    for unit in sorted(set(instances) | {unit for unit in states if states[unit][0] == "bad"}):
        if unit in states and states[unit][0] != "bad":
            continue
        preset = states[unit][1] if unit in states else None
        out, error = systemctl(root, "is-enabled", unit)
        if out:
            states[unit] = (out.strip(), preset)
        else:
            # systemd 252 prints no word here; later ones do.
            states[unit] = ("not-found" if "No such file" in error else "bad", preset)
    return states


def compare(policy, root, extra):
    """What differs, in words, and how many were compared."""
    real = real_states(root, extra)
    questions = [(unit, field) for unit, (_, preset) in sorted(real.items())
                 for field in ("state", "preset") if field == "state" or preset]
    ours = policy.ask(root, questions)
    wrong = []
    for unit, field in questions:
        wanted = real[unit][field == "preset"]
        if ours[(unit, field)] != wanted:
            wrong.append("%s: %s is %s for us, %s for systemctl" % (unit, field, ours[(unit, field)], wanted))
    return wrong, len(questions)


# systemd --test queues units without a look at their conditions. This one is for systems without D-Bus:
# ConditionPathExists=!/usr/bin/dbus-daemon.
CONDITIONS = ["getty-static.service"]

BOOT = r"""
set -e
cover() { mkdir -p "$2"; mount --bind "$1" "$2"; }
mount -t tmpfs none /run
mount -t tmpfs none /usr/local/lib
cover "$1/usr/lib/systemd/system" /usr/lib/systemd/system
cover "$1/etc/systemd/system" /etc/systemd/system
cover "$1/usr/local/lib/systemd/system" /usr/local/lib/systemd/system
cover "$1/opt" /opt
for dir in /run/systemd/system /usr/lib/systemd/system-generators; do cover "$2" "$dir"; done
exec setpriv --reuid=65534 --regid=65534 --clear-groups env -i SYSTEMD_LOG_LEVEL=warning SYSTEMD_LOG_TARGET=console \
	HOME=/nonexistent PATH=/usr/bin:/bin /lib/systemd/systemd --test --system --no-pager
"""


def real_start(root, empty):
    """The names that the boot of a root starts, aliases included; None if it cannot be as asked for."""
    done = subprocess.run(["unshare", "-m", "bash", "-c", BOOT, "boot", root, empty], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60, check=False)
    text, errors = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    # It breaks a cycle by dropping a job; without a unit that is required it starts rescue.target.
    if "ordering cycle" in errors or "Failed to start default target" in errors:
        return None
    if done.returncode or "-> By jobs:" not in text:
        raise RuntimeError("systemd --test: exit code %d, %s" % (done.returncode, errors))
    units, jobs = text.split("-> By jobs:")
    aliases, unit = {}, None
    for line in units.splitlines():
        word, _, rest = line.strip().partition(": ")
        if line.startswith("\t-> Unit "):
            unit = line.strip()[len("-> Unit "):-1]
        elif word == "Alias":
            aliases.setdefault(unit, []).append(rest)
    started = set()
    for line in jobs.splitlines():
        if "Action:" in line and line.endswith("-> start"):
            unit = line.split()[1]
            started.update([unit] + aliases.get(unit, []))
    return started


def names_in(root):
    """The names of unit files, and of what directories of links hold."""
    names = set()
    for top in (ETC, USR, "usr/local/lib/systemd/system"):
        for folder, _, files in os.walk(os.path.join(root, top)):
            if not folder.endswith(".d"):
                names.update(name for name in files if name.rsplit(".", 1)[-1] in
                             ("service", "socket", "timer", "path", "target", "mount", "slice", "automount"))
    return {name for name in names if "@." not in name}


def compare_start(policy, root, empty):
    """What differs, and how many were compared; None if systemd itself gave up."""
    started = real_start(root, empty)
    if started is None:
        return None
    names = names_in(root)
    # Slices are made out of nothing for the services in them.
    started = {name for name in started if name in names or not name.endswith((".slice", ".scope"))}
    questions = [(unit, "enabled") for unit in sorted(names | started)]
    wrong = []
    for (unit, _), value in policy.ask(root, questions).items():
        wanted = "yes" if unit in started else "no"
        if value != wanted and unit not in CONDITIONS:
            wrong.append("%s: enabled is %s for us, %s for systemd" % (unit, value, wanted))
    return wrong, len(questions)


def main():
    rng = random.Random(SEED)
    print("# seed %d, %d roots" % (SEED, ROOTS))
    if not shutil.which("systemctl"):
        print("ok units # SKIP no systemctl here")
        return 0
    policy = Policy(os.path.join(TMP, "policy"))
    return (random_states(rng, policy) | random_starts(rng, policy) | real_systems(policy))


def told(what, wrong, number, root):
    """Tells of one root; keeps it if it went wrong."""
    for line in wrong:
        print("not ok %s %d: %s" % (what, number, line))
    if not (wrong and os.environ.get("KEEP")):
        shutil.rmtree(root)
    return bool(wrong)


def random_states(rng, policy):
    bad = compared = 0
    for number in range(ROOTS):
        root = os.path.join(TMP, "root%d" % number)
        Maker(rng, root)
        wrong, count = compare(policy, root, ["x@1.service", "x@3.service", "y@1.service", "nosuch.service",
                                              "nosuch@1.service"])
        compared += count
        bad += told("root", wrong, number, root)
    print("%s %d states and presets in %d roots" % ("not ok" if bad else "ok", compared, ROOTS))
    return bad != 0


def copy_of_this_machine():
    """The units of the machine that the tests run on."""
    root = os.path.join(TMP, "machine")
    for folder in (USR, ETC, "usr/lib/systemd/system-preset"):
        if os.path.isdir("/" + folder):
            shutil.copytree("/" + folder, os.path.join(root, folder), symlinks=True)
    for folder in (USR, ETC, "usr/local/lib/systemd/system", "opt"):
        os.makedirs(os.path.join(root, folder), exist_ok=True)
    os.symlink("usr/lib", os.path.join(root, "lib"))
    write(root, "etc/machine-id", "0123456789abcdef0123456789abcdef\n")
    return root


def debian():
    """A fresh Debian with a few services, made once; None where that cannot be."""
    cache = os.path.abspath("build/cache/debian")
    if os.path.isdir(cache):
        return cache
    if os.geteuid() or not shutil.which("debootstrap"):
        return None
    os.makedirs(os.path.dirname(cache), exist_ok=True)
    new = tempfile.mkdtemp(dir=os.path.dirname(cache))
    done = subprocess.run(["debootstrap", "--variant=minbase", "--include=" + PACKAGES, "bookworm", new],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=600, check=False)
    if done.returncode:
        shutil.rmtree(new)
        return None
    os.chmod(new, 0o755)
    os.makedirs(new + "/usr/local/lib/systemd/system")
    os.rename(new, cache)
    return cache


def real_systems(policy):
    bad = False
    for what, root in (("this machine", copy_of_this_machine()), ("a Debian", debian())):
        if not root:
            print("ok the units of %s # SKIP needs root, debootstrap, and Debian's packages" % what)
            continue
        wrong, count = compare(policy, root, ["getty@tty1.service", "serial-getty@ttyS0.service"])
        if not os.geteuid() and os.access("/lib/systemd/systemd", os.X_OK):
            result = compare_start(policy, root, os.path.join(TMP, "empty"))
            if result:
                wrong, count = wrong + result[0], count + result[1]
        for line in wrong:
            print("not ok %s: %s" % (what, line))
        print("%s %d answers on the units of %s" % ("not ok" if wrong else "ok", count, what))
        bad |= bool(wrong)
    return bad


def random_starts(rng, policy):
    if os.geteuid() or not os.access("/lib/systemd/systemd", os.X_OK):
        print("ok what a boot starts # SKIP needs root and systemd")
        return False
    # A manager has to know its own control group, be it only to test.
    if not any(os.path.ismount(path) for path in ("/sys/fs/cgroup", "/sys/fs/cgroup/systemd")):
        print("ok what a boot starts # SKIP control groups are not mounted")
        return False
    bad = compared = cycles = 0
    empty = os.path.join(TMP, "empty")
    os.makedirs(empty, exist_ok=True)
    for folder in (TMP, policy.folder):
        os.chmod(folder, 0o755)
    for number in range(ROOTS // 2):
        root = os.path.join(TMP, "boot%d" % number)
        BootMaker(rng, root)
        result = compare_start(policy, root, empty)
        if result:
            compared += result[1]
            bad += told("boot", result[0], number, root)
        else:
            cycles += 1
            shutil.rmtree(root)
    print("%s %d answers whether a boot starts a unit, in %d roots (%d more cannot boot as they are)" %
          ("not ok" if bad or not compared else "ok", compared, ROOTS // 2 - cycles, cycles))
    return bad != 0 or not compared


sys.exit(main())
