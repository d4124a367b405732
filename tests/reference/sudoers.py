#!/usr/bin/python3
# variants: normal
"""Holds `hostaudit probe sudoers` against cvtsudoers, on files made at random."""
import json
import os
import random
import shlex
import shutil
import subprocess
import sys

ROUNDS = int(os.environ.get("ROUNDS", "150"))
SEED = int(os.environ.get("SEED") or random.SystemRandom().randrange(1 << 32))
TMP = os.environ.get("TMP", "/tmp/hostaudit-sudoers")
HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))

FLAGS = ["use_pty", "lecture", "requiretty", "authenticate", "log_input"]
TEXTS = {"logfile": ['"/var/log/su do.log"', "/var/log/sudo.log"], "passwd_tries": ["3", "1"],
         "timestamp_timeout": ["5", "0", "-1"], "editor": ['"/bin/a:/bin/b"', "/bin/c"]}
LISTS = ["env_keep"]
SCOPES = [":bob", ":alice,bob", "@host", ">root", "!/bin/ls", ":%wheel", ":alice , bob", ":\"x y\""]
RULES = ["root ALL=(ALL:ALL) ALL", "%wheel ALL=(ALL) NOPASSWD: ALL", "core ALL = NOPASSWD : /bin/x",
         "a,b ALL = NOEXEC:NOPASSWD: /bin/y -z", "c ALL = PASSWD: /bin/x", "d ALL = (root) NOPASSWD:EXEC: /bin/x, PASSWD: /bin/y",
         "#1000 ALL = NOPASSWD: ALL", "e ALL = /bin/echo NOPASSWD", "f ALL=NOPASSWD:\\\n  /bin/x"]
NOISE = ["# Defaults use_pty", "", "  ", "# end \\", "User_Alias X = a, b", "Cmnd_Alias Y = /bin/a, /bin/b"]


def option(rng):
    kind = rng.random()
    if kind < 0.5:
        return rng.choice(["", "", "!", "! "]) + rng.choice(FLAGS)
    if kind < 0.8:
        name = rng.choice(list(TEXTS))
        return name + rng.choice(["=", " = ", "= "]) + rng.choice(TEXTS[name])
    return "env_keep" + rng.choice([" += ", "+=", " -= ", "="]) + rng.choice(['"A B"', "A", "C", '"B C"'])


def defaults(rng):
    scope = rng.choice(SCOPES) if rng.random() < 0.25 else ""
    options = [option(rng) for _ in range(rng.randrange(1, 3))]
    return "Defaults" + scope + rng.choice([" ", "\t", " \\\n\t"]) + rng.choice([", ", ",", " , "]).join(options)


def lines(rng, used):
    result = []
    for _ in range(rng.randrange(7)):
        kind = rng.random()
        if kind < 0.5:
            result.append(defaults(rng) + rng.choice(["", "", "  ", " # comment \\"]))
        elif kind < 0.8:
            result.append(rng.choice(RULES) + rng.choice(["", "", " # NOPASSWD: x"]))
        else:
            noise = rng.choice(NOISE)
            if "Alias" in noise and noise in used:
                continue
            used.add(noise)
            result.append(noise)
    return result


def make(rng, etc):
    shutil.rmtree(etc, ignore_errors=True)
    os.makedirs(etc + "/sudoers.d")
    used = set()
    main = lines(rng, used)
    for name in rng.sample(["10-a", "20-b", "c.conf", "d~", "e"], rng.randrange(4)):
        with open(etc + "/sudoers.d/" + name, "w", encoding="ascii") as file:
            file.write("\n".join(lines(rng, used)) + "\n")
    if rng.random() < 0.9:
        main.insert(rng.randrange(len(main) + 1), rng.choice(["@", "#"]) + "includedir sudoers.d")
    if rng.random() < 0.3:
        with open(etc + "/more", "w", encoding="ascii") as file:
            file.write("\n".join(lines(rng, used)))
        main.insert(rng.randrange(len(main) + 1), rng.choice(["@", "#"]) + "include more")
    with open(etc + "/sudoers", "w", encoding="ascii") as file:
        file.write("\n".join(main) + "\n")


def change(old, new):
    """What an option of cvtsudoers makes of the value so far."""
    operation = new.pop("operation", None)
    (name, value), = new.items()
    words = [] if old.get(name) in (None, "no", "yes") else old[name].split()
    if value is True or value is False:
        text = "yes" if value else "no"
    elif operation == "list_add":
        text = " ".join([word for word in words if word not in value] + value)
    elif operation == "list_remove":
        text = " ".join(word for word in words if word not in value)
    else:
        text = " ".join(value) if isinstance(value, list) else value
    return name, text


def ask_cvtsudoers(etc):
    done = subprocess.run(["cvtsudoers", "-f", "json", etc + "/sudoers"], stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False)
    if done.returncode or done.stderr:
        raise RuntimeError(done.stderr.decode())
    data = json.loads(done.stdout or b"{}")
    everybody, scoped = {}, []
    for line in data.get("Defaults", []):
        for entry in line["Options"]:
            if "Binding" in line:
                scoped.append(entry)
            else:
                everybody.update([change(everybody, entry)])
    grants = sum(any({"authenticate": False} in spec.get("Options", []) for spec in rule["Cmnd_Specs"])
                 for rule in data.get("User_Specs", []))
    return everybody, [change(dict(everybody), entry) for entry in scoped], grants


def ask_us(root, subject):
    done = subprocess.run(HOSTAUDIT + ["probe", "--root", root, "--format", "json", "sudoers %s = x" % subject],
                          stdout=subprocess.PIPE, check=False)
    return json.loads(done.stdout)["facts"]


def same(ours, theirs, name):
    if name in LISTS and ours is not None and theirs is not None:
        return sorted(ours.split()) == sorted(theirs.split())
    return ours == theirs


def try_one(rng, root):
    make(rng, root + "/etc")
    everybody, scoped, grants = ask_cvtsudoers(root + "/etc")
    wrong, count = [], 0
    for name in FLAGS + list(TEXTS) + LISTS:
        facts = ask_us(root, name)
        ours = [fact["value"] for fact in facts]
        theirs = [everybody.get(name)] + [value for other, value in scoped if other == name]
        count += 1
        if len(ours) != len(theirs) or not all(same(a, b, name) for a, b in zip(ours, theirs)):
            wrong.append("%s: cvtsudoers %s, hostaudit %s" % (name, theirs, ours))
    facts = ask_us(root, "NOPASSWD")
    ours = sum(fact["state"] == "value" for fact in facts)
    if ours != grants:
        wrong.append("NOPASSWD: cvtsudoers %d, hostaudit %d" % (grants, ours))
    return count + 1, wrong


def main():
    if not shutil.which("cvtsudoers"):
        print("ok sudoers # SKIP sudo is not installed")
        return 0
    rng = random.Random(SEED)
    root = os.path.join(TMP, "root")
    total = failed = 0
    for number in range(ROUNDS):
        count, messages = try_one(rng, root)
        total += count
        failed += len(messages)
        for message in messages:
            print("seed %d, round %d: %s" % (SEED, number, message))
        if messages and failed == len(messages):
            shutil.rmtree("build/tests/sudoers", ignore_errors=True)
            shutil.copytree(root, "build/tests/sudoers")
    print("sudoers: seed %d" % SEED)
    print("%d passed, %d failed, 0 skipped" % (total - failed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
