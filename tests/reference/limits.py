#!/usr/bin/python3
# variants: normal
"""Holds what the probe `limit` says against those that set limits, on configurations made at random.

Sessions: pam_limits, by runuser(1) in a mount namespace where the files of /etc are ours; prlimit tells what
became of it. Units: `systemd --test`. Processes: prlimit.
"""
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys

CONFIGS = int(os.environ.get("CONFIGS", "50"))
TREES = int(os.environ.get("TREES", "25"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-limits")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
NAMES = ["as", "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss",
         "rtprio", "rttime", "sigpending", "stack"]
# What a session may ask for without being in the way of the test; in units of limits.conf.
VALUES = {
    "as": ["4000000", "8000000", "unlimited"], "core": ["0", "0", "100", "-1", "unlimited"], "cpu": ["5", "60", "-"],
    "data": ["1000000", "infinity"], "fsize": ["1000", "2000000"], "locks": ["10", "99"], "memlock": ["64", "1000"],
    "msgqueue": ["8000", "819200"], "nofile": ["200", "1024", "4096"], "nproc": ["500", "9000x", "20000"],
    "rss": ["1000", "77 # more"], "sigpending": ["500", "9000"], "stack": ["4096", "8192"],
}
DOMAINS = ["*", "*", "alice", "bob", "root", "@staff", "@wheel", "@nobody", "%staff", "%", "1001:1002", ":1001", "1003:",
           "@2001:2002", "@:2002", "@3000:", "1001:x", ":", "carol", "@", "Alice"]
PASSWD = """root:x:0:0::/root:/bin/sh
alice:x:1001:2001::/:/bin/sh
bob:x:1002:2002::/:/bin/sh
carol:x:1003:3001::/:/bin/sh
"""
GROUP = "root:x:0:\nstaff:x:2001:bob\nwheel:x:2002:alice,carol\nusers:x:3001:\n"
MANAGER = "/lib/systemd/systemd"


def write(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write(text)


def ask(names, subject, *options):
    """{name: (soft, hard)} of us, each a fact; many sentences in one run."""
    rules = []
    for name in names:
        for field in ("soft", "hard"):
            rules.append("[%s-%s]\ntitle = x\nwhy = x\nseverity = low\nlevel = 1\nby-hand = x\ncheck = limit %s:%s %s = x\n" % (
                name, field, subject, name, field))
    write(TMP + "/policy/benchmarks/all.ini", "\n".join(rules))
    write(TMP + "/policy/os-profiles/all.ini", "[os]\ntitle = x\nbenchmarks = all\n")
    done = subprocess.run(HOSTAUDIT + ["check", "--policy-dir", TMP + "/policy", "--profile", "all", "--format", "json",
                                       *options], stdout=subprocess.PIPE, check=False)
    answers = {}
    for rule in json.loads(done.stdout)["results"]:
        name, field = rule["rule"].rsplit("-", 1)
        facts = [fact for check in rule["checks"] for fact in check["facts"]]
        answers[name, field] = [(fact["state"], fact["value"], fact["source"]) for fact in facts]
    return answers


# Sessions.

def limits_conf(rng):
    lines = []
    for _ in range(rng.randrange(12)):
        name = rng.choice(list(VALUES))
        kind = rng.choice(["soft", "hard", "-", "SOFT", "Hard", "both"])
        item = rng.choice([name, name, name.upper()])
        words = [rng.choice(DOMAINS), kind, item, rng.choice(VALUES[name])]
        if rng.random() < 0.05:
            words = words[:rng.randrange(1, 4)]
        lines.append(rng.choice(["", " ", "#", "\t"] if rng.random() < 0.3 else [""]) + rng.choice([" ", "\t", "  "]).join(words))
    if rng.random() < 0.06:
        lines.insert(rng.randrange(len(lines) + 1), rng.choice(["alice -", "@wheel -", "1001:1001 -", "* -", "bob - #"]))
    return "\n".join(lines) + rng.choice(["", "\n"])


def by_prlimit(entry):
    text = subprocess.run(entry + ["prlimit", "--noheadings", "--raw", "-o", "RESOURCE,SOFT,HARD"],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, universal_newlines=True).stdout
    found = {}
    for line in text.splitlines():
        words = line.split()
        if len(words) == 3 and words[0].lower() in NAMES:
            found[words[0].lower()] = (words[1], words[2])
    return found if len(found) == len(NAMES) else text


def can_lower(name):
    """pam_limits begins with what the first process has, which may be more than we may set."""
    first, own = by_prlimit_of(1)[name][1], by_prlimit_of(os.getpid())[name][1]
    return own == "unlimited" or first != "unlimited" and int(first) <= int(own)


def lower_of(soft, hard):
    return hard if soft == "unlimited" or hard != "unlimited" and int(hard) < int(soft) else soft


def sessions(rng):
    """Runs where /etc/passwd and the like are those of TMP/root. Returns (agree, problems)."""
    agree, problems = 0, []
    # Where no line speaks of one, pam_limits may put it back to what the first process has.
    shutil.rmtree(TMP + "/security/limits.d", ignore_errors=True)
    write(TMP + "/security/limits.conf", "")
    before = by_prlimit(["runuser", "-u", "alice", "--"])
    names = [name for name in VALUES if can_lower(name)]
    for number in range(CONFIGS):
        shutil.rmtree(TMP + "/security/limits.d", ignore_errors=True)
        write(TMP + "/security/limits.conf", limits_conf(rng))
        for name in rng.sample(["10-a.conf", "99-b.conf", "B.conf", "no.bak", ".hidden.conf"], rng.randrange(3)):
            write(TMP + "/security/limits.d/" + name, limits_conf(rng))
        for user in ("alice", "bob", "carol", "root"):
            theirs = by_prlimit(["runuser", "-u", user, "--"])
            if isinstance(theirs, str):
                problems.append("config %d: no session of %s: %s" % (number, user, theirs))
                continue
            ours = ask(names, "user:" + user)
            for name in names:
                (soft_state, soft, _), = ours[name, "soft"]
                (hard_state, hard, _), = ours[name, "hard"]
                if "unknown" in (soft_state, hard_state) and user == "root":
                    continue
                hard = hard or before[name][1]
                expected = (lower_of(soft or before[name][0], hard), hard)
                if theirs[name] != expected:
                    problems.append("config %d: %s of %s: ours %s, theirs %s" % (number, name, user, expected, theirs[name]))
                agree += 1
        if problems:
            shutil.copytree(TMP + "/security", TMP + "/wrong", dirs_exist_ok=True)
    return agree, problems


# Units.

def value(rng, name):
    one = {"cpu": ["10", "2min", "1h", "5s", "3 min"], "rttime": ["1000", "5ms", "2s"], "nice": ["+5", "-7", "0", "19", "+20"],
           "nofile": ["1024", "0x100", "010"], "locks": ["99", "7"], "rtprio": ["5"], "nproc": ["1000", "77"],
           "sigpending": ["5"]}.get(name, ["4096", "5M", "1G", "2 K", "0", "010", "3B"])
    text = rng.choice(one + ["infinity"])
    return text + ":" + rng.choice(one + ["infinity"]) if rng.random() < 0.4 else rng.choice([text] * 9 + [""])


def unit_lines(rng, prefix):
    return "".join("%s%s=%s\n" % (prefix, name.upper(), value(rng, name)) for name in rng.choices(NAMES, k=rng.randrange(12)))


def units(rng):
    agree, problems = 0, []
    for number in range(TREES):
        root = TMP + "/tree"
        shutil.rmtree(root, ignore_errors=True)
        folder = root + "/etc/systemd/system"
        for target in ("default", "sysinit", "basic", "shutdown"):
            write("%s/%s.target" % (folder, target), "[Unit]\nWants=x.service\n" if target == "default" else "[Unit]\n")
        write(folder + "/x.service", "[Service]\nExecStart=/bin/true\n" + unit_lines(rng, "Limit"))
        for name in rng.sample(["x.service.d/10-a.conf", "x.service.d/5-b.conf", "service.d/7.conf"], rng.randrange(3)):
            write("%s/%s" % (folder, name), "[Service]\n" + unit_lines(rng, "Limit"))
        # As a manager of a user it reads user.conf, in the same way.
        for path in ("%s.conf", "%s.conf.d/1.conf") if rng.random() < 0.7 else ():
            text = "[Manager]\n" + unit_lines(rng, "DefaultLimit")
            for name in ("system", "user"):
                write(root + "/etc/systemd/" + path % name, text)
        theirs = by_systemd(root, folder)
        if not theirs:
            return agree, ["tree %d: systemd does not tell" % number]
        ours = ask(NAMES, "unit:x", "--root", root)
        for key, told in theirs.items():
            (state, answer, source), = ours[key]
            if state == "unknown" or source.startswith("default"):
                continue
            if answer != told:
                problems.append("tree %d: %s: ours %s by %s, theirs %s" % (number, key, answer, source, told))
            agree += 1
    return agree, problems


def by_systemd(root, folder):
    env = {"PATH": os.environ["PATH"], "HOME": "/tmp", "XDG_RUNTIME_DIR": "/run", "SYSTEMD_UNIT_PATH": folder,
           "SYSTEMD_LOG_TARGET": "console", "LC_ALL": "C"}
    script = 'mount --bind "$0" /etc/systemd && exec setpriv --reuid 65534 --clear-groups "$@"'
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, root + "/etc/systemd", MANAGER, "--test", "--user",
                           "--unit=default.target"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=env,
                          check=False, universal_newlines=True)
    found, unit = {}, None
    for line in done.stdout.splitlines():
        told = re.match(r"\t?-> Unit (.*):$", line)
        unit = told.group(1) if told else unit
        told = re.match(r"\t+Limit([A-Z]+?)(Soft)?: (\d+)$", line)
        if told and unit == "x.service":
            number = "unlimited" if int(told.group(3)) == (1 << 64) - 1 else told.group(3)
            found[told.group(1).lower(), "soft" if told.group(2) else "hard"] = number
    return found


# Processes.

def processes(rng):
    agree, problems = 0, []
    for number in range(8):
        options = ["--%s=%d:%d" % (name, low, low + rng.randrange(100)) for name, low in
                   (("core", rng.randrange(9999)), ("nofile", rng.randrange(64, 900)), ("cpu", rng.randrange(9, 99)),
                    ("stack", 1 << 20), ("nproc", rng.randrange(999, 9999))) if rng.random() < 0.7]
        name = "hl-%d-%d" % (os.getpid(), number)
        child = subprocess.Popen(["prlimit"] + options + ["sh", "-c", 'printf %s "$0" >/proc/self/comm; echo; read x', name],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        child.stdout.readline()
        theirs = by_prlimit_of(child.pid)
        ours = ask(NAMES, "process:" + name)
        for key in NAMES:
            for place, field in enumerate(("soft", "hard")):
                if [fact[:2] for fact in ours[key, field]] != [("value", theirs[key][place])]:
                    problems.append("%s of %s: ours %s, theirs %s" % (key, options, ours[key, field], theirs[key]))
                agree += 1
        child.stdin.close()
        child.wait()
    return agree, problems


def by_prlimit_of(pid):
    text = subprocess.run(["prlimit", "--noheadings", "--raw", "-o", "RESOURCE,SOFT,HARD", "-p", str(pid)],
                          stdout=subprocess.PIPE, check=True, universal_newlines=True).stdout
    return {words[0].lower(): (words[1], words[2]) for words in map(str.split, text.splitlines())}


def enter_namespace():
    """Where /etc/security, accounts and the service of runuser are ours."""
    if os.environ.get("HOSTAUDIT_LIMITS_NAMESPACE"):
        return
    write(TMP + "/security/limits.conf", "")
    write(TMP + "/passwd", PASSWD)
    write(TMP + "/group", GROUP)
    write(TMP + "/shadow", "".join(line.split(":")[0] + ":*:1::::::\n" for line in PASSWD.splitlines()))
    write(TMP + "/runuser", "auth sufficient pam_rootok.so\naccount required pam_permit.so\nsession required pam_limits.so\n")
    os.environ.update(HOSTAUDIT_LIMITS_NAMESPACE="1", SEED=str(SEED))
    script = ('mount --bind "$0/security" /etc/security && for x in passwd group shadow; do mount --bind "$0/$x" /etc/$x || exit; '
              'done; mount --bind "$0/runuser" /etc/pam.d/runuser && exec "$@"')
    os.execvp("unshare", ["unshare", "-m", "--propagation", "private", "sh", "-c", script, TMP, sys.executable,
                          os.path.abspath(__file__)])


def main():
    if os.getuid():
        print("ok limits # SKIP only root can")
        return 0
    os.makedirs(TMP, exist_ok=True)
    enter_namespace()
    print("# SEED=%d" % SEED)
    failed = False
    for what, check in (("sessions", sessions), ("units", units), ("processes", processes)):
        agree, problems = check(random.Random(SEED))
        for problem in problems[:8]:
            print("not ok %s: %s" % (what, problem))
        wrong = bool(problems) or agree < 100
        failed |= wrong
        print("%s limits of %s: %d as the reference says" % ("not ok" if wrong else "ok", what, agree))
    return failed


sys.exit(main())
