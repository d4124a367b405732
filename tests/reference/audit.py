#!/usr/bin/python3
# variants: normal
"""Holds the probes auditrule and audit against augenrules and auditctl on rules.d stacks made at random.

augenrules joins each stack, in a mount namespace of its own, and auditctl loads what comes out; the
kernel is played by auditctl_kernel.c. From what it was sent, a small model of the kernel's filters tells of
each of some hundred events whether it is recorded, which has to agree with what is said of rules that are
asked for in other spellings.
"""
import itertools
import json
import os
import random
import shlex
import shutil
import struct
import subprocess
import sys

STACKS = int(os.environ.get("STACKS", "220"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
HERE = os.path.dirname(os.path.abspath(__file__))

X86_64, I386 = 0xC000003E, 0x40000003
USER, TASK, EXIT, EXCLUDE = 0, 1, 4, 5
NEVER, ALWAYS = 0, 2
MSGTYPE, ARCH, PERM, WATCH, DIR, EXE, KEY, COMPARE = 12, 11, 106, 105, 107, 112, 210, 111
UID, AUID = 1, 9
UNSET = 0xFFFFFFFF
OPS = {0x40000000: lambda a, b: a == b, 0x30000000: lambda a, b: a != b, 0x50000000: lambda a, b: a <= b,
       0x60000000: lambda a, b: a >= b, 0x10000000: lambda a, b: a < b, 0x20000000: lambda a, b: a > b}
FILES = {"openat": (257, 295), "unlink": (87, 10)}
OTHERS = {"adjtimex": (159, 124), "settimeofday": (164, 79), "mount": (165, 21)}
SYSCALLS = dict(FILES, **OTHERS)
# No rule names it, so that rules on syscalls are never as good as one on a path.
UNNAMED = {"chmod": (90, 15)}
PATHS = ["/etc/passwd", "/etc/group", "/etc/audit"]
NAMES = ["10-a.rules", "9-b.rules", "010-c.rules", "a.rules", "a-1.rules", "a1.rules", "A.rules", "a.b.rules", "a~.rules",
         "a.10.rules", "a.9.rules", "_x.rules", "10-a.1.rules", ".hidden.rules", "no.rules.arm64", "z", "a10b2.rules",
         "a10b10.rules", "a+.rules", "99-x.rules", "100-x.rules", "rules"]


def make_conditions(rng):
    found = []
    if rng.random() < 0.4:
        found += rng.choice([["auid>=1000"], ["auid>=1000", "auid!=unset"], ["auid=0"], ["auid!=-1"],
                             ["auid>=500", "auid!=4294967295"], ["auid=unset"], ["auid<1000"], ["auid>999"]])
    if rng.random() < 0.2:
        found.append(rng.choice(["uid=0", "uid!=0", "uid=root", "uid>=1000"]))
    return found


def make_rule(rng):
    """A rule: (action, list, arch, syscalls, path, permissions, conditions), and whether it is a watch."""
    kind = rng.random()
    if kind < 0.3:
        return ("always", "exit", None, [], rng.choice(PATHS), rng.choice(["wa", "w", "rwxa", "x", "r"]), [])
    if kind < 0.5:
        return (rng.choice(["always", "always", "never"]), "exit", rng.choice([None, "b64", "b32"]), [],
                rng.choice(PATHS), rng.choice(["wa", "x", "rwxa"]), make_conditions(rng))
    if kind < 0.92:
        arch = rng.choice(["b64", "b64", "b32", "x86_64", None])
        return (rng.choice(["always"] * 5 + ["never"]), "exit", arch,
                rng.sample(sorted(SYSCALLS), rng.randrange(1, 4)), None, None, make_conditions(rng))
    if kind < 0.96:
        return ("never", "task", None, [], None, None, [c for c in make_conditions(rng)])
    return (rng.choice(["always", "never"]), "exclude", None, [], None, None,
            rng.choice([["msgtype=CWD"], ["msgtype=1300"], ["msgtype>=1300", "auid=0"], ["msgtype<1300"],
                        ["msgtype=SYSCALL", "auid>=1000"]]))


def respell(rng, condition):
    for old, new in (("auid!=unset", ["auid!=-1", "auid!=4294967295"]), ("uid=0", ["uid=root", "uid=0x0"]),
                     ("auid!=-1", ["auid!=unset"]), ("auid>=1000", ["loginuid>=1000", "auid>=0x3e8"])):
        if condition == old and rng.random() < 0.5:
            return rng.choice(new)
    return condition


def spell(rng, rule, key=True):
    action, where, arch, syscalls, path, perm, conditions = rule
    conditions = [respell(rng, condition) for condition in conditions]
    words = []
    if path and not arch and not conditions and action == "always" and rng.random() < 0.6:
        words = ["-w " + path + rng.choice(["", "", "/"])]
        if perm != "rwxa" or rng.random() < 0.5:
            words.append("-p " + "".join(rng.sample(perm, len(perm))))
    else:
        fields = ["-F " + condition for condition in conditions]
        if path:
            fields.append("-F %s=%s" % ("dir" if path == "/etc/audit" else "path", path))
            fields.append("-F perm=" + perm)
        rng.shuffle(fields)
        calls = list(syscalls)
        rng.shuffle(calls)
        cut = rng.randrange(len(calls) + 1)
        parts = ["-S " + ",".join(part) for part in (calls[:cut], calls[cut:]) if part]
        place = rng.randrange(len(fields) + 1)
        fields[place:place] = parts
        if arch:
            fields.insert(0, "-F arch=" + arch)
        words = ["%s %s" % (rng.choice(["-a", "-a", "-a", "-A"]), ",".join(rng.sample([action, where], 2)))] + fields
        words = [words[0].replace("-A", "-a") if not key else words[0]] + words[1:]
    if key and (path or syscalls) and rng.random() < 0.4:
        words.append(rng.choice(["-k ", "-F key="]) + rng.choice(["time", "identity"]))
        if words[0].startswith("-w"):
            words[-1] = words[-1].replace("-F key=", "-k ")
    return rng.choice([" ", " ", "  "]).join(words)


def make_line(rng, rules):
    kind = rng.random()
    if kind < 0.75:
        rule = make_rule(rng)
        rules.append(rule)
        return rng.choice(["", "", "", " "]) + spell(rng, rule)
    return rng.choice(["", "# comment", "  # comment", "-D", " -D ", "-e 1", "-e 2", "-e 0", "-f 1", "-f 2", "  -f 0", "-b 8192",
                       "-b 100", "-r 50", "--backlog_wait_time 6000", "--backlog_wait_time=5000", "-i", "-c", "-e 1 -f 2",
                       "-b 10 -r 3", "-D -x", "-w relative -p wa", "-a always,exit -S adjtimex -F arch=b64", "nonsense",
                       "-x", "-a always,exit,never -S adjtimex", "-e 3", "-F auid=0", "-p wa", "-k lonely", "-s"])


def make_stack(rng, root):
    """Writes a stack; returns all rules in it."""
    rules, folder = [], root + "/etc/audit/rules.d"
    shutil.rmtree(root + "/etc/audit", ignore_errors=True)
    os.makedirs(folder)
    for name in rng.sample(NAMES, rng.randrange(1, 7)):
        with open("%s/%s" % (folder, name), "w", encoding="ascii") as file:
            file.write("\n".join(make_line(rng, rules) for _ in range(rng.randrange(5))))
            file.write(rng.choice(["\n", "\n", "\n", ""]))
    return rules


def load(path):
    """What auditctl sends when it loads a file: its lines."""
    log = TMP + "/sent"
    open(log, "w", encoding="ascii").close()
    subprocess.run(["auditctl", "-R", path], env=dict(os.environ, LD_PRELOAD=TMP + "/kernel.so", AUDIT_LOG=log),
                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    with open(log, encoding="ascii") as file:
        return [line.split() for line in file]


class Rule:
    def __init__(self, data):
        head = struct.unpack_from("<3I64I64I64I64II", data)
        self.where, self.action, count = head[:3]
        self.mask = head[3:67]
        self.conditions, at = [], struct.calcsize("<3I64I64I64I64II")
        for field, value, op in list(zip(head[67:131], head[131:195], head[195:259]))[:count]:
            text = None
            if field in (WATCH, DIR, EXE, KEY):
                text = data[at:at + value].decode()
                at += value
            if field != KEY:
                self.conditions.append((field, op, value, text))

    def has_call(self, event):
        return self.where != EXIT or self.mask[event["call"] // 32] >> (event["call"] % 32) & 1

    def fits(self, event):
        return self.has_call(event) and all(self.holds(condition, event) for condition in self.conditions)

    @staticmethod
    def holds(condition, event):
        field, op, value, text = condition
        if field == WATCH:
            return event["path"] == text
        if field == DIR:
            return event["path"] is not None and (event["path"] + "/").startswith(text + "/")
        if field == PERM:
            return bool(event["perm"] & value)
        known = {ARCH: "arch", UID: "uid", AUID: "auid", MSGTYPE: "type"}[field]
        return OPS[op](event[known], value)


def kernel_of(sent):
    """(rules in the kernel's order, settings) after what was sent."""
    rules, settings = [], {}
    for word, value in sent:
        if word == "append":
            rules.append(bytes.fromhex(value))
        elif word == "prepend":
            rules.insert(0, bytes.fromhex(value))
        elif word == "delete":
            rules.remove(bytes.fromhex(value))
        elif word == "clear":
            rules = []
        else:
            settings[word] = int(value)
    return [Rule(data) for data in rules], settings


def make_events():
    calls = {X86_64: 0, I386: 1}
    for arch, auid, uid in itertools.product(calls, (0, 500, 1000, UNSET), (0, 500, 1000)):
        base = {"arch": arch, "auid": auid, "uid": uid, "type": 1300}
        for name, numbers in dict(SYSCALLS, **UNNAMED).items():
            number = numbers[calls[arch]]
            yield dict(base, call=number, path=None, perm=0)
            if name not in OTHERS:
                for path, perm in itertools.product(("/etc/passwd", "/etc/group", "/etc/audit/x"), (1, 2, 4, 8)):
                    yield dict(base, call=number, path=path, perm=perm)
        # A number without an arch is some other syscall to the other kind of program.
        for numbers in SYSCALLS.values():
            yield dict(base, call=numbers[1 - calls[arch]], path=None, perm=0)


EVENTS = list(make_events())


def decide(rules, event):
    """The rule that decides whether an event is recorded, or None where it is not for want of one."""
    for rule in rules:
        if rule.where == EXCLUDE and rule.conditions and rule.fits(event):
            return rule
    task = next((rule for rule in rules if rule.where == TASK and rule.fits(event)), None)
    if task and task.action == NEVER:
        return task
    return next((rule for rule in rules if rule.where == EXIT and rule.fits(event)), None)


def is_silenced(rules, group):
    """Does a rule take something away that fits all of these events, and not only some?"""
    silencers = {decide(rules, event) for event in group}
    return any((rule.where == EXCLUDE or rule.action == NEVER) and all(map(rule.fits, group)) for rule in silencers)


def is_held(rules, group):
    """Does one rule, apart from those that silence, fit all of these events?"""
    return any(rule.where == EXIT and rule.action == ALWAYS and all(map(rule.fits, group)) for rule in rules)


def expect(rules, asked):
    """What has to be said of an asked rule: absent, silenced or loaded. Several rules may share its syscalls,
    architectures and permissions; what else they ask for, each has to have alone."""
    groups = {}
    for event in EVENTS:
        if asked.fits(event):
            groups.setdefault((event["arch"], event["call"], event["perm"]), []).append(event)
    if not all(is_held(rules, group) for group in groups.values()):
        return "absent"
    return "silenced" if any(is_silenced(rules, group) for group in groups.values()) else "loaded"


def ask(root, sentence):
    done = subprocess.run(HOSTAUDIT + ["probe", "--policy-dir", TMP + "/policy", "--root", root, "--format", "json",
                                       sentence], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if not done.stdout:
        return None
    fact = json.loads(done.stdout)["facts"][0]
    return fact.get("value") or "unknown: %s" % fact.get("error")


def prepare():
    root = TMP + "/root"
    for name in ("etc", "usr/lib/systemd/system/multi-user.target.wants", "etc/systemd/system"):
        os.makedirs(os.path.join(root, name))
    units = root + "/usr/lib/systemd/system/"
    for name, text in (("audit-rules.service", "[Service]\nExecStart=/sbin/augenrules --load\n"),
                       ("multi-user.target", "[Unit]\n")):
        with open(units + name, "w", encoding="ascii") as file:
            file.write(text)
    os.symlink("../audit-rules.service", units + "multi-user.target.wants/audit-rules.service")
    os.symlink("/usr/lib/systemd/system/multi-user.target", root + "/etc/systemd/system/default.target")
    for name in ("passwd", "group"):
        shutil.copy("/etc/" + name, root + "/etc/" + name)
    os.makedirs(TMP + "/bin")
    os.symlink(shutil.which("gawk"), TMP + "/bin/awk")
    os.makedirs(TMP + "/policy")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", TMP + "/kernel.so", HERE + "/auditctl_kernel.c"], check=True)
    return root


def join(root):
    """Has augenrules make audit.rules, with the stack in place of this machine's."""
    subprocess.run(["unshare", "--mount", "--propagation", "private", "sh", "-ec",
                    'mount --bind "$1" /etc/audit; PATH=$2:$PATH exec augenrules', "sh", root + "/etc/audit", TMP + "/bin"],
                   stdout=subprocess.DEVNULL, check=True)


def ask_single(line):
    path = TMP + "/single.rules"
    with open(path, "w", encoding="ascii") as file:
        file.write(line + "\n")
    sent = load(path)
    return Rule(bytes.fromhex(sent[0][1])) if len(sent) == 1 and sent[0][0] == "append" else None


def check_settings(root, settings):
    for name in ("failure", "backlog_limit", "rate_limit", "backlog_wait_time", "enabled", "immutable"):
        theirs = settings.get(name)
        if name in ("enabled", "immutable"):
            theirs = settings.get("enabled")
            theirs = theirs if theirs is None else int(theirs == 2 if name == "immutable" else theirs != 0)
        ours = ask(root, "audit %s = 1" % name)
        if theirs is not None and ours != str(theirs):
            yield "audit %s: auditctl set %s, we say %s" % (name, theirs, ours)


def check_rules(rng, root, kernel, rules):
    pool = [rng.choice(rules) for _ in range(4)] if rules else []
    for rule in pool + [make_rule(rng)]:
        line = spell(rng, rule, key=False)
        if rule[0] == "never" or rule[1] != "exit":
            continue
        asked = ask_single(line)
        ours = ask(root, 'auditrule "%s" state = loaded' % line)
        theirs = expect(kernel, asked)
        # Where a file ends without a newline, two lines become one, with names that may be anywhere's.
        if ours.startswith("unknown: /etc/audit/rules.d/") and ": there is no " in ours:
            counts["unknown"] += 1
            continue
        counts[theirs] += 1
        if ours != theirs:
            yield "%s: the kernel's filters make it %s, we say %s" % (line, theirs, ours)


counts = {"absent": 0, "silenced": 0, "loaded": 0, "unknown": 0}


def main():
    if os.geteuid() or not all(map(shutil.which, ("auditctl", "augenrules", "gawk", "unshare"))) or subprocess.run(
            ["unshare", "--mount", "--propagation", "private", "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        print("ok - audit # SKIP only root can, with mount namespaces, auditctl, augenrules and gawk")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    print("# SEED=%d" % SEED)
    root, passed, failed = prepare(), 0, 0
    for number in range(STACKS):
        rng = random.Random("%d %d" % (SEED, number))
        rules = make_stack(rng, root)
        join(root)
        kernel, settings = kernel_of(load(root + "/etc/audit/audit.rules"))
        problems = list(check_settings(root, settings)) + list(check_rules(rng, root, kernel, rules))
        passed += not problems
        failed += bool(problems)
        if problems and failed <= 5:
            print("not ok - stack %d: %s" % (number, "; ".join(problems)))
            with open(root + "/etc/audit/audit.rules", encoding="ascii") as file:
                print("".join("    | " + line for line in file))
    print("# rules asked for: %s" % counts)
    if min(counts.values()) == 0 or counts["unknown"] > sum(counts.values()) // 10:
        print("not ok - some answer was never due, or too much was unknown")
        failed += 1
    print("%d passed, %d failed, 0 skipped" % (passed, failed))
    return 1 if failed else 0


sys.exit(main())
