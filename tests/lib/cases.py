"""Case files: tiny trees, a check sentence each, and what has to come out of it."""
import json
import os
import shutil
import subprocess

import tree

OUTCOMES = ("pass", "fail", "unknown", "not_applicable")
LIMIT = 20  # seconds that one run may take


class CaseError(Exception):
    pass


class Case:
    """One `probe` paragraph, with the tree and the policy that stand above it."""

    def __init__(self, where, sentence, tree_number, options, needs_root):
        self.where = where
        self.sentence = sentence
        self.tree_number = tree_number
        self.options = options
        self.needs_root = needs_root
        self.expected = []


class CaseFile:
    def __init__(self, path):
        self.path = path
        self.trees = [[]]
        self.policies = []
        self.cases = []
        self.read()

    def read(self):
        with open(self.path, encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
        profile, options, needs_root = None, [], False
        number = 0
        while number < len(lines):
            line = lines[number]
            number += 1
            if not line.strip() or line.startswith("#"):
                continue
            where = "%s:%d" % (self.path, number)
            if line[0].isspace():
                raise CaseError(where + ": an indented line belongs to nothing")
            keyword, _, rest = line.partition(" ")
            rest = rest.strip()
            block = []
            while number < len(lines) and (not lines[number].strip() or lines[number][0].isspace()):
                block.append(lines[number])
                number += 1
            if keyword == "tree":
                self.trees.append(block)
                profile, options, needs_root = None, [], rest == "needs-root"
            elif keyword == "profile":
                profile = self.profile(rest, block, where)
            elif keyword == "with":
                options = rest.split()
            elif keyword == "probe":
                case = Case(where, rest, len(self.trees) - 1,
                            (profile or self.profile("", [], where)) + options, needs_root)
                case.expected = expectations(block, where)
                self.cases.append(case)
            else:
                raise CaseError("%s: there is no '%s'" % (where, keyword))

    def profile(self, name, block, where):
        """The options that choose a policy: the project's, a private one, or the plainest."""
        text = [line for line in block if line.strip()]
        if text and name:
            raise CaseError(where + ": a profile has a name or a text")
        if name:
            return ["--policy-dir", ".", "--profile", name]
        if not text:
            return ["--policy-dir", "tests/cases/plain", "--profile", "plain"]
        indent = min(len(line) - len(line.lstrip()) for line in text)
        self.policies.append("\n".join(line[indent:] for line in text) + "\n")
        return ["--policy-dir", "{policy%d}" % (len(self.policies) - 1), "--profile", "case"]


def expectations(block, where):
    lines = [line.strip() for line in block if line.strip() and not line.strip().startswith("#")]
    if not lines:
        raise CaseError(where + ": nothing is expected")
    word, _, rest = lines[0].partition(" ")
    if word == "refused":
        return [word, rest.strip()]
    if word not in OUTCOMES:
        raise CaseError("%s: '%s' is no outcome" % (where, word))
    return [word] + ([rest.strip()] if rest.strip() else []) + lines[1:]


def fact_lines(report):
    for fact in report["facts"]:
        line = "%s %s" % (fact["aspect"], fact["object"])
        if fact["state"] == "value":
            line += " = %s" % fact["value"]
        elif fact["state"] == "absent":
            line += " absent"
        else:
            line += " unknown: %s" % fact.get("error")
        yield printable(line), printable(fact.get("source") or "")


def printable(text):
    return "".join(c if c.isprintable() else "\\x%02x" % ord(c) for c in text)


def same_facts(expected, actual):
    """Whether the list holds; a line '...' stands for any further facts."""
    open_end = bool(expected) and expected[-1] == "..."
    if open_end:
        expected = expected[:-1]
    if len(actual) < len(expected) or (len(actual) > len(expected) and not open_end):
        return False
    for line, (fact, source) in zip(expected, actual):
        if line != fact and line != "%s # %s" % (fact, source):
            return False
    return True


def prepare(case_file, scratch):
    """Builds the trees and private policies. Returns what each tree lacks for want of privileges."""
    lacks = []
    for number, lines in enumerate(case_file.trees):
        root = os.path.join(scratch, "root%d" % number)
        lacks.append(tree.build(lines, root, os.path.dirname(case_file.path), case_file.path))
    for number, text in enumerate(case_file.policies):
        directory = os.path.join(scratch, "policy%d" % number, "os-profiles")
        os.makedirs(directory)
        with open(os.path.join(directory, "case.ini"), "w", encoding="utf-8") as file:
            file.write(text)
    return lacks


def run_case(case, command, scratch):
    """None when all is as expected, or what came instead."""
    options = [option.format(**{"policy%d" % i: "%s/policy%d" % (scratch, i) for i in range(100)})
               if option.startswith("{policy") else option for option in case.options]
    root = os.path.join(scratch, "root%d" % case.tree_number)
    # The search for leaks at the end looks at the process from outside, which the sandbox forbids.
    sandbox = ["--sandbox", "off"] if "asan" in command[0] else []
    argv = command + ["probe", "--format", "json", "--root", root] + sandbox + options
    argv += ["--", case.sentence]
    try:
        done = subprocess.run(argv, capture_output=True, timeout=LIMIT, stdin=subprocess.DEVNULL,
                              check=False)
    except subprocess.TimeoutExpired:
        return "it took more than %d seconds" % LIMIT
    errors = "\n".join(done.stderr.decode("utf-8", "replace").splitlines()[:25])
    if case.expected[0] == "refused":
        if done.returncode == 2 and case.expected[1] in errors:
            return None
        return "exit code %d: %s" % (done.returncode, errors or done.stdout.decode())
    try:
        report = json.loads(done.stdout)
    except ValueError:
        return "exit code %d: %s%s" % (done.returncode, errors, done.stdout.decode("utf-8", "replace"))
    facts = list(fact_lines(report))
    expected = case.expected
    codes = {"pass": 0, "fail": 1}
    if report["outcome"] == expected[0] and done.returncode == codes.get(expected[0], 3) and \
            (len(expected) == 1 or same_facts(expected[1:], facts)) and not errors:
        return None
    lines = ["  " + report["outcome"] + "   (%s)" % printable(report.get("reason") or "")]
    lines += ["  %s%s" % (fact, " # " + source if source else "") for fact, source in facts]
    return "came:\n" + "\n".join("  " + line for line in lines) + ("\n" + errors if errors else "")


def run(path, command, scratch, options):
    """Runs a case file; returns (passed, failed, skipped, output lines)."""
    case_file = CaseFile(path)
    lacks = prepare(case_file, scratch)
    passed = failed = skipped = 0
    output = []
    for case in case_file.cases:
        if lacks[case.tree_number] or (case.needs_root and os.geteuid() != 0):
            skipped += 1
            continue
        problem = run_case(case, command, scratch)
        if problem is None:
            passed += 1
            continue
        failed += 1
        output.append("%s: %s" % (case.where, case.sentence))
        output.append("  wanted: %s" % "\n          ".join(case.expected))
        output.append("  " + problem)
    if skipped:
        output.append("%s: %d skipped, they need root" % (path, skipped))
    shutil.rmtree(scratch, ignore_errors=True)
    return passed, failed, skipped, output
