#!/usr/bin/python3
# variants: normal
"""Holds the servers that the probe `time` finds in chrony.conf against `chronyd -p`, which prints the lines of a
configuration with all that it includes, on configurations made at random.

Of a sourcedir chronyd prints the line alone: what is in it, the test knows itself.
"""
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys

CONFIGS = int(os.environ.get("CONFIGS", "200"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-chrony")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
ROOT = TMP + "/root"
ETC = ROOT + "/etc/chrony"
CHRONYD = "/usr/sbin/chronyd"
NAMES = ["a.example.org", "10.0.0.1", "fd00::1", "pool.ntp.org", "B.example.org"]
OPTIONS = ["", " iburst", " minpoll 4 maxpoll 10", "\tprefer", " iburst  nts"]
OTHERS = ["driftfile /var/lib/chrony/drift", "makestep 1.0 3", "rtcsync", "# server x", "! pool y", "; peer z", "% w", "",
          "   ", "allow 10.0.0.0/8", "cmdport 0", "LogDir /var/log/chrony"]
WRONG = ["server", "pool", "include /etc/chrony/nowhere.conf", "confdir", "refclock PHC", "serverx a", "server a b c d"]


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def spell(rng, word):
    return rng.choice(["", "", " ", "\t "]) + rng.choice([word, word, word.upper(), word.title()]) + rng.choice([" ", "\t", "  "])


class Config:
    def __init__(self, rng):
        self.rng, self.made, self.sources = rng, 0, []
        shutil.rmtree(ETC, ignore_errors=True)
        write(ETC + "/chrony.conf", self.lines(0, 14))

    def lines(self, depth, most):
        rng, lines = self.rng, []
        for _ in range(rng.randrange(most)):
            kind = rng.random()
            if kind < 0.4:
                lines.append(self.source())
            elif kind < 0.5:
                lines.append(spell(rng, "refclock") + rng.choice(["PHC /dev/ptp0 poll 2", "SHM 0", "PPS  /dev/pps0 lock NMEA"]))
            elif kind < 0.62 and depth < 3:
                lines.append(self.include(depth))
            elif kind < 0.7 and depth < 3:
                lines.append(self.directories(depth, "confdir", ".conf"))
            elif kind < 0.76 and depth < 2:
                lines.append(self.directories(depth, "sourcedir", ".sources"))
            else:
                lines.append(rng.choice(OTHERS))
        return "\n".join(lines) + rng.choice(["", "\n"])

    def source(self):
        rng = self.rng
        return spell(rng, rng.choice(["server", "server", "pool", "peer"])) + rng.choice(NAMES) + rng.choice(OPTIONS)

    def include(self, depth):
        self.made += 1
        for k in range(self.rng.choice([0, 1, 2])):
            write("%s/inc%d.%d.inc" % (ETC, self.made, k), self.lines(depth + 1, 5))
        return spell(self.rng, "include") + "/etc/chrony/inc%d.*.inc" % self.made

    def directories(self, depth, word, suffix):
        """Of files of one name, that of the first directory counts."""
        rng, dirs, seen = self.rng, [], set()
        for _ in range(rng.choice([1, 1, 2, 3])):
            self.made += 1
            name = "dir%d" % self.made
            dirs.append("/etc/chrony/" + name)
            for base in rng.sample(["a", "b", "10", "Z", ".hidden"], rng.randrange(4)):
                ending = rng.choice([suffix, suffix, suffix, ".bak"])
                path = "%s/%s/%s%s" % (ETC, name, base, ending)
                if word == "confdir":
                    write(path, self.lines(depth + 1, 4))
                    continue
                text = [self.source() for _ in range(rng.randrange(3))]
                write(path, "\n".join(text + rng.choice([[], ["# x", ""]])))
                if ending == suffix and base != ".hidden" and base not in seen:
                    self.sources += [(name, line.split()[1]) for line in text]
                if ending == suffix:
                    seen.add(base)
        return spell(rng, word) + " ".join(dirs)


def by_chronyd(sources):
    done = subprocess.run([CHRONYD, "-p", "-f", "/etc/chrony/chrony.conf"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          check=False, universal_newlines=True)
    if done.returncode:
        return None
    found = []
    for line in done.stdout.splitlines():
        words = line.split()
        if words and words[0].lower() in ("server", "pool", "peer"):
            found.append(words[1])
        elif words and words[0].lower() == "refclock":
            found.append("%s:%s" % (words[1], words[2]))
        elif words and words[0].lower() == "sourcedir":
            found += [name for folder, name in sources if any(word.endswith("/" + folder) for word in words[1:])]
    return sorted(found)


def by_us():
    done = subprocess.run(HOSTAUDIT + ["probe", "--root", ROOT, "--policy-dir", TMP, "--format", "json",
                                       "time clock servers = x"], stdout=subprocess.PIPE, check=False)
    fact, = json.loads(done.stdout)["facts"]
    if fact["state"] == "unknown":
        return None, fact["error"]
    return sorted((fact["value"] or "").split()), fact["source"]


def enter_namespace():
    if os.environ.get("HOSTAUDIT_CHRONY_NAMESPACE"):
        return
    os.environ.update(HOSTAUDIT_CHRONY_NAMESPACE="1", SEED=str(SEED))
    os.makedirs(ROOT + "/etc", exist_ok=True)
    script = 'mount --bind "$0" /etc && exec "$@"'
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", "sh", "-c", script, ROOT + "/etc", sys.executable,
                          os.path.abspath(__file__)])


def main():
    if os.getuid() or not os.path.exists(CHRONYD):
        print("ok chrony # SKIP only root can, and chronyd has to be there")
        return 0
    enter_namespace()
    print("# SEED=%d" % SEED)
    rng, agree, refused, problems = random.Random(SEED), 0, 0, []
    units = ROOT + "/etc/systemd/system"
    write(ROOT + "/etc/machine-id", "0" * 31 + "1\n")
    write(units + "/multi-user.target", "[Unit]\nWants=chronyd.service\n")
    write(units + "/chronyd.service", "[Service]\nExecStart=/usr/sbin/chronyd\n")
    for number in range(CONFIGS):
        config = Config(rng)
        wrong = rng.random() < 0.1
        if wrong:
            with open(ETC + "/chrony.conf", "a", encoding="ascii") as file:
                file.write("\n" + rng.choice(WRONG) + "\n")
        theirs = by_chronyd(config.sources)
        ours, source = by_us()
        if theirs is None and wrong:
            refused += 1
        elif ours != theirs:
            problems.append("config %d: ours %s (%s), theirs %s" % (number, ours, source, theirs))
            shutil.copytree(ETC, TMP + "/wrong-%d" % number, dirs_exist_ok=True)
        else:
            agree += 1
    for problem in problems[:8]:
        print("not ok chrony: " + problem)
    failed = bool(problems) or agree < CONFIGS // 2
    print("%s chrony: %d configurations as chronyd reads them, and %d that it refuses" % (
        "not ok" if failed else "ok", agree, refused))
    return failed


sys.exit(main())
