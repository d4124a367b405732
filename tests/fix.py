#!/usr/bin/python3
"""fix makes rules hold, does nothing the second time, and rollback leaves the tree as it was.

Each tree where a rule fails (tests/rules/*.txt) is fixed for that rule alone: then the rule holds, no other
one broke, and the way back leads to the same tree. The same with each os-profile and its tree, all rules at once."""
import concurrent.futures
import glob
import hashlib
import json
import os
import shlex
import stat
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "lib"), HERE]
sys.dont_write_bytecode = True
import rules  # noqa: E402
import tree  # noqa: E402

HOSTAUDIT = shlex.split(os.environ.get("HOSTAUDIT", "build/hostaudit"))
PROFILES = [("flatcar", "flatcar"), ("fedora-coreos", "fedora-coreos"), ("bottlerocket-kubernetes", "bottlerocket"),
            ("systemd-container-host", "flatcar")]
# Remediations that cannot help in some trees: a part of the reason that the plan gives.
NO_VALUE, IN_THE_IMAGE = "names no single value", "it belongs to the build of the image"

# The kernel takes redirects again where forwarding is switched off: the two rules go together.
TOGETHER = {("net-ipv4-forwarding", "net-ipv4-accept-redirects")}


def run(command, *options):
    done = subprocess.run(HOSTAUDIT + [command] + list(options), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          stdin=subprocess.DEVNULL, check=False, universal_newlines=True)
    return done.returncode, done.stdout, done.stderr


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def attributes(path):
    return {name: os.getxattr(path, name, follow_symlinks=False)
            for name in os.listxattr(path, follow_symlinks=False)}


def picture(root, exact=False):
    """Everything of a tree but the times of directories; exact: those as well, and which inodes there are."""
    found = {}
    for folder, folders, files in os.walk(root):
        for name in [""] + files + [each for each in folders if os.path.islink(os.path.join(folder, each))]:
            path = os.path.join(folder, name) if name else folder
            at = os.lstat(path)
            entry = [at.st_mode, at.st_uid, at.st_gid, attributes(path)]
            if stat.S_ISLNK(at.st_mode):
                entry.append(os.readlink(path))
            elif stat.S_ISREG(at.st_mode):
                entry += [at.st_mtime_ns, digest(path)]
            if exact:
                entry += [at.st_ino, at.st_mtime_ns, at.st_ctime_ns]
            found[os.path.relpath(path, root)] = entry
    return found


def differences(before, after):
    return ", ".join(sorted(path for path in set(before) | set(after) if before.get(path) != after.get(path)))


def verdicts(root, options):
    _, output, errors = run("check", "--root", root, "--format", "json", *options)
    if not output:
        raise ValueError(errors)
    return {result["rule"]: result["outcome"] for result in json.loads(output)["results"]}


class Case:
    """One tree that is fixed, fixed again, and brought back."""

    def __init__(self, label, root, options, only=()):
        self.label, self.root = label, root
        self.state = ["--state-dir", root + ".state"]
        self.options = list(options)
        self.only = [word for rule in only for word in ("--only", rule)] + ["--max-risk", "boot"]

    def plan(self):
        code, output, errors = run("plan", "--root", self.root, "--format", "json", *self.options, *self.only)
        if not output:
            raise ValueError("plan: exit code %d: %s" % (code, errors))
        return json.loads(output)

    def fix(self):
        return run("fix", "--root", self.root, "--yes", *self.state, *self.options, *self.only)

    def complaints(self, wanted):
        """What goes wrong on the way there and back. `wanted`: the rules that have to hold then."""
        before, held = picture(self.root), verdicts(self.root, self.options)
        code, _, errors = self.fix()
        if code > 1:
            yield "fix: exit code %d: %s" % (code, errors)
            return
        now = verdicts(self.root, self.options)
        for rule in wanted:
            if now[rule] != "pass":
                yield "%s is %s after the fix" % (rule, now[rule])
        for rule, outcome in held.items():
            if (self.label, rule) in TOGETHER:
                continue
            if outcome == "pass" and now[rule] not in ("pass", "not_applicable"):
                yield "%s held, and is %s after the fix" % (rule, now[rule])
        exact = picture(self.root, True)
        self.fix()
        if picture(self.root, True) != exact:
            yield "the second fix changed " + differences(exact, picture(self.root, True))
        if not wanted:
            return
        code, _, errors = run("rollback", "--root", self.root, *self.state)
        if code:
            yield "rollback: exit code %d: %s" % (code, errors)
        elif picture(self.root) != before:
            yield "the rollback left " + differences(before, picture(self.root))


def by_rule(trial, scratch):
    """(rule, what the plan says, a line)"""
    os.makedirs(scratch)
    root = os.path.join(scratch, "root")
    if tree.build(trial.spec, root, HERE, trial.rule):
        return trial.rule, "skip", "ok - %s: %s # SKIP not as root" % (trial.rule, trial.label)
    options = ["--policy-dir", "tests/rules", "--policy-dir", ".", "--profile", "rules"] + trial.options
    case = Case(trial.rule, root, options, [trial.rule])
    try:
        planned = [each for each in case.plan()["rules"] if each["rule"] == trial.rule]
        if not planned or planned[0]["plan"] != "fix":
            why = planned[0]["plan"] + ": " + planned[0]["reason"] if planned else "it does not fail"
            return trial.rule, why, None
        wrong = list(case.complaints([trial.rule]))
    except (ValueError, KeyError) as error:
        wrong = [str(error)]
    if wrong:
        return trial.rule, "fix", "not ok - %s: %s: %s" % (trial.rule, trial.label, "; ".join(wrong))
    return trial.rule, "fix", "ok - %s: %s" % (trial.rule, trial.label)


def test_rules(scratch):
    trials = [trial for path in sorted(glob.glob("tests/rules/*.txt")) for trial in rules.Reader(path).read()
              if trial.wanted == "fail" and "--live" not in trial.options]
    fixed, held = set(), {}
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        places = [os.path.join(scratch, str(at)) for at in range(len(trials))]
        for rule, plan, line in pool.map(by_rule, trials, places):
            if line:
                print(line)
            if plan == "fix":
                fixed.add(rule)
            else:
                held.setdefault(rule, plan)
    for rule in sorted(set(held) - fixed):
        expected = held[rule].startswith("by hand") or NO_VALUE in held[rule] or IN_THE_IMAGE in held[rule]
        if not expected:
            print("not ok - %s: no tree of it is fixed: %s" % (rule, held[rule]))
    by_hand = sum(held[rule].startswith("by hand") for rule in set(held) - fixed)
    print("# of %d rules %d are fixed, %d are for somebody's hand, %d have no fix in these trees"
          % (len(fixed | set(held)), len(fixed), by_hand, len(set(held) - fixed) - by_hand))


def test_profile(profile, system, scratch):
    root = os.path.join(scratch, profile)
    with open("tests/roots/%s/root.spec" % system, encoding="utf-8") as file:
        tree.build(file.read().splitlines(), root, "tests/roots/" + system, system)
    case = Case(profile, root, ["--policy-dir", ".", "--profile", profile, "--level", "2"])
    planned = [each["rule"] for each in case.plan()["rules"] if each["plan"] == "fix"]
    wrong = list(case.complaints(planned))
    for each in wrong:
        print("not ok - profile %s: %s" % (profile, each))
    if not wrong:
        print("ok - profile %s: %d rules fixed, twice, and back" % (profile, len(planned)))


def main():
    scratch = os.environ["TMP"]
    if os.geteuid():
        print("ok - fixing trees # SKIP only root can make them")
        return
    for profile, system in PROFILES:
        test_profile(profile, system, scratch)
    test_rules(os.path.join(scratch, "rules"))


main()
