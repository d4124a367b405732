#!/usr/bin/python3
# variants: normal
"""Holds the probes user and group against the C library, pwck, grpck and systemd-sysusers, on files made at
random. ROUNDS=N and SEED=N in the environment choose how many, and which."""
import collections
import crypt
import grp
import json
import os
import pwd
import random
import re
import shlex
import shutil
import spwd
import subprocess
import sys

ROUNDS = int(os.environ.get("ROUNDS", "60"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.path.realpath(os.environ.get("TMP", "/tmp/hostaudit-accounts"))
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
USERS = ["root", "toor", "daemon", "core", "ann", "bob", "x-1", "_apt", "nobody"]
GROUPS = ["root", "docker", "wheel", "core", "ann", "shadow", "nogroup"]
IDS = ["0", "1", "7", "7", "42", "999", "1000", "1001", "65534"]
SHELLS = ["/bin/bash", "/usr/sbin/nologin", "/bin/false", "/bin/sh", "", "/usr/bin/zsh"]
HOMES = ["/root", "/home/core", "/home/none", "/", "/home/file", "/nonexistent"]
# A hash that crypt(3) itself makes, and what we call its method.
HASHES = [(crypt.crypt("x", setting), name) for setting, name in [
    ("$6$salt$", "sha512"), ("$5$salt$", "sha256"), ("$1$salt$", "md5"), ("ab", "des"), ("_J9..rasm", "bsdi"),
    ("$y$j9T$abcdefgh$", "yescrypt"), ("$7$CU..../....salt$", "scrypt"),
    ("$2b$04$abcdefghijklmnopqrstuu", "bcrypt"), ("$gy$j9T$abcdefgh$", "gost-yescrypt"),
    ("$sha1$24$salt$", "sha1"), ("$md5,rounds=1$salt$", "sunmd5"), ("$3$", "nt")]]
HASHES += [("*", "locked"), ("!", "locked"), ("!!", "locked"), ("!" + HASHES[0][0], "locked"), ("", "empty")]
METHODS = dict(HASHES)
NOISE = ["", "# comment", "broken", "bad:x:y:z::/:", ":::", "a:x:4294967296:1::/:/bin/sh", "  # x"]
UNIT = {"usr/lib/systemd/system/systemd-sysusers.service": "[Service]\nExecStart=systemd-sysusers\n",
        "usr/lib/systemd/system/default.target": "[Unit]\nWants=systemd-sysusers.service\n"}


def write(root, path, lines):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def passwd_line(rng, name):
    field = "x" if rng.random() < 0.8 else rng.choice(HASHES)[0]
    return ":".join([name, field, rng.choice(IDS), rng.choice(IDS), "gecos", rng.choice(HOMES), rng.choice(SHELLS)])


def shadow_line(rng, name):
    days = [rng.choice(["", "0", "7", "90", "20000", "99999"]) for _ in range(6)]
    return ":".join([name, rng.choice(HASHES)[0]] + days + [""])


def group_line(rng, name):
    members = rng.sample(USERS + ["ghost", " ann"], rng.randrange(4))
    return ":".join([name, rng.choice(["x", "x", "*", ""]), rng.choice(IDS), ",".join(members)])


def names(rng, pool):
    chosen = rng.sample(pool, rng.randrange(1, len(pool)))
    return chosen + (rng.sample(chosen, 1) if rng.random() < 0.3 else [])


def make(rng, root):
    shutil.rmtree(root, ignore_errors=True)
    users, groups = names(rng, USERS), names(rng, GROUPS)
    noise = lambda: rng.sample(NOISE, 1) if rng.random() < 0.1 else []
    files = {"passwd": [passwd_line(rng, name) for name in users],
             "shadow": [shadow_line(rng, name) for name in users if rng.random() < 0.8],
             "group": [group_line(rng, name) for name in groups],
             "gshadow": [name + ":!::" for name in groups]}
    for name, lines in files.items():
        write(root, "etc/" + name, sum(([line] + noise() for line in lines), []))
    write(root, "etc/nsswitch.conf", [kind + ": files" for kind in ("passwd", "group", "shadow", "gshadow")])
    for home in ("root", "home/core"):
        os.makedirs(os.path.join(root, home))
    write(root, "home/file", [])


def in_root(root, work):
    """What a function says that runs with another root directory."""
    reader, writer = os.pipe()
    pid = os.fork()
    if not pid:
        try:
            os.chroot(root)
            os.chdir("/")
            os.write(writer, json.dumps(work()).encode())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as file:
        text = file.read()
    os.waitpid(pid, 0)
    return json.loads(text)


def ask_library():
    """Everything that the C library tells of the root it runs in."""
    found = {"users": [list(entry) for entry in pwd.getpwall()], "shadow": [], "grouplist": {},
             "groups": [[entry.gr_name, entry.gr_gid, entry.gr_mem] for entry in grp.getgrall()]}
    for entry in pwd.getpwall():
        try:
            found["shadow"].append(list(spwd.getspnam(entry.pw_name)))
        except (KeyError, PermissionError):
            found["shadow"].append(None)
        found["grouplist"][entry.pw_name] = os.getgrouplist(entry.pw_name, pwd.getpwnam(entry.pw_name).pw_gid)
    return found


def ask_us(root, sentence):
    done = subprocess.run(HOSTAUDIT + ["probe", "--root", root, "--format", "json", sentence],
                          stdout=subprocess.PIPE, check=False)
    if not done.stdout:
        raise RuntimeError("%s: exit code %d" % (sentence, done.returncode))
    return [(fact["object"], fact["value"] if fact["state"] == "value" else fact["state"])
            for fact in json.loads(done.stdout)["facts"]]


def yes(value):
    return "yes" if value else "no"


def method_of(user, shadow):
    if user[1] != "x":
        return METHODS[user[1]]
    return METHODS[shadow[1]] if shadow else "locked"


def expected(found):
    """Sentence -> the facts it has to have."""
    users, shadow = found["users"], found["shadow"]
    gids = {}
    for name, gid, _ in found["groups"]:
        gids.setdefault(gid, name)
    uids = collections.Counter(user[2] for user in users)
    logins = collections.Counter(user[0] for user in users)
    days = lambda line, field: str(line[field]) if line and line[field] >= 0 else "absent"
    return {
        "user * uid = -1": [(user[0], str(user[2])) for user in users],
        "user * gid = -1": [(user[0], str(user[3])) for user in users],
        "user * home = -": [(user[0], user[5]) for user in users],
        "user * shell = -": [(user[0], user[6]) for user in users],
        "user * group = -": [(user[0], gids.get(user[3], "absent")) for user in users],
        "user * has-group": [(user[0], yes(user[3] in gids)) for user in users],
        "user * unique-uid": [(user[0], yes(uids[user[2]] == 1)) for user in users],
        "user * unique-name": [(user[0], yes(logins[user[0]] == 1)) for user in users],
        "user * password = -": [(user[0], method_of(user, line)) for user, line in zip(users, shadow)],
        "user * min-days = -1": [(user[0], days(line, 3)) for user, line in zip(users, shadow)],
        "user * max-days = -1": [(user[0], days(line, 4)) for user, line in zip(users, shadow)],
        "user * warn-days = -1": [(user[0], days(line, 5)) for user, line in zip(users, shadow)],
        "user * inactive-days = -1": [(user[0], days(line, 6)) for user, line in zip(users, shadow)],
        "group * gid = -1": [(name, str(gid)) for name, gid, _ in found["groups"]],
    }


def compare_lists(root, found):
    """Groups of users, and members of groups, which have no order."""
    users = collections.Counter(user[0] for user in found["users"])
    by_gid = {}
    for name, gid, _ in found["groups"]:
        by_gid.setdefault(gid, name)
    for name, value in ask_us(root, "user * groups has -"):
        want = {by_gid.get(gid, str(gid)) for gid in found["grouplist"][name]}
        # Of a name that stands twice getgrouplist() was asked for the first main group alone.
        if users[name] == 1 and set(value.split()) != want:
            yield "groups of %s: the C library %s, hostaudit %s" % (name, sorted(want), value)
    members = collections.defaultdict(set)
    for _, gid, listed in found["groups"]:
        members[gid] |= set(listed)
    for user in found["users"]:
        members[user[3]].add(user[0])
    for (name, value), (_, gid, _) in zip(ask_us(root, "group * members has -"), found["groups"]):
        if set(value.split()) != members[gid]:
            yield "members of %s: the C library %s, hostaudit %s" % (name, sorted(members[gid]), value)


def told_by(program, root):
    done = subprocess.run([program, "-r", "-R", root], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode()


def compare_checkers(root, found):
    """What pwck and grpck complain of. They read lines that the C library skips: these rounds have none."""
    text = told_by("pwck", root)
    users = [user[0] for user in found["users"]]
    theirs = set(re.findall(r"user '(.*)': no group", text))
    ours = {name for name, value in ask_us(root, "user * has-group") if value == "no"}
    if theirs != ours:
        yield "pwck: no group for %s, hostaudit: %s" % (sorted(theirs), sorted(ours))
    # It does not mind a home that is no directory, nor /nonexistent, nor any of a system's user.
    homes = {user[0] for user in found["users"] if user[5] in ("/nonexistent", "/home/file") or 0 < user[2] < 1000}
    theirs = set(re.findall(r"user '(.*)': directory '.*' does not exist", text))
    ours = {name for name, value in ask_us(root, "user * has-home") if value == "no"}
    if theirs - homes != ours - homes:
        yield "pwck: no home for %s, hostaudit: %s" % (sorted(theirs), sorted(ours))
    if ("duplicate password entry" in text) != (len(set(users)) < len(users)):
        yield "pwck: duplicate users? hostaudit has %s" % users
    text = told_by("grpck", root)
    theirs = set(re.findall(r"group ([^' ]*): no user (.*)", text))
    theirs |= set(re.findall(r"group '(.*)': no user '?([^'\n]*)'?", text))
    ours = {word for _, value in ask_us(root, "group * unknown-members has -") for word in value.split()}
    if {name.strip() for _, name in theirs} - {name.strip("'") for name in users} != ours:
        yield "grpck: unknown members %s, hostaudit %s" % (sorted(theirs), sorted(ours))


def sysusers_lines(rng):
    """Without `u!`, which systemd 257 has brought."""
    lines = []
    pick = lambda *words: rng.choice(words)
    for _ in range(rng.randrange(1, 9)):
        kind = rng.random()
        name = rng.choice(["a", "b", "c", "d", "core", "root", "wheel", "1bad", "e-f"])
        if kind < 0.55:
            words = ["u", name, pick("-", "5", "7", "150", "999", "998", "5:wheel", "-:wheel", "0", "070", "6:root")]
            words += [pick("-", '"A B"', "x", '""')] * (rng.random() < 0.7)
            if len(words) == 4:
                words += [pick("-", "/var/lib/a", "//h//x/", "rel", "/a/../b")] * (rng.random() < 0.7)
            if len(words) == 5:
                words += [pick("-", "/bin/bash", "'/bin/sh'", "/bin/ba\\sh", "/x extra")] * (rng.random() < 0.7)
            lines.append(pick(" ", "\t", "  ").join(words))
        elif kind < 0.75:
            lines.append("g %s %s" % (name, pick("-", "5", "7", "wheel", "900", "0")))
        elif kind < 0.95:
            lines.append("m %s %s" % (name, pick("wheel", "docker", "a", "root")))
        else:
            lines.append(pick("# u x", "", "u", "x a b", 'u a - "open'))
    return lines


def make_first_boot(rng, root):
    shutil.rmtree(root, ignore_errors=True)
    for path, text in UNIT.items():
        write(root, path, text.split("\n"))
    users, groups = ["root:x:0:0::/root:/bin/sh"], ["root:x:0:"]
    if rng.random() < 0.5:
        users.append("core:x:7:7::/home/core:/bin/bash")
        groups.append("core:x:7:")
    if rng.random() < 0.6:
        groups.append("wheel:x:10:")
    write(root, "etc/passwd", users)
    write(root, "etc/group", groups)
    for name in rng.sample(["10-a", "20-b", "x"], rng.randrange(1, 4)):
        where = rng.choice(["usr/lib", "etc", "run"])
        write(root, "%s/sysusers.d/%s.conf" % (where, name), sysusers_lines(rng))
    if rng.random() < 0.2:
        os.makedirs(root + "/etc/sysusers.d", exist_ok=True)
        if not os.path.lexists(root + "/etc/sysusers.d/10-a.conf"):
            os.symlink("/dev/null", root + "/etc/sysusers.d/10-a.conf")


def compare_first_boot(root):
    questions = ["user * %s" % field for field in ("uid = -1", "home = -", "shell = -", "password = -", "groups has -")]
    before = {question: ask_us(root, question) for question in questions}
    subprocess.run(["systemd-sysusers", "--root", root], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                   check=False)
    os.rename(root + "/usr/lib/systemd/system/default.target", root + "/default.target")
    for question in questions:
        ours, theirs = before[question], ask_us(root, question)
        if question.endswith("has -"):
            ours, theirs = [[(name, set(value.split())) for name, value in facts] for facts in (ours, theirs)]
        ours = dict(ours)
        theirs = dict(theirs)
        if set(ours) != set(theirs):
            yield "%s: systemd-sysusers makes %s, hostaudit %s" % (question, sorted(theirs), sorted(ours))
        for name in set(ours) & set(theirs):
            if ours[name] not in (theirs[name], "unknown"):
                yield "%s: %s has %s, hostaudit %s" % (question, name, theirs[name], ours[name])


def try_files(rng, root):
    make(rng, root)
    found = in_root(root, ask_library)
    for sentence, want in expected(found).items():
        got = ask_us(root, sentence)
        if got != (want or got):
            yield "%s: the C library %s, hostaudit %s" % (sentence, want, got)
    yield from compare_lists(root, found)
    yield from compare_checkers(root, found)


def try_first_boot(rng, root):
    make_first_boot(rng, root)
    yield from compare_first_boot(root)


def main():
    missing = [name for name in ("pwck", "grpck", "systemd-sysusers") if not shutil.which(name)]
    if missing or os.geteuid():
        print("ok accounts # SKIP %s" % ("no " + ", ".join(missing) if missing else "only root can"))
        return 0
    rng = random.Random(SEED)
    failed = 0
    for number in range(ROUNDS):
        for work in (try_files, try_first_boot):
            root = os.path.join(TMP, "root")
            messages = list(work(rng, root))
            failed += bool(messages)
            for message in messages:
                print("seed %d, round %d: %s" % (SEED, number, message))
            if messages and failed == 1:
                shutil.rmtree("build/tests/accounts", ignore_errors=True)
                shutil.copytree(root, "build/tests/accounts", symlinks=True)
    print("accounts: seed %d" % SEED)
    print("%d passed, %d failed, 0 skipped" % (2 * ROUNDS - failed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
