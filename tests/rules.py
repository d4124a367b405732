#!/usr/bin/python3
"""Each rule of benchmarks/ has a tree where it holds and one where it fails.

The trees stand in tests/rules/*.txt. `base` begins what all trees of a file have. The other keywords
say how the rows below them are read; `// ` separates the lines of a spec within a row. A further column
holds options; one more holds those with which it fails, if they differ:

    text PATH        RULE | what stands in PATH when it holds | when it fails
    tree             RULE | spec of a tree where it holds | spec of one where it fails
    access           RULE | file PATH, or dir PATH | a good mode | a bad one
                     and it fails as well when the file belongs to somebody else
    each-breaks      RULE | words: it holds with none of them, and fails with each alone
    each-satisfies   RULE | words: it fails with none of them, and holds with each alone
    all-needed       RULE | words: it holds with all of them, and fails where one is missing
                     the indented lines below the keyword are the spec for one word, @
"""
import concurrent.futures
import glob
import json
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "lib"))
sys.dont_write_bytecode = True
import tree  # noqa: E402

KEYWORDS = {"base": 0, "text": 3, "tree": 3, "access": 4, "each-breaks": 2, "each-satisfies": 2,
            "all-needed": 2}


class Trial:
    """One tree, and what the rule should make of it."""

    def __init__(self, rule, label, spec, wanted, options):
        self.rule, self.label, self.spec, self.wanted = rule, label, spec, wanted
        self.options = shlex.split(options)

    def run(self, scratch):
        os.makedirs(scratch)
        root = os.path.join(scratch, "root")
        skipped = tree.build(self.spec, root, HERE, self.rule)
        if skipped:
            return "ok - %s: %s # SKIP %s" % (self.rule, self.label, skipped[0])
        results = audit(root, ["--only", self.rule] + self.options)
        result = next((r for r in results if r["rule"] == self.rule), None)
        found = result["outcome"] if result else "no verdict"
        if found == self.wanted:
            return "ok - %s: %s: %s" % (self.rule, self.label, found)
        reason = result and result.get("reason")
        return "not ok - %s: %s: %s instead of %s: %s" % (self.rule, self.label, found, self.wanted,
                                                         reason)


def audit(root, options):
    command = shlex.split(os.environ["HOSTAUDIT"])
    command += ["check", "--root", root, "--policy-dir", "tests/rules", "--policy-dir", ".",
                "--profile", "rules", "--format", "json"] + options
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    if not done.stdout:
        return [{"rule": option, "outcome": "no verdict", "reason": done.stderr.decode()}
                for option in options]
    return json.loads(done.stdout)["results"]


def lines_of(cell):
    return [line for line in cell.replace("\\n", "\n").split("// ") if line.strip()]


def with_word(template, words):
    return [line.replace("@", word) for word in words for line in template]


def content_in(base, path):
    """The content lines of a file that the base has: it keeps them when its mode is changed."""
    lines = []
    for at, line in enumerate(base):
        if line.split()[:1] == ["file"] and line.split()[-1] == path:
            for text in base[at + 1:]:
                if not text.lstrip().startswith("|"):
                    break
                lines.append(text)
    return lines


class Reader:
    def __init__(self, path):
        self.path = path
        self.base, self.template = [], []
        self.keyword, self.argument = None, ""
        self.trials = []

    def add(self, rule, label, lines, wanted, options):
        self.trials.append(Trial(rule, label, self.base + lines, wanted, options))

    def pair(self, rule, good, bad, options):
        self.add(rule, "holds", good, "pass", options[0])
        self.add(rule, "fails", bad, "fail", options[-1])

    def access(self, rule, cells, options):
        kind, path = cells[0].split()
        text = content_in(self.base, path) if kind == "file" else []

        def made(mode, owner):
            return ["%s %s %s %s" % (kind, mode, owner, path)] + text

        self.pair(rule, made(cells[1], "0:0"), made(cells[2], "0:0"), options)
        for owner in ("1000:0", "0:1000"):
            self.add(rule, "belongs to " + owner, made(cells[1], owner), "fail", options[-1])

    def each(self, rule, words, options):
        for word in words:
            if self.keyword == "all-needed":
                rest = [other for other in words if other != word]
                self.add(rule, "without " + word, with_word(self.template, rest), "fail", options)
            else:
                wanted = "pass" if self.keyword == "each-satisfies" else "fail"
                self.add(rule, "with " + word, with_word(self.template, [word]), wanted, options)
        if self.keyword == "all-needed":
            self.add(rule, "with all", with_word(self.template, words), "pass", options)
        else:
            wanted = "fail" if self.keyword == "each-satisfies" else "pass"
            self.add(rule, "with none", [], wanted, options)

    def row(self, cells):
        columns = KEYWORDS[self.keyword]
        if not columns <= len(cells) <= columns + 2:
            raise ValueError("%d columns are wanted here" % columns)
        options = cells[columns:] or [""]
        if self.keyword == "text":
            self.pair(cells[0], *[["file 0644 0:0 " + self.argument] +
                                  ["| " + line for line in cell.replace("\\n", "\n").split("\n")]
                                  for cell in cells[1:3]], options)
        elif self.keyword == "tree":
            self.pair(cells[0], lines_of(cells[1]), lines_of(cells[2]), options)
        elif self.keyword == "access":
            self.access(cells[0], cells[1:4], options)
        else:
            self.each(cells[0], cells[1].split(), options[0])

    def line(self, line):
        if not line.strip() or line.startswith("#"):
            return
        if line[0] == " ":
            (self.base if self.keyword == "base" else self.template).append(line.strip())
        elif " | " in line:
            # A content line within a spec begins with `| ` behind `// ` and is no column.
            self.row([cell.strip() for cell in re.split(r"(?<!//) \| ", line)])
        else:
            self.keyword, _, self.argument = line.strip().partition(" ")
            if self.keyword not in KEYWORDS:
                raise ValueError("no such keyword: " + self.keyword)
            self.template = []

    def read(self):
        with open(self.path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                try:
                    self.line(line.rstrip("\n"))
                except (ValueError, KeyError) as error:
                    sys.exit("not ok - %s:%d: %s" % (self.path, number, error))
        return self.trials


def all_rules(scratch):
    root = os.path.join(scratch, "nothing")
    os.makedirs(root)
    return [result["rule"] for result in audit(root, [])]


def main():
    scratch = os.environ["TMP"]
    trials = [trial for path in sorted(glob.glob("tests/rules/*.txt"))
              for trial in Reader(path).read()]
    rules = all_rules(scratch)
    seen = {(trial.rule, trial.wanted) for trial in trials}
    for rule in rules:
        for wanted in ("pass", "fail"):
            if (rule, wanted) not in seen:
                print("not ok - %s: there is no tree with the outcome %s" % (rule, wanted))
    for rule in sorted({trial.rule for trial in trials} - set(rules)):
        print("not ok - %s: there is no such rule" % rule)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        places = [os.path.join(scratch, str(at)) for at in range(len(trials))]
        for line in pool.map(Trial.run, trials, places):
            print(line)


if __name__ == "__main__":
    main()
